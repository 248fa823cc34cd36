"""The request budget of one provider account: asks for tokens, waits for them, gives the rest back.

Tokens are taken from the shared log in lumps, so that four hundred requests cost a few dozen
transactions; a lump is good only for the slot it was counted in (see docs/why/request-budget.md).
"""

import asyncio
from datetime import datetime, timedelta

from trunkline.clock import Clock
from trunkline.declare import Limit
from trunkline.fetch.counters import Counters
from trunkline.fetch.spending import Grant, SpendLog, Wait

LUMP = 16
LONGEST_NAP_SECONDS = 60.0
SHORTEST_TOLD = 2.0
"""Seconds: a limit of so many requests a second makes many small waits that nobody needs to hear of."""


class Budget:
    """The right to send requests that count against one provider account."""

    def __init__(
        self,
        log: SpendLog,
        account: str,
        limits: tuple[Limit, ...],
        clock: Clock,
        counters: Counters,
        lump: int = LUMP,
    ) -> None:
        self._lump = lump
        self._log = log
        self._account = account
        self._limits = limits
        self._clock = clock
        self._counters = counters
        self._opened_at, self._opened = clock.now(), clock.monotonic()
        self._grant: Grant | None = None
        self._left = 0
        self._paused: Wait | None = None
        self._announced: Wait | None = None
        self._queue = asyncio.Lock()
        self._asking: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """The wall clock; it goes on by the stop watch where a replay holds it still, so that waits end."""
        passed = self._clock.monotonic() - self._opened
        return max(self._clock.now(), self._opened_at + timedelta(seconds=passed))

    async def spend(self) -> None:
        """Return when one more request may be sent, however long that takes."""
        async with self._queue:
            try:
                while not self._take_held():
                    await self._fetch_lump()
            finally:
                self._announce(None)

    async def pause(self, until: datetime, reason: str, *, only_here: bool = False) -> None:
        """Nobody spends from this account before `until`: the provider said so.

        With `only_here` the pause is of this budget alone: the provider spoke of one group of requests.
        """
        if self._paused is None or self._paused.until < until:
            self._paused = Wait(until, reason)
        await self._return_rest()
        if only_here:
            return
        await asyncio.to_thread(self._log.pause, self._account, until, reason)

    async def close(self) -> None:
        """Give back what is left, also of a lump that was still being asked for."""
        if self._asking:
            await asyncio.gather(self._asking, return_exceptions=True)
        self._announce(None)
        await self._return_rest()

    def _take_held(self) -> bool:
        is_good = self._grant is not None and self.now() < self._grant.until and not self._is_paused()
        if not self._left or not is_good:
            return False
        self._left -= 1
        return True

    def _is_paused(self) -> bool:
        return self._paused is not None and self.now() < self._paused.until

    async def _fetch_lump(self) -> None:
        """Take a lump, or wait. Whoever cancels this leaves the question running; `close` awaits it."""
        await self._return_rest()
        self._asking = asyncio.create_task(self._ask())
        await asyncio.shield(self._asking)
        if self._announced:
            await self._nap(self._announced)

    async def _ask(self) -> None:
        answer: Grant | Wait
        if self._paused and self._is_paused():
            answer = self._paused
        else:
            answer = await asyncio.to_thread(
                self._log.take, self._account, self._limits, self._lump, self.now()
            )
        if isinstance(answer, Wait):
            self._announce(answer)
        else:
            self._announce(None)
            self._grant, self._left = answer, answer.tokens

    async def _nap(self, wait: Wait) -> None:
        """Until the token is due; awake now and then, since others may have given tokens back."""
        started = self.now()
        seconds = max((wait.until - started).total_seconds(), 0.001)
        try:
            await self._clock.sleep(min(seconds, LONGEST_NAP_SECONDS))
        finally:  # also where the run is cancelled meanwhile
            self._counters.waited_seconds += (self.now() - started).total_seconds()

    def _announce(self, wait: Wait | None) -> None:
        """Tell of a wait once, of each change of it, and of its end."""
        if wait != self._announced:
            self._announced = wait
            told = wait if wait and (wait.until - self.now()).total_seconds() >= SHORTEST_TOLD else None
            self._counters.waiting(told.until if told else None, told.reason if told else "", self)

    async def _return_rest(self) -> None:
        grant, left = self._grant, self._left
        self._grant, self._left = None, 0
        if grant and left:
            await asyncio.to_thread(self._log.give_back, self._account, self._limits, grant, left)
