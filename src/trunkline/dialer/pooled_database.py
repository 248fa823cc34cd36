"""The dialer's tables on a database server: what units of work on PostgreSQL and MariaDB do alike.

A work holds one connection of the pool. Its transaction begins with the first thing it writes.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from trunkline.dialer.custom import Columns, Custom, custom_name
from trunkline.dialer.database import Compiler, Database, Row, Statement, Work, kept_values
from trunkline.dialer.tables import Tables

ROWS_AT_ONCE = 2_000
MOST_CONNECTIONS = 10
CONNECT_SECONDS = 10
Values = Sequence[Any]


class PooledDatabase(Database):
    """A pool of connections to one server."""

    def __init__(self, tables: Tables, compiler: Compiler, *, is_own: bool) -> None:
        self.tables = tables
        self.compiler = compiler
        self.is_own = is_own

    @abstractmethod
    def connected(self) -> "AbstractAsyncContextManager[PooledWork]":
        """A work on a connection of the pool, to which the connection goes back."""

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        async with self.connected() as work:
            try:
                yield work
            except BaseException:
                # Where this fails too the connection is given up, and the first error is the one to tell.
                with suppress(Exception):
                    if work.writes:
                        await work.roll_back()
                raise
            if work.writes:
                await work.commit()


class PooledWork(ABC):
    """See `Work`. Subclasses say how their driver runs a statement."""

    def __init__(self, database: PooledDatabase) -> None:
        self._database = database
        self._compiler = database.compiler
        self.writes = False

    @abstractmethod
    async def begin(self) -> None: ...

    @abstractmethod
    async def commit(self) -> None: ...

    @abstractmethod
    async def roll_back(self) -> None: ...

    @abstractmethod
    async def first_row(self, sql: str, values: Values) -> Sequence[Any] | None: ...

    @abstractmethod
    async def rows(self, sql: str, values: Values) -> Sequence[Sequence[Any]]: ...

    @abstractmethod
    def row_lists(self, sql: str, values: Values) -> AsyncIterator[Sequence[Sequence[Any]]]: ...

    @abstractmethod
    async def changed(self, sql: str, values: Values) -> int:
        """Run what writes; the rows it changed."""

    @abstractmethod
    async def inserted(self, table: str, sql: str, given: Mapping[str, Any], values: Values) -> int:
        """Run an insert; the automatic id, 0 where there is none."""

    @abstractmethod
    async def columns_of(self, table: str) -> Columns:
        """Names and declared types of a table's columns from the database's own catalogue."""

    async def one(self, statement: Statement, **values: Any) -> Row | None:
        compiled, given = self._compiler.prepared(statement, values)
        found = await self.first_row(compiled.sql, given)
        return None if found is None else compiled.row(found)

    async def all(self, statement: Statement, **values: Any) -> list[Row]:
        compiled, given = self._compiler.prepared(statement, values)
        return [compiled.row(found) for found in await self.rows(compiled.sql, given)]

    async def stream(self, statement: Statement, **values: Any) -> AsyncIterator[list[Row]]:
        compiled, given = self._compiler.prepared(statement, values)
        async for found in self.row_lists(compiled.sql, given):
            yield [compiled.row(row) for row in found]

    async def run(self, statement: Statement, **values: Any) -> int:
        compiled, given = self._compiler.prepared(statement, values)
        await self.write()
        return await self.changed(compiled.sql, given)

    async def insert(self, table: str, /, **values: Any) -> int:
        compiled = self._compiler.insert(table, tuple(values))
        given = compiled.values(kept_values(self._database.tables, table, values))
        await self.write()
        return await self.inserted(table, compiled.sql, values, given)

    async def update(self, table: str, where: Mapping[str, Any], /, **values: Any) -> int:
        compiled = self._compiler.update(table, tuple(where), tuple(values))
        kept = kept_values(self._database.tables, table, values)
        given = compiled.values(kept | {f"old_{name}": value for name, value in where.items()})
        await self.write()
        return await self.changed(compiled.sql, given)

    async def delete(self, table: str, /, **where: Any) -> int:
        compiled = self._compiler.delete(table, tuple(where))
        given = compiled.values({f"old_{name}": value for name, value in where.items()})
        await self.write()
        return await self.changed(compiled.sql, given)

    async def custom(self, list_id: int) -> Custom | None:
        name = custom_name(list_id)
        columns = await self.columns_of(name)
        if not columns:
            return None
        if self._database.tables.take_custom(name, columns):
            self._compiler.forget()
        return self._database.tables.custom(name)

    async def write(self) -> None:
        if not self.writes:
            await self.begin()
            self.writes = True
