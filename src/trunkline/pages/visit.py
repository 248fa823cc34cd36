"""One request of a page, and the ways to answer it."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from trunkline.access.sessions import Session
from trunkline.access.users import User
from trunkline.asking import caller
from trunkline.errors import NotAllowed
from trunkline.pages.rooms import Rooms

if TYPE_CHECKING:
    from trunkline.pages.drawing import Drawing

SAID, ZONE = "trunkline_said", "trunkline_zone"
SESSION = "trunkline_session"
LONGEST_NUMBER = 19
LONGEST_SAID = 1_500
"""Characters: a cookie holds 4,096 bytes."""


@dataclass
class Visit:
    """A request of a page: who asks, what for, and with which form."""

    rooms: Rooms
    request: Request
    session: Session | None
    form: FormData
    drawing: "Drawing"
    has_failed: bool = False
    """Whether what was asked for was not done, although the browser is sent on."""

    @property
    def user(self) -> User:
        """Who asks. Raises NotAllowed where nobody is signed in."""
        if self.session is None:
            raise NotAllowed("Nobody is signed in.", todo="Sign in first.")
        return self.session.user

    @property
    def who(self) -> str:
        """Who asks, as histories name them."""
        return self.user.email

    @property
    def query(self) -> QueryParams:
        return self.request.query_params

    @property
    def address(self) -> str:
        return caller(self.request.scope)

    @property
    def origin(self) -> str:
        """Where people reach these pages: what the settings say, else where this request went."""
        url = self.request.url
        return self.rooms.settings.text("public_url").rstrip("/") or f"{url.scheme}://{url.netloc}"

    @property
    def is_encrypted(self) -> bool:
        """Whether the browser came by https; a proxy that is not trusted does not get to say so."""
        public = urlsplit(self.rooms.settings.text("public_url"))
        host = self.request.headers.get("host", "")
        return self.request.url.scheme == "https" or (public.scheme == "https" and public.netloc == host)

    @property
    def is_fragment(self) -> bool:
        """Whether a part of a page is asked for by a page that is there already."""
        return "hx-request" in self.request.headers

    @property
    def zone(self) -> str:
        """The zone of times on pages: the user's own, else that of the browser; empty where unknown."""
        chosen = self.session.user.zone if self.session else ""
        return chosen or self.request.cookies.get(ZONE, "")

    def part(self, name: str) -> str:
        """A variable part of the path."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        """A number in the path; 0, which nothing has, for what is none."""
        text = self.part(name)
        return int(text) if text.isdecimal() and len(text) < LONGEST_NUMBER else 0

    def text(self, name: str) -> str:
        """A field of the form without blanks around it; empty where it did not come."""
        value = self.form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def secret(self, name: str) -> str:
        """A field of the form as it was typed."""
        value = self.form.get(name)
        return value if isinstance(value, str) else ""

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A whole page, with what was said on the way to it."""
        said = _said_in(self.request.cookies.get(SAID, ""))
        text = self.drawing.draw(template, self, {**values, "said": said})
        response = HTMLResponse(text, status)
        if said:
            response.delete_cookie(SAID)
        return response

    def fragment(self, template: str, status: int = 200, **values: Any) -> Response:
        """A part of a page."""
        return HTMLResponse(self.drawing.draw(template, self, values), status)

    def go(self, path: str, said: str = "", *, is_bad: bool = False) -> Response:
        """Send the browser to another page, which says this first."""
        response: Response
        if self.is_fragment:
            response = Response(status_code=200, headers={"HX-Redirect": path})
        else:
            response = RedirectResponse(path, 303)
        self.has_failed = is_bad
        if said:
            self.set_cookie(response, SAID, _as_cookie(said, is_bad), seconds=60)
        return response

    def set_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            httponly=True,
            samesite="lax",
            secure=self.is_encrypted,
        )


def _as_cookie(said: str, is_bad: bool) -> str:
    text = json.dumps([said[:LONGEST_SAID], is_bad])
    return urlsafe_b64encode(text.encode("utf-8", "replace")).decode()[:4_000]


def _said_in(cookie: str) -> Mapping[str, Any] | None:
    """None also for what we have not written."""
    try:
        said, is_bad = json.loads(urlsafe_b64decode(cookie))
    except (ValueError, TypeError):
        return None
    return {"text": str(said), "is_bad": bool(is_bad)}
