"""One call from its first leg to its last: numbers in turn, the visitor, and what is written of each step."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from trunkline.clickto.activity import Ending
from trunkline.clickto.calls import Call, Calls, CallState, LegState, Party
from trunkline.clickto.plans import Plan
from trunkline.clock import Clock
from trunkline.errors import RetryLater, TrunklineError
from trunkline.telephony import calls as telephony
from trunkline.telephony.asterisk import Asterisk, new_action_id
from trunkline.telephony.calls import Outcome, PlacedCall, Status
from trunkline.telephony.results import Result, of_cause

Lines = Callable[[str], Awaitable[Asterisk | None]]
"""The Asterisk of a server, by the address its manager is known by; None where it has none."""

STOPPED = "the process that placed it was stopped"
_log = logging.getLogger("trunkline.clickto")
_LEG_STATES = {
    Status.SENT: LegState.DIALLED,
    Status.QUEUED: LegState.RINGING,
    Status.ANSWERED: LegState.ANSWERED,
    Status.ENDED: LegState.ENDED,
    Status.FAILED: LegState.FAILED,
    Status.UNKNOWN: LegState.UNKNOWN,
}


_UNREACHED = {
    Result.BUSY: "it is busy",
    Result.NOANSWER: "it was not answered",
    Result.CANCEL: "the business hung up before it was answered",
    Result.CONGESTION: "the lines are congested, or it is not available",
    Result.CHANUNAVAIL: "there is no such number, or its channel is not available",
}
"""Of a visitor: the hang-up that is heard is the business's, and tells nothing of theirs."""


class Placing:
    """Use `run` once. `first_leg` is set when the business has answered, or nobody will: to its result."""

    def __init__(self, calls: Calls, clock: Clock, lines: Lines, plan: Plan, call: Call) -> None:
        self._calls, self._clock, self._lines, self._plan = calls, clock, lines, plan
        self._activity_id = call.activity_id
        self._place, self._number = 0, plan.numbers[0]
        self._shown: dict[int, Mapping[str, Any]] = {}
        self._state = CallState.CALLING
        self._outcome: Outcome | None = None
        self._failure = ""
        self._follows: PlacedCall | None = None
        self._is_dialled = False
        self.first_leg: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Call until somebody answers, then follow to the end. What is cut short is written as unknown."""
        try:
            for number in self._plan.numbers:
                await self._try(number)
                if self._outcome is None or self._outcome.status is not Status.FAILED:
                    break
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.create_task(self._cut_short(STOPPED)))
            raise
        except Exception:
            _log.exception("What became of the call of activity %d is not known.", self._activity_id)
            await self._cut_short("an unforeseen failure; see the log")
        else:
            await self._end()
        finally:
            if not self.first_leg.done():
                self.first_leg.set_result(self._result_of_business())

    async def _try(self, number: str) -> None:
        """One number of the business, and the visitor after it."""
        self._place, self._number, self._outcome = self._place + 1, number, None
        self._follows, self._is_dialled = None, False
        if self._place > 1:
            await asyncio.to_thread(
                self._calls.add_leg, self._activity_id, self._place, Party.BUSINESS, number
            )
        try:
            self._follows = await self._placed(number)
        except TrunklineError as error:
            self._failure = str(error)
            await self._note(
                self._place, state=LegState.NOT_DIALLED, result=Result.CHANUNAVAIL, reason=str(error)
            )
            return
        await self._followed(self._follows)

    async def _placed(self, number: str) -> PlacedCall:
        asterisk = await self._lines(self._plan.block.server)
        if asterisk is None:
            raise RetryLater(f"The server {self._plan.block.server} has no manager.")
        action_id = new_action_id(self._clock.now())

        async def sending() -> None:
            if not await asyncio.to_thread(self._calls.claim, self._activity_id, self._place):
                raise RetryLater("It could not be dialled in time.")
            self._is_dialled = True

        await self._note(self._place, action_id=action_id)
        return await asterisk.originate(self._plan.origination(number), action_id, sending)

    async def _followed(self, call: PlacedCall) -> None:
        while True:
            outcome = call.outcome
            await self._show(outcome)
            if outcome.is_over:
                return
            await call.changed(outcome)

    async def _show(self, outcome: Outcome) -> None:
        """Write what is known of both legs now."""
        self._outcome = outcome
        await self._note(
            self._place,
            state=_LEG_STATES[outcome.status],
            result=outcome.result,
            reason=_reason_of(outcome),
            cause=outcome.cause,
            answered_at=outcome.answered_at,
            ended_at=outcome.ended_at,
        )
        if outcome.answered_at is None:
            return
        if not self.first_leg.done():
            if self._place > 1:  # the first number stands in the report from the beginning
                await self._kept(self._calls.answered, self._activity_id, self._number)
            self.first_leg.set_result(Result.ANSWER)
        await self._show_visitor(outcome)
        leg = _visitor(outcome)
        is_up = leg is not None and leg.answered_at is not None
        await self._reach(CallState.TALKING if is_up else CallState.CONNECTING)

    async def _show_visitor(self, outcome: Outcome) -> None:
        place = self._place + 1
        if place not in self._shown:
            await self._kept(self._calls.add_leg, self._activity_id, place, Party.VISITOR, self._plan.visitor)
            self._shown[place] = {}
        leg = _visitor(outcome)
        if leg is not None or outcome.is_over:
            await self._note(place, **_of_visitor(outcome, leg))

    async def _reach(self, state: CallState) -> None:
        if state is not self._state:
            self._state = state
            await self._kept(self._calls.change, self._activity_id, state)

    async def _end(self) -> None:
        outcome, leg = self._outcome, _visitor(self._outcome)
        state, reason = CallState.FAILED, self._failure
        if outcome is not None and outcome.status is Status.UNKNOWN:
            state, reason = CallState.UNKNOWN, outcome.reason
        elif leg is not None and leg.answered_at is not None and outcome is not None:
            state, reason = CallState.ENDED, outcome.reason
        elif outcome is not None and outcome.answered_at is not None:
            reason = f"The visitor was not reached: {_of_visitor(outcome, leg)['reason']}."
        elif outcome is not None:
            reason = f"The business was not reached: {outcome.reason}."
        await self._kept(self._calls.end, self._activity_id, state, reason, self._ending())

    def _ending(self) -> Ending:
        outcome, leg = self._outcome, _visitor(self._outcome)
        second, seconds = "", 0.0
        if outcome is not None and outcome.answered_at is not None:
            second = _of_visitor(outcome, leg)["result"] or Result.CANCEL
            if leg is not None and leg.answered_at is not None:
                seconds = ((outcome.ended_at or self._clock.now()) - leg.answered_at).total_seconds()
        return Ending(self._result_of_business(), second, max(0, round(seconds)), self._number)

    def _result_of_business(self) -> str:
        """In the report's words; a call whose fate is not known counts as given up."""
        if self._outcome is None:
            return Result.CHANUNAVAIL if self._failure else Result.CANCEL
        return self._outcome.result or Result.CANCEL

    async def _cut_short(self, why: str) -> None:
        if self._follows is not None:
            self._follows.lose(why)
            await self._show(self._follows.outcome)
        else:
            state = LegState.UNKNOWN if self._is_dialled else LegState.NOT_DIALLED
            await self._note(max(1, self._place), state=state, reason=f"{state.replace('_', ' ')}: {why}")
        await self._kept(self._calls.end, self._activity_id, CallState.UNKNOWN, why, self._ending())

    async def _note(self, place: int, **values: Any) -> None:
        """Write what of a leg is new."""
        before = self._shown.get(place, {})
        new = {name: value for name, value in values.items() if name not in before or before[name] != value}
        if new:
            self._shown[place] = {**before, **new}
            await self._kept(self._calls.change_leg, self._activity_id, place, new)

    async def _kept(self, work: Callable[..., None], *given: Any) -> None:
        """A store that fails must not keep a call from being followed."""
        try:
            await asyncio.to_thread(work, *given)
        except TrunklineError as error:
            _log.warning(
                "What became of the call of activity %d cannot be kept: %s", self._activity_id, error
            )


def _visitor(outcome: Outcome | None) -> telephony.Leg | None:
    return outcome.legs[-1] if outcome is not None and outcome.legs else None


def _reason_of(outcome: Outcome) -> str:
    return f"unknown: {outcome.reason}" if outcome.status is Status.UNKNOWN else outcome.reason


def _of_visitor(outcome: Outcome, leg: telephony.Leg | None) -> dict[str, Any]:
    """What is known of the visitor's leg. It lasts as long as the business's, from its answer on."""
    is_unknown = outcome.status is Status.UNKNOWN
    if leg is None:
        if is_unknown:
            return {"state": LegState.UNKNOWN, "result": None, "reason": _reason_of(outcome)}
        why = "no channel could be made for it, or the business hung up at once"
        return {"state": LegState.FAILED, "result": Result.CHANUNAVAIL, "reason": why}
    if leg.answered_at is not None:
        state = LegState.ENDED if outcome.is_over else LegState.ANSWERED
        result: Result | None = Result.ANSWER
    elif outcome.is_over or leg.ended_at is not None or leg.result is not None:
        state, result = LegState.FAILED, leg.result or of_cause(leg.cause) or Result.CANCEL
    else:
        state, result = LegState.RINGING, None
    if is_unknown and (leg.answered_at is not None or leg.result is None):
        state, result = LegState.UNKNOWN, leg.result
    ended_at = outcome.ended_at if leg.answered_at is not None else leg.ended_at
    told = {"state": state, "result": result, "cause": leg.cause, "reason": ""}
    if state is LegState.UNKNOWN:
        told["reason"] = _reason_of(outcome)
    elif state is LegState.FAILED and result is not None:
        told["reason"] = _UNREACHED.get(result, "")
    return told | {"answered_at": leg.answered_at, "ended_at": ended_at}
