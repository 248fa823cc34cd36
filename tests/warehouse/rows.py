"""Rows to load, and what a dataset holds, in few words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from trunkline.dates import DaySpan
from trunkline.declare import Column, ColumnType, Method, Window
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.statements import Sql, fill
from trunkline.warehouse.target import Applied, Loaded, Target
from trunkline.warehouse.types import ARROW

Row = Mapping[str, Any]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST_DAY = date(2026, 3, 1)

CALL_TYPES = {
    "id": ColumnType.TEXT,
    "started_at": ColumnType.INSTANT,
    "seconds": ColumnType.INTEGER,
    "note": ColumnType.TEXT,
}


def statement(name: str, *identifiers: str) -> str:
    """A statement of the tests' own file; `{0}`, `{1}` are identifiers."""
    blocks = (Path(__file__).parent / "statements.sql").read_text(encoding="utf-8").split("-- name: ")
    texts = dict(block.split("\n", 1) for block in blocks[1:])
    pieces = {str(index): identifier for index, identifier in enumerate(identifiers)}
    return str(fill(texts[name].strip().rstrip(";"), pieces))


def target(
    method: Method = Method.MERGE,
    *,
    dataset: str = "calls",
    key: Sequence[str] = ("id",),
    cursor: str = "started_at",
    zone: str = "UTC",
    types: Mapping[str, ColumnType] | None = None,
) -> Target:
    columns = tuple(Column(n, t, n) for n, t in (CALL_TYPES if types is None else types).items())
    return Target(dataset, columns, tuple(key), cursor, method, zone)


def batch(rows: Sequence[Row], types: Mapping[str, ColumnType] | None = None) -> pa.RecordBatch:
    """A batch with the columns that the rows name, and `_extra`."""
    known = {**CALL_TYPES, "_extra": ColumnType.JSON, **(types or {})}
    names = [n for n in known if any(n in row for row in rows)]
    names += ["_extra"] if "_extra" not in names else []
    return pa.RecordBatch.from_pydict(
        {n: pa.array([row.get(n) for row in rows], ARROW[known[n]]) for n in names}
    )


def call(id_: object, day: int = 0, seconds: int | None = 60, note: str | None = "", **more: Any) -> Row:
    """A call at noon UTC of a day counted from the first."""
    return {"id": id_, "started_at": NOON + timedelta(days=day), "seconds": seconds, "note": note, **more}


def days(first: int, last: int | None = None) -> Window:
    end = first if last is None else last
    return Window(DaySpan(FIRST_DAY + timedelta(days=first), FIRST_DAY + timedelta(days=end)))


def applied(run: str = "run-1", progress: str = "{}") -> Applied:
    return Applied(run, NOON, progress)


def load(
    warehouse: Warehouse,
    goal: Target,
    window: Window,
    *batches: pa.RecordBatch | Sequence[Row],
    run: str = "run-1",
    progress: str = "{}",
) -> Loaded:
    return warehouse.load(goal, window, made(batches), applied(run, progress))


def made(batches: Sequence[pa.RecordBatch | Sequence[Row]]) -> Iterator[pa.RecordBatch]:
    for item in batches:
        yield item if isinstance(item, pa.RecordBatch) else batch(item)


def stored(warehouse: Warehouse, dataset: str = "calls", *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a dataset, sorted; all columns but the product's own unless some are named."""
    names = columns or tuple(c.name for c in warehouse.columns(dataset) if not c.name.startswith("_"))
    with warehouse.reader(statement("everything", dataset)) as reader:
        found = reader.read_all().to_pylist()
    return sorted((tuple(row[n] for n in names) for row in found), key=repr)


def query(warehouse: Warehouse, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
    with warehouse.reader(sql, parameters) as reader:
        found: list[dict[str, Any]] = reader.read_all().to_pylist()
    return found


__all__ = [
    "Sql", "applied", "batch", "call", "days", "load", "made", "query", "statement", "stored", "target",
]  # fmt: skip
