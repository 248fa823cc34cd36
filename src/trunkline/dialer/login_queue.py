"""Logins that nobody here has seen yet come a few at a time, so that guesses do not crowd out good calls.

Each of them may cost a hash, and holds a connection of the database meanwhile. A login that was good before
does not wait, however many guesses do.
"""

import asyncio
from collections import OrderedDict
from contextlib import AbstractAsyncContextManager, nullcontext
from types import TracebackType

from trunkline.errors import RetryLater

AT_ONCE = 4
MOST_WAITING = 200
MOST_SEEN = 10_000


class LoginQueue:
    """Who may go on with a login. It is itself the turn that is taken: `async with queue.turn(…)`."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._seen: OrderedDict[int, None] = OrderedDict()

    def turn(self, user: str, password: str) -> AbstractAsyncContextManager[None]:
        """To be taken before the request takes a connection. Raises RetryLater where too many wait."""
        return nullcontext() if not user or hash((user, password)) in self._seen else self

    def learn(self, user: str, password: str) -> None:
        """This login was good: it need not wait the next time. Whether it still is, is not said by this."""
        self._seen[hash((user, password))] = None
        if len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)

    async def __aenter__(self) -> None:
        if self._waiting >= MOST_WAITING:
            raise RetryLater("Too many logins at once.")
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._turns.release()
