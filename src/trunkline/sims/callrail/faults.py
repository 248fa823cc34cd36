"""Failures on demand: which requests go wrong, and how an answer is spoilt."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import orjson
from aiohttp import web

from trunkline.errors import SettingsError
from trunkline.sims.callrail.answers import Answer, refusal
from trunkline.sims.callrail.directory import Row

FAULT_KINDS = (
    *("status", "html", "truncated", "not_a_list", "null_key", "text_number", "duplicate_ids"),
    *("unknown_field", "array_for_object", "no_total_pages", "disconnect", "slow", "huge", "revoked"),
    "insert_calls",
)
_TEXTS = {
    401: "HTTP Token: Access denied.",
    403: "You do not have permission to perform the requested action",
    404: "Not found",
    422: "The request could not be processed",
    429: "Too many requests. Please try again later.",
    500: "Internal server error",
    503: "Service unavailable. Please try again later.",
}
_PAGE = (
    b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>We will be back soon</body></html>"
)


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, from the n-th matching request on (1 is the next), `times` times.

    `path_contains` is looked for in path and query; `times` None means for ever. `status`, `retry_after`
    and `text` belong to the kind status, `count` to duplicate_ids (rows) and insert_calls (calls, which
    start at `at` or now), `seconds` to slow, `size` (bytes) to huge.
    """

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
        if self.kind not in FAULT_KINDS:
            raise SettingsError(f"The fault {self.kind} is unknown; use one of {', '.join(FAULT_KINDS)}.")


class Faults:
    """The faults that are waiting; empty means all is well."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._matched: list[int] = []
        self.is_revoked = False

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)
        self._matched.append(0)

    def clear(self) -> None:
        """Nothing goes wrong any more; a revoked key works again."""
        self._waiting.clear()
        self._matched.clear()
        self.is_revoked = False

    def hitting(self, path: str) -> list[Fault]:
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


def instead(fault: Fault) -> Answer | None:
    """What is answered in place of data, for the faults that replace the answer."""
    if fault.kind == "status":
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
        return refusal(fault.status, fault.text or _TEXTS.get(fault.status, "Error"), headers)
    if fault.kind == "html":
        return Answer(200, _PAGE, {"Content-Type": "text/html; charset=utf-8"})
    return refusal(401, _TEXTS[401]) if fault.kind == "revoked" else None


def spoilt(answer: Answer, fault: Fault, previous: Callable[[], Answer | None]) -> Answer:
    """The answer with the fault in its body; `previous` gives the page before this one."""
    if fault.kind == "truncated":
        return replace(answer, body=answer.body[: len(answer.body) // 2])
    spoil = _SPOILERS.get(fault.kind)
    if spoil is None or answer.status != 200:
        return answer
    content = orjson.loads(answer.body)
    before = previous() if fault.kind == "duplicate_ids" else None
    spoil(content, fault, orjson.loads(before.body) if before else {})
    return replace(answer, body=orjson.dumps(content))


def _list_key(content: Row) -> str:
    return next((key for key, value in content.items() if isinstance(value, list)), "")


def _rows(content: Row) -> list[Row]:
    rows: list[Row] = content.get(_list_key(content), [])
    return rows


def _no_list(content: Row, _fault: Fault, _before: Row) -> None:
    key = _list_key(content)
    content[key] = {"items": content[key]}


def _null_key(content: Row, _fault: Fault, _before: Row) -> None:
    for row in _rows(content)[:1]:
        row[next(name for name in ("id", "date", "key", *row) if name in row)] = None


def _text_number(content: Row, _fault: Fault, _before: Row) -> None:
    for row in _rows(content)[:1]:
        numbers = [name for name, value in row.items() if type(value) is int and name != "id"]
        row[numbers[0] if numbers else "duration"] = "n/a"


def _repeat(content: Row, fault: Fault, before: Row) -> None:
    repeated = _rows(before)[-fault.count :] if before else []
    content[_list_key(content)] = repeated + _rows(content)


def _unknown_field(content: Row, _fault: Fault, _before: Row) -> None:
    for row in _rows(content):
        row["brand_new_field"] = {"since": "today"}


def _array_for_object(content: Row, _fault: Fault, _before: Row) -> None:
    for row in _rows(content):
        for name in ("speaker_percent", "call_summary"):
            if name in row:
                row[name] = [] if row[name] is None else [row[name]]


def _no_total_pages(content: Row, _fault: Fault, _before: Row) -> None:
    content.pop("total_pages", None)


def _pad(content: Row, fault: Fault, _before: Row) -> None:
    content["padding"] = "x" * fault.size


_SPOILERS: dict[str, Callable[[Row, Fault, Row], None]] = {
    "not_a_list": _no_list,
    "null_key": _null_key,
    "text_number": _text_number,
    "duplicate_ids": _repeat,
    "unknown_field": _unknown_field,
    "array_for_object": _array_for_object,
    "no_total_pages": _no_total_pages,
    "huge": _pad,
}


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
