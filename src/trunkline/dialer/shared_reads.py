"""Reads from a database server, made once for all who ask the same at the same time.

A way to a server costs more than all else of a request, and many requests ask the same: who is this user,
what are the settings, where is this area code. What is asked while the same question is still unsent gets
its answer, which is never older than the asking. One question is on its way at a time, so under load the
next one is for many; alone nobody waits.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from trunkline.dialer.compiling import Compiled

Found = Sequence[Sequence[Any]]
Key = tuple[str, bool, tuple[Any, ...]]


class Readable(Protocol):
    """The database: connections, and how its driver reads rows with one."""

    async def take(self) -> Any: ...
    async def give_back(self, connection: Any) -> None: ...
    async def read(
        self, connection: Any, statement: Compiled, values: Sequence[Any], *, first: bool
    ) -> Found: ...


class _Question:
    """Asked by one or by many, and not yet answered."""

    __slots__ = ("task", "waiting")

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[Found]] = []
        self.task: asyncio.Task[None] | None = None

    def tell(self, found: Found) -> None:
        for one in self.waiting:
            if not one.done():  # else who waited was cancelled
                one.set_result(found)

    def fail(self, error: Exception) -> None:
        for one in self.waiting:
            if not one.done():
                one.set_exception(error)


class SharedReads:
    """Questions by statement and values. They run on connections of the pool, each for itself."""

    def __init__(self, database: Readable) -> None:
        self._database = database
        self._unsent: dict[Key, _Question] = {}
        self._sent: dict[Key, _Question] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def read(self, statement: Compiled, values: Sequence[Any], *, first: bool = False) -> Found:
        """The rows; `first`: no more than one. The same list may go to others: nobody may change it."""
        key = (statement.sql, first, tuple(values))
        question = self._unsent.get(key)
        loop = asyncio.get_running_loop()
        if question is None:
            question = self._unsent[key] = _Question()
            task = question.task = loop.create_task(self._ask(question, key, statement))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        waiting: asyncio.Future[Found] = loop.create_future()
        question.waiting.append(waiting)
        return await waiting

    async def close(self) -> None:
        """Once nobody asks any more: wait for what is on its way."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _ask(self, question: _Question, key: Key, statement: Compiled) -> None:
        try:
            before = self._sent.get(key)
            if before is not None and before.task is not None:
                await asyncio.wait([before.task])
            connection = await self._database.take()
            try:
                _, first, values = key
                self._sent[key] = self._unsent.pop(key)
                found = await self._database.read(connection, statement, values, first=first)
            finally:
                await self._database.give_back(connection)
        except Exception as error:
            question.fail(error)
        else:
            question.tell(found)
        finally:
            for asked in (self._unsent, self._sent):
                if asked.get(key) is question:
                    del asked[key]
