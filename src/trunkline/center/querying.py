"""A person's SQL over the datasets: it ends in time, when it is stopped, and after enough rows."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import pyarrow as pa

from trunkline.center.room import Center
from trunkline.errors import Cancelled, SettingsError, TrunklineError
from trunkline.warehouse.cells import texts
from trunkline.warehouse.engine import Tables
from trunkline.warehouse.open import open_warehouse
from trunkline.warehouse.statements import Statements

SECONDS_BETWEEN_INTERRUPTS = 0.2
SECONDS_OF_COUNTING = 1.0
"""So long rows that are not shown are counted; of more, it is told that there are more."""
LONGEST_SQL = 100_000
LONGEST_CELL = 10_000
MOST_CHARACTERS = 8_000_000
"""Of all shown rows together."""
DOWNLOAD_SECONDS = 3_600


@dataclass(frozen=True)
class AnswerColumn:
    """A column of a result. `kind` is number, instant, day, truth or text."""

    name: str
    type: str
    kind: str

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "type": self.type, "kind": self.kind}


@dataclass(frozen=True)
class Answer:
    """The first rows of a result, each value as its text, and how many came."""

    columns: list[AnswerColumn]
    rows: list[list[str | None]]
    counted: int
    is_all_counted: bool
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {
            "columns": [column.to_json() for column in self.columns],
            "rows": self.rows,
            "counted": self.counted,
            "is_all_counted": self.is_all_counted,
            "seconds": round(self.seconds, 3),
        }


class Question:
    """One statement, from its asking to its end. Use as a context; another thread may stop it.

    Opening raises what the warehouse does; reading also Cancelled when it was stopped, and SettingsError
    when it took too long.
    """

    def __init__(self, center: Center, sql: str, seconds: float = 0) -> None:
        """`seconds`: how long it may take; 0: as the settings say."""
        self._center, self._sql = center, sql
        self._seconds = seconds or center.settings.number("query_seconds")
        self._began = center.clock.monotonic()
        self._tables: Tables | None = None
        self._told = threading.Event()
        self._over = threading.Event()
        self._why: TrunklineError | None = None
        self._watch = threading.Thread(target=self._keep_watch, name="query", daemon=True)

    def __enter__(self) -> "Question":
        if len(self._sql) > LONGEST_SQL:
            raise SettingsError(f"The query is longer than {LONGEST_SQL:,} characters.")
        self._tables = (self._center.open_tables or open_warehouse)(self._center.settings, read_only=True)
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._told.set()
        self._watch.join()
        if self._tables is not None:
            self._tables.close()

    def stop(self) -> None:
        """Whoever asked does not wait any more."""
        self._why = self._why or Cancelled("The query was stopped.")
        self._told.set()

    def _keep_watch(self) -> None:
        """Interrupts again and again, since a statement that is only being prepared does not hear it."""
        if not self._told.wait(self._seconds):
            self._why = self._too_long()
        assert self._tables is not None, "it is watched while it is open"
        while not self._over.is_set():
            with suppress(TrunklineError):
                self._tables.interrupt()
            self._over.wait(SECONDS_BETWEEN_INTERRUPTS)

    def _too_long(self) -> SettingsError:
        return SettingsError(
            f"The query took more than {self._seconds:g} seconds and was stopped.",
            todo="Ask for fewer rows or days, or raise the setting query_seconds.",
        )

    def reader(self) -> pa.RecordBatchReader:
        """The rows as they come."""
        assert self._tables is not None, "it is open"
        if self._why:
            raise self._why
        try:
            self._tables.check_own(self._sql)
            return self._tables.reader(self._sql)
        except Cancelled:
            raise self._reason() from None

    def batches(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        """Those of the reader, the reason of an end told as it was."""
        try:
            yield from reader
        except Cancelled:
            raise self._reason() from None

    def _reason(self) -> TrunklineError:
        return self._why or Cancelled("The query was stopped.")

    def answer(self, most: int, most_characters: int = MOST_CHARACTERS) -> Answer:
        """The first rows, at most so many; the others are counted for a moment."""
        reader = self.reader()
        columns = [AnswerColumn(field.name, str(field.type), kind_of(field.type)) for field in reader.schema]
        shown = _Shown(most, most_characters)
        clock, counting_until = self._center.clock, 0.0
        is_all = True
        for batch in self.batches(reader):
            shown.add(batch)
            if shown.is_full and not counting_until:
                counting_until = clock.monotonic() + SECONDS_OF_COUNTING
            if counting_until and clock.monotonic() > counting_until:
                is_all = False
                break
        seconds = clock.monotonic() - self._began
        return Answer(columns, shown.rows, shown.counted, is_all, seconds)


class _Shown:
    """Rows up to a number and a size; those beyond are counted."""

    def __init__(self, most: int, most_characters: int) -> None:
        self.rows: list[list[str | None]] = []
        self.counted = 0
        self._most, self._left = most, most_characters

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= self._most or self._left <= 0

    def add(self, batch: pa.RecordBatch) -> None:
        self.counted += batch.num_rows
        if self.is_full:
            return
        part = batch.slice(0, self._most - len(self.rows))
        columns = [[_cut(text) for text in texts(column)] for column in part.columns]
        for row in zip(*columns, strict=True):
            self.rows.append(list(row))
            self._left -= sum(len(text) for text in row if text)
            if self.is_full:
                return


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= LONGEST_CELL:
        return text
    return f"{text[:LONGEST_CELL]}… ({len(text):,} characters in all; the download has them)"


def kind_of(type_: Any) -> str:
    """What a column's values are to a grid and a chart."""
    if pa.types.is_boolean(type_):
        return "truth"
    if pa.types.is_timestamp(type_):
        return "instant"
    if pa.types.is_date(type_):
        return "day"
    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    is_numeric = isinstance(type_, pa.OpaqueType) and type_.type_name == "numeric"
    return "number" if is_numeric or any(is_it(type_) for is_it in numbers) else "text"


def all_columns(center: Center) -> dict[str, list[tuple[str, str]]]:
    """The columns of all datasets by their tables: names and types, in one question."""
    tables = (center.open_tables or open_warehouse)(center.settings, read_only=True)
    found: dict[str, list[tuple[str, str]]] = {}
    try:
        for batch in tables.reader(Statements("")("columns_of_datasets")):
            for table, column, type_ in zip(*(texts(one) for one in batch.columns), strict=True):
                if table and not table.startswith("_"):
                    found.setdefault(table, []).append((str(column), str(type_).lower()))
    finally:
        tables.close()
    return found
