"""Placing calls: what a click may dial is planned and kept, then dialled in the background."""

import asyncio
import logging
import secrets

from trunkline.clickto.account import Account
from trunkline.clickto.blocks import Block
from trunkline.clickto.calls import HEARD_EVERY, Call, Calls
from trunkline.clickto.limits import TooMany
from trunkline.clickto.placing import Lines, Placing
from trunkline.clickto.plans import Asked, CallRules, Plan, plan
from trunkline.clock import Clock
from trunkline.store.connection import Store

MOST_AT_ONCE = 100
"""Calls under way in one process; more are not begun."""
BUSY_SECONDS = 30
GOODBYE_SECONDS = 3.0

_log = logging.getLogger("trunkline.clickto")


class Calling:
    """Use `start` and `close`. One for each process that places calls."""

    def __init__(self, store: Store, clock: Clock, account: Account, rules: CallRules, lines: Lines) -> None:
        self._clock, self._account, self._rules, self._lines = clock, account, rules, lines
        self.calls = Calls(store, clock, account, keeper=secrets.token_hex(8))
        self._placings: dict[str, Placing] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Close what a former process left open, and go on looking after it."""
        await self._look_after()
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Let go: calls under way go on unheard, and are written as unknown."""
        if self._keeping is not None:
            self._keeping.cancel()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=GOODBYE_SECONDS)

    async def place(self, block: Block, asked: Asked) -> Call:
        """Keep a call and begin it; comes back before anything rings.

        Raises CannotCall, TooMany, SettingsError for wrong fields, RetryLater and others of the store.
        """
        planned = await asyncio.to_thread(plan, block, asked, self._rules, self._account, self._clock)
        if len(self._tasks) >= MOST_AT_ONCE:
            raise TooMany("at this moment", BUSY_SECONDS)
        # Once it is kept it is begun, even when nobody waits for it any more.
        return await asyncio.shield(asyncio.create_task(self._begun(planned)))

    async def first_leg(self, call: Call) -> str:
        """The result of the business's leg, once it is known. Of a call of another process: what is kept."""
        placing = self._placings.get(call.call_id)
        if placing is None:
            known = await asyncio.to_thread(self.calls.find, call.call_id)
            return known.call_1_result if known else ""
        return await asyncio.shield(placing.first_leg)

    async def ended(self, call: Call) -> Call:
        """When it is over, if it was begun here."""
        task = self._tasks.get(call.activity_id)
        if task is not None:
            await asyncio.wait([task])
        return await asyncio.to_thread(self.calls.one, call.call_id)

    async def _begun(self, planned: Plan) -> Call:
        call, is_new = await asyncio.to_thread(self.calls.begin, planned, self._rules)
        if is_new:
            placing = Placing(self.calls, self._clock, self._lines, planned, call)
            self._placings[call.call_id] = placing
            task = asyncio.create_task(placing.run())
            self._tasks[call.activity_id] = task
            task.add_done_callback(lambda _: self._forget(call))
        return call

    def _forget(self, call: Call) -> None:
        self._tasks.pop(call.activity_id, None)
        self._placings.pop(call.call_id, None)

    async def _keep(self) -> None:
        while True:
            await self._clock.sleep(HEARD_EVERY.total_seconds())
            await self._look_after()

    async def _look_after(self) -> None:
        try:
            if self._tasks:
                await asyncio.to_thread(self.calls.keep_alive, list(self._tasks))
            await asyncio.to_thread(self.calls.sweep)
        except Exception:
            _log.exception("Click-to calls could not be looked after.")
