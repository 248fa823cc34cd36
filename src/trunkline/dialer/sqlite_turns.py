"""What the requests of one turn of the loop write to SQLite is committed together.

A request that changes something writes at once, under a savepoint. What any request writes last (its log,
its audit) is gathered, and written at the end of the turn in as few statements as there are tables.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from trunkline.dialer.compiling import Compiler
from trunkline.dialer.database import Endings, Journal, Row, Update
from trunkline.dialer.kept_rows import KeptRows
from trunkline.dialer.queries import SQLITE_CAREFUL, SQLITE_QUICK
from trunkline.dialer.sqlite_checkpoints import Checkpoints

LONGEST_TURN_SECONDS = 0.002
"""So long a turn may go on while each round of the loop brings further works."""


class Turn:
    """Works that are committed together."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop, self.until = loop, loop.time() + LONGEST_TURN_SECONDS
        self.works = 0
        self.has_begun = False
        """Whether its transaction is open; without changes that is so only at its end."""
        self.endings: list[Endings] = []
        self._waiting: list[asyncio.Future[Exception | None]] = []

    async def ended(self) -> Exception | None:
        """What has become of the commit, once there was one."""
        waiting: asyncio.Future[Exception | None] = self.loop.create_future()
        self._waiting.append(waiting)
        return await waiting

    def tell(self, failure: Exception | None) -> None:
        for one in self._waiting:
            if not one.done():  # else who waited was cancelled
                one.set_result(failure)


class TurnWriter:
    """The turns of the one connection that writes, used from the event loop alone."""

    def __init__(
        self, connection: sqlite3.Connection, compiler: Compiler, path: Path, *, waits_for_disk: bool = False
    ) -> None:
        self._connection, self._compiler = connection, compiler
        self.kept = KeptRows(connection)
        self._checkpoints = Checkpoints(path)
        self._turn: Turn | None = None
        self._care = ""
        self._care_for_changes = SQLITE_CAREFUL if waits_for_disk else SQLITE_QUICK

    @property
    def is_open(self) -> bool:
        return self._turn is not None

    def turn(self) -> Turn:
        """The open turn; without one a new one, which knows what others have changed."""
        turn = self._turn
        if turn is None:
            loop = asyncio.get_running_loop()
            turn = self._turn = Turn(loop)
            loop.call_soon(self._end, turn, 0)
            self.kept.look()
        return turn

    def begin(self) -> None:
        """A savepoint for a work that writes. Works never mix, so one name does for all."""
        turn = self.turn()
        if not turn.has_begun:
            self._open(self._care_for_changes)
            turn.has_begun = True
            self.kept.look()  # from here on nobody else changes anything
        elif not self._connection.in_transaction:
            raise sqlite3.OperationalError("the turn's transaction has come to grief")
        self._connection.execute("SAVEPOINT work")

    def undo(self) -> None:
        """What was written since `begin`."""
        self.kept.forget()
        with suppress(sqlite3.Error):  # a full disk may have undone the whole turn, and all hear of it
            self._connection.execute("ROLLBACK TO work")
            self._connection.execute("RELEASE work")

    async def keep(self, endings: Endings, *, has_written: bool) -> None:
        """Keep what was written since `begin`, and this, and wait until it is committed."""
        if has_written:
            assert self._turn is not None, "a work gives the loop no turn between its first write and its end"
            self._connection.execute("RELEASE work")
        turn = self.turn()
        turn.works += 1
        if endings:
            turn.endings.append(endings)
        if failure := await turn.ended():
            raise failure

    async def close(self) -> None:
        if self._turn is not None:
            await self._turn.ended()
        self._checkpoints.close()

    def _open(self, care: str) -> None:
        """Begin a transaction, which is committed with so much care for the power going."""
        if self._care != care:
            self._connection.execute(care)
            self._care = care
        self._connection.execute("BEGIN IMMEDIATE")

    def _end(self, turn: Turn, works: int) -> None:
        """Commit, unless more works have come since `works` were counted: then the next may bring more."""
        if turn.works > works and turn.loop.time() < turn.until:
            turn.loop.call_soon(self._end, turn, turn.works)
            return
        self._turn = None
        failure: Exception | None = None
        try:
            self._commit(turn)
        except Exception as error:
            failure = error
            self.kept.forget()
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        turn.tell(failure)

    def _commit(self, turn: Turn) -> None:
        if not turn.has_begun:
            if not turn.endings:
                return
            self._open(SQLITE_QUICK)
        elif not self._connection.in_transaction:
            raise sqlite3.OperationalError("the turn's transaction has come to grief")
        self._write(turn.endings)
        self._connection.execute("COMMIT")
        self._checkpoints.note(turn.works)

    def _write(self, endings: Sequence[Endings]) -> None:
        for update in (one for ending in endings for one in ending.updates):
            self._update(update)
        inserts: dict[tuple[str, ...], list[Row]] = {}
        for new in (one for ending in endings for one in ending.inserts):
            inserts.setdefault((new.table, *new.values), []).append(new.values)
        for (table, *columns), rows in inserts.items():
            self._insert(table, columns, rows)
        journals: dict[tuple[str, ...], list[Journal]] = {}
        for journal in (ending.journal for ending in endings if ending.journal):
            journals.setdefault(journal.shape, []).append(journal)
        for some in journals.values():
            self._write_journals(some)

    def _write_journals(self, journals: Sequence[Journal]) -> None:
        """Journals of one shape. Automatic ids follow each other: nobody else writes meanwhile."""
        shape = journals[0]
        rows = [row for journal in journals for row in journal.rows]
        columns = tuple(shape.rows[0])
        last = self._insert(shape.table, columns, rows[:1]) - 1
        if len(rows) > 1:
            self._insert(shape.table, columns, rows[1:])
        others = []
        for journal in journals:
            last += len(journal.rows)
            others.append({shape.id_column: last, **journal.other_row})
        self._insert(shape.other, tuple(others[0]), others)

    def _update(self, update: Update) -> None:
        writing = self._compiler.update(update.table, tuple(update.where), tuple(update.values))
        self.kept.changed(update.table)
        self._connection.execute(writing.sql, writing.values(update.values, update.where))

    def _insert(self, table: str, columns: Iterable[str], rows: Sequence[Row]) -> int:
        """Insert rows with these columns; the automatic id of one alone."""
        writing = self._compiler.insert(table, tuple(columns))
        values: list[list[Any]] = [writing.values(row) for row in rows]
        self.kept.changed(table)
        if len(values) == 1:
            return self._connection.execute(writing.sql, values[0]).lastrowid or 0
        self._connection.executemany(writing.sql, values)
        return 0
