"""Rows that have certain values: to be looked at, to be made where there are none, to be taken away."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ClauseElement, delete, exists, or_, select

from trunkline.dialer.database import Row, Work
from trunkline.dialer.tables import Tables
from trunkline.errors import SettingsError

Wanted = tuple[tuple[str, tuple[Any, ...]], ...]
"""Columns, each with the values that it may have; a row must fit all."""


class RowSet(Protocol):
    """Rows of a table; equal ones have equal hashes.

    `of`: a column, another table's column and rows of that table, one of which has the same value there.
    `unless`: a column and another table's column; while any row there has the same value a row is not meant.
    """

    @property
    def table(self) -> str: ...
    @property
    def where(self) -> Wanted: ...
    @property
    def of(self) -> "tuple[str, str, RowSet] | None": ...
    @property
    def unless(self) -> tuple[tuple[str, str, str], ...]: ...


class Standing(Protocol):
    """A row that stands for itself: made where there is none of its names, told from others' by its mark.

    `names` are groups of columns; a row that equals it in all of one group must have its mark, a column.
    """

    @property
    def table(self) -> str: ...
    @property
    def names(self) -> tuple[tuple[str, ...], ...]: ...
    @property
    def mark(self) -> str: ...
    @property
    def values(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Rows:
    """Rows of a table with certain values."""

    table: str
    where: Wanted = ()
    of: tuple[str, str, RowSet] | None = None
    unless: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class _Selected:
    """A statement, equal for equal rows, so that it is compiled once."""

    rows: RowSet

    def __call__(self, t: Tables) -> ClauseElement:
        return select(*t[self.rows.table].c).where(*_conditions(t, self.rows))


@dataclass(frozen=True)
class _Deleted:
    rows: RowSet

    def __call__(self, t: Tables) -> ClauseElement:
        return delete(t[self.rows.table]).where(*_conditions(t, self.rows))


def _conditions(t: Tables, rows: RowSet) -> list[Any]:
    c = t[rows.table].c
    found = [or_(*(c[name] == value for value in values)) for name, values in rows.where]
    if rows.of:
        column, theirs, others = rows.of
        found.append(c[column].in_(select(t[others.table].c[theirs]).where(*_conditions(t, others))))
    for column, table, theirs in rows.unless:
        found.append(~exists(select(t[table].c[theirs]).where(t[table].c[theirs] == c[column])))
    return found


async def rows_of(work: Work, rows: RowSet) -> list[Row]:
    return await work.all(_Selected(rows))


async def remove(work: Work, rows: RowSet) -> int:
    """How many there were."""
    return await work.run(_Deleted(rows))


async def make_standing(work: Work, rows: Iterable[Standing]) -> int:
    """Make the rows that are not there; how many. Raises SettingsError where somebody else has the name."""
    count = 0
    for row in rows:
        found = [one for names in row.names for one in await rows_of(work, _named(row, names))]
        for one in found:
            _check_mark(row, one)
        if not found:
            await work.insert(row.table, **row.values)
            count += 1
    return count


def _named(row: Standing, names: tuple[str, ...]) -> Rows:
    return Rows(row.table, tuple((name, (row.values[name],)) for name in names))


def _check_mark(row: Standing, found: Row) -> None:
    if found[row.mark] == row.values[row.mark]:
        return
    named = " and ".join(f"{name} {row.values[name]}" for name in row.names[0])
    raise SettingsError(
        f"The table {row.table} has a row of your own with {named}.",
        todo="Rename or remove that row, or work in another home folder (--home).",
    )
