"""Stats requests from their beginning to their end: validated, processed, ready, gone."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from trunkline.sims.chance import hex_of
from trunkline.sims.dialpad.exports import StatsAsk
from trunkline.sims.dialpad.options import DialpadSimOptions
from trunkline.sims.dialpad.selection import TARGET_TYPES
from trunkline.sims.dialpad.windows import FIRST_DAY, LAST_DAY, window_of
from trunkline.sims.dialpad.world import World
from trunkline.sims.refusals import Refused
from trunkline.sims.timeline import milliseconds

STAT_TYPES = ("calls", "csat", "dispositions", "onduty", "recordings", "screenshare", "texts", "voicemails")
EXPORT_TYPES = ("records", "stats")
GROUPINGS = ("date", "group", "user")
FIELDS = frozenset(
    (
        *("coaching_group", "coaching_team", "days_ago_end", "days_ago_start", "export_type", "group_by"),
        *("is_today", "office_id", "stat_type", "target_id", "target_type", "timezone"),
    )
)
KEPT_TODAY, KEPT_HISTORY = timedelta(minutes=30), timedelta(hours=3)
_MOST_DAYS = 36_500
_TRUE, _FALSE = ("true", "1"), ("false", "0")


def stats_ask(sent: Mapping[str, Any], now: datetime, swaps: bool = False) -> StatsAsk:
    """A body as JSON or a form gave it, checked; raises Refused with what is wrong."""
    given = {name: value for name, value in sent.items() if value not in (None, "")}
    stat_type = _choice(given, "stat_type", STAT_TYPES, is_required=True)
    export_type = _choice(given, "export_type", EXPORT_TYPES, is_required=True)
    target_type = _choice(given, "target_type", TARGET_TYPES)
    group_by = _choice(given, "group_by", GROUPINGS)
    target_id, office_id = _whole(given, "target_id"), _whole(given, "office_id")
    if stat_type in ("csat", "dispositions"):
        if target_id is None or not target_type:
            raise Refused(400, f"target_id and target_type must be specified for stat_type {stat_type}.")
        if export_type != "records":
            raise Refused(400, f"Only export_type records is supported for stat_type {stat_type}.")
    if group_by and stat_type != "calls":
        raise Refused(400, "group_by is only applicable for stat_type calls.")
    if (target_id is None) != (not target_type):
        raise Refused(400, "target_id and target_type must be specified together.")
    if _truth(given, "coaching_team") or _truth(given, "coaching_group"):
        target_type = "coachingteam" if _truth(given, "coaching_team") else "coachinggroup"
    nearer, farther = _days(given, swaps)
    window = window_of(_truth(given, "is_today"), nearer, farther, str(given.get("timezone", "UTC")), now)
    return StatsAsk(stat_type, export_type, window, target_type, target_id, office_id, group_by)


def _days(given: Mapping[str, Any], swaps: bool) -> tuple[int, int]:
    start, end = _whole(given, "days_ago_start"), _whole(given, "days_ago_end")
    nearer, farther = FIRST_DAY if start is None else start, LAST_DAY if end is None else end
    if min(nearer, farther) < 0:
        raise Refused(400, "days_ago_start and days_ago_end must not be negative.")
    if max(nearer, farther) > _MOST_DAYS:
        raise Refused(400, f"days_ago_start and days_ago_end must not be more than {_MOST_DAYS}.")
    return (farther, nearer) if swaps and nearer > farther else (nearer, farther)


def _choice(given: Mapping[str, Any], name: str, known: tuple[str, ...], is_required: bool = False) -> str:
    value = given.get(name)
    if value is None and not is_required:
        return ""
    if value is None:
        raise Refused(400, f"{name} is required.")
    if value not in known:
        raise Refused(400, f"Invalid value for {name}: {value}. Use one of {', '.join(known)}.")
    return str(value)


def _whole(given: Mapping[str, Any], name: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).removeprefix("-").isdecimal():
        raise Refused(400, f"Invalid value for {name}: {value}. It must be an integer.")
    return int(str(value))


def _truth(given: Mapping[str, Any], name: str) -> bool:
    value = str(given.get(name, "false")).lower()
    if value not in _TRUE + _FALSE:
        raise Refused(400, f"Invalid value for {name}: {given[name]}. It must be a boolean.")
    return value in _TRUE


@dataclass
class StatsRequest:
    """One request and its file; `polls` counts how often somebody asked."""

    id: str
    ask: StatsAsk
    is_today: bool
    made_at: datetime
    make: Callable[[], list[bytes]]
    polls: int = 0
    has_failed: bool = False
    file: list[bytes] | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def finish(self) -> list[bytes]:
        """The file, made by the first who needs it, beside the event loop."""
        async with self.lock:
            if self.file is None:
                self.file = await asyncio.to_thread(self.make)
        return self.file


class StatsDesk:
    """Takes stats requests and keeps them until they expire."""

    def __init__(self, world: World, options: DialpadSimOptions) -> None:
        self._world, self._options = world, options
        self._requests: dict[str, StatsRequest] = {}
        self._made = 0

    def begin(self, sent: Mapping[str, Any], key: str, now: datetime) -> tuple[StatsRequest, bool]:
        """The request for a body, and whether it was there already; raises Refused."""
        ask = stats_ask(sent, now, self._options.swap_reversed_days)
        is_today = _truth(sent, "is_today") if sent.get("is_today") not in (None, "") else False
        self._forget_expired(now)
        for known in self._requests.values():
            if _is_same(known, ask, is_today, now) and not known.has_failed:
                return known, True
        self._made += 1
        id_ = hex_of(self._options.seed, "stats", key, self._made, digits=40)
        make = ask.file_of(self._world, self._options, milliseconds(now))
        self._requests[id_] = StatsRequest(id_, ask, is_today, now, make)
        return self._requests[id_], False

    def poll(self, request_id: str, now: datetime) -> tuple[StatsRequest, str]:
        """The request and its status, each time a step further; raises Refused when it is gone."""
        found = self.known(request_id, now)
        found.polls += 1
        if found.has_failed:
            return found, "failed"
        is_late = now - found.made_at >= timedelta(seconds=self._options.processing_seconds)
        is_done = found.polls > self._options.processing_polls and is_late
        return found, "complete" if is_done else "processing"

    def known(self, request_id: str, now: datetime) -> StatsRequest:
        """The request with this id; raises Refused when there is none any more."""
        self._forget_expired(now)
        found = self._requests.get(request_id)
        if found is None:
            raise Refused(404, f"Request with id {request_id} not found.")
        return found

    def fail(self, request_id: str) -> None:
        """Let a request fail."""
        if request_id in self._requests:
            self._requests[request_id].has_failed = True

    def forget(self, request_id: str) -> None:
        """Let a request expire at once."""
        self._requests.pop(request_id, None)

    def _forget_expired(self, now: datetime) -> None:
        expired = timedelta(seconds=self._options.expiry_seconds)
        for known in [r for r in self._requests.values() if now - r.made_at >= expired]:
            del self._requests[known.id]


def _is_same(known: StatsRequest, ask: StatsAsk, is_today: bool, now: datetime) -> bool:
    """Today's window ends at the instant of the request; two of them are the same all the same."""
    if is_today != known.is_today or now - known.made_at >= (KEPT_TODAY if is_today else KEPT_HISTORY):
        return False
    if not is_today:
        return known.ask == ask
    mine, theirs = ((a.window.low, a.window.zone, _rest(a)) for a in (ask, known.ask))
    return mine == theirs


def _rest(ask: StatsAsk) -> tuple[object, ...]:
    return ask.stat_type, ask.export_type, ask.target_type, ask.target_id, ask.office_id, ask.group_by
