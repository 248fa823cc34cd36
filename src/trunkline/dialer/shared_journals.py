"""Log rows of requests that change nothing else, written for many requests at once on a database server.

While one write is on its way what else has come is gathered, and goes with the next one.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from trunkline.dialer.database import Journal
from trunkline.dialer.passing_faults import will_pass

MOST_AT_ONCE = 64


class Writable(Protocol):
    """The database: connections, and how its driver writes journals with one."""

    async def take(self) -> Any: ...
    async def give_back(self, connection: Any) -> None: ...
    async def write_journals(self, connection: Any, journals: Sequence[Journal]) -> None:
        """Write journals of one shape, all or none."""


Waiting = tuple[Journal, asyncio.Future[None]]


class SharedJournals:
    """What is to be written, and the one task that writes."""

    def __init__(self, database: Writable) -> None:
        self._database = database
        self._waiting: list[Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def keep(self, journal: Journal) -> None:
        """Write it, and wait until it is kept."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((journal, done))
        if self._task is None:
            self._task = loop.create_task(self._write_all())
        await done

    async def close(self) -> None:
        if self._task is not None:
            await self._task

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                some, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                for alike in _by_shape(some):
                    await self._write(alike)
        finally:
            self._task = None

    async def _write(self, some: Sequence[Waiting]) -> None:
        """Write them together. One that the database refuses is no fault of the others."""
        try:
            connection = await self._database.take()
            try:
                await self._database.write_journals(connection, [journal for journal, _ in some])
            finally:
                await self._database.give_back(connection)
        except Exception as error:
            if len(some) > 1 and not will_pass(error):
                for one in some:
                    await self._write([one])
                return
            _tell(some, error)
        else:
            _tell(some, None)


def _tell(some: Sequence[Waiting], error: Exception | None) -> None:
    for _, done in some:
        if done.done():  # who waited was cancelled
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)


def _by_shape(some: Sequence[Waiting]) -> list[list[Waiting]]:
    """Those with the same tables and columns together."""
    shapes: dict[tuple[str, ...], list[Waiting]] = {}
    for one in some:
        shapes.setdefault(one[0].shape, []).append(one)
    return list(shapes.values())
