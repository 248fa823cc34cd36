"""The days of exported rows: added as columns, and used to leave out rows that belong to other days."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from trunkline.dates import DaySpan

DAY, FIRST_DAY, LAST_DAY = "day", "first_day", "last_day"
"""The row's local day; the days its request was made for."""

ADDED = (DAY, FIRST_DAY, LAST_DAY)

_DATE_LENGTH = 10
_DATE = r"^\d{4}-\d{2}-\d{2}"


def day_field(names: Sequence[str], known: Sequence[str]) -> str | None:
    """The column that tells a row's day: the first known one, else one whose name begins with `date`."""
    found = next((name for name in known if name in names), None)
    return found or next((name for name in names if name.startswith("date")), None)


class DayColumns:
    """Adds a row's day, or the days of its window, and keeps rows of other days back.

    `wanted` are the columns to add: the day of a row where its rows tell one (`field`) or its window has
    no other, or the window's days where a row speaks of all of them. A row that tells no day is kept; its
    day is then null. `asked` are the days of the request, which may be more than those of the window.
    """

    def __init__(
        self, piece: DaySpan, field: str | None, asked: DaySpan, wanted: Sequence[str] = ADDED
    ) -> None:
        self._wanted = wanted
        self._piece = piece
        self._field = field
        self._asked = asked
        self._rows = 0
        self.strange = 0
        self._strange_days: set[str] = set()

    @property
    def all_strange(self) -> bool:
        """Whether rows came, and all so far are of days that nobody asked for."""
        return self.strange > 0 and self.strange == self._rows

    @property
    def strange_days(self) -> str:
        days = sorted(self._strange_days)
        return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}" if days else ""

    def added(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            self._rows += batch.num_rows
            kept = batch
            if self._field is not None:
                days = self._days_of(batch.column(self._field))
                kept = self._own(batch.append_column(DAY, days), days)
            elif DAY in self._wanted and self._piece.days == 1:
                kept = batch.append_column(DAY, _repeated(self._piece.first, batch.num_rows))
            for name, day in ((FIRST_DAY, self._piece.first), (LAST_DAY, self._piece.last)):
                if name in self._wanted:
                    kept = kept.append_column(name, _repeated(day, kept.num_rows))
            yield kept

    def _days_of(self, texts: Any) -> Any:
        is_date = pc.match_substring_regex(texts, _DATE)
        days: Any = pc.utf8_slice_codeunits(texts, 0, _DATE_LENGTH)
        if pc.all(is_date, skip_nulls=True).as_py() is not False:
            return days
        return pc.if_else(is_date, days, pa.scalar(None, pa.string()))

    def _own(self, batch: pa.RecordBatch, days: Any) -> pa.RecordBatch:
        if _all(_within(days, self._piece)):
            return batch
        strange: Any = pc.invert(_within(days, self._asked))
        if strange.true_count:
            self.strange += strange.true_count
            self._strange_days.update(pc.unique(pc.filter(days, strange)).to_pylist())
        return batch.filter(_within(days, self._piece))


def _within(days: Any, span: DaySpan) -> Any:
    """Whether each day lies in the span; a row without a day may."""
    first, last = pa.scalar(str(span.first)), pa.scalar(str(span.last))
    inside: Any = pc.and_(pc.greater_equal(days, first), pc.less_equal(days, last))
    return pc.fill_null(inside, True)


def _all(flags: Any) -> bool:
    return bool(flags.true_count == len(flags))


def _repeated(day: date, rows: int) -> Any:
    return pa.repeat(pa.scalar(str(day)), rows)
