"""Connections to PostgreSQL that are used again: a stack with a limit.

The driver's own pool costs as much at each use as a query does (a task and several wrappers), and does
nothing for it that is needed here: works end their own transactions.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

Connection = Any
"""Of asyncpg."""
CLOSE_SECONDS = 10


class Connections:
    """At most so many at a time; whoever finds none free waits."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], most: int) -> None:
        self._connect = connect
        self._free = asyncio.Semaphore(most)
        self._idle: list[Connection] = []

    async def take(self) -> Connection:
        """One that is open. What connecting raises is raised."""
        await self._free.acquire()
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        try:
            return await self._connect()
        except BaseException:
            self._free.release()
            raise

    def give_back(self, connection: Connection) -> None:
        """To be used by others; one with an open transaction is ended, so that nobody goes on in it."""
        if connection.is_closed() or connection.is_in_transaction():
            connection.terminate()
        else:
            self._idle.append(connection)
        self._free.release()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Connection]:
        connection = await self.take()
        try:
            yield connection
        finally:
            self.give_back(connection)

    async def close(self) -> None:
        """Once all are given back."""
        while self._idle:
            await self._idle.pop().close(timeout=CLOSE_SECONDS)
