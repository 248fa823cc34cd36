"""Failures on demand: which requests go wrong, and how an answer is spoilt."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from trunkline.sims import faults
from trunkline.sims.answer import Answer
from trunkline.sims.dialogtech.bodies import envelope

Row = dict[str, str]

FAULT_KINDS = (
    *("status", "html", "truncated", "disconnect", "slow", "huge", "revoked", "insert_calls"),
    *("failed", "plain_text", "blank", "entities", "unknown_field", "short_row", "odd_time", "other_days"),
)
_BOMB = """<?xml version='1.0' encoding='iso-8859-1'?>
<!DOCTYPE data [
  <!ENTITY a "laugh laugh laugh laugh laugh laugh laugh laugh laugh laugh">
  <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
  <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
  <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
  <!ENTITY e SYSTEM "file:///etc/hostname">
]>
<data><record><Caller_ID>0</Caller_ID><Page>&d;</Page><Name>&e;</Name></record></data>"""


class Fault(faults.Fault):
    """One thing that goes wrong at the pretend DialogTech."""

    KINDS = FAULT_KINDS


class Faults(faults.Faults[Fault]):
    """The faults that are waiting at the pretend DialogTech."""


@dataclass(frozen=True)
class Content:
    """What is about to be written: the fields by their names, and the rows."""

    names: list[str]
    rows: Iterator[Row]


def instead(fault: Fault) -> Answer | None:
    """What is answered in place of a report, for the faults that replace the answer."""
    xml = {"Content-Type": "text/xml"}
    match fault.kind:
        case "status":
            headers = xml | ({"Retry-After": fault.retry_after} if fault.retry_after is not None else {})
            return Answer(fault.status, envelope("failed", fault.text or "Error"), headers)
        case "html":
            return faults.web_page()
        case "failed":
            return Answer(200, envelope("failed", fault.text or "The report could not be made"), xml)
        case "plain_text":
            text = fault.text or "Missing Application Specification"
            return Answer(200, text.encode(), {"Content-Type": "text/plain"})
        case "blank":
            return Answer(200, b"", {"Content-Type": "text/html"})
        case "entities":
            return Answer(200, _BOMB.encode(), xml)
    return None


def spoilt(content: Content, hitting: Sequence[Fault]) -> Content:
    """The content with the faults in its rows."""
    for fault in hitting:
        if fault.kind == "unknown_field":
            rows = ({**row, "Brand_New": f"new {n}"} for n, row in enumerate(content.rows))
            content = Content([*content.names, "Brand_New"], rows)
        elif fault.kind in _OF_THE_FIRST_ROW:
            content = Content(content.names, _first_spoilt(content.rows, fault))
    return content


def _first_spoilt(rows: Iterator[Row], fault: Fault) -> Iterator[Row]:
    first = next(rows, None)
    if first is not None:
        yield _OF_THE_FIRST_ROW[fault.kind](first, fault)
        yield from rows


_OF_THE_FIRST_ROW: dict[str, Callable[[Row, Fault], Row]] = {
    "short_row": lambda row, _: {name: value for name, value in row.items() if name != "Page"},
    "odd_time": lambda row, fault: row | {"Click_Date_Time": fault.text or "soon"},
    "huge": lambda row, fault: row | {"Page": "x" * fault.size},
}
