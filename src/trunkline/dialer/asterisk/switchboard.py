"""Calls and reloads of the functions carried out: begun once their rows are kept, in the background.

A row for a server with a manager is put into the queue as QUEUE, never as NEW, so that no other process
takes it. It becomes SENT right before the call goes out, UPDATED when it is answered, DEAD when it is over
or was not made. One that could not be sent in time is never sent late.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from trunkline.clock import Clock
from trunkline.dialer.asterisk import queries
from trunkline.dialer.asterisk.actions import HEARD_EVERY, Action, Actions, State
from trunkline.dialer.asterisk.servers import Managers
from trunkline.dialer.database import Database
from trunkline.errors import RetryLater, TrunklineError
from trunkline.store.connection import Store
from trunkline.store.secrets import Vault
from trunkline.store.types import NAME_LENGTH
from trunkline.telephony.access import ManagerAccess, Patience
from trunkline.telephony.asterisk import ACTION_PREFIX, new_action_id
from trunkline.telephony.calls import Origination, Outcome, Status
from trunkline.telephony.exchange import Exchange

TAKEN, SENT, ANSWERED, OVER = "QUEUE", "SENT", "UPDATED", "DEAD"
"""States of a row of the queue, in the dialer's words."""
MARK = "ActionID: "
MOST_AT_ONCE = 200
"""Calls and reloads under way in one process; more are not begun."""
LATEST_SECONDS = 15.0
"""A call that has waited longer is not sent any more: nobody expects it then."""
ABANDONED_SECONDS = 30
"""After so long a row that was never begun with has nobody left to begin."""
ROWS_EVERY_SECONDS = 600
"""How often the queue is searched for such rows, after the first minute: it may be long."""
GOODBYE_SECONDS = 3.0
LOOKED_SECONDS = 1.0

_log = logging.getLogger("trunkline.telephony")
_STATES = {
    Status.SENT: State.SENT,
    Status.QUEUED: State.QUEUED,
    Status.ANSWERED: State.ANSWERED,
    Status.ENDED: State.ENDED,
    Status.FAILED: State.FAILED,
    Status.UNKNOWN: State.UNKNOWN,
}


class Switchboard:
    """Use `start` and `close`. One for each process that serves."""

    def __init__(
        self,
        database: Database,
        store: Store,
        vault: Vault,
        clock: Clock,
        patience: Patience | None = None,
        *,
        has_queue: bool = True,
    ) -> None:
        """`has_queue`: False for a dialer whose database has no table for it."""
        self._database, self._clock, self._has_queue = database, clock, has_queue
        self._managers = Managers(store, vault, clock)
        self._actions = Actions(store, clock, keeper=secrets.token_hex(8))
        self._known: dict[str, ManagerAccess] = {}
        self._looked_at: float | None = None
        self.exchange = Exchange(self._known_access, clock, patience)
        self._tasks: set[asyncio.Task[None]] = set()
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Close what a former process left open, and go on looking after it."""
        await self.look()
        await self._looked_after(with_rows=True)
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Let go: calls under way go on unheard, those not sent are marked as such."""
        if self._keeping is not None:
            self._keeping.cancel()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GOODBYE_SECONDS)
        await self.exchange.close()

    async def look(self) -> None:
        """See which servers have a manager now; a look of a second ago will do."""
        now = self._clock.monotonic()
        if self._looked_at is not None and now - self._looked_at < LOOKED_SECONDS:
            return
        self._looked_at = now
        try:
            managers = await asyncio.to_thread(self._managers.all)
        except TrunklineError as error:
            _log.warning("The managers of the servers cannot be read: %s", error)
        else:
            self._known = {manager.server_ip: manager.access for manager in managers}

    def reaches(self, server_ip: str) -> bool:
        """Whether the server has a manager, as of the last look."""
        return server_ip in self._known

    def new_action_id(self) -> str:
        """An id for an action to begin."""
        return new_action_id(self._clock.now())

    def begin_call(self, action: Action, origination: Origination) -> None:
        """Make a call whose row is kept. Returns at once."""
        self._begin(action, lambda: self._call(action, origination))

    def begin_reload(self, action: Action) -> None:
        """Reload a server. Returns at once."""
        self._begin(action, lambda: self._reload(action))

    async def sweep(self) -> None:
        """Mark what nobody will begin or follow any more."""
        await asyncio.to_thread(self._actions.sweep)
        for row in await self._abandoned():
            if await self._claim(row["man_id"], OVER):
                await self._keep_unsent(row)

    def _known_access(self, server_ip: str) -> ManagerAccess | None:
        return self._known.get(server_ip)

    def _begin(self, action: Action, carry_out: Callable[[], Coroutine[Any, Any, None]]) -> None:
        work = carry_out if len(self._tasks) < MOST_AT_ONCE else lambda: self._too_many(action)
        task = asyncio.create_task(self._guarded(action, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, action: Action, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except TrunklineError as error:
            await self._not_sent(action, str(error))
        except Exception:
            _log.exception("What became of %s %s is not known.", action.action, action.action_id)
            await self._note(action, state=State.UNKNOWN, reason="an unforeseen failure; see the log")

    async def _too_many(self, action: Action) -> None:
        await asyncio.to_thread(self._actions.begin, action)
        raise RetryLater(f"{MOST_AT_ONCE} calls are under way already.")

    async def _call(self, action: Action, origination: Origination) -> None:
        began = self._clock.monotonic()
        man_id = action.man_id or 0

        async def sending() -> None:
            is_late = self._clock.monotonic() - began > LATEST_SECONDS
            if is_late or not await self._claim(man_id, SENT):
                raise RetryLater(f"It could not be sent within {LATEST_SECONDS:g} seconds.")
            await self._note(action, state=State.SENT)

        try:
            await asyncio.to_thread(self._actions.begin, action)
            asterisk = await self.exchange.at(action.server_ip)
            if asterisk is None:
                raise RetryLater(f"The server {action.server_ip} has no manager any more.")
            call = await asterisk.originate(origination, action.action_id, sending)
        except asyncio.CancelledError:
            await self._stopped_before(action)
            raise
        shown: Outcome | None = None
        try:
            for waiting in (call.queued, call.answered, call.ended):
                outcome = await waiting()
                if outcome != shown:
                    await self._show(action, outcome)
                shown = outcome
        except asyncio.CancelledError:
            call.lose("the server was stopped")
            await self._show(action, call.outcome)
            raise

    async def _stopped_before(self, action: Action) -> None:
        """The server stops while a call is on its way out: sent or not, the queue's row tells."""
        if await self._claim(action.man_id or 0, OVER):
            await self._note(action, state=State.NOT_SENT, reason="the server was stopped")
        else:
            await self._note(action, state=State.UNKNOWN, reason="the server was stopped while it was sent")

    async def _reload(self, action: Action) -> None:
        await asyncio.to_thread(self._actions.begin, action)
        asterisk = await self.exchange.at(action.server_ip)
        if asterisk is None:
            raise RetryLater(f"The server {action.server_ip} has no manager any more.")
        await asterisk.connect()
        await self._note(action, state=State.SENT)
        try:
            told = await asterisk.reload()
        except RetryLater as error:
            await self._note(action, state=State.UNKNOWN, reason=str(error))
        except TrunklineError as error:
            await self._note(action, state=State.FAILED, reason=str(error))
        else:
            await self._note(action, state=State.DONE, reason=told, ended_at=self._clock.now())

    async def _show(self, action: Action, outcome: Outcome) -> None:
        """Write what is known of a call to its action and to the row of the queue."""
        await self._note(
            action,
            state=_STATES[outcome.status],
            result=outcome.result,
            reason=outcome.reason,
            cause=outcome.cause,
            unique_id=outcome.unique_id[:NAME_LENGTH],
            answered_at=outcome.answered_at,
            ended_at=outcome.ended_at,
        )
        known = {"response": "Y", "channel": outcome.channel, "uniqueid": outcome.unique_id}
        if outcome.status is Status.ANSWERED:
            await self._mark(action, status=ANSWERED, **known)
        elif outcome.status is Status.ENDED:
            await self._mark(action, status=OVER, **known)
        elif outcome.status is Status.FAILED:
            await self._mark(action, status=OVER)

    async def _not_sent(self, action: Action, reason: str) -> None:
        await self._note(action, state=State.NOT_SENT, reason=reason)
        await self._mark(action, status=OVER)

    async def _note(self, action: Action, **values: Any) -> None:
        """A store that fails must not keep a call from being followed."""
        try:
            await asyncio.to_thread(self._actions.change, action.action_id, values)
        except TrunklineError as error:
            _log.warning("What became of %s cannot be kept: %s", action.action_id, error)

    async def _mark(self, action: Action, **values: Any) -> None:
        if action.man_id is None:
            return
        try:
            async with self._database.work() as work:
                await work.update("manager", {"man_id": action.man_id}, **values)
        except Exception:
            _log.exception("The row %s of the queue could not be changed.", action.man_id)

    async def _claim(self, man_id: int, taken: str) -> bool:
        async with self._database.work() as work:
            return await work.run(queries.claim, man_id=man_id, waiting=TAKEN, taken=taken) == 1

    async def _keep(self) -> None:
        """Rows that a former process left are old enough at the first turn after ABANDONED_SECONDS."""
        seconds, next_search = HEARD_EVERY.total_seconds(), float(ABANDONED_SECONDS)
        passed = 0.0
        while True:
            await self._clock.sleep(seconds)
            passed += seconds
            with_rows = passed >= next_search
            if with_rows:
                next_search = passed + ROWS_EVERY_SECONDS
            await self._looked_after(with_rows=with_rows)

    async def _looked_after(self, *, with_rows: bool) -> None:
        try:
            await asyncio.to_thread(self._actions.keep_alive)
            await (self.sweep() if with_rows else asyncio.to_thread(self._actions.sweep))
        except Exception:
            _log.exception("What was asked of managers could not be looked after.")

    async def _abandoned(self) -> Sequence[dict[str, Any]]:
        if not self._has_queue:
            return []
        mark = MARK + ACTION_PREFIX
        async with self._database.work() as work:
            rows = await work.all(queries.waiting_rows, waiting=TAKEN, mark=mark, length=len(mark))
        now = self._clock.now().timestamp()
        return [row for row in rows if now - _made_at(row).timestamp() > ABANDONED_SECONDS]

    async def _keep_unsent(self, row: dict[str, Any]) -> None:
        """A row whose process ended before it began: the action may not be known yet."""
        action = _action_of(row)
        if not await asyncio.to_thread(self._actions.knows, action.action_id):
            await asyncio.to_thread(self._actions.begin, action)
        await self._note(action, state=State.NOT_SENT, reason="the server ended before it was sent")


def _made_at(row: dict[str, Any]) -> datetime:
    """When a row was made, from the id of its action."""
    seconds = str(row["cmd_line_g"]).removeprefix(MARK + ACTION_PREFIX).partition("-")[0]
    return datetime.fromtimestamp(int(seconds) if seconds.isdecimal() else 0, UTC)


def _action_of(row: dict[str, Any]) -> Action:
    """The action that a row of blind_monitor was to become."""

    def told(name: str) -> str:
        return str(row[name] or "").partition(": ")[2]

    return Action(
        told("cmd_line_g"),
        "Originate",
        "blind_monitor",
        row["manager_user"] or "",
        row["server_ip"],
        _made_at(row),
        row["man_id"],
        code=row["callerid"] or "",
        channel=told("cmd_line_b"),
        extension=told("cmd_line_d"),
    )
