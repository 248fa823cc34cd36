"""Rows of JSON values turned into Arrow batches by the declared columns, tolerantly and without loss.

What no column declares and what does not fit its column goes to `_extra`, a JSON object per row, and is
counted. Only a null that no column declares leaves no trace.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from trunkline.declare import Column, ColumnType, Row, Stamp
from trunkline.errors import DataError
from trunkline.warehouse.column_values import figures, from_json, from_texts
from trunkline.warehouse.types import ARROW, EXTRA
from trunkline.warehouse.values import Array, encoded, nulls

SAMPLE_CHARACTERS = 80
MOST_SAMPLES = 3
VALUES_LOOKED_AT = 50
"""Of each batch, for samples that differ: where millions do not fit, nobody encodes them all."""
UNKNOWN_NAMED = 20
_SHAPES_KEPT = 1_000

_EXPECTED: Mapping[ColumnType, str] = {
    ColumnType.TEXT: "no valid text",
    ColumnType.INTEGER: "no integer",
    ColumnType.NUMBER: "no number",
    ColumnType.BOOLEAN: "neither true nor false",
    ColumnType.INSTANT: "no date and time with an offset",
    ColumnType.DAY: "no day written YYYY-MM-DD",
    ColumnType.JSON: "no valid JSON",
}


@dataclass(frozen=True)
class Misfit:
    """The values that did not fit a column: how many, the first different ones as JSON, the type expected.

    There are at most three samples, each cut to 80 characters, and none for a secret column.
    """

    count: int
    samples: tuple[str, ...]
    expected: ColumnType

    @property
    def sample(self) -> str:
        """The first of them, or an empty text."""
        return self.samples[0] if self.samples else ""


class Batcher:
    """Turns the rows of one report into Arrow batches and keeps count of what did not fit.

    With `infers_numbers` the undeclared columns of a CSV file become numbers where they hold nothing
    else. A batch has the columns in their declared order and then `_extra`.
    """

    def __init__(self, columns: Sequence[Column], *, infers_numbers: bool = False) -> None:
        self._columns = tuple(columns)
        self._infers_numbers = infers_numbers
        sources = (name for column in columns for name in (column.source, column.zone_field) if name)
        self._turner = _Turner(tuple(dict.fromkeys(sources)))
        self._schema = pa.schema(
            [*((column.name, ARROW[column.type]) for column in columns), (EXTRA, pa.string())]
        )
        self._misfits: dict[str, Misfit] = {}
        self._unknown: dict[str, int] = {}

    def page(self, page: "list[Row] | pa.RecordBatch") -> pa.RecordBatch:
        """One page as one batch, whether it came as JSON or as a part of a CSV file."""
        return self.batch(page) if isinstance(page, list) else self.text_batch(page)

    def batch(self, rows: list[Row]) -> pa.RecordBatch:
        """The rows, in their order, as one Arrow batch."""
        _refuse_what_is_no_object(rows)
        table = self._turner.turn(rows)
        extras = self._undeclared(rows, table.unknown)
        arrays = [self._array(column, table, extras) for column in self._columns]
        return pa.RecordBatch.from_arrays([*arrays, _extra_array(extras, len(rows))], schema=self._schema)

    def text_batch(self, texts: pa.RecordBatch) -> pa.RecordBatch:
        """Rows of a CSV file, all columns as text, as one batch; what no column declares stays text."""
        extras: dict[int, Row] = {}
        arrays = [self._from_texts(column, texts, extras) for column in self._columns]
        known = {column.source for column in self._columns} | set(self._schema.names)
        others = [name for name in texts.schema.names if name not in known]
        new = [self._undeclared_texts(name, texts.column(name)) for name in others]
        schema = pa.schema([*self._schema, *((name, a.type) for name, a in zip(others, new, strict=True))])
        found = [*arrays, _extra_array(extras, texts.num_rows), *new]
        return pa.RecordBatch.from_arrays(found, schema=schema)

    def _undeclared_texts(self, name: str, texts: Any) -> Any:
        """A column nobody declared: text, or in a file of figures the numbers it holds."""
        return figures(name, texts) if self._infers_numbers else texts

    @property
    def misfits(self) -> Mapping[str, Misfit]:
        """Per column, the values that did not fit it, over all batches."""
        return MappingProxyType(self._misfits)

    @property
    def unknown(self) -> Mapping[str, int]:
        """Per field that no column declares, the rows that held a value for it, over all batches."""
        return MappingProxyType(self._unknown)

    def warnings(self) -> list[str]:
        """One plain sentence for each column with misfits and each new field; many new ones share one."""
        misfits = [
            _misfit_sentence(c, self._misfits[c.name]) for c in self._columns if c.name in self._misfits
        ]
        named = list(self._unknown.items())[:UNKNOWN_NAMED]
        others = len(self._unknown) - len(named)
        rest = [f"{_counted(others, 'further new field')} {_are(others)} kept in {EXTRA}."] if others else []
        return [*misfits, *(_unknown_sentence(name, count) for name, count in named), *rest]

    def _undeclared(self, rows: list[Row], unknown: Sequence[Sequence[str]]) -> dict[int, Row]:
        extras = {}
        for at, names in enumerate(unknown):
            row = rows[at]
            kept = {name: row[name] for name in names if row[name] is not None}
            if kept:
                extras[at] = kept
                for name in kept:
                    self._unknown[name] = self._unknown.get(name, 0) + 1
        return extras

    def _array(self, column: Column, table: "_Table", extras: dict[int, Row]) -> Array:
        values = table.values(column.source)
        if values is None:
            return nulls(column.type, table.height)
        array, misfits = from_json(column, values, table.values(column.zone_field))
        return self._kept(column, array, misfits, values, extras)

    def _from_texts(self, column: Column, texts: pa.RecordBatch, extras: dict[int, Row]) -> Array:
        names = texts.schema.names
        if column.source not in names:
            return nulls(column.type, texts.num_rows)
        values = texts.column(column.source)
        zones = texts.column(column.zone_field) if column.zone_field in names else None
        array, misfits = from_texts(column, values, zones)
        return self._kept(column, array, misfits, values, extras)

    def _kept(
        self, column: Column, array: Array, misfits: list[int], values: Any, extras: dict[int, Row]
    ) -> Array:
        """The column; what did not fit it goes to the rows' extras and is counted."""
        came = [_plain(values[at]) for at in misfits]
        for at, value in zip(misfits, came, strict=True):
            extras.setdefault(at, {})[column.source] = value
        if came:
            self._count(column, came)
        return array

    def _count(self, column: Column, came: list[Any]) -> None:
        before = self._misfits.get(column.name)
        count, samples = (before.count, before.samples) if before else (0, ())
        if len(samples) < MOST_SAMPLES and not column.secret:
            new = (_bounded(encoded(value)) for value in came[:VALUES_LOOKED_AT])
            samples = tuple(dict.fromkeys((*samples, *new)))[:MOST_SAMPLES]
        self._misfits[column.name] = Misfit(count + len(came), samples, column.type)


@dataclass(frozen=True)
class _Table:
    """The cells of a batch, row after row in one flat list, which cuts into columns by a stride."""

    cells: list[Any]
    position: Mapping[str, int]
    height: int
    unknown: Sequence[Sequence[str]]
    """Names of the undeclared fields per row; empty when no row has any."""

    def values(self, field: str) -> list[Any] | None:
        """The field's values in the order of the rows, or None where no row has the field."""
        at = self.position.get(field)
        return None if at is None else self.cells[at :: len(self.position)]


class _Turner:
    def __init__(self, fields: tuple[str, ...]) -> None:
        self._fields = fields
        self._nulls: Row = dict.fromkeys(fields)
        self._unknown_by_shape: dict[tuple[str, ...], tuple[str, ...]] = {}

    def turn(self, rows: list[Row]) -> _Table:
        """The cells of rows that all have the first row's fields, or else of all declared fields."""
        if not rows:
            return _Table([], {}, 0, ())
        return self._turn_alike(rows) or self._turn_mixed(rows)

    def _turn_alike(self, rows: list[Row]) -> _Table | None:
        names = tuple(rows[0])
        if set(map(len, rows)) != {len(names)}:
            return None
        take, cells = _taker(names), list[Any]()
        try:
            # With as many fields as the first row and all of its fields, a row has no others.
            for row in rows:
                cells.extend(take(row))
        except KeyError:
            return None
        unknown = tuple(name for name in names if name not in self._nulls)
        position = {name: at for at, name in enumerate(names)}
        return _Table(cells, position, len(rows), (unknown,) * len(rows) if unknown else ())

    def _turn_mixed(self, rows: list[Row]) -> _Table:
        take, cells, unknown = _taker(self._fields), list[Any](), list[tuple[str, ...]]()
        width = len(self._fields)
        for row in rows:
            full = self._nulls | row
            cells.extend(take(full))
            unknown.append(self._unknown_in(row) if len(full) > width else ())
        position = {name: at for at, name in enumerate(self._fields)}
        return _Table(cells, position, len(rows), unknown)

    def _unknown_in(self, row: Row) -> tuple[str, ...]:
        shape = tuple(row)
        names = self._unknown_by_shape.get(shape)
        if names is None:
            names = tuple(name for name in shape if name not in self._nulls)
            if len(self._unknown_by_shape) < _SHAPES_KEPT:
                self._unknown_by_shape[shape] = names
        return names


def _taker(names: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: tuple(row[name] for name in names)


def _refuse_what_is_no_object(rows: list[Row]) -> None:
    if set(map(type, rows)) <= {dict}:
        return
    at, row = next((at, row) for at, row in enumerate(rows) if type(row) is not dict)
    raise DataError("A row of the answer is no object.", where=f"row {at + 1}", sample=encoded(row))


def _extra_array(extras: Mapping[int, Row], height: int) -> Array:
    if not extras:
        return nulls(ColumnType.JSON, height)
    return pa.array([encoded(extras[at]) if at in extras else None for at in range(height)], pa.string())


def _plain(value: Any) -> Any:
    return value.as_py() if isinstance(value, pa.Scalar) else value


def _bounded(text: str) -> str:
    return text if len(text) <= SAMPLE_CHARACTERS else text[: SAMPLE_CHARACTERS - 1] + "…"


def _misfit_sentence(column: Column, misfit: Misfit) -> str:
    sample = f" (such as {misfit.sample})" if misfit.sample else ""
    kept = "they are" if misfit.count > 1 else "it is"
    field = f" as {column.source}" if column.source != column.name else ""
    return (
        f"{column.name}: {_counted(misfit.count, 'value')} {_are(misfit.count)} "
        f"{_expected(column, misfit.expected)}{sample}; "
        f"{kept} kept in {EXTRA}{field} and the column is empty there."
    )


def _expected(column: Column, type_: ColumnType) -> str:
    if column.stamp is Stamp.EPOCH_MS:
        return "no milliseconds since 1970"
    return "no local date and time" if column.stamp is Stamp.LOCAL else _EXPECTED[type_]


def _unknown_sentence(name: str, count: int) -> str:
    return f"New field {_bounded(encoded(name)[1:-1])} is kept in {EXTRA} ({_counted(count, 'row')})."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
