"""Calls that clicks have placed, and their legs: kept before anything is dialled, and after each step."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, exc

from trunkline.clickto import call_queries as queries
from trunkline.clickto.account import Account
from trunkline.clickto.activity import Activity, Click, Ending
from trunkline.clickto.limits import count
from trunkline.clickto.numbers import e164_of
from trunkline.clickto.plans import NAMES, CallRules, CannotCall, Plan
from trunkline.clock import Clock
from trunkline.errors import RetryLater
from trunkline.store.connection import Store
from trunkline.telephony.results import Result

HEARD_EVERY = timedelta(seconds=20)
"""How often the process that places a call says that it lives."""
UNHEARD_AFTER = timedelta(seconds=90)
MOST_SHOWN = 1_000
TRIES = 4
"""How often a transaction is tried that others stood in the way of."""
PROCESS_ENDED = "the process that placed it ended"


class CallState(StrEnum):
    """How far a call has come.

    calling: the business rings. connecting: it has answered, and the visitor rings. talking, then ended.
    failed: they were not brought together. unknown: nothing more is heard of it.
    """

    CALLING = "calling"
    CONNECTING = "connecting"
    TALKING = "talking"
    ENDED = "ended"
    FAILED = "failed"
    UNKNOWN = "unknown"


class LegState(StrEnum):
    """How far a leg has come. waiting: it is kept, and not dialled yet. not_dialled: and never will be."""

    WAITING = "waiting"
    DIALLED = "dialled"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"
    FAILED = "failed"
    NOT_DIALLED = "not_dialled"
    UNKNOWN = "unknown"


class Party(StrEnum):
    """Who is on a leg."""

    BUSINESS = "business"
    VISITOR = "visitor"


OPEN = (CallState.CALLING, CallState.CONNECTING, CallState.TALKING)
OPEN_LEGS = (LegState.WAITING, LegState.DIALLED, LegState.RINGING, LegState.ANSWERED)


@dataclass(frozen=True)
class Leg:
    """A number that was dialled. Instants are aware UTC. `result` is a word of DIALSTATUS."""

    place: int
    party: Party
    number: str
    state: LegState
    began_at: datetime
    result: str | None = None
    reason: str = ""
    cause: int | None = None
    action_id: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def seconds(self) -> float | None:
        """How long it was answered; None until it has ended."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.answered_at).total_seconds()


@dataclass(frozen=True)
class Call:
    """A call, and the columns of the report that tell of it. Instants are aware UTC.

    `caller_id` is E.164; `number_connected` is what the report shows.
    """

    call_id: str
    activity_id: int
    block_id: int
    state: CallState
    reason: str
    server: str
    asked: str
    once: str | None
    heard_at: datetime
    caller_id: str
    clicked_at: datetime
    ended_at: datetime | None
    number_connected: str
    call_1_result: str
    call_2_result: str
    talk_seconds: int
    legs: tuple[Leg, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For those who may see everything."""
        hidden = ("once", "asked", "heard_at", "call_id", "caller_id", "legs")
        shown = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in hidden}
        legs = [asdict(leg) | {"seconds": leg.seconds} for leg in self.legs]
        return {"id": self.call_id, "number": self.caller_id, **shown, "legs": legs}

    def to_visitor(self) -> dict[str, Any]:
        """For the web page that asked: no number of the business, no reason."""
        return {"id": self.call_id, "state": self.state}


class Calls:
    """Those of an installation; `keeper` is the process that places them."""

    def __init__(self, store: Store, clock: Clock, account: Account, keeper: str = "") -> None:
        self._store, self._clock, self._keeper = store, clock, keeper
        self._activity = Activity(store, clock, account)

    def begin(self, plan: Plan, rules: CallRules) -> tuple[Call, bool]:
        """Keep a call that is going to be placed; False beside the one that its request has had already.

        Raises TooMany, RetryLater, and CannotCall where the mark belongs to a request for something else.
        """
        for _ in range(TRIES):
            had = self._had(plan)
            if had is not None:
                return had, False
            try:
                return self._begun(plan, rules), True
            except (exc.IntegrityError, RetryLater):
                continue  # others have counted or begun at the same moment
        raise RetryLater("Too many calls begin at this moment.")

    def _begun(self, plan: Plan, rules: CallRules) -> Call:
        now, call_id, asked = self._clock.now(), secrets.token_hex(16), plan.asked
        scopes = rules.limits.scopes(asked.counted_as, plan.block.id, plan.visitor)

        def beside(tx: Connection, activity_id: int) -> None:
            call = {
                "activity_id": activity_id,
                "call_id": call_id,
                "block_id": plan.block.id,
                "once": asked.once,
                "asked": digest_of(plan),
                "server": plan.block.server,
                "state": CallState.CALLING,
                "reason": "",
                "keeper": self._keeper,
                "heard_at": now,
            }
            queries.add_call(tx, call)  # before it is counted: a request that came twice counts once
            count(tx, scopes, now)
            queries.add_leg(tx, _new_leg(activity_id, 1, Party.BUSINESS, plan.numbers[0], now))

        self._activity.begin(_click(plan), beside)
        return self.one(call_id)

    def _had(self, plan: Plan) -> Call | None:
        once = plan.asked.once
        if once is None:
            return None
        with self._store.read() as tx:
            row = queries.call_once(tx, once)
            legs = queries.legs_of(tx, [row.activity_id]) if row is not None else ()
        if row is None:
            return None
        if row.asked != digest_of(plan):
            raise CannotCall("used_already", "This ticket or key has placed another call already.")
        return _call(row, legs)

    def find(self, call_id: str) -> Call | None:
        """As it is now; one whose process is gone is closed first."""
        found = self._read(call_id)
        is_open = found is not None and found.state in OPEN
        if found is not None and is_open and found.heard_at < self._clock.now() - UNHEARD_AFTER:
            self.sweep()
            found = self._read(call_id)
        return found

    def one(self, call_id: str) -> Call:
        found = self._read(call_id)
        assert found is not None, "it was just written"
        return found

    def _read(self, call_id: str) -> Call | None:
        with self._store.read() as tx:
            row = queries.call_of_id(tx, call_id)
            return None if row is None else _call(row, queries.legs_of(tx, [row.activity_id]))

    def some(self, limit: int, block_id: int | None = None, before: int | None = None) -> list[Call]:
        """The newest ones, newest first; before the call of an activity, or all."""
        self.sweep()
        with self._store.read() as tx:
            rows = queries.some_calls(tx, block_id, min(limit, MOST_SHOWN), before)
            legs = queries.legs_of(tx, [row.activity_id for row in rows])
        return [_call(row, [leg for leg in legs if leg.activity_id == row.activity_id]) for row in rows]

    # -- while it is placed

    def add_leg(self, activity_id: int, place: int, party: Party, number: str) -> None:
        with self._store.begin() as tx:
            queries.add_leg(tx, _new_leg(activity_id, place, party, number, self._clock.now()))

    def change_leg(self, activity_id: int, place: int, values: Mapping[str, Any]) -> None:
        with self._store.begin() as tx:
            queries.change_leg(tx, activity_id, place, values)

    def change(self, activity_id: int, state: CallState) -> None:
        with self._store.begin() as tx:
            queries.change_call(tx, activity_id, {"state": state, "heard_at": self._clock.now()})

    def answered(self, activity_id: int, number: str) -> None:
        """Write which number of the business has answered."""
        with self._store.begin() as tx:
            self._activity.connect_in(tx, activity_id, number)

    def claim(self, activity_id: int, place: int) -> bool:
        """Whether a leg that waited may be dialled now; False: somebody took its process for dead."""
        with self._store.begin() as tx:
            return queries.claim_leg(tx, activity_id, place, LegState.WAITING, LegState.DIALLED)

    def end(self, activity_id: int, state: CallState, reason: str, ending: Ending) -> None:
        """Write how it ended, once."""
        with self._store.begin() as tx:
            self._end(tx, activity_id, state, reason, ending)

    def _end(self, tx: Connection, activity_id: int, state: CallState, reason: str, ending: Ending) -> bool:
        closed = queries.close_call(tx, activity_id, OPEN, {"state": state, "reason": reason})
        if closed:
            self._activity.end_in(tx, activity_id, ending)
        return closed

    def keep_alive(self, ids: Sequence[int]) -> None:
        """Say that these are still followed."""
        with self._store.begin() as tx:
            queries.keep_alive(tx, ids, self._clock.now())

    # -- after it

    def sweep(self) -> None:
        """Close calls that no process follows any more, and forget counts that no longer count."""
        now = self._clock.now()
        with self._store.begin() as tx:
            queries.forget_call_counts(tx, now)
            for row in queries.unheard_calls(tx, OPEN, now - UNHEARD_AFTER):
                self._close_unheard(tx, _call(row, queries.legs_of(tx, [row.activity_id])))

    def _close_unheard(self, tx: Connection, call: Call) -> None:
        if not self._end(tx, call.activity_id, CallState.UNKNOWN, PROCESS_ENDED, ending_unheard(call)):
            return
        for leg in call.legs:
            if leg.state in OPEN_LEGS:
                was_dialled = leg.state is not LegState.WAITING or leg.party is Party.VISITOR
                state = LegState.UNKNOWN if was_dialled else LegState.NOT_DIALLED
                values = {"state": state, "reason": f"{state.replace('_', ' ')}: {PROCESS_ENDED}"}
                queries.change_leg(tx, call.activity_id, leg.place, values)


def ending_unheard(call: Call) -> Ending:
    """What the report shows of a call whose end nobody heard: what is known, else that it was given up."""
    own = [leg for leg in call.legs if leg.party is Party.BUSINESS]
    theirs = [leg for leg in call.legs if leg.party is Party.VISITOR]
    talked = next((leg for leg in theirs if leg.answered_at), None)
    was_answered = own[-1].result == Result.ANSWER  # and then the visitor is dialled at once
    seconds = (call.heard_at - talked.answered_at).total_seconds() if talked and talked.answered_at else 0
    return Ending(
        own[-1].result or Result.CANCEL,
        (theirs[-1].result if theirs else None) or (Result.CANCEL if was_answered else ""),
        max(0, round(seconds)),
        own[-1].number,
    )


def digest_of(plan: Plan) -> str:
    """What two requests with one mark must have in common."""
    return hashlib.sha256(f"{plan.block.id} {plan.visitor}".encode()).hexdigest()


def _click(plan: Plan) -> Click:
    return Click(
        plan.block.id,
        plan.block.description,
        plan.visitor,
        NAMES[plan.block.kind],
        plan.asked.page,
        plan.asked.ref,
        plan.numbers[0],
        plan.keywords,
        plan.domain,
        plan.asked.address,
    )


def _new_leg(activity_id: int, place: int, party: Party, number: str, now: datetime) -> dict[str, Any]:
    return {
        "activity_id": activity_id,
        "place": place,
        "party": party,
        "number": number,
        "state": LegState.WAITING,
        "reason": "",
        "action_id": "",
        "began_at": now,
    }


def _call(row: Any, legs: Sequence[Any]) -> Call:
    names = [field.name for field in fields(Call) if field.name not in ("state", "legs")]
    kept = {name: getattr(row, name) for name in names} | {"caller_id": e164_of(row.caller_id)}
    return Call(state=CallState(row.state), legs=tuple(_leg(leg) for leg in legs), **kept)


def _leg(row: Any) -> Leg:
    kept = {field.name: getattr(row, field.name) for field in fields(Leg)}
    return Leg(**{**kept, "party": Party(row.party), "state": LegState(row.state)})
