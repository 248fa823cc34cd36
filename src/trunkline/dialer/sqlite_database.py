"""The dialer's tables in SQLite, run inline on the event loop.

A point read takes microseconds, less than a thread would cost. What the requests of one turn of the loop
write is committed together, and each of them is answered only after that. Long results are read in threads.
"""

import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import ClauseElement, bindparam, column, delete, func, select, table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from trunkline.dialer.admissions import Admissions
from trunkline.dialer.compiling import Compiler
from trunkline.dialer.custom import Columns, Custom, custom_name, custom_table
from trunkline.dialer.database import (
    Ahead,
    Database,
    Endings,
    Row,
    Rows,
    Statement,
    Work,
)
from trunkline.dialer.fitting import in_range
from trunkline.dialer.keeping import KEEPINGS, Keeping
from trunkline.dialer.queries import SQLITE_SETTINGS
from trunkline.dialer.sqlite_reading import ROWS_AT_ONCE, Readers
from trunkline.dialer.sqlite_turns import TurnWriter
from trunkline.dialer.tables import Tables

BUSY_SECONDS = 10
STATEMENTS_KEPT = 500


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
    """One connection that writes, used from the event loop alone, and some that read long results."""

    def __init__(
        self, path: Path, tables: Tables, *, is_own: bool = True, waits_for_disk: bool = False
    ) -> None:
        self.tables = tables
        self.is_own = is_own
        self.compiler = Compiler(tables, sqlite.dialect(paramstyle="qmark"))
        self.connection = sqlite3.connect(
            path, isolation_level=None, timeout=BUSY_SECONDS, cached_statements=STATEMENTS_KEPT
        )
        for setting in SQLITE_SETTINGS:
            self.connection.execute(setting)
        self.turns = TurnWriter(self.connection, self.compiler, path, waits_for_disk=waits_for_disk)
        self.readers = Readers(path)

    def work(self) -> "SqliteWork":
        return SqliteWork(self)

    async def create_custom(self, list_id: int, columns: Columns) -> None:
        custom = custom_table(custom_name(list_id), columns)
        made: Any = CreateTable(custom, if_not_exists=True).compile(dialect=self.compiler.dialect)
        self.connection.execute(str(made))

    async def renumber(self, names: Collection[str] = ()) -> None:
        counted = tuple(t.name for t in self.counted(names))
        async with self.work() as work:
            await work.run(counters, names=counted)

    async def close(self) -> None:
        self.readers.close()
        await self.turns.close()
        self.connection.close()


class SqliteWork:
    """See `Work`. From its first write to its end nothing here gives the loop a turn, so works never mix."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._connection = database.connection
        self._compiler = database.compiler
        self._turns = database.turns
        self._kept = database.turns.kept
        self._streams: list[AsyncGenerator[Rows, None]] = []
        self.endings = Endings()
        self.has_written = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        for stream in self._streams:
            await stream.aclose()
        if kind is not None:
            self._undo()
        elif self.has_written or self.endings:
            has_written, self.has_written = self.has_written, False
            await self._turns.keep(self.endings, has_written=has_written)

    @property
    def admissions(self) -> Admissions:
        self._turns.turn()
        return self._kept.admissions

    def _undo(self) -> None:
        if self.has_written:
            self.has_written = False
            self._turns.undo()

    async def one(self, statement: Statement, **values: Any) -> Row | None:
        keeping = KEEPINGS.get(statement)
        if keeping is not None:
            return self._kept_row(keeping, statement, values)
        return self._row(statement, values)

    def _row(self, statement: Statement, values: dict[str, Any]) -> Row | None:
        compiled, given = self._compiler.prepared(statement, values)
        found = self._cursor(compiled.sql, given).fetchone()
        return None if found is None else compiled.row(found)

    def _kept_row(self, keeping: Keeping, statement: Statement, values: dict[str, Any]) -> Row | None:
        self._turns.turn()
        if keeping.looks_each_time:
            self._kept.look()
        rows, key = self._kept.of(keeping), (statement, *values.values())
        if key in rows:
            row = rows[key]
        else:
            row = rows[key] = self._row(statement, values)
        return None if row is None else row.copy()

    async def look_ahead(self, ahead: Ahead, value: Any) -> None:
        """Nothing is gained by it here."""

    async def all(self, statement: Statement, **values: Any) -> list[Row]:
        compiled, given = self._compiler.prepared(statement, values)
        return [compiled.row(found) for found in self._cursor(compiled.sql, given).fetchall()]

    def stream(self, statement: Statement, **values: Any) -> AsyncIterator[Rows]:
        stream = self._inline(statement, values) if self.has_written else self._beside(statement, values)
        self._streams.append(stream)
        return stream

    async def _inline(self, statement: Statement, values: dict[str, Any]) -> AsyncGenerator[Rows, None]:
        compiled, given = self._compiler.prepared(statement, values)
        cursor = self._cursor(compiled.sql, given)
        while found := cursor.fetchmany(ROWS_AT_ONCE):
            yield Rows(compiled.columns, found)

    async def _beside(self, statement: Statement, values: dict[str, Any]) -> AsyncGenerator[Rows, None]:
        compiled, given = self._compiler.prepared(statement, values)
        lists = self._database.readers.lists(compiled.sql, [in_range(value) for value in given])
        try:
            async for found in lists:
                yield Rows(compiled.columns, found)
        finally:
            await lists.aclose()

    async def run(self, statement: Statement, **values: Any) -> int:
        self._begin()
        self._kept.forget()
        compiled, given = self._compiler.prepared(statement, values)
        return self._cursor(compiled.sql, given).rowcount

    async def insert(self, table: str, /, **values: Any) -> int:
        self._begin()
        writing = self._compiler.insert(table, tuple(values))
        self._kept.changed(table)
        return self._cursor(writing.sql, writing.values(values)).lastrowid or 0

    async def update(self, table: str, where: Mapping[str, Any], /, **values: Any) -> int:
        self._begin()
        writing = self._compiler.update(table, tuple(where), tuple(values))
        self._kept.changed(table)
        return self._cursor(writing.sql, writing.values(values, where)).rowcount

    async def delete(self, table: str, /, **where: Any) -> int:
        self._begin()
        writing = self._compiler.delete(table, tuple(where))
        self._kept.changed(table)
        return self._cursor(writing.sql, writing.values({}, where)).rowcount

    async def lock(self, *names: str) -> None:
        """The file has one writer: whoever writes has all locks."""
        self._begin()

    async def custom(self, list_id: int) -> Custom | None:
        name = custom_name(list_id)
        compiled, given = self._compiler.prepared(columns_of_table, {"table": name})
        columns = self._cursor(compiled.sql, given).fetchall()
        if not columns:
            return None
        if self._database.tables.take_custom(name, columns):
            self._compiler.forget()
        return self._database.tables.custom(name)

    def _begin(self) -> None:
        if not self.has_written:
            self._turns.begin()
            self.has_written = True

    def _cursor(self, sql: str, values: list[Any]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, values)
        except OverflowError:  # a number no column can hold: the nearest one that it could
            return self._connection.execute(sql, [in_range(value) for value in values])


def _is_work(work: SqliteWork) -> Work:
    return work
