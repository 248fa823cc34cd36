"""Statements compiled once for a database, and rows as its driver gives them.

Making and compiling an expression costs more than running it on SQLite does. What is compiled here runs on
the bare driver, which costs what hand-written SQL costs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from sqlalchemy import (
    Boolean,
    ClauseElement,
    Column,
    ColumnElement,
    Integer,
    String,
    bindparam,
    delete,
    insert,
    or_,
    update,
)
from sqlalchemy.engine import Dialect

from trunkline.dialer.fitting import Fit, fit_for, text
from trunkline.dialer.tables import Tables

Row = dict[str, Any]
Statement = Callable[[Tables], ClauseElement]
Make = Callable[[Any], Any]


class Rows(Sequence[Row]):
    """Rows of a result: by name for everybody, and as they came for those who only print them."""

    __slots__ = ("columns", "tuples")

    def __init__(self, columns: tuple[str, ...], tuples: Sequence[Sequence[Any]]) -> None:
        self.columns = columns
        self.tuples = tuples

    def __len__(self) -> int:
        return len(self.tuples)

    def __iter__(self) -> Iterator[Row]:
        return (dict(zip(self.columns, values, strict=False)) for values in self.tuples)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> "Rows": ...
    def __getitem__(self, at: int | slice) -> "Row | Rows":
        if isinstance(at, slice):
            return Rows(self.columns, self.tuples[at])
        return dict(zip(self.columns, self.tuples[at], strict=False))


@dataclass(frozen=True)
class Compiled:
    """SQL text of one dialect, the names of its parameters in order, and those of its result."""

    sql: str
    parameters: tuple[str, ...]
    constants: Mapping[str, Any]
    columns: tuple[str, ...]
    fits: tuple[Fit | None, ...] = ()
    """What makes each value one of its parameter's type, for drivers that want it so."""
    is_plain: bool = False
    """Whether all that comes is text, whole numbers, 1 or 0: no way to read these can show them otherwise."""

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        found = [given[name] if name in given else self.constants[name] for name in self.parameters]
        if not self.fits:
            return found
        return [fit(value) if fit else value for fit, value in zip(self.fits, found, strict=True)]

    def row(self, values: Sequence[Any]) -> Row:
        return dict(zip(self.columns, values, strict=False))


@dataclass(frozen=True)
class Writing:
    """A compiled statement that writes: of each parameter its source, its column, and what is made of it."""

    sql: str
    steps: tuple[tuple[int, str, Make], ...]

    def values(self, *sources: Mapping[str, Any]) -> list[Any]:
        """The values in order, taken from the sources by the names of columns."""
        if len(sources) == 1:
            new = sources[0]
            return [make(new[name]) for _, name, make in self.steps]
        return [make(sources[at][name]) for at, name, make in self.steps]


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
        self._writings: dict[Any, Writing] = {}

    def of(self, statement: Statement, *, lengths: tuple[tuple[str, int], ...] = ()) -> Compiled:
        """The compiled statement; `lengths` says how many values its lists have."""
        key = (statement, lengths) if lengths else statement
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._compile(statement(self.tables), dict(lengths))
        return found

    def forget(self) -> None:
        """Compile anew from here on: a table has changed."""
        self._kept.clear()
        self._writings.clear()

    def insert(self, table: str, columns: tuple[str, ...]) -> Writing:
        """Its source: the values of the columns."""

        def made(tables: Tables) -> ClauseElement:
            t: Any = tables[table]
            statement = insert(t).values(bound(columns))
            counted = t.autoincrement_column if self._returns_ids else None
            return statement if counted is None else statement.returning(counted)

        return self.writing(("insert", table, columns), made, table)

    def update(self, table: str, where: tuple[str, ...], columns: tuple[str, ...]) -> Writing:
        """Its sources: the new values, and those that tell which rows."""
        key = ("update", table, where, columns)
        return self.writing(key, lambda t: self.updating(t[table], where, columns), table, None)

    def updating(self, t: Any, where: Sequence[str], columns: Sequence[str], first: int = 0) -> Any:
        """Sets columns of the rows that really change by it. `first` is the number of its first source."""
        differs = [or_(*(self._differs(t.c[name], first) for name in columns))] if self._exact else []
        return update(t).where(*_equal(t, where, first + 1), *differs).values(bound(columns, first))

    def delete(self, table: str, where: tuple[str, ...]) -> Writing:
        """Its sources: nothing, and the values that tell which rows."""
        key = ("delete", table, where)
        return self.writing(key, lambda t: delete(t[table]).where(*_equal(t[table], where)), table, None)

    def writing(self, key: Any, make: Statement, *tables: str | None) -> Writing:
        """What writes, compiled once under this key.

        `tables` are those whose columns keep the values of each source; None: they tell which rows.
        """

        def made() -> Writing:
            compiled = self._compile(make(self.tables), {})
            return Writing(compiled.sql, self._steps(compiled, tables))

        return self.keep(key, made)

    def keep(self, key: Any, make: Callable[[], Writing]) -> Writing:
        """What is kept under this key, made at the first use."""
        found = self._writings.get(key)
        if found is None:
            found = self._writings[key] = make()
        return found

    def prepared(self, statement: Statement, values: Mapping[str, Any]) -> tuple[Compiled, list[Any]]:
        """The compiled statement and its values in order; one that is a tuple or list fills an IN."""
        found = self._kept.get(statement)
        if found is not None:  # it has no lists, or it would be kept with their lengths
            return found, found.values(values)
        lists = {name: value for name, value in values.items() if isinstance(value, tuple | list)}
        lengths = tuple((name, len(value)) for name, value in lists.items())
        compiled = self.of(statement, lengths=lengths)
        return compiled, compiled.values({**values, **_spread(lists)} if lists else values)

    def _differs(self, column: "Column[Any]", source: int) -> "ColumnElement[bool]":
        """Whether a new value is another one, byte by byte: the column's own collation may know no case."""
        name = parameter(source, column.name)
        if fit_for(column.type) is not text:
            return column.is_distinct_from(bindparam(name, type_=column.type))
        return column.collate(self._exact).is_distinct_from(bindparam(name, type_=String()))

    def _steps(self, compiled: Compiled, tables: Sequence[str | None]) -> tuple[tuple[int, str, Make], ...]:
        fits = compiled.fits or (None,) * len(compiled.parameters)
        steps: list[tuple[int, str, Make]] = []
        for name, fit in zip(compiled.parameters, fits, strict=True):
            number, _, column = name.removeprefix("v").partition("_")
            table = tables[int(number)]
            made = fit or _as_it_is if table is None else self.tables.kinds(table)[column].kept
            steps.append((int(number), column, made))
        return tuple(steps)

    def _compile(self, clause: ClauseElement, lengths: Mapping[str, int]) -> Compiled:
        compiled: Any = clause.compile(dialect=self.dialect)
        columns = tuple(str(entry[0]) for entry in compiled._result_columns)
        types = {name: bind.type for name, bind in compiled.binds.items()}
        if not lengths:
            names = tuple(compiled.positiontup or ())
            fits = self._fits_of(names, types)
            return Compiled(str(compiled), names, compiled.params, columns, fits, _is_plain(compiled))
        given = {name: [None] * length for name, length in lengths.items()}
        full = compiled.construct_expanded_state({**compiled.construct_params(_check=False), **given})
        types |= {one: types[name] for name, many in full.parameter_expansion.items() for one in many}
        names = tuple(full.positiontup or ())
        fits = self._fits_of(names, types)
        return Compiled(full.statement, names, full.parameters, columns, fits, _is_plain(compiled))

    def _fits_of(self, names: Sequence[str], types: Mapping[str, Any]) -> tuple[Fit | None, ...]:
        return tuple(fit_for(types[name]) for name in names) if self._fits else ()


def _is_plain(compiled: Any) -> bool:
    return all(isinstance(entry[3], Integer | String | Boolean) for entry in compiled._result_columns)


def parameter(source: int, column: str) -> str:
    """The name of the parameter for a column's value of this source of a `Writing`."""
    return f"v{source}_{column}"


def bound(columns: Sequence[str], source: int = 0) -> dict[str, Any]:
    return {name: bindparam(parameter(source, name)) for name in columns}


def _equal(table: Any, names: Sequence[str], source: int = 1) -> list[Any]:
    return [table.c[name] == bindparam(parameter(source, name)) for name in names]


def _spread(lists: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an IN, one name each, as compiled statements number them."""
    return {f"{name}_{at}": value for name, values in lists.items() for at, value in enumerate(values, 1)}


def _as_it_is(value: Any) -> Any:
    return value
