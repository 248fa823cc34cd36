"""The rows of one load on their way in: in memory as Arrow, in a temporary table beyond that.

Rows without a key need not be compared with each other; where the engine takes Arrow as it is, they come
in parts instead, and none is written twice.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from trunkline.dates import instants, zone_named
from trunkline.declare import ColumnType, Method, Window
from trunkline.errors import DataError
from trunkline.warehouse import tables
from trunkline.warehouse.link import Link
from trunkline.warehouse.statements import Sql, quoted
from trunkline.warehouse.target import Target
from trunkline.warehouse.types import ARROW, DAY_COLUMN, EXTRA, ROW, Types, from_arrow, wider

ROWS_IN_MEMORY = 50_000
BYTES_IN_MEMORY = 128_000_000
ROWS_OF_A_FIRST_PART = 5_000
SPILLED = "trunkline_spilled"

Array: TypeAlias = "pa.Array[Any]"


class Incoming:
    """Collects batches; `relation` then names the rows and `types` their columns.

    Each row gets a number, so that of equal keys the last can win; the rows of a partition get the
    day that their cursor does not tell. Raises DataError for a null in the key.
    """

    def __init__(self, link: Link, target: Target, window: Window) -> None:
        self.rows = 0
        self.types: Types = {}
        self._link = link
        self._target = target
        self._declared = {c.name: c.type for c in target.columns} | {EXTRA: ColumnType.JSON}
        self._days = _DayOfRow(target, window) if target.method is Method.PARTITION else None
        self._kept: list[pa.RecordBatch] = []
        self._kept_rows = self._kept_bytes = 0
        self._spilled: Types | None = None
        self._relation: Sql | None = None
        self._rest: Iterator[pa.RecordBatch] = iter(())
        self._comes_in_parts = link.takes_arrow and not target.key
        self._broken: BaseException | None = None
        self.handed = 0
        """Rows that parts after the first have handed on."""

    @property
    def relation(self) -> Sql:
        if self._relation is None:
            raise RuntimeError("the rows are not complete yet")
        return self._relation

    def collect(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._rest = iter(batches)
        if self._comes_in_parts:
            self._collect_first_part()
            return
        for batch in self._rest:
            if batch.num_rows:
                self._keep(batch)
        if self._spilled is None:
            table = self._take()
            self._relation = self._link.offer(table)
            if self._relation is None:
                self._spill(table)
        elif self._kept:
            self._spill(self._take())
        self._relation = self._relation or quoted(SPILLED)

    def _collect_first_part(self) -> None:
        while self._kept_rows < ROWS_OF_A_FIRST_PART and (batch := next(self._rest, None)) is not None:
            if batch.num_rows:
                self._add(batch)
        self._relation = self._link.offer(self._take())

    def next_part(self) -> bool:
        """Make `relation` stream what is left while it is read; False where nothing is left.

        A part ends where its columns change. Call `check_part` once it has been read.
        """
        if not self._kept:
            self._add_one()
        if not self._kept:
            return False
        schema = self._schema()
        self._relation = self._link.offer(pa.RecordBatchReader.from_batches(schema, self._streamed(schema)))
        return True

    def check_part(self) -> None:
        """Raises what went wrong while the part was being made, which the engine has other words for."""
        if self._broken:
            raise self._broken

    def _streamed(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        try:
            while self._kept and self._schema().equals(schema):
                self.handed += self._kept_rows
                yield from self._take().to_batches()
                self._add_one()
        except BaseException as error:
            self._broken = error
            raise

    def _add_one(self) -> None:
        batch = next((batch for batch in self._rest if batch.num_rows), None)
        if batch is not None:
            self._add(batch)

    @property
    def _is_full(self) -> bool:
        return self._kept_rows >= ROWS_IN_MEMORY or self._kept_bytes >= BYTES_IN_MEMORY

    def _keep(self, batch: pa.RecordBatch) -> None:
        self._add(batch)
        if self._is_full:
            self._spill(self._take())

    def _add(self, batch: pa.RecordBatch) -> None:
        self._check_key(batch)
        numbers = pa.array(range(self.rows, self.rows + batch.num_rows), pa.int64())
        batch = batch.append_column(ROW, numbers)
        if self._days:
            batch = batch.append_column(DAY_COLUMN, self._days.of(batch))
        for column in batch.schema:
            self._note_type(column.name, column.type)
        self.rows += batch.num_rows
        self._kept.append(batch)
        self._kept_rows += batch.num_rows
        self._kept_bytes += batch.nbytes

    def _check_key(self, batch: pa.RecordBatch) -> None:
        for name in self._target.key:
            index = batch.schema.get_field_index(name)
            if index < 0 or batch.column(index).null_count:
                raise DataError(
                    f"A row for {self._target.dataset} has no {name}, which is part of its key.",
                    todo="Nothing of this window was loaded. Choose append, or a report with this column.",
                    where=f"{self._target.dataset}.{name}",
                )

    def _note_type(self, name: str, arrow: pa.DataType) -> None:
        came = from_arrow(name, arrow)
        known = self.types.get(name) or self._declared.get(name)
        if came is ColumnType.TEXT and known is ColumnType.JSON:
            came = known
        self.types[name] = wider(known or came or ColumnType.TEXT, came or known or ColumnType.TEXT)

    def _take(self) -> pa.Table:
        """What is kept, as one table of the types known by now; forgets it here."""
        batches, self._kept = self._kept, []
        self._kept_rows = self._kept_bytes = 0
        if not self.types:
            self.types = {ROW: ColumnType.INTEGER}
        schema = self._schema()
        return pa.Table.from_batches([_fitted(batch, schema) for batch in batches], schema)

    def _schema(self) -> pa.Schema:
        return pa.schema([(name, ARROW[type_]) for name, type_ in self.types.items()])

    def _spill(self, table: pa.Table) -> None:
        if self._spilled is None:
            tables.create_temporary(self._link, SPILLED, self.types)
        else:
            tables.widen(self._link, quoted(SPILLED), self._spilled, self.types)
        self._spilled = dict(self.types)
        self._link.ingest(SPILLED, table)


def _fitted(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    if batch.schema.equals(schema):
        return batch
    names = set(batch.schema.names)
    arrays = [
        _cast(batch.column(f.name), f) if f.name in names else pa.nulls(batch.num_rows, f.type)
        for f in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cast(array: Array, field: "pa.Field[Any]") -> Array:
    try:
        return array.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        message = f"The column {field.name} holds values that do not fit {field.type}: {error}"
        raise DataError(message, where=field.name) from None


class _DayOfRow:
    """The window's first day for rows whose cursor lies in none of its days, else null."""

    def __init__(self, target: Target, window: Window) -> None:
        self._cursor = target.cursor
        self._first = window.first
        self._instants: tuple[datetime, datetime] | None = None
        self._dates: tuple[date, date] | None = None
        if window.span:
            self._instants = instants(window.span, zone_named(target.zone))
            self._dates = (window.span.first, window.span.last)

    def of(self, batch: pa.RecordBatch) -> Array:
        unknown = pa.array([self._first] * batch.num_rows, pa.date32())
        index = batch.schema.get_field_index(self._cursor) if self._cursor else -1
        if index < 0 or not self._instants or not self._dates:
            return unknown
        inside = self._inside(batch.column(index))
        if inside is None:
            return unknown
        none = pa.scalar(None, pa.date32())
        known: Any = pc.fill_null(inside, False)
        outside: Array = pc.if_else(known, none, unknown)
        return outside

    def _inside(self, cursor: Any) -> Any:
        """Whether each cursor lies in the window; None where its type tells no day."""
        if pa.types.is_timestamp(cursor.type) and self._instants:
            first, after = (_scalar(instant, cursor.type) for instant in self._instants)
            return pc.and_(pc.greater_equal(cursor, first), pc.less(cursor, after))
        if pa.types.is_date(cursor.type) and self._dates:
            first, last = (_scalar(day, cursor.type) for day in self._dates)
            return pc.and_(pc.greater_equal(cursor, first), pc.less_equal(cursor, last))
        return None


def _scalar(value: datetime | date, type_: pa.DataType) -> Any:
    return pa.scalar(value, type_)
