"""Failures on demand at the pretend Dialpad."""

from collections.abc import Callable
from dataclasses import replace

import orjson

from trunkline.sims import faults
from trunkline.sims.answer import Answer, Row
from trunkline.sims.dialpad.answers import refusal
from trunkline.sims.spoilers import SPOILERS

FAULT_KINDS = (
    *("status", "html", "truncated", "wrong_content", "not_a_list", "null_key", "text_number"),
    *("duplicate_ids", "unknown_field", "repeated_cursor", "bad_encoding", "disconnect", "slow", "huge"),
    *("revoked", "insert_calls", "stats_failed", "stats_expired"),
)
TEXTS = {
    401: "Invalid API key.",
    403: "You do not have permission to perform this request.",
    404: "Not found.",
    429: "Rate limit exceeded.",
    500: "Internal server error.",
    503: "Service unavailable.",
}


class Fault(faults.Fault):
    """One thing that goes wrong at the pretend Dialpad."""

    KINDS = FAULT_KINDS


class Faults(faults.Faults[Fault]):
    """The faults that are waiting at the pretend Dialpad."""


def instead(fault: Fault) -> Answer | None:
    """What is answered in place of data, for the faults that replace the answer."""
    if fault.kind == "status":
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
        return refusal(fault.status, fault.text or TEXTS.get(fault.status, "Error."), headers)
    if fault.kind == "html":
        return faults.web_page()
    if fault.kind == "wrong_content":
        return Answer(200, b'{"hello": "world"}')
    return refusal(401, TEXTS[401]) if fault.kind == "revoked" else None


def spoilt(
    answer: Answer, fault: Fault, asked_cursor: str | None, previous: Callable[[], Answer | None]
) -> Answer:
    """The answer with the fault in its body; `previous` gives the page before this one."""
    if fault.kind == "truncated":
        return faults.cut(answer)
    if fault.kind == "bad_encoding":
        # A byte that begins nothing in UTF-8, in the middle of a text.
        middle = len(answer.body) // 2
        return replace(answer, body=answer.body[:middle] + b"\xff" + answer.body[middle:])
    if answer.status != 200:
        return answer
    content: Row = orjson.loads(answer.body)
    if fault.kind == "repeated_cursor":
        content = orjson.loads(answer.body)
        return replace(
            answer, body=orjson.dumps({**content, "cursor": asked_cursor or content.get("cursor")})
        )
    spoil = SPOILERS.get(fault.kind)
    if spoil is None:
        return answer
    before = previous() if fault.kind == "duplicate_ids" else None
    spoil(content, fault, orjson.loads(before.body) if before else {})
    return replace(answer, body=orjson.dumps(content))
