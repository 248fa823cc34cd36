"""An answer of a pretend service, before it becomes one of the web server."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Row = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """Status, encoded body and the headers beyond the usual ones."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def response_of(answer: Answer) -> web.Response:
    """The web server's form of an answer; JSON unless its headers say otherwise."""
    headers = {"Content-Type": "application/json; charset=utf-8"} | answer.headers
    return web.Response(status=answer.status, body=answer.body, headers=headers)
