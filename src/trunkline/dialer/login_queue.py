"""Logins that nobody here has seen yet come a few at a time, so that guesses do not crowd out good calls.

Each of them may cost a hash, and holds a connection of the database meanwhile. A login that was good before
does not wait, however many guesses do.
"""

import asyncio
from collections import OrderedDict
from types import TracebackType
from typing import Self

from trunkline.errors import RetryLater

AT_ONCE = 4
MOST_WAITING = 200
MOST_SEEN = 10_000


class LoginQueue:
    """Who may go on with a login."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._seen: OrderedDict[int, None] = OrderedDict()

    def turn(self, user: str, password: str) -> "Turn":
        """To be taken before the request takes a connection. Raises RetryLater where too many wait."""
        return Turn(None if not user or hash((user, password)) in self._seen else self)

    def learn(self, user: str, password: str) -> None:
        """This login was good: it need not wait the next time. Whether it still is, is not said by this."""
        self._seen[hash((user, password))] = None
        if len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)

    async def take(self) -> None:
        if self._waiting >= MOST_WAITING:
            raise RetryLater("Too many logins at once.")
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1

    def give_back(self) -> None:
        self._turns.release()


class Turn:
    """The turn of one login: `async with queue.turn(…) as turn`. It may end before the request does."""

    def __init__(self, queue: LoginQueue | None) -> None:
        """None: nobody is waited for."""
        self._queue = queue

    @property
    def waits(self) -> bool:
        return self._queue is not None

    async def __aenter__(self) -> Self:
        if self._queue is not None:
            await self._queue.take()
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Whoever logs in has done so: what the request does from here on holds up no other login."""
        if self._queue is not None:
            self._queue.give_back()
            self._queue = None
