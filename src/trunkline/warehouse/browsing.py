"""Looking through a dataset: a page of its rows at a time, in any order, and what its columns hold.

A page begins after the last row of the one before (its value in the order, and its place in the table), so
that the millionth page costs what the first does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from trunkline.errors import Problem, SettingsError
from trunkline.warehouse.cells import shown
from trunkline.warehouse.engine import Tables
from trunkline.warehouse.statements import Sql, Statements, listed, quoted
from trunkline.warehouse.target import DATASETS, ColumnInfo

DUCKDB, POSTGRES = "duckdb", "postgres"
OPERATIONS: Mapping[str, str] = {
    "contains": "contains",
    "is": "is",
    "from": "from",
    "to": "up to",
    "empty": "is empty",
    "filled": "is not empty",
}
"""What a filter may ask of a column, and its words."""
WITHOUT_VALUE = frozenset(("empty", "filled"))
MOST_ROWS = 500
MOST_COMMON = 10
LARGE = 2_000_000
"""Rows from which on shares are taken from a sample."""


@dataclass(frozen=True)
class Filter:
    """One condition on a column; `text` is what it is compared with."""

    column: str
    operation: str
    text: str = ""


@dataclass(frozen=True)
class Wanted:
    """Which rows of a dataset, in which order, after which row. `sort` empty: as they lie."""

    dataset: str
    sort: str = ""
    is_falling: bool = False
    filters: tuple[Filter, ...] = ()
    after: str = ""
    limit: int = 50


@dataclass(frozen=True)
class RowPage:
    """Some rows, and what the next page begins after; empty where this is the last."""

    columns: tuple[ColumnInfo, ...]
    rows: list[tuple[Any, ...]]
    next_after: str


@dataclass(frozen=True)
class Profile:
    """What a column holds. `different` is an estimate on DuckDB; `common` are values with their rows."""

    rows: int
    filled: int
    different: int
    least: str | None
    greatest: str | None
    common: list[tuple[str | None, int]]

    @property
    def empty_share(self) -> float:
        return (self.rows - self.filled) / self.rows if self.rows else 0.0


@dataclass
class _Conditions:
    """Conditions and the values they bind, in order."""

    statements: Statements
    pieces: list[Sql] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def bind(self, value: str) -> Sql:
        self.values.append(value)
        return Sql(f"${len(self.values)}")


Give = Callable[[_Conditions, str], Sql]
"""Puts a value into a statement: bound, or written out."""


class Browser:
    """Looks through the datasets of an opened warehouse. `dialect` is duckdb or postgres."""

    def __init__(self, tables: Tables, dialect: str) -> None:
        self._tables, self._statements = tables, Statements(dialect)

    def sizes(self) -> dict[str, int]:
        """Rows by dataset, as the catalogue has them: near the truth, and without counting."""
        rows = self._rows(self._statements("table_sizes"), [DATASETS])
        return {str(name): int(count) for name, count in rows if count is not None}

    def columns(self, dataset: str) -> list[str]:
        """The names of its columns; none where it was never loaded."""
        return [column.name for column in self._tables.columns(dataset)]

    def page(self, wanted: Wanted) -> RowPage:
        """Raises SettingsError for a column that is not there, and for values of another type."""
        columns = {c.name: c for c in self._tables.columns(wanted.dataset)}
        conditions = self._conditions(wanted, columns, _Conditions.bind)
        if wanted.after:
            self._add_after(conditions, wanted, columns)
        count = min(wanted.limit, MOST_ROWS)
        rows = self._rows(self._page_sql(wanted, columns, conditions, count + 1), conditions.values)
        last = rows[count - 1] if len(rows) > count else None
        after = orjson.dumps([last[-2], last[-1]]).decode() if last else ""
        return RowPage(tuple(columns.values()), [row[:-2] for row in rows[:count]], after)

    def copied(self, wanted: Wanted) -> str:
        """The statement that a person would write for the same rows."""
        columns = {c.name: c for c in self._tables.columns(wanted.dataset)}
        conditions = self._conditions(wanted, columns, _literal)
        order = Sql("")
        if wanted.sort:
            order = self._statements("ordered_by", order=self._order(wanted, columns))
        sql = self._statements(
            "copied_select",
            table=quoted(DATASETS, wanted.dataset),
            where=self._where(conditions),
            order=order,
        )
        return "\n".join(line for line in sql.splitlines() if line.strip())

    def profile(self, dataset: str, column: str) -> Profile:
        """What one column holds. It is read whole."""
        found = _known({c.name: c for c in self._tables.columns(dataset)}, column)
        table, name = quoted(DATASETS, dataset), quoted(found.name)
        kind = "yes_no_profile" if found.type.lower() == "boolean" else "column_profile"
        (row,) = self._rows(self._statements(kind, table=table, column=name), [])
        common = self._statements("common_values", table=table, column=name, limit=Sql(str(MOST_COMMON)))
        values = [(value, int(count)) for value, count in self._rows(common, [])]
        return Profile(int(row[0]), int(row[1]), int(row[2]), row[3], row[4], values)

    def filled_shares(self, dataset: str, rows: int) -> dict[str, float]:
        """By column the share of rows, 0 to 1, that have a value; of a large table by a tenth of it."""
        names = [c.name for c in self._tables.columns(dataset)]
        counts = listed(self._statements("filled_count", column=quoted(name)) for name in names)
        table = quoted(DATASETS, dataset)
        if rows > LARGE:
            table = self._statements("sampled", table=table)
        (found,) = self._rows(self._statements("filled_counts", table=table, counts=counts), [])
        total = int(found[0])
        return (
            {name: int(count) / total for name, count in zip(names, found[1:], strict=True)} if total else {}
        )

    def _conditions(self, wanted: Wanted, columns: Mapping[str, ColumnInfo], give: Give) -> _Conditions:
        conditions = _Conditions(self._statements)
        for one in wanted.filters:
            column = _known(columns, one.column)
            if one.operation not in OPERATIONS:
                text = f"{one.operation!r} is none of {', '.join(OPERATIONS)}."
                raise SettingsError(problems=[Problem("filter", text)])
            pieces: dict[str, str] = {"column": quoted(column.name), "type": Sql(column.type)}
            if one.operation not in WITHOUT_VALUE:
                pieces["value"] = give(conditions, one.text)
            conditions.pieces.append(self._statements(f"filter_{one.operation}", **pieces))
        return conditions

    def _add_after(self, conditions: _Conditions, wanted: Wanted, columns: Mapping[str, ColumnInfo]) -> None:
        value, place = _after(wanted.after)
        after = self._statements("after_place", value=conditions.bind(place))
        if wanted.sort:
            column = _known(columns, wanted.sort)
            name = quoted(column.name)
            if value is None:
                after = self._statements("after_missing", column=name, after=after)
            else:
                kind = "after_value_down" if wanted.is_falling else "after_value_up"
                pieces = {"value": conditions.bind(value), "type": Sql(column.type), "after": after}
                after = self._statements(kind, column=name, **pieces)
        conditions.pieces.append(after)

    def _page_sql(
        self, wanted: Wanted, columns: Mapping[str, ColumnInfo], conditions: _Conditions, limit: int
    ) -> Sql:
        order, sorted_ = self._statements("order_of_place"), self._statements("nothing_sorted")
        if wanted.sort:
            sorted_ = self._statements("value_as_text", column=quoted(wanted.sort))
            if not _is_one_value(wanted):
                order = listed([self._order(wanted, columns), order])
        return self._statements(
            "page_of_rows",
            columns=listed(quoted(name) for name in columns),
            sorted=sorted_,
            place=self._statements("place_of_row"),
            table=quoted(DATASETS, wanted.dataset),
            where=self._where(conditions),
            order=order,
            limit=Sql(str(limit)),
        )

    def _order(self, wanted: Wanted, columns: Mapping[str, ColumnInfo]) -> Sql:
        column = quoted(_known(columns, wanted.sort).name)
        return self._statements("order_down" if wanted.is_falling else "order_up", column=column)

    def _where(self, conditions: _Conditions) -> Sql:
        if not conditions.pieces:
            return Sql("")
        return self._statements("where", conditions=listed(conditions.pieces, " AND "))

    def _rows(self, sql: Sql, values: Sequence[str]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for batch in self._tables.reader(sql, values):
            rows += zip(*(shown(column) for column in batch.columns), strict=True)
        return rows


def _literal(_: _Conditions, value: str) -> Sql:
    return Sql("'" + value.replace("'", "''") + "'")


def _known(columns: Mapping[str, ColumnInfo], name: str) -> ColumnInfo:
    if name not in columns:
        raise SettingsError(
            problems=[Problem("column", f"There is no column {name!r}.")], todo="Load the page again."
        )
    return columns[name]


def _is_one_value(wanted: Wanted) -> bool:
    """Whether the rows are alike in the column of their order, over which DuckDB 2.0 comes to grief."""
    pinned = (one for one in wanted.filters if one.column == wanted.sort)
    is_missing = bool(wanted.after) and _after(wanted.after)[0] is None
    return is_missing or any(one.operation in ("is", "empty") for one in pinned)


def _after(text: str) -> tuple[str | None, str]:
    """Raises SettingsError for what no page has given out."""
    try:
        value, place = orjson.loads(text)
        return (None if value is None else str(value)), str(place)
    except (ValueError, TypeError):
        raise SettingsError("This page is none of this table.", todo="Begin at the first page.") from None
