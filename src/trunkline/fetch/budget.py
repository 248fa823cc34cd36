"""The request budget of one provider account: asks for tokens, waits for them, gives the rest back.

Tokens are taken from the shared log in lumps, so that four hundred requests cost a few dozen
transactions; a lump is good only for the slot it was counted in (see docs/why/request-budget.md).
"""

import asyncio
from datetime import datetime

from trunkline.clock import Clock
from trunkline.declare import Limit
from trunkline.fetch.counters import Counters
from trunkline.fetch.spending import Grant, SpendLog, Wait

LUMP = 16
LONGEST_NAP_SECONDS = 60.0


class Budget:
    """The right to send requests that count against one provider account."""

    def __init__(
        self, log: SpendLog, account: str, limits: tuple[Limit, ...], clock: Clock, counters: Counters
    ) -> None:
        self._log = log
        self._account = account
        self._limits = limits
        self._clock = clock
        self._counters = counters
        self._grant: Grant | None = None
        self._left = 0
        self._queue = asyncio.Lock()

    async def spend(self) -> None:
        """Return when one more request may be sent, however long that takes."""
        async with self._queue:
            while not self._take_held():
                await self._fetch_lump()

    async def pause(self, until: datetime, reason: str) -> None:
        """Nobody spends from this account before `until`: the provider said so."""
        await self._return_rest()
        await asyncio.to_thread(self._log.pause, self._account, until, reason)

    async def close(self) -> None:
        await self._return_rest()

    def _take_held(self) -> bool:
        if self._left and self._grant and self._clock.now() < self._grant.until:
            self._left -= 1
            return True
        return False

    async def _fetch_lump(self) -> None:
        await self._return_rest()
        answer = await asyncio.to_thread(self._log.take, self._account, self._limits, LUMP, self._clock.now())
        if isinstance(answer, Wait):
            await self._wait(answer)
        else:
            self._grant, self._left = answer, answer.tokens

    async def _wait(self, wait: Wait) -> None:
        """Nap until the token is due; wake now and then, since others may have given tokens back."""
        self._counters.waiting(wait.until, wait.reason)
        started = self._clock.now()
        seconds = max((wait.until - started).total_seconds(), 0.001)
        await self._clock.sleep(min(seconds, LONGEST_NAP_SECONDS))
        self._counters.waited_seconds += (self._clock.now() - started).total_seconds()
        if seconds <= LONGEST_NAP_SECONDS:
            self._counters.waiting(None, "")

    async def _return_rest(self) -> None:
        grant, left = self._grant, self._left
        self._grant, self._left = None, 0
        if grant and left:
            await asyncio.to_thread(self._log.give_back, self._account, self._limits, grant, left)
