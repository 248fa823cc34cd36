"""Long results from SQLite: read in threads on connections of their own, so that the event loop goes on.

SQLite lets others write meanwhile; what is read is the state at the beginning.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from trunkline.dialer.queries import SQLITE_READS_ONLY
from trunkline.dialer.taking_turns import Turns

ROWS_AT_ONCE = 2_000
MOST_RESULTS = 32
"""So many are read at a time: one that is read slowly holds its connection, and old pages of the file."""
THREADS = 4
"""A result holds one only while its next rows are read."""
BUSY_SECONDS = 10
T = TypeVar("T")


class Readers:
    """Connections that only read, each used by one result at a time."""

    def __init__(self, path: Path, most: int = MOST_RESULTS) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._busy: set[sqlite3.Connection] = set()
        self._turns = Turns(most)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="dialer-reading")

    async def lists(self, sql: str, values: Sequence[Any]) -> AsyncGenerator[list[Any], None]:
        """The rows of a result in lists. Raises RetryLater where too many others are being read."""
        async with self._turns.one():
            connection = self._idle.pop() if self._idle else self._opened()
            try:
                cursor = await self._in_thread(connection, connection.execute, sql, values)
                while found := await self._in_thread(connection, cursor.fetchmany, ROWS_AT_ONCE):
                    yield found
            except GeneratorExit:
                pass  # nobody wants the rest, and no thread is at it
            cursor.close()
            self._idle.append(connection)

    async def _in_thread(self, connection: sqlite3.Connection, do: Callable[..., T], *args: Any) -> T:
        """What `do` gives. A connection that fails, or that nobody waits for, is closed."""
        done = self._threads.submit(do, *args)
        self._busy.add(connection)
        try:
            return await asyncio.wrap_future(done)
        except BaseException:
            connection.interrupt()
            done.add_done_callback(lambda _: connection.close())
            raise
        finally:
            self._busy.discard(connection)

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
        )
        connection.execute(SQLITE_READS_ONLY)
        return connection

    def close(self) -> None:
        for connection in self._busy:
            connection.interrupt()
        self._threads.shutdown(cancel_futures=True)
        while self._idle:
            self._idle.pop().close()
