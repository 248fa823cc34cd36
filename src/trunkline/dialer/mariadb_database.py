"""The dialer's tables in MariaDB or MySQL, by asyncmy: our own, or those of a dialer that runs on them.

A dialer's own tables have real dates, decimals and words; they are read as the texts that they print as,
zero dates too. The session is not strict: the dialer's tables count on that (columns left out, zero dates).
"""

from collections.abc import AsyncGenerator, Collection, Sequence
from typing import Any, Self

import asyncmy
from asyncmy.constants import FIELD_TYPE
from asyncmy.converters import conversions
from asyncmy.cursors import SSCursor
from sqlalchemy import URL, ClauseElement, bindparam, column, func, select, table
from sqlalchemy.dialects.mysql.asyncmy import MySQLDialect_asyncmy
from sqlalchemy.schema import CreateTable

from trunkline.dialer import journal_statements
from trunkline.dialer.compiling import Compiled, Compiler
from trunkline.dialer.custom import Columns, custom_name, custom_table
from trunkline.dialer.database import Endings, Journal
from trunkline.dialer.endings import as_one_block
from trunkline.dialer.fitting import number
from trunkline.dialer.locks import LOCK_SECONDS, lock_text
from trunkline.dialer.pooled_database import (
    CONNECT_SECONDS,
    MOST_CONNECTIONS,
    ROWS_AT_ONCE,
    PooledDatabase,
    PooledWork,
    Values,
)
from trunkline.dialer.queries import PATIENT_WITH_READERS, count_on
from trunkline.dialer.shared_reads import Found
from trunkline.dialer.tables import OPTIONS, Tables
from trunkline.errors import RetryLater

STATEMENTS_KEPT = 150
"""Prepared on each connection. What they answer is not in text: that is right for our own tables, which
have no dates, but not for fractions and for lists' own fields."""
SQL_MODE = "NO_ENGINE_SUBSTITUTION"
SESSION = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
_INTEGERS = (FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG, FIELD_TYPE.INT24)
_CONVERSIONS: dict[Any, Any] = {
    **{key: made for key, made in conversions.items() if not isinstance(key, int)},
    **dict.fromkeys((*_INTEGERS, FIELD_TYPE.YEAR), int),
    **dict.fromkeys((FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE), float),
    **dict.fromkeys((FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL), number),
}
"""How results are read. Dates are not among them: they stay the texts that they come as."""


def columns_of_table(_: Tables) -> ClauseElement:
    """Names and types of a table's columns, from the database's own catalogue."""
    names = ("column_name", "column_type", "table_schema", "table_name", "ordinal_position")
    catalogue = table("columns", *(column(name) for name in names), schema="information_schema").c
    return (
        select(catalogue.column_name, catalogue.column_type)
        .where(catalogue.table_schema == func.database(), catalogue.table_name == bindparam("table"))
        .order_by(catalogue.ordinal_position)
    )


def lock_held(_: Tables) -> ClauseElement:
    """Waits for a lock of the session: 1 where it has it now, else 0 or nothing."""
    return select(func.get_lock(bindparam("name"), bindparam("seconds")).label("held"))


def lock_given_back(_: Tables) -> ClauseElement:
    return select(func.release_lock(bindparam("name")))


class MariadbDatabase(PooledDatabase):
    """A pool of asyncmy connections."""

    pool: Any
    takes_blocks = False
    """Whether it takes blocks of statements: MariaDB does, MySQL does not."""
    name: str

    @classmethod
    async def opened(cls, url: URL, tables: Tables, *, is_own: bool = True) -> Self:
        # The server itself counts only rows that an update changed.
        compiler = Compiler(tables, MySQLDialect_asyncmy(), exact="", fits=True)
        database = cls(tables, compiler, is_own=is_own)
        database.name = url.database or ""
        database.pool = await asyncmy.create_pool(
            host=url.host or "localhost",
            port=url.port or 3306,
            user=url.username,
            password=url.password or "",
            database=url.database,
            minsize=1,
            maxsize=MOST_CONNECTIONS,
            charset="utf8mb4",
            sql_mode=SQL_MODE,
            init_command=SESSION,
            connect_timeout=CONNECT_SECONDS,
            autocommit=True,
            conv=_CONVERSIONS,
            stmt_cache_size=STATEMENTS_KEPT if is_own else 0,
        )
        async with database.pool.acquire() as connection:
            database.takes_blocks = "mariadb" in connection.get_server_info().lower()
        return database

    def work(self) -> "MariadbWork":
        return MariadbWork(self)

    async def take(self) -> Any:
        return await self.pool.acquire()

    async def give_back(self, connection: Any) -> None:
        await self.pool.release(connection)  # which gives up one whose transaction is open

    async def create_custom(self, list_id: int, columns: Columns) -> None:
        async with self.work() as work:
            if await work.columns_of(custom_name(list_id)):
                return  # IF NOT EXISTS would answer with a warning
        custom = custom_table(custom_name(list_id), columns)
        custom.dialect_kwargs.update(OPTIONS)
        made: Any = CreateTable(custom).compile(dialect=self.compiler.dialect)
        await self._define(str(made))

    async def renumber(self, names: Collection[str] = ()) -> None:
        for t in self.counted(names):
            await self._define(count_on(t, self.compiler.dialect))

    async def _define(self, statement: str) -> None:
        async with self.pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(statement)

    async def read(self, connection: Any, statement: Compiled, values: Values, *, first: bool) -> Found:
        async with connection.cursor() as cursor:
            if statement.is_plain:
                await cursor.execute(statement.sql, values)
            else:  # without values it is not prepared, and answered in text
                await cursor.execute(cursor.mogrify(statement.sql, values))
            found: Found = (await cursor.fetchmany(1)) if first else (await cursor.fetchall())
            return found

    async def write_journals(self, connection: Any, journals: Sequence[Journal]) -> None:
        """MySQL takes no blocks: there each journal is a transaction of its own."""
        if self.takes_blocks:
            writing, sources = journal_statements.as_one_block(self.compiler, journals)
            async with connection.cursor() as cursor:
                await cursor.execute(writing.sql, writing.values(*sources))
            return
        for journal in journals:
            async with self.work() as work:
                await work.write()
                work.endings.journal = journal

    async def close_pool(self) -> None:
        self.pool.close()
        await self.pool.wait_closed()


class MariadbWork(PooledWork):
    catalogue = staticmethod(columns_of_table)
    _database: MariadbDatabase

    def __init__(self, database: MariadbDatabase) -> None:
        super().__init__(database)
        self._held: list[str] = []

    async def begin(self) -> None:
        await (await self.connection()).begin()

    async def commit(self) -> None:
        await self._connection.commit()

    async def roll_back(self) -> None:
        await self._connection.rollback()

    async def row_lists(
        self, connection: Any, sql: str, values: Values
    ) -> AsyncGenerator[Sequence[Sequence[Any]], None]:
        await connection.query(PATIENT_WITH_READERS)
        cursor, is_whole = connection.cursor(SSCursor), False
        try:
            await cursor.execute(sql, values)
            while found := await cursor.fetchmany(ROWS_AT_ONCE):
                yield found
            is_whole = True
        finally:
            if is_whole:
                await cursor.close()
            else:
                connection.close()  # or all that the server still has to send would have to be read

    async def changed(self, sql: str, values: Values) -> int:
        async with (await self.connection()).cursor() as cursor:
            return int(await cursor.execute(sql, values))

    async def inserted(self, sql: str, values: Values) -> int:
        async with (await self.connection()).cursor() as cursor:
            await cursor.execute(sql, values)
            return int(cursor.lastrowid or 0)

    async def write_endings(self, endings: Endings) -> None:
        if not self._database.takes_blocks:
            await self.write_one_by_one(endings)
            return
        writing, sources = as_one_block(self._compiler, endings, begins=not self.has_written)
        await self.connection()
        self.has_written = True  # in case the block fails in the middle
        await self.changed(writing.sql, writing.values(*sources))
        self.has_written = False  # the block has kept it

    async def hold(self, name: str) -> None:
        """A lock of the session, not of the transaction: it is given back after the commit."""
        held = lock_text(self._database.name, self._database.tables.prefix, name)
        self._held.append(held)
        row = await self.own_row(lock_held, name=held, seconds=LOCK_SECONDS)
        if row is None or row["held"] != 1:
            raise RetryLater("Another request works on the same key.", after_seconds=1)

    async def let_go_of_locks(self) -> None:
        """Once the work has ended. Where it cannot be done the session ends, and its locks with it."""
        try:
            while self._held:
                await self.own_row(lock_given_back, name=self._held.pop())
        except Exception:
            self._connection.close()  # what the work did is kept or undone: that is no error of its own
        except BaseException:
            self._connection.close()
            raise
