"""The dialer's database as commands see it: statements made once, rows by name, one unit of work a request.

A statement is a function of the tables (`def lead(t): return select(…)`). It is compiled once for the
database at hand and then runs on the bare driver, which costs what hand-written SQL costs.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import (
    ClauseElement,
    Column,
    ColumnElement,
    String,
    Table,
    bindparam,
    delete,
    insert,
    or_,
    update,
)
from sqlalchemy.engine import Dialect

from trunkline.dialer.custom import Columns, Custom
from trunkline.dialer.fitting import Fit, fit_for, text
from trunkline.dialer.tables import Tables

Row = dict[str, Any]
Statement = Callable[[Tables], ClauseElement]


@dataclass(frozen=True)
class Compiled:
    """SQL text of one dialect, the names of its parameters in order, and those of its result."""

    sql: str
    parameters: tuple[str, ...]
    constants: Mapping[str, Any]
    columns: tuple[str, ...]
    fits: tuple[Fit | None, ...] = ()
    """What makes each value one of its parameter's type, for drivers that want it so."""

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        found = [given[name] if name in given else self.constants[name] for name in self.parameters]
        if not self.fits:
            return found
        return [fit(value) if fit else value for fit, value in zip(self.fits, found, strict=True)]

    def row(self, values: Sequence[Any]) -> Row:
        return dict(zip(self.columns, values, strict=True))


class Compiler:
    """Compiles statements for one dialect and keeps them.

    `exact` is the collation that compares texts byte by byte, to tell whether an update changes anything;
    empty: the database counts changed rows itself. `fits`: values are made those of their types.
    `returns_ids`: an insert returns the automatic id.
    """

    def __init__(
        self,
        tables: Tables,
        dialect: Dialect,
        *,
        exact: str = "BINARY",
        fits: bool = False,
        returns_ids: bool = False,
    ) -> None:
        self.tables = tables
        self.dialect = dialect
        self._exact, self._fits, self._returns_ids = exact, fits, returns_ids
        self._kept: dict[Any, Compiled] = {}

    def of(self, statement: Statement, *, lengths: tuple[tuple[str, int], ...] = ()) -> Compiled:
        """The compiled statement; `lengths` says how many values its lists have."""
        key = (statement, lengths)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._compile(statement(self.tables), dict(lengths))
        return found

    def forget(self) -> None:
        """Compile anew from here on: a table has changed."""
        self._kept.clear()

    def insert(self, table: str, columns: tuple[str, ...]) -> Compiled:
        def made(t: Any) -> ClauseElement:
            statement = insert(t).values(_bound(columns))
            counted = t.autoincrement_column if self._returns_ids else None
            return statement if counted is None else statement.returning(counted)

        return self._made(("insert", table, columns), made, table)

    def update(self, table: str, where: tuple[str, ...], columns: tuple[str, ...]) -> Compiled:
        def made(t: Any) -> ClauseElement:
            differs = [or_(*(self._differs(t.c[name]) for name in columns))] if self._exact else []
            return update(t).where(*_equal(t, where), *differs).values(_bound(columns))

        return self._made(("update", table, where, columns), made, table)

    def delete(self, table: str, where: tuple[str, ...]) -> Compiled:
        return self._made(("delete", table, where), lambda t: delete(t).where(*_equal(t, where)), table)

    def prepared(self, statement: Statement, values: Mapping[str, Any]) -> tuple[Compiled, list[Any]]:
        """The compiled statement and its values in order; one that is a tuple or list fills an IN."""
        lists = {name: value for name, value in values.items() if isinstance(value, tuple | list)}
        lengths = tuple((name, len(value)) for name, value in lists.items())
        compiled = self.of(statement, lengths=lengths)
        return compiled, compiled.values({**values, **_spread(lists)} if lists else values)

    def _differs(self, column: "Column[Any]") -> "ColumnElement[bool]":
        """Whether a new value is another one, byte by byte: the column's own collation may know no case."""
        name = f"new_{column.name}"
        if fit_for(column.type) is not text:
            return column.is_distinct_from(bindparam(name, type_=column.type))
        return column.collate(self._exact).is_distinct_from(bindparam(name, type_=String()))

    def _made(self, key: Any, make: Callable[[Any], ClauseElement], table: str) -> Compiled:
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._compile(make(self.tables[table]), {})
        return found

    def _compile(self, clause: ClauseElement, lengths: Mapping[str, int]) -> Compiled:
        compiled: Any = clause.compile(dialect=self.dialect)
        columns = tuple(str(entry[0]) for entry in compiled._result_columns)
        types = {name: bind.type for name, bind in compiled.binds.items()}
        if not lengths:
            names = tuple(compiled.positiontup or ())
            return Compiled(str(compiled), names, compiled.params, columns, self._fits_of(names, types))
        given = {name: [None] * length for name, length in lengths.items()}
        full = compiled.construct_expanded_state({**compiled.construct_params(_check=False), **given})
        types |= {one: types[name] for name, many in full.parameter_expansion.items() for one in many}
        names = tuple(full.positiontup or ())
        return Compiled(full.statement, names, full.parameters, columns, self._fits_of(names, types))

    def _fits_of(self, names: Sequence[str], types: Mapping[str, Any]) -> tuple[Fit | None, ...]:
        return tuple(fit_for(types[name]) for name in names) if self._fits else ()


def _bound(columns: Sequence[str]) -> dict[str, Any]:
    return {name: bindparam(f"new_{name}") for name in columns}


def _equal(table: Any, names: Sequence[str]) -> list[Any]:
    return [table.c[name] == bindparam(f"old_{name}") for name in names]


def _spread(lists: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an IN, one name each, as compiled statements number them."""
    return {f"{name}_{at}": value for name, values in lists.items() for at, value in enumerate(values, 1)}


def kept_values(tables: Tables, table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the table's columns store them, by the names that compiled statements use."""
    kinds = tables.kinds(table)
    return {f"new_{name}": kinds[name].kept(value) for name, value in values.items()}


class Work(Protocol):
    """One request's unit of work: everything it writes is kept together, or nothing of it."""

    async def one(self, statement: Statement, **values: Any) -> Row | None:
        """The first row, or None. A value that is a tuple or list fills an IN."""

    async def all(self, statement: Statement, **values: Any) -> list[Row]: ...

    def stream(self, statement: Statement, **values: Any) -> AsyncIterator[list[Row]]:
        """Rows in lists of a few thousand, without keeping them."""

    async def run(self, statement: Statement, **values: Any) -> int:
        """Runs a statement that writes; the rows it changed."""

    async def insert(self, table: str, /, **values: Any) -> int:
        """Inserts a row, each value as its column stores it; the automatic id, 0 where there is none."""

    async def update(self, table: str, where: Mapping[str, Any], /, **values: Any) -> int:
        """Sets columns of the rows whose columns equal `where`; how many rows really changed."""

    async def delete(self, table: str, /, **where: Any) -> int: ...

    async def custom(self, list_id: int) -> Custom | None:
        """The table of a list's own fields as the database has it now; None where there is none.

        From then on its name is good for insert, update, delete and for statements (`custom_of_lead`).
        """


class Database(ABC):
    """An opened dialer database."""

    tables: Tables
    is_own: bool
    """Whether the tables are the product's own; else they are those of a dialer that reads them too."""

    @abstractmethod
    def work(self) -> AbstractAsyncContextManager[Work]:
        """A unit of work: kept when the context ends well and durable then, undone on an error."""

    @abstractmethod
    async def create_custom(self, list_id: int, columns: Columns) -> None:
        """Make the table of a list's own fields, where there is none yet."""

    @abstractmethod
    async def renumber(self, names: Collection[str] = ()) -> None:
        """Let automatic ids go on after the highest there is: those of some tables, or of all."""

    def counted(self, names: Collection[str]) -> "list[Table[Any]]":
        """Tables with automatic ids among those named, or among all."""
        some = [self.tables[name] for name in names] if names else self.tables
        return [t for t in some if t.autoincrement_column is not None]

    @abstractmethod
    async def close(self) -> None: ...
