"""A request as the server hands it over: its body, its headers, whence it comes."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_BODY = 2_000_000
"""Bytes of a body that are read; a call of the API is far smaller."""
MAPPED = "::ffff:"
_OF_BODIES = (b"content-length", b"transfer-encoding")
FORM = b"application/x-www-form-urlencoded"


class TooLarge(Exception):
    """A body longer than `MOST_BODY`."""


class Gone(Exception):
    """The caller went away before the whole body had come."""


class SeenStatus:
    """Sends on, and keeps the status of the answer; 499 where none was sent, as the caller had gone."""

    __slots__ = ("_send", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 499

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


async def body_of(receive: Receive) -> bytes:
    """The whole body. Raises TooLarge or Gone."""
    pieces: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        more = message.get("more_body", False)
        if size > MOST_BODY:
            raise TooLarge
    return b"".join(pieces)


def has_body(scope: Scope) -> bool:
    """Whether a body comes; the server tells none where these headers are missing."""
    return any(name in _OF_BODIES for name, _ in scope["headers"])


def header(scope: Scope, name: bytes) -> str:
    """A header's text; empty where it did not come. Names are in small letters."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def caller(scope: Scope) -> str:
    """The address the request comes from; that of IPv4 is one of IPv4 on a socket of IPv6 too."""
    client = scope.get("client")
    return str(client[0]).removeprefix(MAPPED) if client else ""


def is_form(scope: Scope) -> bool:
    """Whether the body is one of a form; so is one that does not say what it is."""
    kind = header(scope, b"content-type").encode("latin-1").partition(b";")[0].strip().lower()
    return kind in (b"", FORM)


async def answer(
    send: Send, status: int, kind: bytes, body: bytes, *, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    """Send a whole answer."""
    given = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": given})
    await send({"type": "http.response.body", "body": body})
