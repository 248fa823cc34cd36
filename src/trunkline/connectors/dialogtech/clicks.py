"""Rows of the report as batches of texts: its fields, the local day and time, and what was odd about them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

import pyarrow as pa

from trunkline.connectors.dialogtech.columns import (
    CLICK_LOCAL,
    CLICK_TIME,
    CLOCK_CHANGE,
    DEFAULT_UNIT,
    DURATION_UNIT,
    FIELD_NAMES,
    MADE_HERE,
    TIME_ZONE,
)
from trunkline.connectors.dialogtech.local_times import LocalTime, local_time
from trunkline.dates import DaySpan, zone_named
from trunkline.fetch.answer_files import Received
from trunkline.fetch.clock_changes import CLOCK_NOTES
from trunkline.fetch.csv_pages import column_name, distinct
from trunkline.fetch.day_columns import DAY
from trunkline.fetch.xml_records import Record

ROWS_OF_A_BATCH = 2_000

_SHAPES_KEPT = 256
_FIELDS = frozenset(FIELD_NAMES)


class Clicks:
    """The rows of one answer; `tell` says afterwards what a person should know of them."""

    def __init__(self, received: Received) -> None:
        self._received = received
        self._zone = zone_named(str(received.values["time_zone"]))
        self._unit = str(received.values.get(DURATION_UNIT, DEFAULT_UNIT))
        self._first, self._last = str(received.span.first), str(received.span.last)
        self._other_days: Counter[str] = Counter()
        self._clock_changes: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()

    def batches(self, records: Iterable[Record]) -> Iterator[pa.RecordBatch]:
        """Batches of text columns: the thirteen fields, any others, and what is made of them."""
        rows = (dict(zip(column_names(names), texts, strict=True)) for names, texts in records)
        while part := list(islice(rows, ROWS_OF_A_BATCH)):
            yield self._batch(part)

    def tell(self) -> None:
        """Add to the notes of what was received: rows of other days, clock changes, missing fields."""
        notes, about = self._received.notes, self._received.about
        if self._other_days:
            days = _days_text(self._other_days)
            notes.append(f"{_rows(self._other_days)} of {days} came with {about}; each is kept once.")
        for change, count in sorted(self._clock_changes.items()):
            notes.append(f"{_counted(count)} of {about} {CLOCK_NOTES[change]}.")
        for name, count in sorted(self._missing.items()):
            notes.append(f"{_counted(count)} of {about} came without {name}.")

    def _batch(self, rows: list[dict[str, str]]) -> pa.RecordBatch:
        names = list(FIELD_NAMES)
        if any(row.keys() != _FIELDS for row in rows):
            names = list(dict.fromkeys((*FIELD_NAMES, *(name for row in rows for name in row))))
            self._missing.update(name for row in rows for name in FIELD_NAMES if name not in row)
        columns: dict[str, Any] = {n: _texts(row.get(n) for row in rows) for n in names}
        times = [local_time(row.get(CLICK_TIME, ""), self._zone) for row in rows]
        self._look_at(times)
        columns[DAY] = _texts(time.day for time in times)
        columns[CLICK_LOCAL] = _texts(time.local for time in times)
        columns[TIME_ZONE] = _texts(self._zone.key for _ in times)
        columns[DURATION_UNIT] = _texts(self._unit for _ in times)
        columns[CLOCK_CHANGE] = _texts(time.clock_change for time in times)
        return pa.RecordBatch.from_pydict(columns)

    def _look_at(self, times: list[LocalTime]) -> None:
        for time in times:
            if time.day is not None and not self._first <= time.day <= self._last:
                self._other_days[time.day] += 1
            if time.clock_change:
                self._clock_changes[time.clock_change] += 1


@lru_cache(_SHAPES_KEPT)
def column_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that fields of these names become; one that comes twice gets a number."""
    return tuple(distinct((column_name(name, at) for at, name in enumerate(names, 1)), MADE_HERE))


def _texts(values: Iterable[str | None]) -> Any:
    return pa.array([value or None for value in values], pa.string())


def _days_text(days: Counter[str]) -> str:
    return str(DaySpan(date.fromisoformat(min(days)), date.fromisoformat(max(days))))


def _rows(counts: Counter[str]) -> str:
    return _counted(counts.total())


def _counted(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
