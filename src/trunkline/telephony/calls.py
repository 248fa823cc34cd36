"""A call that was placed: what is known of it, from the manager's events."""

import asyncio
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from trunkline.clock import Clock
from trunkline.telephony.headers import Value, variables
from trunkline.telephony.results import Result, of_cause, of_dial_status, of_reason
from trunkline.telephony.wire import Fields

RING_SECONDS = 30.0
"""How long a call rings where nothing else is said; Asterisk's own default."""
FAR_END = ";2"
"""What the other half of a Local channel adds to the id of its first half."""


class Status(StrEnum):
    """How far a call has come.

    SENT: no answer yet. QUEUED: Asterisk has taken it. ANSWERED, then ENDED. FAILED: it was not answered,
    or was refused. UNKNOWN: nothing more will be heard of it, whatever became of it.
    """

    SENT = "sent"
    QUEUED = "queued"
    ANSWERED = "answered"
    ENDED = "ended"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Origination:
    """A call to place: a channel, and where it goes once answered.

    That is an extension of the dialplan, or an application with its data. Times in seconds.
    """

    channel: str
    context: str = ""
    extension: str = ""
    priority: int = 1
    application: str = ""
    data: str = ""
    caller_id: str = ""
    """As `"name" <number>`."""
    ring_seconds: float = RING_SECONDS
    variables: Mapping[str, str] = field(default_factory=dict)
    account: str = ""

    def headers(self, action_id: str, channel_id: str) -> dict[str, Value]:
        """Of the action Originate."""
        goal = {"Context": self.context, "Exten": self.extension, "Priority": str(self.priority)}
        if self.application:
            goal = {"Application": self.application, "Data": self.data}
        named = {"Channel": self.channel, **goal, "CallerID": self.caller_id, "Account": self.account}
        found: dict[str, Value] = {name: value for name, value in named.items() if value}
        found |= {"Timeout": str(round(self.ring_seconds * 1000)), "Async": "true"}
        found |= {"ActionID": action_id, "ChannelId": channel_id}
        return found | ({"Variable": variables(self.variables)} if self.variables else {})


@dataclass(frozen=True)
class Leg:
    """A channel that the call has dialed. Instants are aware UTC."""

    dialed: str
    """As it was dialed, like PJSIP/350 or 7275551212@trunk."""
    result: Result | None = None
    """None while it rings, and when it ended without a word on it."""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cause: int | None = None

    @property
    def seconds(self) -> float | None:
        """How long it was answered; None until it has ended."""
        return _seconds(self.answered_at, self.ended_at)


@dataclass(frozen=True)
class Outcome:
    """What is known of a call at a moment. Instants are aware UTC.

    `result` is that of the channel which was originated; `legs` are those it has dialed since, in order.
    """

    status: Status = Status.SENT
    result: Result | None = None
    reason: str = ""
    """Why it failed, ended or is not known, in words."""
    cause: int | None = None
    """Of the hang-up, as ITU-T Q.850 numbers them."""
    channel: str = ""
    unique_id: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    legs: tuple[Leg, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.status in (Status.ENDED, Status.FAILED, Status.UNKNOWN)

    @property
    def seconds(self) -> float | None:
        """How long it was answered; None until it has ended."""
        return _seconds(self.answered_at, self.ended_at)


def _seconds(answered_at: datetime | None, ended_at: datetime | None) -> float | None:
    return (ended_at - answered_at).total_seconds() if answered_at and ended_at else None


def new_channel_id(now: datetime) -> str:
    """An id that no channel has had: in Asterisk's own form, and no longer than tables of calls take.

    Asterisk counts its channels from 0 after the dot, and never reaches nine digits.
    """
    return f"{int(now.timestamp())}.{secrets.randbelow(900_000_000) + 100_000_000}"


class PlacedCall:
    """Wait with `queued`, `answered` and `ended`; `outcome` is what is known now.

    It hears events of the ids under which it stands in `index`.
    """

    def __init__(
        self, action_id: str, channel_id: str, index: MutableMapping[str, "PlacedCall"], clock: Clock
    ) -> None:
        self.action_id, self.channel_id = action_id, channel_id
        self.outcome = Outcome(unique_id=channel_id)
        self.is_cancelled = False
        self._index, self._clock = index, clock
        self._legs: dict[str, Leg] = {}
        self._near: Result | None = None
        self._rung_at: datetime | None = None
        self._hung_up: tuple[datetime, int | None, str] | None = None
        self._is_optimized = False
        self._changed = asyncio.Event()
        for one in (action_id, channel_id, channel_id + FAR_END):
            index[one] = self

    async def queued(self) -> Outcome:
        """When Asterisk has taken the call or refused it, or nothing more will be heard."""
        return await self._beyond(Status.SENT)

    async def answered(self) -> Outcome:
        """When it is answered, or is over."""
        return await self._beyond(Status.SENT, Status.QUEUED)

    async def named(self) -> Outcome:
        """When its channel is known, or it is over."""
        while not self.outcome.channel and not self.outcome.is_over:
            await self._changed.wait()
        return self.outcome

    async def changed(self, known: Outcome) -> Outcome:
        """When more is known than this, or it is over."""
        while self.outcome == known and not self.outcome.is_over:
            await self._changed.wait()
        return self.outcome

    async def ended(self) -> Outcome:
        """When it is over."""
        return await self._beyond(Status.SENT, Status.QUEUED, Status.ANSWERED)

    async def _beyond(self, *statuses: Status) -> Outcome:
        while self.outcome.status in statuses:
            await self._changed.wait()
        return self.outcome

    def taken(self, answer: Fields) -> None:
        """Hear the answer to the action."""
        if answer.get("response") == "Success":
            if self.outcome.status is Status.SENT:
                self._change(status=Status.QUEUED)
        else:
            told = answer.get("message") or "no reason given"
            self._finish(Status.FAILED, reason=f"Asterisk refuses the call: {told}")

    def lose(self, why: str) -> None:
        """Nothing more will be heard."""
        if self.outcome.status is Status.ANSWERED:
            self._finish(Status.UNKNOWN, reason=f"it was answered, but its end was not heard: {why}")
        else:
            self._finish(Status.UNKNOWN, reason=f"whether the call was made is not known: {why}")

    def give_up(self) -> None:
        """No verdict came in time; a hang-up that was heard is one."""
        if self.outcome.status is Status.ANSWERED or self.outcome.is_over:
            return
        if self._hung_up is None:
            self.lose("no verdict came in time")
        else:
            self._failed(of_cause(self._hung_up[1]) or Result.NOANSWER, self._hung_up[2])

    def hear(self, event: Fields) -> None:
        """Hear an event that names one of the call's ids."""
        heard = getattr(self, "_on_" + event.get("event", "").lower(), None)
        if heard is not None and not self.outcome.is_over:
            heard(event)

    def _on_newchannel(self, event: Fields) -> None:
        if event.get("uniqueid") == self.channel_id:
            self._change(channel=event.get("channel", ""))

    def _on_rename(self, event: Fields) -> None:
        if event.get("uniqueid") == self.channel_id:
            self._change(channel=event.get("newname", ""))

    def _on_dialbegin(self, event: Fields) -> None:
        """What the call's own channel dials is a leg; what is dialed to reach it is not."""
        dialed = event.get("destuniqueid", "")
        if event.get("uniqueid") in (self.channel_id, self.outcome.unique_id) and dialed:
            self._legs[dialed] = Leg(event.get("dialstring") or event.get("destchannel", ""))
            self._index[dialed] = self
            self._show_legs()

    def _on_dial(self, event: Fields) -> None:
        """How servers before Asterisk 12 tell both; at the end they name only who has dialed."""
        if event.get("subevent") == "Begin":
            self._on_dialbegin(event)
        elif event.get("uniqueid") == self.outcome.unique_id:
            dialing = [name for name, leg in self._legs.items() if leg.result is None]
            self._on_dialend({**event, "destuniqueid": dialing[-1] if dialing else ""})

    def _on_dialend(self, event: Fields) -> None:
        result, dialed = of_dial_status(event.get("dialstatus", "")), event.get("destuniqueid", "")
        leg = self._legs.get(dialed)
        if leg is not None:
            at = self._clock.now() if result is Result.ANSWER else None
            self._legs[dialed] = replace(leg, result=result, answered_at=at)
            self._show_legs()
        elif dialed == self.channel_id or event.get("uniqueid") == self.channel_id + FAR_END:
            self._near = result
            self._rung_at = self._clock.now() if result is Result.ANSWER else None

    def _on_originateresponse(self, event: Fields) -> None:
        if event.get("response") != "Success":
            result, reason = of_reason(event.get("reason", ""))
            cause_told = of_cause(self._hung_up[1]) if self._hung_up else None
            near = None if self._near is Result.ANSWER else self._near
            self._failed(near or self._better(cause_told, result), reason)
            return
        known = event.get("uniqueid", "")
        if known and not known.startswith("<"):
            self._index[known] = self
            self._change(unique_id=known, channel=event.get("channel") or self.outcome.channel)
        at = self._rung_at or self._clock.now()
        self._change(status=Status.ANSWERED, result=Result.ANSWER, answered_at=at)
        self._end_if_over()

    def _better(self, cause_told: Result | None, reason_told: Result) -> Result:
        """A cause says more than a reason, but for the one that only means that nobody answered."""
        return reason_told if cause_told in (None, Result.NOANSWER) else cause_told

    def _on_localoptimizationend(self, event: Fields) -> None:
        """The halves of a Local channel have made way: the call goes on between those they joined."""
        if event.get("localoneuniqueid") in (self.channel_id, self.outcome.unique_id):
            self._is_optimized = event.get("success", "").lower() == "yes"

    def _on_hangup(self, event: Fields) -> None:
        unique_id, cause = event.get("uniqueid", ""), _number(event.get("cause", ""))
        leg = self._legs.get(unique_id)
        if leg is not None:
            self._legs[unique_id] = replace(leg, ended_at=self._clock.now(), cause=cause)
            self._show_legs()
            self._end_if_over()
        elif unique_id in (self.channel_id, self.outcome.unique_id):
            self._hung_up = (self._clock.now(), cause, event.get("cause-txt", ""))
            if self.outcome.status is Status.ANSWERED:
                self._end_if_over()

    def _end_if_over(self) -> None:
        """After its own channel's hang-up; one that has made way lasts as long as a leg."""
        if self._hung_up is None or self.outcome.status is not Status.ANSWERED:
            return
        at, cause, text = self._hung_up
        if self._is_optimized and self._legs:
            if any(leg.answered_at and not leg.ended_at for leg in self._legs.values()):
                return
            at = max([at, *(leg.ended_at for leg in self._legs.values() if leg.ended_at)])
        self._finish(Status.ENDED, ended_at=at, cause=cause, reason=text)

    def _failed(self, result: Result, reason: str) -> None:
        _, cause, text = self._hung_up or (None, None, "")
        told = f"{reason} ({text})" if text and text.lower() not in reason.lower() else reason
        given = Result.CANCEL if self.is_cancelled else result
        self._finish(Status.FAILED, result=given, cause=cause, reason=told or given.value)

    def _show_legs(self) -> None:
        self._change(legs=tuple(self._legs.values()))

    def _finish(self, status: Status, **values: object) -> None:
        if not self.outcome.is_over:
            for one in [name for name, call in self._index.items() if call is self]:
                del self._index[one]
            values.setdefault("ended_at", self._clock.now() if status is not Status.UNKNOWN else None)
            self._change(status=status, **values)

    def _change(self, **values: object) -> None:
        self.outcome = replace(self.outcome, **values)  # type: ignore[arg-type]
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _number(text: str) -> int | None:
    """A cause has up to three digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else None
