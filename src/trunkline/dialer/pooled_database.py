"""The dialer's tables on a database server: what units of work on PostgreSQL and MariaDB do alike.

What a work reads before it writes is read for all who ask the same, and a log that is all it writes is
written with those of others. With the first other thing that it writes it takes a connection of the pool and
begins a transaction; what it writes at its end goes in one piece. A long result has a connection to itself.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from trunkline.dialer.compiling import Compiled, Compiler
from trunkline.dialer.custom import Columns, Custom, custom_name
from trunkline.dialer.database import Ahead, Database, Endings, Journal, Row, Rows, Statement
from trunkline.dialer.locks import in_order
from trunkline.dialer.shared_journals import SharedJournals
from trunkline.dialer.shared_reads import Found, SharedReads
from trunkline.dialer.tables import Tables
from trunkline.dialer.taking_turns import Turns

ROWS_AT_ONCE = 2_000
MOST_CONNECTIONS = 10
MOST_LONG_RESULTS = 4
"""So many connections may be held by results that somebody reads slowly; the others are left to the rest."""
CONNECT_SECONDS = 10
Values = Sequence[Any]


class PooledDatabase(Database):
    """A pool of connections to one server."""

    def __init__(self, tables: Tables, compiler: Compiler, *, is_own: bool) -> None:
        self.tables = tables
        self.compiler = compiler
        self.is_own = is_own
        self.turns = Turns(MOST_LONG_RESULTS)
        self.reads = SharedReads(self)
        self.journals = SharedJournals(self)

    @abstractmethod
    def work(self) -> "PooledWork": ...

    @abstractmethod
    async def take(self) -> Any:
        """A connection of the pool."""

    @abstractmethod
    async def give_back(self, connection: Any) -> None:
        """Put a connection back; one with a transaction that was neither kept nor undone is given up."""

    @abstractmethod
    async def read(self, connection: Any, statement: Compiled, values: Values, *, first: bool) -> Found:
        """The rows, or only the first."""

    @abstractmethod
    async def write_journals(self, connection: Any, journals: Sequence[Journal]) -> None:
        """Write journals of one shape, all or none."""

    async def close(self) -> None:
        await self.reads.close()
        await self.journals.close()
        await self.close_pool()

    @abstractmethod
    async def close_pool(self) -> None: ...


class PooledWork(ABC):
    """See `Work`. Subclasses say how their driver runs a statement."""

    admissions = None

    def __init__(self, database: PooledDatabase) -> None:
        self._database = database
        self._compiler = database.compiler
        self._connection: Any = None
        self._known: dict[tuple[Any, ...], Row | None] = {}
        self._streams: list[AsyncGenerator[Rows, None]] = []
        self.endings = Endings()
        self.has_written = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        try:
            for stream in self._streams:
                await stream.aclose()
            if kind is None:
                await self._end()
            else:
                await self._undo()
        except BaseException:
            await self._undo()
            raise
        finally:
            await self._let_go()

    async def _end(self) -> None:
        endings = self.endings
        if endings.journal and not (self.has_written or endings.updates or endings.inserts):
            await self._let_go()
            await self._database.journals.keep(endings.journal)
        elif endings:
            await self.write_endings(endings)
        if self.has_written:
            await self.commit()
            self.has_written = False

    async def _undo(self) -> None:
        """Where this fails too the connection is given up, and the first error is the one to tell."""
        if self.has_written:
            self.has_written = False
            with suppress(Exception):
                await self.roll_back()

    async def connection(self) -> Any:
        """The work's own connection."""
        if self._connection is None:
            self._connection = await self._database.take()
        return self._connection

    async def _let_go(self) -> None:
        if self._connection is not None:
            try:
                await self.let_go_of_locks()
            finally:
                connection, self._connection = self._connection, None
                await self._database.give_back(connection)

    @abstractmethod
    async def begin(self) -> None: ...

    @abstractmethod
    async def commit(self) -> None: ...

    @abstractmethod
    async def roll_back(self) -> None: ...

    async def _read(self, statement: Compiled, values: Values, *, first: bool = False) -> Found:
        if not self.has_written:
            return await self._database.reads.read(statement, values, first=first)
        return await self._database.read(self._connection, statement, values, first=first)

    async def own_row(self, statement: Statement, **values: Any) -> Row | None:
        """The first row as the connection of this work sees it, whether it has written or not."""
        compiled, given = self._compiler.prepared(statement, values)
        found = await self._database.read(await self.connection(), compiled, given, first=True)
        return compiled.row(found[0]) if found else None

    @abstractmethod
    def row_lists(
        self, connection: Any, sql: str, values: Values
    ) -> AsyncGenerator[Sequence[Sequence[Any]], None]:
        """Rows in lists, on a connection that is used for nothing else meanwhile."""

    @abstractmethod
    async def changed(self, sql: str, values: Values) -> int:
        """Run what writes; the rows it changed."""

    @abstractmethod
    async def inserted(self, sql: str, values: Values) -> int:
        """Run an insert; the automatic id, 0 where there is none."""

    @abstractmethod
    async def write_endings(self, endings: Endings) -> None:
        """Write them; those that are kept by that alone need no transaction."""

    async def write_one_by_one(self, endings: Endings) -> None:
        for one in endings.updates:
            await self.update(one.table, one.where, **one.values)
        for new in endings.inserts:
            await self.insert(new.table, **new.values)
        journal = endings.journal
        if journal is not None:
            ids = [await self.insert(journal.table, **row) for row in journal.rows]
            await self.insert(journal.other, **{journal.id_column: ids[-1]}, **journal.other_row)

    @abstractmethod
    async def hold(self, name: str) -> None:
        """Take the lock of a name, and wait for it first. The transaction has begun."""

    @abstractmethod
    async def let_go_of_locks(self) -> None:
        """Once the work has ended: give back the locks that do not end with its transaction."""

    @property
    @abstractmethod
    def catalogue(self) -> Statement:
        """Asks for names and declared types of a `table`'s columns."""

    async def columns_of(self, table: str) -> Columns:
        """Names and declared types of a table's columns from the database's own catalogue."""
        compiled, given = self._compiler.prepared(self.catalogue, {"table": table})
        return [(name, type_) for name, type_ in await self._read(compiled, given)]

    async def look_ahead(self, ahead: Ahead, value: Any) -> None:
        found = await self.one(ahead.statement, value=value)
        self._known.update(ahead.known(found, value))

    async def one(self, statement: Statement, **values: Any) -> Row | None:
        if self._known and (key := (statement, *values.values())) in self._known:
            return self._known.pop(key)
        compiled, given = self._compiler.prepared(statement, values)
        found = await self._read(compiled, given, first=True)
        return compiled.row(found[0]) if found else None

    async def all(self, statement: Statement, **values: Any) -> list[Row]:
        compiled, given = self._compiler.prepared(statement, values)
        return [compiled.row(found) for found in await self._read(compiled, given)]

    def stream(self, statement: Statement, **values: Any) -> AsyncIterator[Rows]:
        stream = self._inline(statement, values) if self.has_written else self._beside(statement, values)
        self._streams.append(stream)
        return stream

    async def _inline(self, statement: Statement, values: dict[str, Any]) -> AsyncGenerator[Rows, None]:
        """In the transaction of this work."""
        compiled, given = self._compiler.prepared(statement, values)
        found = await self._read(compiled, given)
        for at in range(0, len(found), ROWS_AT_ONCE):
            yield Rows(compiled.columns, found[at : at + ROWS_AT_ONCE])

    async def _beside(self, statement: Statement, values: dict[str, Any]) -> AsyncGenerator[Rows, None]:
        compiled, given = self._compiler.prepared(statement, values)
        await self._let_go()  # others need a connection more than one who waits for a slow reader
        async with self._database.turns.one():
            connection = await self._database.take()
            lists = self.row_lists(connection, compiled.sql, given)
            try:
                async for found in lists:
                    yield Rows(compiled.columns, found)
            finally:
                await lists.aclose()
                await self._database.give_back(connection)

    async def run(self, statement: Statement, **values: Any) -> int:
        compiled, given = self._compiler.prepared(statement, values)
        await self.write()
        return await self.changed(compiled.sql, given)

    async def insert(self, table: str, /, **values: Any) -> int:
        writing = self._compiler.insert(table, tuple(values))
        await self.write()
        return await self.inserted(writing.sql, writing.values(values))

    async def update(self, table: str, where: Mapping[str, Any], /, **values: Any) -> int:
        writing = self._compiler.update(table, tuple(where), tuple(values))
        await self.write()
        return await self.changed(writing.sql, writing.values(values, where))

    async def delete(self, table: str, /, **where: Any) -> int:
        writing = self._compiler.delete(table, tuple(where))
        await self.write()
        return await self.changed(writing.sql, writing.values({}, where))

    async def lock(self, *names: str) -> None:
        await self.write()
        for name in in_order(names):
            await self.hold(name)

    async def custom(self, list_id: int) -> Custom | None:
        name = custom_name(list_id)
        columns = await self.columns_of(name)
        if not columns:
            return None
        if self._database.tables.take_custom(name, columns):
            self._compiler.forget()
        return self._database.tables.custom(name)

    async def write(self) -> None:
        if not self.has_written:
            await self.begin()
            self.has_written = True
            self._known.clear()
