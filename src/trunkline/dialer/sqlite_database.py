"""The dialer's tables in SQLite, run inline on the event loop.

A point read takes microseconds, less than a thread would cost. What the requests of one turn of the loop
write is committed together, and each of them is answered only after that.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ClauseElement, bindparam, column, delete, func, select, table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from trunkline.dialer.custom import Columns, Custom, custom_name, custom_table
from trunkline.dialer.database import Compiled, Compiler, Database, Row, Statement, Work, kept_values
from trunkline.dialer.fitting import in_range
from trunkline.dialer.queries import SQLITE_SETTINGS
from trunkline.dialer.tables import Tables

ROWS_AT_ONCE = 2_000
BUSY_SECONDS = 10


def columns_of_table(_: Tables) -> ClauseElement:
    """Names and declared types of a table's columns, from the database's own catalogue."""
    catalogue = func.pragma_table_info(bindparam("table")).table_valued(column("name"), column("type"))
    return select(catalogue.c.name, catalogue.c.type)


def counters(_: Tables) -> ClauseElement:
    """Forgets the ids given so far: the next is one above the highest there is."""
    return delete(table("sqlite_sequence", column("name"))).where(
        column("name").in_(bindparam("names", expanding=True))
    )


class SqliteDatabase(Database):
    """One connection, used from the event loop alone."""

    def __init__(self, path: Path, tables: Tables, *, is_own: bool = True) -> None:
        self.tables = tables
        self.is_own = is_own
        self.compiler = Compiler(tables, sqlite.dialect(paramstyle="qmark"))
        self.connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
        for setting in SQLITE_SETTINGS:
            self.connection.execute(setting)
        self._turn: asyncio.Future[None] | None = None
        self._works = 0

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        work = SqliteWork(self)
        try:
            yield work
        except BaseException:
            work.undo()
            raise
        if work.savepoint:
            self.connection.execute(f"RELEASE {work.savepoint}")
            work.savepoint = ""
            await self.committed()

    def begin(self, work: "SqliteWork") -> None:
        """Open the turn's transaction, and a savepoint in it for this work."""
        if self._turn is None:
            self.connection.execute("BEGIN IMMEDIATE")
            loop = asyncio.get_running_loop()
            self._turn = loop.create_future()
            loop.call_soon(self._commit)
        self._works += 1
        work.savepoint = f"w{self._works}"
        self.connection.execute(f"SAVEPOINT {work.savepoint}")

    async def committed(self) -> None:
        if self._turn is not None:
            await asyncio.shield(self._turn)

    def _commit(self) -> None:
        turn, self._turn = self._turn, None
        assert turn is not None, "a turn is open"
        try:
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            turn.set_exception(error)
            turn.exception()
        else:
            turn.set_result(None)

    async def create_custom(self, list_id: int, columns: Columns) -> None:
        custom = custom_table(custom_name(list_id), columns)
        made: Any = CreateTable(custom, if_not_exists=True).compile(dialect=self.compiler.dialect)
        self.connection.execute(str(made))

    async def renumber(self, names: Collection[str] = ()) -> None:
        counted = tuple(t.name for t in self.counted(names))
        async with self.work() as work:
            await work.run(counters, names=counted)

    async def close(self) -> None:
        self.connection.close()


class SqliteWork:
    """See `Work`. Nothing here gives the loop a turn before the work is complete, so works never mix."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._connection = database.connection
        self._compiler = database.compiler
        self.savepoint = ""

    def undo(self) -> None:
        if self.savepoint:
            self._connection.execute(f"ROLLBACK TO {self.savepoint}")
            self._connection.execute(f"RELEASE {self.savepoint}")
            self.savepoint = ""

    async def one(self, statement: Statement, **values: Any) -> Row | None:
        compiled, cursor = self._execute(statement, values)
        found = cursor.fetchone()
        cursor.close()
        return None if found is None else compiled.row(found)

    async def all(self, statement: Statement, **values: Any) -> list[Row]:
        compiled, cursor = self._execute(statement, values)
        return [compiled.row(found) for found in cursor.fetchall()]

    async def stream(self, statement: Statement, **values: Any) -> AsyncIterator[list[Row]]:
        compiled, cursor = self._execute(statement, values)
        while found := cursor.fetchmany(ROWS_AT_ONCE):
            yield [compiled.row(row) for row in found]

    async def run(self, statement: Statement, **values: Any) -> int:
        self._begin()
        _, cursor = self._execute(statement, values)
        return cursor.rowcount

    async def insert(self, table: str, /, **values: Any) -> int:
        self._begin()
        compiled = self._compiler.insert(table, tuple(values))
        cursor = self._cursor(compiled.sql, compiled.values(self._kept(table, values)))
        return cursor.lastrowid or 0

    async def update(self, table: str, where: Mapping[str, Any], /, **values: Any) -> int:
        self._begin()
        compiled = self._compiler.update(table, tuple(where), tuple(values))
        given = self._kept(table, values) | {f"old_{name}": value for name, value in where.items()}
        return self._cursor(compiled.sql, compiled.values(given)).rowcount

    async def delete(self, table: str, /, **where: Any) -> int:
        self._begin()
        compiled = self._compiler.delete(table, tuple(where))
        given = {f"old_{name}": value for name, value in where.items()}
        return self._cursor(compiled.sql, compiled.values(given)).rowcount

    async def custom(self, list_id: int) -> Custom | None:
        name = custom_name(list_id)
        _, cursor = self._execute(columns_of_table, {"table": name})
        columns = cursor.fetchall()
        if not columns:
            return None
        if self._database.tables.take_custom(name, columns):
            self._compiler.forget()
        return self._database.tables.custom(name)

    def _kept(self, table: str, values: Mapping[str, Any]) -> dict[str, Any]:
        return kept_values(self._database.tables, table, values)

    def _begin(self) -> None:
        if not self.savepoint:
            self._database.begin(self)

    def _execute(self, statement: Statement, values: Mapping[str, Any]) -> tuple[Compiled, sqlite3.Cursor]:
        compiled, given = self._compiler.prepared(statement, values)
        return compiled, self._cursor(compiled.sql, given)

    def _cursor(self, sql: str, values: list[Any]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, values)
        except OverflowError:  # a number no column can hold: the nearest one that it could
            return self._connection.execute(sql, [in_range(value) for value in values])
