"""Failures on demand: which requests go wrong, and how an answer is spoilt."""

from collections.abc import Callable
from dataclasses import replace

import orjson

from trunkline.sims import faults
from trunkline.sims.answer import Answer
from trunkline.sims.callrail.answers import refusal
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


class Fault(faults.Fault):
    """One thing that goes wrong at the pretend CallRail."""

    KINDS = FAULT_KINDS


class Faults(faults.Faults[Fault]):
    """The faults that are waiting at the pretend CallRail."""


def instead(fault: Fault) -> Answer | None:
    """What is answered in place of data, for the faults that replace the answer."""
    if fault.kind == "status":
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
        return refusal(fault.status, fault.text or _TEXTS.get(fault.status, "Error"), headers)
    if fault.kind == "html":
        return faults.web_page()
    return refusal(401, _TEXTS[401]) if fault.kind == "revoked" else None


def spoilt(answer: Answer, fault: Fault, previous: Callable[[], Answer | None]) -> Answer:
    """The answer with the fault in its body; `previous` gives the page before this one."""
    if fault.kind == "truncated":
        return faults.cut(answer)
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
