"""Net changes of rows, written in one unit of work: what others have worked out, without any request.

A row may hold numbers of other rows that only the database gives, so whoever makes the changes knows rows
by keys of its own. The numbers given are remembered here for as long as the rows are asked for.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from sqlalchemy import ClauseElement, bindparam, insert

from trunkline.dialer.database import Work
from trunkline.dialer.tables import Tables, automatic_column

ROWS_AT_ONCE = 50
RowKey = tuple[str, Hashable]


class Linked(Protocol):
    """A value that is made of another row's number."""

    @property
    def row(self) -> RowKey: ...

    def of(self, number: int) -> int | str: ...


class ChangedRow(Protocol):
    """Columns of one row; `where` finds it by its own columns, empty: by its number."""

    @property
    def table(self) -> str: ...
    @property
    def key(self) -> Hashable: ...
    @property
    def values(self) -> Mapping[str, Any]: ...
    @property
    def links(self) -> Mapping[str, Linked]: ...
    @property
    def where(self) -> Mapping[str, Any]: ...
    @property
    def is_ended(self) -> bool: ...


class RowChanges(Protocol):
    """Changes in the order in which they are to be made; linked rows come before those that hold them."""

    @property
    def deletes(self) -> Sequence[ChangedRow]: ...
    @property
    def inserts(self) -> Sequence[ChangedRow]: ...
    @property
    def updates(self) -> Sequence[ChangedRow]: ...
    @property
    def ended(self) -> Iterable[RowKey]: ...
    @property
    def linked(self) -> set[RowKey]: ...


@cache
def rows_inserted(table: str, columns: tuple[str, ...]) -> Callable[[Tables], ClauseElement]:
    """The statement that inserts `ROWS_AT_ONCE` rows."""

    def statement(t: Tables) -> ClauseElement:
        c = t[table].c
        rows = [{name: bindparam(_bound(n, name), type_=c[name].type) for name in columns} for n in _RANGE]
        return insert(t[table]).values(rows)

    return statement


_RANGE = range(ROWS_AT_ONCE)


def _bound(number: int, column: str) -> str:
    return f"row{number}_{column}"


class RowWriter:
    """Writes changes, and knows the numbers of the rows that are still asked for.

    A work that is undone takes its numbers with it: they count from `keep` on, once the work is kept.
    """

    def __init__(self, tables: Tables, numbers: Mapping[RowKey, int]) -> None:
        self._tables = tables
        self._numbers = dict(numbers)
        self._given: dict[RowKey, int] = {}

    async def write(self, work: Work, changes: RowChanges) -> int:
        """How many rows were deleted, inserted or updated."""
        self._given.clear()
        for row in changes.deletes:
            await work.delete(row.table, **self._where(row))
        await self._insert(work, changes)
        for row in changes.updates:
            await work.update(row.table, self._where(row), **self._values(row))
        return len(changes.deletes) + len(changes.inserts) + len(changes.updates)

    def keep(self, changes: RowChanges) -> None:
        self._numbers |= self._given
        self._given.clear()
        for row in changes.ended:
            self._numbers.pop(row, None)

    async def _insert(self, work: Work, changes: RowChanges) -> None:
        linked = changes.linked
        together: list[ChangedRow] = []
        for row in changes.inserts:
            is_asked_for = not row.is_ended or (row.table, row.key) in linked
            is_alone = is_asked_for and automatic_column(row.table) is not None
            if together and (is_alone or not _alike(together[0], row)):
                await self._insert_all(work, together)
            if is_alone:
                self._given[row.table, row.key] = await work.insert(row.table, **self._values(row))
            else:
                together.append(row)
            if len(together) == ROWS_AT_ONCE:
                await self._insert_at_once(work, together)
        await self._insert_all(work, together)

    async def _insert_all(self, work: Work, rows: list[ChangedRow]) -> None:
        for row in rows:
            await work.insert(row.table, **self._values(row))
        rows.clear()

    async def _insert_at_once(self, work: Work, rows: list[ChangedRow]) -> None:
        table = rows[0].table
        kinds = self._tables.kinds(table)
        values = {
            _bound(n, name): kinds[name].kept(value)
            for n, row in enumerate(rows)
            for name, value in self._values(row).items()
        }
        columns = tuple(sorted((*rows[0].values, *rows[0].links)))
        await work.run(rows_inserted(table, columns), **values)
        rows.clear()

    def _values(self, row: ChangedRow) -> dict[str, Any]:
        return {**row.values, **{name: link.of(self._number(link.row)) for name, link in row.links.items()}}

    def _where(self, row: ChangedRow) -> Mapping[str, Any]:
        if row.where:
            return row.where
        column = automatic_column(row.table)
        assert column is not None, f"rows of {row.table} are found by their own columns"
        return {column: self._number((row.table, row.key))}

    def _number(self, row: RowKey) -> int:
        given = self._given.get(row)
        return self._numbers[row] if given is None else given


def _alike(one: ChangedRow, other: ChangedRow) -> bool:
    """Whether both have the same columns of the same table."""
    return (
        one.table == other.table
        and one.values.keys() == other.values.keys()
        and one.links.keys() == other.links.keys()
    )
