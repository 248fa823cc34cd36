"""Every request of a page: who asks, whether they may, whether the form is ours, and what went wrong."""

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.asking import MOST_BODY, Message, Receive, Scope, Send, TooLarge
from trunkline.errors import (
    DataError,
    NotAllowed,
    ProviderError,
    RetryLater,
    SettingsError,
    TrunklineError,
)
from trunkline.pages.assets import ROOT, send_asset
from trunkline.pages.drawing import Drawing
from trunkline.pages.every import PAGES
from trunkline.pages.proving import MustWait
from trunkline.pages.rooms import Rooms
from trunkline.pages.routing import Page
from trunkline.pages.visit import SESSION, Visit

FORM_TOKEN, FORM_TOKEN_HEADER = "form_token", "x-form-token"
NOT_PAGES = ("/api/", "/adminpanel/", "/vicidial/", "/healthz", "/metrics")
STATUSES: tuple[tuple[type[TrunklineError], int], ...] = (
    (MustWait, 429),
    (NotAllowed, 403),
    (SettingsError, 422),
    (RetryLater, 503),
    (ProviderError, 502),
    (DataError, 502),
)
POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind} 'self'" for kind in ("script-src", "style-src", "connect-src", "font-src")),
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_log = logging.getLogger("trunkline.pages")


class Pages:
    """Takes every path that is none of the APIs'."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms, self._drawing = rooms, Drawing()
        self._app = Starlette(
            routes=[
                Route(f"{ROOT}{{name}}", send_asset, methods=["GET"]),
                *(Route(page.path, self._answering(page), methods=[page.method]) for page in PAGES),
            ],
            exception_handlers={HTTPException: self._unroutable},
        )

    async def close(self) -> None:
        """Wait for what still goes on after answers."""
        await self._rooms.close()

    @staticmethod
    def takes(path: str) -> bool:
        return not path.startswith(NOT_PAGES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def _answering(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                visit = await self._visit(request)
            except TooLarge:
                return Response("This form is too large.", 413, HEADERS, "text/plain")
            try:
                refusal = self._refusal(page, visit)
                response = refusal or await _called(page, visit)
                if refusal is None and page.noted and response.status_code < 400 and not visit.has_failed:
                    await run_in_threadpool(_note, page, visit)
            except TrunklineError as error:
                response = self._told(visit, error)
            except Exception:
                _log.exception("%s %s came to grief.", page.method, page.path)
                text = "Something went wrong that nobody thought of. The server's log has the details."
                response = self._told(visit, TrunklineError(text))
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer

    async def _visit(self, request: Request) -> Visit:
        text = request.cookies.get(SESSION, "")
        session = await run_in_threadpool(self._rooms.sessions.find, text) if text else None
        form = await _form_of(request, session is not None) if request.method == "POST" else FormData()
        return Visit(self._rooms, request, session, form, self._drawing)

    def _refusal(self, page: Page, visit: Visit) -> Response | None:
        """What is in the way of an answer, if anything is."""
        if page.right is not None and visit.session is None:
            return _to_sign_in(visit)
        if page.right is not None and not visit.user.may(page.right):
            raise NotAllowed("Your role does not allow this.", todo="Ask an owner or admin for another role.")
        if page.method != "GET" and not _is_our_form(visit):
            raise NotAllowed(
                "This form is out of date, or came from another site.",
                todo="Load the page again and repeat what you did.",
            )
        return None

    def _told(self, visit: Visit, error: TrunklineError) -> Response:
        status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
        if visit.is_fragment:
            return visit.fragment("parts/error.html", status, error=error)
        return visit.page("error.html", status, error=error)

    async def _unroutable(self, request: Request, error: Exception) -> Response:
        status = cast(HTTPException, error).status_code
        visit = await self._visit(request)
        told = (
            TrunklineError("There is no such page.", todo="The bar at the top leads to those there are.")
            if status == 404
            else TrunklineError("This page cannot be asked that way.")
        )
        response = visit.page("error.html", status, error=told)
        response.headers.update(HEADERS)
        return response


async def _form_of(request: Request, is_known: bool) -> FormData:
    """Files may be large, from those who are signed in; nothing else is. Raises TooLarge."""
    is_upload = request.headers.get("content-type", "").startswith("multipart/")
    if is_known and is_upload:
        return await request.form()
    return await Request(request.scope, _bounded(request.receive)).form()


def _bounded(receive: Receive) -> Receive:
    size = 0

    async def bounded() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MOST_BODY:
            raise TooLarge
        return message

    return bounded


def _note(page: Page, visit: Visit) -> None:
    """Write what was done into the audit, with the thing that the path or the form names."""
    parts = visit.request.path_params
    subject = parts.get("name") or parts.get("run_id") or visit.text("name")
    visit.rooms.audit.note(visit.user, visit.address, page.noted, str(subject))


async def _called(page: Page, visit: Visit) -> Response:
    handler: Any = page.handler
    if inspect.iscoroutinefunction(handler):
        return cast(Response, await handler(visit))
    return await run_in_threadpool(handler, visit)


def _to_sign_in(visit: Visit) -> Response:
    url = visit.request.url
    wanted = url.path + (f"?{url.query}" if url.query else "")
    if visit.request.method != "GET" or visit.is_fragment:
        wanted = "/"
    return visit.go("/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted)}")


def _is_our_form(visit: Visit) -> bool:
    """Whether a form comes from a page of ours; before anybody is signed in the browser says so itself."""
    if visit.session is None:
        return _is_same_site(visit)
    given = visit.request.headers.get(FORM_TOKEN_HEADER) or visit.secret(FORM_TOKEN)
    return visit.session.is_own_form(given)


def _is_same_site(visit: Visit) -> bool:
    """By what browsers say of where a request comes from; a program that says nothing is no browser."""
    headers = visit.request.headers
    if site := headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    # Older browsers, and those that came without encryption, tell the origin alone.
    own = (f"{visit.request.url.scheme}://{headers.get('host', '')}", visit.origin)
    return headers.get("origin") in (None, *own)
