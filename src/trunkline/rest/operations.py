"""What an operation of the API declares, and what its handler gets.

From the table of all operations come the paths, OpenAPI, the reference page, and the test that holds each
against every role. A handler that is no coroutine runs in a thread.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, cast
from urllib.parse import urlencode

from fastapi import Depends
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from trunkline.access.audit import Audit
from trunkline.access.roles import Right
from trunkline.access.sessions import Sessions
from trunkline.access.users import User, Users
from trunkline.center.room import Center
from trunkline.clock import Clock
from trunkline.rest.callers import Caller, Callers
from trunkline.store.connection import Store

ROOT = "/api/v1"


class Model(BaseModel):
    """Something that comes or goes as JSON. Fields that nobody has declared are refused, both ways."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


@dataclass(frozen=True)
class RestRooms:
    """An opened installation, as the API works with it."""

    center: Center
    users: Users
    sessions: Sessions
    callers: Callers
    audit: Audit

    @property
    def store(self) -> Store:
        return self.center.store

    @property
    def clock(self) -> Clock:
        return self.center.clock


@dataclass
class Call:
    """One request that may be done: who asks, and the rooms."""

    rooms: RestRooms
    caller: Caller
    request: Request
    headers: dict[str, str] = field(default_factory=dict)
    """Those of the answer."""
    subject: str = ""
    """What was changed, for the audit, where the path does not name it."""

    @property
    def center(self) -> Center:
        return self.rooms.center

    @property
    def user(self) -> User:
        return self.caller.user

    @property
    def who(self) -> str:
        """Who asks, as histories name them."""
        return self.user.email

    def go_on(self, cursor: str | None) -> None:
        """Tell where the next page is, in the header that crawlers follow."""
        if cursor is not None:
            asked = {**dict(self.request.query_params), "cursor": cursor}
            self.headers["Link"] = f'<{self.request.url.path}?{urlencode(asked)}>; rel="next"'


async def _call_of(request: Request) -> Call:
    return cast(Call, request.state.call)


Here = Annotated[Call, Depends(_call_of)]


@dataclass(frozen=True)
class Operation:
    """One way of one path. `summary` is a sentence for the reference.

    `of` names the operation that shows what this one changes, for If-Match. `is_tagged`: its answer has an
    ETag. `secret`: fields of the answer that are shown once and kept nowhere. `asks`: a provider is asked,
    so that it can answer 502. `keeps`: a repeated request with the same key gets the first answer.
    `noted`: what the audit calls it.
    """

    method: str
    path: str
    handler: Callable[..., Any]
    right: Right
    summary: str
    answer: type[BaseModel] | None = None
    status: int = 200
    of: str = ""
    is_tagged: bool = False
    secret: tuple[str, ...] = ()
    asks: bool = False
    keeps: bool = False
    noted: str = ""
    media: Mapping[str, str] = field(default_factory=dict)
    """Other kinds of answers than JSON: media type and what it is."""

    @property
    def id(self) -> str:
        return self.handler.__name__

    @property
    def group(self) -> str:
        """The first word of the path."""
        return self.path.split("/")[1]

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the variable parts of the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def has_etag(self) -> bool:
        return self.is_tagged or (bool(self.of) and self.method in ("PATCH", "PUT"))

    @property
    def changes(self) -> bool:
        return self.method != "GET"


def get(path: str, handler: Callable[..., Any], right: Right, summary: str, **more: Any) -> Operation:
    return Operation("GET", path, handler, right, summary, **more)


def post(path: str, handler: Callable[..., Any], right: Right, summary: str, **more: Any) -> Operation:
    return Operation("POST", path, handler, right, summary, **{"keeps": True, **more})


def patch(path: str, handler: Callable[..., Any], right: Right, summary: str, **more: Any) -> Operation:
    return Operation("PATCH", path, handler, right, summary, **more)


def put(path: str, handler: Callable[..., Any], right: Right, summary: str, **more: Any) -> Operation:
    return Operation("PUT", path, handler, right, summary, **more)


def delete(path: str, handler: Callable[..., Any], right: Right, summary: str, **more: Any) -> Operation:
    return Operation("DELETE", path, handler, right, summary, **{"status": 204, **more})
