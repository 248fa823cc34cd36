"""Failures on demand: which requests of a pretend service go wrong, and how."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from aiohttp import web

from trunkline.errors import SettingsError
from trunkline.sims.answer import Answer

F = TypeVar("F", bound="Fault")

_PAGE = (
    b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>We will be back soon</body></html>"
)


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, from the n-th matching request on (1 is the next), `times` times.

    `path_contains` is looked for in path and query; `times` None means for ever. `status`, `retry_after`
    and `text` belong to the kind status, `count` to kinds that repeat or insert rows (inserted calls
    start at `at` or now), `seconds` to slow, `size` (bytes) to huge. `KINDS` are those a service knows.
    """

    KINDS: ClassVar[tuple[str, ...]] = ()

    kind: str
    path_contains: str = ""
    from_request: int = 1
    times: int | None = 1
    status: int = 503
    retry_after: str | None = None
    text: str = ""
    count: int = 3
    seconds: float = 1.0
    size: int = 10 * 1024 * 1024
    at: datetime | None = None

    def __post_init__(self) -> None:
        if self.kind not in self.KINDS:
            raise SettingsError(f"The fault {self.kind} is unknown; use one of {', '.join(self.KINDS)}.")


class Faults(Generic[F]):
    """The faults that are waiting; empty means all is well."""

    def __init__(self) -> None:
        self._waiting: list[F] = []
        self._matched: list[int] = []
        self.is_revoked = False

    def add(self, fault: F) -> None:
        self._waiting.append(fault)
        self._matched.append(0)

    def clear(self) -> None:
        """Nothing goes wrong any more; a revoked key works again."""
        self._waiting.clear()
        self._matched.clear()
        self.is_revoked = False

    def hitting(self, path: str) -> list[F]:
        """The faults that hit this request, which counts for all that match it."""
        hit = []
        for n, fault in enumerate(self._waiting):
            if fault.path_contains not in path:
                continue
            self._matched[n] += 1
            nth = self._matched[n] - fault.from_request
            if nth >= 0 and (fault.times is None or nth < fault.times):
                hit.append(fault)
        return hit


def web_page() -> Answer:
    """The page of a proxy that answers in place of the service."""
    return Answer(200, _PAGE, {"Content-Type": "text/html; charset=utf-8"})


def cut(answer: Answer) -> Answer:
    """Half an answer that looks whole to the web server."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])


async def break_off(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Promise the whole body, send half of it, and hang up."""
    response = web.StreamResponse(status=answer.status, headers={"Content-Length": str(len(answer.body))})
    response.content_type = "application/json"
    await response.prepare(request)
    await response.write(answer.body[: len(answer.body) // 2])
    await asyncio.sleep(0)
    if request.transport is not None:
        request.transport.abort()
    return response
