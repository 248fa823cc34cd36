"""The end of a sign-in in the browser: a listener on this machine that waits for one answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from trunkline.errors import SettingsError, TrunklineError

T = TypeVar("T")

DONE = "This sign-in has been answered already."
FOREIGN = (
    "This answer does not belong to the sign-in that is under way, which goes on waiting. Open the newest "
    "address that the command has printed."
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    # The address of the page holds the code; no other site shall hear of it.
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class _Arrival:
    """A browser that has come back: what its address says, and the page that it waits for."""

    query: str
    page: "asyncio.Future[tuple[int, str]]"


class Callback:
    """Listens on 127.0.0.1 for as long as the context lasts. `url` is where the answer is awaited."""

    def __init__(self, path: str, port: int = 0) -> None:
        self.url = ""
        self._path = path
        self._port = port
        self._runner: web.AppRunner | None = None
        self._is_answered = False

    async def __aenter__(self) -> Self:
        self._arrivals: asyncio.Queue[_Arrival] = asyncio.Queue()
        app = web.Application()
        app.router.add_get(self._path, self._arrived)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsError(
                f"Port {self._port} of 127.0.0.1 cannot be used: {error.strerror or error}.",
                todo="Choose another --port, or leave it out for a free one.",
            ) from None
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{self._path}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while not self._arrivals.empty():
            text = DONE if self._is_answered else "The command has stopped waiting."
            self._arrivals.get_nowait().page.set_result((410 if self._is_answered else 503, text))
        if self._runner:
            await self._runner.cleanup()

    async def answered(
        self, wait_seconds: float, belongs: Callable[[str], bool], finish: Callable[[str], Awaitable[T]]
    ) -> T:
        """What `finish` makes of the query of the first answer that `belongs` to the sign-in.

        The browser is shown how it went. An answer to something else is told so, and waiting goes on.
        Raises SettingsError when nobody comes in time, and whatever `finish` raises.
        """
        try:
            async with asyncio.timeout(wait_seconds):
                arrival = await self._first(belongs)
        except TimeoutError:
            raise SettingsError(
                f"Nobody signed in within {wait_seconds:g} seconds.",
                todo="Run the command again, and open the address it prints in a browser on this machine.",
            ) from None
        shown = (503, "The command has stopped.")
        try:
            result = await finish(arrival.query)
            shown = (200, "The account is connected.")
        except TrunklineError as error:
            shown = (400, str(error))
            raise
        finally:
            arrival.page.set_result(shown)
        return result

    async def _first(self, belongs: Callable[[str], bool]) -> _Arrival:
        while True:
            arrival = await self._arrivals.get()
            if belongs(arrival.query):
                self._is_answered = True
                return arrival
            arrival.page.set_result((400, FOREIGN))

    async def _arrived(self, request: web.Request) -> web.Response:
        if self._is_answered:
            return _page(410, DONE)
        page: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._arrivals.put_nowait(_Arrival(request.rel_url.raw_query_string, page))
        status, text = await asyncio.shield(page)
        return _page(status, text)


def _page(status: int, text: str) -> web.Response:
    title = "Trunkline"
    content = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<h1>{title}</h1><p>{escape(text)}</p><p>You can close this window.</p></html>"
    )
    return web.Response(status=status, text=content, content_type="text/html", headers=HEADERS)
