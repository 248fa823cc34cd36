"""Rows of a dataset, a page at a time, each page following the last row of the one before.

The order is that of the key. Where the same key may stand several times, or there is none, a digest of the
whole row tells rows apart; rows that are equal in everything are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from trunkline.errors import SettingsError
from trunkline.settings import Settings
from trunkline.warehouse.cells import json_values
from trunkline.warehouse.engine import Tables
from trunkline.warehouse.statements import Sql, Statements, listed, quoted
from trunkline.warehouse.target import DATASETS, ColumnInfo

MARK = "trunkline_mark_"
DIGEST_TYPE = "TEXT"


@dataclass(frozen=True)
class Place:
    """Where a page ended: the texts of what orders rows, and how many equal rows were shown of the last."""

    marks: tuple[str, ...]
    equal: int = 0


@dataclass(frozen=True)
class RowPage:
    """Rows as JSON has them, by column; `place` is where the next page begins, if there is one."""

    rows: list[dict[str, Any]]
    place: Place | None


@dataclass(frozen=True)
class Order:
    """What orders rows: expressions with their types. `is_whole`: two rows may be the same in all of them."""

    terms: tuple[tuple[Sql, str], ...]
    is_whole: bool


def row_page(
    warehouse: Tables,
    settings: Settings,
    dataset: str,
    key: Sequence[str],
    after: Place | None,
    limit: int,
    *,
    is_unique: bool,
) -> RowPage:
    """`key`: the columns that rows are ordered by; `is_unique`: no two rows have the same values there.

    Raises SettingsError for a dataset that was never loaded, or a place of another table.
    """
    statements = Statements("postgres" if settings.text("warehouse_url").strip() else "duckdb")
    columns = warehouse.columns(dataset)
    if not columns:
        return RowPage([], None)
    order = _order(statements, columns, key, is_unique)
    if after is not None and len(after.marks) != len(order.terms):
        raise SettingsError("The page before was of another table than there is now.")
    sql = _statement(statements, dataset, columns, order, after, limit + 1)
    with warehouse.reader(sql, after.marks if after else ()) as reader:
        batches = list(reader)
    rows, marks = _rows(batches, columns, len(order.terms))
    if len(rows) <= limit:
        return RowPage(rows, None)
    return RowPage(rows[:limit], _place(marks[:limit], after if order.is_whole else None))


def _order(
    statements: Statements, columns: Sequence[ColumnInfo], key: Sequence[str], is_unique: bool
) -> Order:
    types = {column.name: column.type for column in columns}
    terms = [(quoted("one_row", name), types[name]) for name in key if name in types]
    if is_unique and key and len(terms) == len(key):
        return Order(tuple(terms), False)
    return Order(((statements("row_digest"), DIGEST_TYPE),), True)


def _statement(
    statements: Statements,
    dataset: str,
    columns: Sequence[ColumnInfo],
    order: Order,
    after: Place | None,
    limit: int,
) -> Sql:
    expressions = listed([expression for expression, _ in order.terms])
    where = Sql("")
    if after is not None:
        values = [
            statements("row_marked", place=Sql(f"${number}"), type=Sql(type_))
            for number, (_, type_) in enumerate(order.terms, 1)
        ]
        sign = Sql(">=" if order.is_whole else ">")
        where = statements("row_page_after", order=expressions, sign=sign, values=listed(values))
    marks = [
        statements("row_mark", value=expression, name=f"{MARK}{number}")
        for number, (expression, _) in enumerate(order.terms)
    ]
    return statements(
        "row_page",
        columns=listed([quoted("one_row", column.name) for column in columns]),
        marks=listed(marks),
        table=quoted(DATASETS, dataset),
        where=where,
        order=expressions,
        limit=Sql(str(limit)),
        offset=Sql(str(after.equal if after and order.is_whole else 0)),
    )


def _rows(
    batches: Sequence[pa.RecordBatch], columns: Sequence[ColumnInfo], marks: int
) -> tuple[list[dict[str, Any]], list[tuple[str, ...]]]:
    names = [column.name for column in columns]
    rows: list[dict[str, Any]] = []
    ends: list[tuple[str, ...]] = []
    for batch in batches:
        values = [json_values(batch.column(at), is_json=column.is_json) for at, column in enumerate(columns)]
        rows += [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]
        told = [batch.column(len(columns) + at).to_pylist() for at in range(marks)]
        ends += list(zip(*told, strict=True))
    return rows, ends


def _place(marks: Sequence[tuple[str, ...]], before: Place | None) -> Place:
    last = marks[-1]
    equal = sum(1 for one in marks if one == last)
    if before is not None and before.marks == last:
        equal += before.equal
    return Place(last, equal)
