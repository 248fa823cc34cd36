"""The dialer's tables in PostgreSQL, by asyncpg.

Text is compared without regard to case, as the dialer's database always did: the text columns have the
collation `tables.CASELESS`, which is made with them. What such a collation cannot do, LIKE, is written with
both sides in lower case.
"""

from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Self

import asyncpg
from sqlalchemy import (
    URL,
    BigInteger,
    ClauseElement,
    Column,
    MetaData,
    String,
    Table,
    bindparam,
    column,
    func,
    literal,
    select,
    table,
)
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateTable, SetColumnComment

from trunkline.dialer.compiling import Compiled, Compiler
from trunkline.dialer.custom import LEAD_ID, Columns, custom_name
from trunkline.dialer.database import Endings, Journal
from trunkline.dialer.endings import as_one_statement
from trunkline.dialer.fitting import number
from trunkline.dialer.journal_statements import as_columns
from trunkline.dialer.kinds import kind_of
from trunkline.dialer.locks import LOCK_SECONDS, lock_number
from trunkline.dialer.pooled_database import (
    CONNECT_SECONDS,
    MOST_CONNECTIONS,
    ROWS_AT_ONCE,
    PooledDatabase,
    PooledWork,
    Values,
)
from trunkline.dialer.postgres_connections import Connection, Connections
from trunkline.dialer.queries import BEGIN_READ_COMMITTED, COMMIT, ROLLBACK
from trunkline.dialer.shared_reads import Found
from trunkline.dialer.tables import Tables, sql_type

STATEMENTS_KEPT = 1_000
_ANY_LANGUAGE = '"und-x-icu"'


class LikeCompiler(PGCompiler_asyncpg):
    """Writes LIKE so that it may stand beside columns that know no case."""

    def visit_like_op_binary(self, binary: Any, operator: Any, **more: Any) -> str:
        escape = binary.modifiers.get("escape")
        left, right = (
            f"lower(({self.process(side, **more)}) COLLATE {_ANY_LANGUAGE})"
            for side in (binary.left, binary.right)
        )
        return f"{left} LIKE {right}" + (f" ESCAPE '{escape}'" if escape else "")

    def visit_not_like_op_binary(self, binary: Any, operator: Any, **more: Any) -> str:
        return f"NOT ({self.visit_like_op_binary(binary, operator, **more)})"


class CaselessDialect(PGDialect_asyncpg):
    statement_compiler = LikeCompiler
    supports_statement_cache = True


def columns_of_table(_: Tables) -> ClauseElement:
    """Names and types of a table's columns: as declared, which the comment tells, else as they are."""
    names = ("attrelid", "attname", "attnum", "attisdropped", "atttypid", "atttypmod")
    a = table("pg_attribute", *(column(name) for name in names)).c
    shown = func.coalesce(
        func.col_description(a.attrelid, a.attnum), func.format_type(a.atttypid, a.atttypmod)
    )
    return (
        select(a.attname.label("name"), shown.label("type"))
        .where(a.attrelid == func.to_regclass(bindparam("table")), a.attnum > 0, a.attisdropped.is_(False))
        .order_by(a.attnum)
    )


def counter_after(t: "Table[Any]") -> ClauseElement:
    """Makes the automatic id go on after the highest one there is."""
    counted = t.autoincrement_column
    assert counted is not None
    sequence = func.pg_get_serial_sequence(literal(t.name, String), literal(counted.name, String))
    return select(func.setval(sequence, func.coalesce(func.max(counted), 0) + 1, False))


def lock_held(_: Tables) -> ClauseElement:
    """Waits for a lock that ends with the transaction, after all others see what it did."""
    return select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger())))


class PostgresDatabase(PooledDatabase):
    """Connections by asyncpg."""

    connections: Connections

    @classmethod
    async def opened(cls, url: URL, tables: Tables, *, is_own: bool = True) -> Self:
        dialect: Dialect = CaselessDialect()  # type: ignore[no-untyped-call]
        compiler = Compiler(tables, dialect, exact="C", fits=True, returns_ids=True)
        database = cls(tables, compiler, is_own=is_own)
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        database.connections = Connections(partial(_connected, address), MOST_CONNECTIONS)
        async with database.connections.one():
            return database  # which answers

    def work(self) -> "PostgresWork":
        return PostgresWork(self)

    async def take(self) -> Any:
        return await self.connections.take()

    async def give_back(self, connection: Any) -> None:
        self.connections.give_back(connection)

    async def create_custom(self, list_id: int, columns: Columns) -> None:
        parts: list[Any] = [
            Column(name, sql_type(kind_of(type_.lower())), primary_key=name == LEAD_ID, autoincrement=False)
            for name, type_ in columns
        ]
        made = Table(custom_name(list_id), MetaData(), *parts)
        statements: list[Any] = [CreateTable(made, if_not_exists=True)]
        for part, (_, type_) in zip(parts, columns, strict=True):
            part.comment = type_
            statements.append(SetColumnComment(part))
        async with self.connections.one() as connection, connection.transaction():
            for statement in statements:
                await connection.execute(str(statement.compile(dialect=self.compiler.dialect)))

    async def renumber(self, names: Collection[str] = ()) -> None:
        async with self.connections.one() as connection:
            for t in self.counted(names):
                counted: Any = counter_after(t).compile(
                    dialect=self.compiler.dialect, compile_kwargs={"literal_binds": True}
                )
                await connection.execute(str(counted))

    async def read(self, connection: Any, statement: Compiled, values: Values, *, first: bool) -> Found:
        if not first:
            found: Found = await connection.fetch(statement.sql, *values)
            return found
        row = await connection.fetchrow(statement.sql, *values)
        return [] if row is None else [row]

    async def write_journals(self, connection: Any, journals: Sequence[Journal]) -> None:
        sql, columns = as_columns(self.compiler, journals)
        await connection.execute(sql, *columns)

    async def close_pool(self) -> None:
        await self.connections.close()


async def _connected(address: str) -> Connection:
    connection = await asyncpg.connect(
        address,
        timeout=CONNECT_SECONDS,
        statement_cache_size=STATEMENTS_KEPT,
        server_settings={"lock_timeout": f"{LOCK_SECONDS * 1000:.0f}ms"},
    )
    await connection.set_type_codec(
        "numeric", schema="pg_catalog", encoder=str, decoder=number, format="text"
    )
    return connection


class PostgresWork(PooledWork):
    catalogue = staticmethod(columns_of_table)

    async def begin(self) -> None:
        # Named, whatever the server's default: who waited for a lock must see what its last holder did.
        await (await self.connection()).execute(BEGIN_READ_COMMITTED)

    async def commit(self) -> None:
        await self._connection.execute(COMMIT)

    async def roll_back(self) -> None:
        if not self._connection.is_closed():
            await self._connection.execute(ROLLBACK)

    async def row_lists(
        self, connection: Any, sql: str, values: Values
    ) -> AsyncGenerator[Sequence[Sequence[Any]], None]:
        async with connection.transaction(readonly=True):  # a cursor lives in one
            cursor = await connection.cursor(sql, *values)
            while found := await cursor.fetch(ROWS_AT_ONCE):
                yield found

    async def changed(self, sql: str, values: Values) -> int:
        status = await (await self.connection()).execute(sql, *values)
        return int(status.rsplit(" ", 1)[-1])

    async def inserted(self, sql: str, values: Values) -> int:
        return int(await (await self.connection()).fetchval(sql, *values) or 0)

    async def write_endings(self, endings: Endings) -> None:
        if len({one.table for one in endings.updates}) < len(endings.updates):
            *firsts, last = endings.updates  # one statement changes a row only once
            for one in firsts:
                await self.update(one.table, one.where, **one.values)
            endings = replace(endings, updates=[last])
        writing, sources = as_one_statement(self._compiler, endings)
        await (await self.connection()).execute(writing.sql, *writing.values(*sources))

    async def hold(self, name: str) -> None:
        await self.own_row(lock_held, number=lock_number(self._database.tables.prefix, name))

    async def let_go_of_locks(self) -> None:
        """They end with the transaction."""
