"""Failures on demand: which requests go wrong, and how an answer is spoilt."""

from collections.abc import Callable
from dataclasses import replace

import orjson

from trunkline.sims import faults
from trunkline.sims.answer import Answer
from trunkline.sims.callrail.answers import refusal
from trunkline.sims.callrail.directory import Row
from trunkline.sims.spoilers import SPOILERS, rows

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


def _array_for_object(content: Row, _fault: faults.Fault, _before: Row) -> None:
    for row in rows(content):
        for name in ("speaker_percent", "call_summary"):
            if name in row:
                row[name] = [] if row[name] is None else [row[name]]


def _no_total_pages(content: Row, _fault: faults.Fault, _before: Row) -> None:
    content.pop("total_pages", None)


_SPOILERS: dict[str, Callable[[Row, faults.Fault, Row], None]] = {
    **SPOILERS,
    "array_for_object": _array_for_object,
    "no_total_pages": _no_total_pages,
}
