"""Slot arithmetic of request limits: pure functions over whole milliseconds.

A limit's time is cut into slots of a sixtieth of its seconds. A token counts from the slot it was
spent in until that whole slot is older than the limit's seconds; so no span of that length, wherever
it starts, ever holds more requests than the limit allows (see docs/why/request-budget.md).
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from trunkline.declare import DAY, HOUR, MINUTE, SECOND, Limit
from trunkline.errors import SettingsError
from trunkline.fetch.spending import Grant, Wait

SLOTS_PER_WINDOW = 60
UNLIMITED_GRANT = timedelta(seconds=1)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_UNITS = {SECOND: "a second", MINUTE: "a minute", HOUR: "an hour", DAY: "a day"}
_PLURALS = ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes"), (SECOND, "seconds"))


@dataclass(frozen=True)
class Ruler:
    """Slots of one length for one group; limits alike in both share their counts."""

    group: str
    slot_ms: int

    def start(self, at_ms: int) -> int:
        return at_ms - at_ms % self.slot_ms


SpentBySlot = Mapping[int, int]
"""Tokens spent by the slot's start."""
Spent = Mapping[Ruler, SpentBySlot]


def milliseconds(instant: datetime) -> int:
    """Whole milliseconds since 1970, rounded down. Raises ValueError for a naive time."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone")
    return (instant - _EPOCH) // _MILLISECOND


def instant_of(ms: int) -> datetime:
    return _EPOCH + ms * _MILLISECOND


def ruler_of(limit: Limit) -> Ruler:
    return Ruler(limit.group, max(1, -(-limit.seconds * 1000 // SLOTS_PER_WINDOW)))


def rulers_of(limits: Sequence[Limit]) -> tuple[Ruler, ...]:
    """Each distinct ruler once, in an order that is the same for every caller."""
    return tuple(sorted({ruler_of(limit) for limit in limits}, key=lambda r: (r.group, r.slot_ms)))


def forgotten_before(ruler: Ruler, now_ms: int) -> int:
    """Slots that start before this may be forgotten.

    One window later than they stop counting, so that a process whose clock is behind still sees them.
    """
    return now_ms - (2 * SLOTS_PER_WINDOW + 1) * ruler.slot_ms


def counted(limit: Limit, spent: SpentBySlot, now_ms: int) -> dict[int, int]:
    """The tokens that still count, by the millisecond from which they no longer do."""
    lasting = ruler_of(limit).slot_ms + limit.seconds * 1000
    return {slot + lasting: tokens for slot, tokens in spent.items() if slot + lasting > now_ms}


def usage(limits: Sequence[Limit], spent: Spent, now_ms: int) -> list[tuple[Limit, int]]:
    return [(limit, sum(counted(limit, spent.get(ruler_of(limit), {}), now_ms).values())) for limit in limits]


def returning(limits: Sequence[Limit], spent: Spent, now_ms: int) -> list[tuple[Limit, dict[datetime, int]]]:
    """What each limit counts, by the instant from which it no longer does; slots without tokens left out."""
    slots = [(limit, counted(limit, spent.get(ruler_of(limit), {}), now_ms)) for limit in limits]
    return [
        (limit, {instant_of(at): tokens for at, tokens in sorted(found.items()) if tokens})
        for limit, found in slots
    ]


def seconds_for(limit: Limit, returning: Mapping[datetime, int], requests: int, now: datetime) -> float:
    """How long from now until the last of so many requests may be sent, if they are all there is.

    Raises SettingsError for a limit that allows none.
    """
    if limit.requests < 1:
        raise SettingsError(f"A limit of {limit_words(limit)} allows no request at all.")
    lasting = limit.seconds + ruler_of(limit).slot_ms / 1000
    coming = [((at - now).total_seconds(), tokens) for at, tokens in returning.items()]
    heapq.heapify(coming)
    free, at, left = limit.requests - sum(returning.values()), 0.0, requests
    while True:
        sent = min(left, max(free, 0))
        left, free = left - sent, free - sent
        if left <= 0:
            return at
        if sent:
            heapq.heappush(coming, (at + lasting, sent))
        at, tokens = heapq.heappop(coming)
        free += tokens


def decide(
    limits: Sequence[Limit], spent: Spent, wanted: int, now: datetime, pause: Wait | None
) -> Grant | Wait:
    """What `take` answers. Raises SettingsError when a limit allows no request at all."""
    now_ms = milliseconds(now)
    waits = [standing] if (standing := in_force(pause, now)) else []
    waits += [wait for limit in limits if (wait := _wait_for(limit, spent.get(ruler_of(limit), {}), now_ms))]
    if waits:
        return max(waits, key=lambda wait: wait.until)
    allowed = [limit.requests - used for limit, used in usage(limits, spent, now_ms)]
    return Grant(min([max(1, wanted), *allowed]), _grant_end(limits, now, now_ms))


def in_force(pause: Wait | None, now: datetime) -> Wait | None:
    """The pause, unless it is over."""
    return pause if pause and pause.until > now else None


def grant_slot(ruler: Ruler, grant: Grant) -> int:
    """The slot a grant was counted in. A grant ends with its shortest slot, so it lies in all of them."""
    return ruler.start(milliseconds(grant.until) - 1)


def limit_words(limit: Limit) -> str:
    """The limit as a phrase: "1,000 requests an hour", "3 requests in 5 minutes"."""
    requests = f"{limit.requests:,} request" + ("" if limit.requests == 1 else "s")
    return f"{requests} {_UNITS.get(limit.seconds) or _in_units(limit.seconds)}"


def _in_units(seconds: int) -> str:
    length, name = next((length, name) for length, name in _PLURALS if seconds % length == 0)
    return f"in {seconds // length:,} {name}"


def _grant_end(limits: Sequence[Limit], now: datetime, now_ms: int) -> datetime:
    """The first end among the current slots: a token used later would belong to a slot not counted."""
    ends = [ruler.start(now_ms) + ruler.slot_ms for ruler in rulers_of(limits)]
    return instant_of(min(ends)) if ends else now + UNLIMITED_GRANT


def _wait_for(limit: Limit, spent: SpentBySlot, now_ms: int) -> Wait | None:
    if limit.requests < 1:
        raise SettingsError(f"A limit of {limit_words(limit)} allows no request at all.")
    due = sorted(counted(limit, spent, now_ms).items())
    left = sum(tokens for _, tokens in due)
    if left < limit.requests:
        return None
    for free_from, tokens in due:  # noqa: B007
        left -= tokens
        if left < limit.requests:
            break
    return Wait(instant_of(free_from), limit_words(limit))
