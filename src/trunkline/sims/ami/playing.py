"""One call from its action to its last hang-up: the events that tell of it, by the rules of its numbers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from trunkline.clock import Clock
from trunkline.sims.ami.options import Rule
from trunkline.sims.ami.wire import Asked, arguments

Say = Callable[..., None]
"""Tells an event: its name, then its headers as pairs."""

CAUSES = {
    "ANSWER": (16, "Normal Clearing"),
    "BUSY": (17, "User busy"),
    "NOANSWER": (19, "User alerting, no answer"),
    "CANCEL": (0, "Unknown"),
    "CONGESTION": (34, "Circuit/channel congestion"),
    "CHANUNAVAIL": (20, "Subscriber absent"),
}
REASONS = {"ANSWER": 4, "BUSY": 5, "NOANSWER": 3, "CANCEL": 1, "CONGESTION": 8, "CHANUNAVAIL": 0}
_STATES = {0: "Down", 5: "Ringing", 6: "Up"}
DEFAULT_RING_MS = 30_000


@dataclass
class Channel:
    """A channel while it is there."""

    name: str
    unique_id: str
    linked_id: str
    number: str
    state: int = 0
    exten: str = ""
    context: str = ""
    caller: str = ""
    is_up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set to have it answered before its time."""
    is_gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set to have it hung up."""

    def headers(self, prefix: str = "") -> list[tuple[str, object]]:
        number = self.caller.partition("<")[2].rstrip("> ") or "<unknown>"
        name = self.caller.partition("<")[0].strip(' "') or "<unknown>"
        named = {
            "Channel": self.name,
            "ChannelState": self.state,
            "ChannelStateDesc": _STATES[self.state],
            "CallerIDNum": number,
            "CallerIDName": name,
            "Context": self.context,
            "Exten": self.exten,
            "Priority": 1,
            "Uniqueid": self.unique_id,
            "Linkedid": self.linked_id,
        }
        return [(prefix + key, value) for key, value in named.items()]


def number_of(channel: str) -> str:
    """The number in a channel's address: 350 of PJSIP/350, 7275551212 of Local/7275551212@default/n."""
    data = channel.partition("/")[2]
    return data.partition("@")[0] if "@" in data else data.rpartition("/")[2]


@dataclass
class Playing:
    """Plays a call; `channels` are those that are there, by their names."""

    asked: Asked
    rule_of: Callable[[str], Rule]
    say: Say
    clock: Clock
    channels: dict[str, Channel]
    new_id: Callable[[], str]

    async def ring(self) -> bool:
        """To the answer, or the end without one; whether it was answered."""
        asked = self.asked
        self._first = first = self._new(asked.get("Channel"), asked.get("ChannelId"))
        self._other = self._other_half(first)
        self._rule = rule = self.rule_of(first.number)
        self.say("DialBegin", *first.headers("Dest"), ("DialString", asked.get("Channel").partition("/")[2]))
        result = await self._rung(first, rule, self._timeout())
        self.say("DialEnd", *first.headers("Dest"), ("DialStatus", result))
        was_answered = result == "ANSWER"
        if not was_answered:
            self._hang_up_both(result)
        if self.is_async:
            self._respond(first, result, is_there=was_answered)
        return was_answered

    async def talk(self) -> None:
        """From the answer to the end."""
        dialed = self._dialed_next()
        if dialed:
            await self._second_leg(self._first, dialed)
        else:
            await self._passed(self._rule.talk_seconds, self._first.is_gone)
        self._hang_up_both("ANSWER")

    @property
    def is_async(self) -> bool:
        return self.asked.get("Async").lower() in ("true", "yes", "1", "on", "t", "y")

    def _hang_up_both(self, result: str) -> None:
        for channel in (self._other, self._first):
            self._hang_up(channel, self._rule.cause, result)

    def _dialed_next(self) -> str:
        """What the answered channel dials: the first place of Dial's data, or an extension with a rule."""
        if self.asked.get("Application").lower() == "dial":
            return (arguments(self.asked.get("Data")) or [""])[0]
        exten = self.asked.get("Exten")
        return f"Local/{exten}@{self.asked.get('Context')}" if exten and self._has_rule(exten) else ""

    def _has_rule(self, number: str) -> bool:
        rule = self.rule_of(number)
        return rule.number != "*" and rule.fits(number)

    async def _second_leg(self, first: Channel, dialed: str) -> None:
        leg = self._new(dialed, "", linked_id=first.linked_id)
        most = self._dial_timeout()
        rule = self.rule_of(leg.number)
        both = [*first.headers(), *leg.headers("Dest")]
        self.say("DialBegin", *both, ("DialString", dialed.partition("/")[2]))
        result = await self._rung(leg, rule, most, first.is_gone)
        self.say("DialEnd", *first.headers(), *leg.headers("Dest"), ("DialStatus", result))
        if result == "ANSWER":
            await self._passed(rule.talk_seconds, first.is_gone, leg.is_gone)
        self._hang_up(leg, rule.cause, result)

    async def _rung(self, channel: Channel, rule: Rule, most: float, *ends: asyncio.Event) -> str:
        """Ring; what it comes to."""
        self._state(channel, 5)
        seconds = most if rule.ring_seconds is None or rule.ring_seconds > most else rule.ring_seconds
        await self._passed(seconds, channel.is_up, channel.is_gone, *ends)
        if channel.is_gone.is_set() or any(end.is_set() for end in ends):
            return "CANCEL"
        is_late = seconds == most and rule.ring_seconds != most and not channel.is_up.is_set()
        result = "NOANSWER" if is_late else "ANSWER" if channel.is_up.is_set() else rule.result
        if result == "ANSWER":
            self._state(channel, 6)
        return result

    async def _passed(self, seconds: float | None, *events: asyncio.Event) -> None:
        """Wait that long, or until one of the events; None: as long as it takes."""
        waits: list[asyncio.Future[object]] = [asyncio.ensure_future(event.wait()) for event in events]
        if seconds is not None:
            waits.append(asyncio.ensure_future(self.clock.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when="FIRST_COMPLETED")
        finally:
            for wait in waits:
                wait.cancel()

    def _timeout(self) -> float:
        given = self.asked.get("Timeout")
        return (int(given) if given.isdecimal() else DEFAULT_RING_MS) / 1000

    def _dial_timeout(self) -> float:
        """The second argument of Dial, in seconds."""
        given = arguments(self.asked.get("Data"))[1:2] if self.asked.get("Application") else []
        return float(given[0]) if given and given[0].isdecimal() else DEFAULT_RING_MS / 1000

    def _new(self, address: str, unique_id: str, linked_id: str = "") -> Channel:
        number, own = number_of(address), self.new_id()
        unique_id = unique_id or own
        half = ";1" if address.startswith("Local/") else ""
        name = f"{address.removesuffix('/n')}-{own.rpartition('.')[2].zfill(8)}{half}"
        channel = Channel(name, unique_id, linked_id or unique_id, number)
        channel.exten, channel.context = self.asked.get("Exten"), self.asked.get("Context")
        channel.caller = self.asked.get("CallerID")
        return self._there(channel)

    def _there(self, channel: Channel) -> Channel:
        self.channels[channel.name] = channel
        self.say("Newchannel", *channel.headers())
        return channel

    def _other_half(self, first: Channel) -> Channel | None:
        if not first.name.endswith(";1"):
            return None
        unique_id = self.asked.get("OtherChannelId") or f"{first.unique_id};2"
        name = f"{first.name.removesuffix(';1')};2"
        return self._there(Channel(name, unique_id, first.linked_id, first.number, exten=first.number))

    def _state(self, channel: Channel, state: int) -> None:
        channel.state = state
        self.say("Newstate", *channel.headers())

    def _hang_up(self, channel: Channel | None, cause: int | None, result: str) -> None:
        if channel is None or self.channels.pop(channel.name, None) is None:
            return
        number, text = CAUSES[result]
        told = ("Cause-txt", text if cause in (None, number) else "Unknown")
        self.say("Hangup", *channel.headers(), ("Cause", number if cause is None else cause), told)

    def _respond(self, first: Channel, result: str, *, is_there: bool) -> None:
        asked = self.asked
        action_id = [("ActionID", asked.get("ActionID"))] if asked.get("ActionID") else []
        self.say(
            "OriginateResponse",
            *action_id,
            ("Response", "Success" if result == "ANSWER" else "Failure"),
            ("Channel", first.name if is_there else asked.get("Channel")),
            ("Context", asked.get("Context")),
            ("Exten", asked.get("Exten")),
            ("Reason", REASONS[result]),
            ("Uniqueid", first.unique_id if is_there else asked.get("ChannelId") or "<unknown>"),
            *[header for header in first.headers() if header[0].startswith("CallerID")],
        )
