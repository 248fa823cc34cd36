"""Which days a dataset holds, and which the next run reads.

The record is kept in the warehouse, written in the same transaction as the rows it speaks of.
A pass is one walk from the first day to read up to today; it may take several runs when it is
interrupted. The next pass begins some days before the day on which the last one began, because
records change after the fact.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from trunkline.dates import DaySpan
from trunkline.declare import ByDays, ByPoints, Method, OneWindow, Report, Window
from trunkline.fetch.asked import AskedDays
from trunkline.options import Values

WITHOUT_EFFECT_ON_ROWS = ("reread_days", "paging", "chunk_days", "timeout_minutes")


@dataclass(frozen=True)
class Coverage:
    """Days `first` to `last` are loaded; an open pass still has to read from `next` on."""

    fingerprint: str
    first: date | None
    last: date | None
    next: date | None
    pass_day: date

    def to_json(self) -> str:
        return json.dumps({k: str(v) if v is not None else None for k, v in asdict(self).items()})

    @classmethod
    def from_json(cls, text: str | None) -> "Coverage | None":
        if not text:
            return None
        raw: dict[str, Any] = json.loads(text)
        day = {
            k: date.fromisoformat(raw[k]) if raw[k] else None for k in ("first", "last", "next", "pass_day")
        }
        return cls(raw["fingerprint"], day["first"], day["last"], day["next"], day["pass_day"] or date.min)


@dataclass(frozen=True)
class Pass:
    """The span one run reads (None: undated), and the coverage it begins with.

    A pass that does not move reads some days once more and leaves the coverage as it is.
    """

    span: DaySpan | None
    start: Coverage | None
    notes: tuple[str, ...] = ()
    moves: bool = True

    def after(self, window: Window) -> str:
        """The record to write with a window, as text."""
        if self.start is None:
            return ""
        if window.span is None or self.span is None or not self.moves:
            return self.start.to_json()
        is_last = window.span.last >= self.span.last
        last = max(window.span.last, self.start.last or window.span.last)
        following = None if is_last else window.span.last + timedelta(days=1)
        return replace(self.start, last=last, next=following).to_json()

    def at_its_end(self) -> str:
        return self.after(Window(self.span))


def fingerprint(report: Report, values: Values) -> str:
    """Changes when a choice changes that decides which rows or columns come; not with the dates."""
    dated = report.dates.words.options if report.dates else ()
    ignored = {o.name for o in dated} | set(WITHOUT_EFFECT_ON_ROWS)
    chosen = {name: value for name, value in sorted(values.items()) if name not in ignored}
    return hashlib.sha256(json.dumps([report.name, chosen], default=list).encode()).hexdigest()[:16]


def always_whole(report: Report, values: Values) -> bool:
    """Whether the report's rows speak of the whole range, so that reading a part of it would be wrong."""
    if isinstance(report.windows, ByPoints):
        return values.get(report.windows.option) not in report.windows.days
    if isinstance(report.windows, ByDays):
        return Method.PARTITION not in report.methods(values)
    return isinstance(report.windows, OneWindow)


def plan(
    known: Coverage | None, asked: AskedDays | None, report: Report, values: Values, today: date
) -> Pass:
    """What the next run reads, from what is already there."""
    mark = fingerprint(report, values)
    if asked is None:
        return Pass(None, Coverage(mark, None, None, None, today))
    fresh = Pass(asked.span, Coverage(mark, asked.span.first, None, asked.span.first, today))
    if known is None or always_whole(report, values):
        return fresh
    if known.fingerprint != mark:
        return replace(fresh, notes=(CHANGED_OPTIONS,))
    if known.first is None or known.last is None or asked.span.first < known.first:
        return fresh
    if known.next is not None:
        return _resumed(known, asked) or fresh
    return _next_pass(known, asked, int(str(values.get("reread_days", report.overlap_days))), today)


CHANGED_OPTIONS = (
    "The options have changed since the last run, so the whole range is read again; rows that no longer "
    "match stay until `trunkline run NAME --full`."
)


def _resumed(known: Coverage, asked: AskedDays) -> Pass | None:
    """The rest of a pass that was interrupted, if it began where this one would or earlier."""
    if known.next is None or known.first is None or known.first > asked.span.first:
        return None
    if known.next > asked.span.last or known.next < asked.span.first:
        return None
    return Pass(DaySpan(known.next, asked.span.last), known)


def _next_pass(known: Coverage, asked: AskedDays, reread_days: int, today: date) -> Pass:
    assert known.last is not None, "a finished pass has a last day"
    seen_through = min(known.last, known.pass_day)
    if asked.span.first > seen_through + timedelta(days=1):
        return Pass(asked.span, replace(known, first=asked.span.first, pass_day=today))
    # without re-read days, the last day is still read again: it was not over when it was read
    first = max(asked.span.first, min(seen_through - timedelta(days=reread_days), asked.span.last))
    return Pass(DaySpan(first, asked.span.last), replace(known, pass_day=today))
