"""Everything the pretend Dialpad knows: the directories of one company, and its calls."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from random import Random

from trunkline.clock import Clock
from trunkline.errors import SettingsError
from trunkline.sims.answer import Row
from trunkline.sims.chance import Dice
from trunkline.sims.dialpad.cast import Cast
from trunkline.sims.dialpad.conversations import (
    BLOCK,
    KINDS,
    LONGEST_MS,
    Scene,
    Slot,
    home_index,
    home_of,
    slot_of,
)
from trunkline.sims.dialpad.directory import CALL_LABELS, company, directory, numbers
from trunkline.sims.dialpad.fixture import Fixture, given_leg, read_fixture, telling
from trunkline.sims.dialpad.ids import CallIds
from trunkline.sims.dialpad.legs import Leg, proto_of
from trunkline.sims.dialpad.options import DialpadSimOptions
from trunkline.sims.refusals import Refused
from trunkline.sims.timeline import OfficeHours, Timeline, milliseconds, sorted_timeline

ADDED_REFS = 2_000_000_000
GIVEN_REFS = 3_000_000_000
_HOUR_MS = 3_600_000
_CONVERSATIONS_KEPT = 1_024


class World:
    """The data behind the answers; every change raises `version`, by which answers are kept.

    `lists` holds the directory rows and may be edited in place; call `touch()` afterwards. From
    `settled_at` (milliseconds) on no call is running any more.
    """

    def __init__(self, options: DialpadSimOptions, clock: Clock) -> None:
        self._options, self._clock = options, clock
        self.until = options.until or clock.now().replace(second=0, microsecond=0)
        self.version = 0
        given = read_fixture(options.fixture) if options.fixture else Fixture()
        self.lists = given.lists if given.lists is not None else directory(options)
        self.company = given.company or company(options.seed, len(self.lists["offices"]))
        if not self.lists["numbers"]:
            self.lists["numbers"] = numbers(self.lists, int(self.company["id"]))
        self.labels = given.labels if given.labels is not None else list(CALL_LABELS)
        self.operators = given.operators
        self._ids = CallIds(options.seed)
        self._added: dict[int, Slot] = {}
        self._given: dict[int, Leg] = {}
        self._changed: dict[int, Leg] = {}
        self._conversations_added = self._arrived = 0
        self.settled_at = milliseconds(self.until)
        with telling(options.fixture, "the directories"):
            self.touch()
        self.timeline = self._generated() if given.calls is None else self._from_rows(given.calls)

    def touch(self) -> None:
        """Forget kept answers after an edit in place."""
        self.version += 1
        self.cast = Cast(self.lists, int(self.company["id"]))
        # The legs of a conversation stand near each other in time, so the next one asked for is often here.
        self._legs = lru_cache(_CONVERSATIONS_KEPT)(self._make_legs)

    # -- reading --------------------------------------------------------------------------------------

    def leg(self, ref: int, start: int) -> Leg:
        """The leg with this number, which starts at these milliseconds."""
        kept = self._changed.get(ref) or self._given.get(ref)
        if kept is not None:
            return kept
        slot = self._slot(ref)
        found = self._legs(slot.kind, slot.number, slot.first)[slot.place]
        found.begins = start - found.started
        return found

    def concluded(
        self, low: int, high: int, now: int, before: tuple[int, int] | None = None
    ) -> Iterator[tuple[int, Leg]]:
        """Numbers and legs that start from `low` to `high` and have ended by `now`, newest first.

        `before` is the start and the number of a leg: only those after it in this order come.
        """
        for position in reversed(self.timeline.between(low, high)):
            ref, start = self.timeline.at(position)
            if start is None or (before is not None and (start, ref) >= before):
                continue
            leg = self.leg(ref, start)
            if leg.end <= now:
                yield ref, leg

    def call(self, call_id: int) -> Leg | None:
        """The leg with this id, running ones too."""
        ref = self.find(call_id)
        return None if ref is None else self.leg(ref, self.timeline.start_of(ref) or 0)

    def find(self, call_id: int) -> int | None:
        """The number of the leg with this id, if it is here."""
        ref = next((r for r, leg in self._given.items() if leg.call_id == call_id), self._ids.ref(call_id))
        try:
            self.timeline.start_of(ref)
        except ValueError:
            return None
        return ref

    def call_ids(self) -> list[str]:
        """The ids of all concluded calls, newest first."""
        now = milliseconds(self._clock.now())
        return [str(leg.call_id) for _, leg in self.concluded(0, now, now)]

    def counts(self) -> dict[str, int]:
        """Rows per list."""
        return {key: len(rows) for key, rows in self.lists.items()} | {"calls": len(self.timeline)}

    # -- changing -------------------------------------------------------------------------------------

    def add_calls(self, count: int, at: datetime | None = None, kind: str = "inbound") -> list[str]:
        """New conversations of a kind; the ids of all their legs.

        They start at one instant, or without one have just ended. Raises Refused for an unknown kind.
        """
        if kind not in KINDS:
            raise Refused(400, f"The kind {kind} is unknown; use one of {', '.join(KINDS)}")
        self.touch()
        ids: list[str] = []
        for _ in range(count):
            ids += self._add(kind, at)
        return ids

    def change_call(self, call_id: str, changes: Row) -> bool:
        """Let fields of a call read differently from now on; False when there is no such call."""
        ref = self.find(int(call_id)) if call_id.isdecimal() else None
        if ref is None:
            return False
        leg = self.leg(ref, self.timeline.start_of(ref) or 0)
        row = proto_of(leg, leg.end) | changes
        self._changed[ref] = given_leg(row, self.cast, leg)
        self.timeline.remove(ref)
        self.timeline.insert(ref, self._changed[ref].start)
        self.settled_at = max(self.settled_at, self._changed[ref].end)
        self.touch()
        return True

    def arrive(self) -> None:
        """Let the calls of the time that has passed appear, when `live_per_hour` asks for any."""
        if not self._options.live_per_hour:
            return
        gap = _HOUR_MS / self._options.live_per_hour
        now, first = milliseconds(self._clock.now()), milliseconds(self.until)
        while (start := self._live_start(first, gap)) <= now:
            names = [slot[0] for slot in BLOCK]
            self._add(Dice(self._options.seed, "live kind", self._arrived).one_of(names), None, start)
            self._arrived += 1
            self.version += 1

    def _live_start(self, first: int, gap: float) -> int:
        drawn = Dice(self._options.seed, "live", self._arrived).below(1000) / 1000
        return first + 1 + int((self._arrived + drawn) * gap)

    def _add(self, kind: str, at: datetime | None, start: int | None = None) -> list[str]:
        first, number = ADDED_REFS + len(self._added), ADDED_REFS + self._conversations_added
        self._conversations_added += 1
        slots = [Slot(kind, number, first, place) for place in range(KINDS[kind].legs)]
        legs = self._legs(kind, number, first)
        if start is None:
            length = max(leg.ended for leg in legs)
            start = milliseconds(at) if at else milliseconds(self._clock.now()) - length
        for place, (slot, leg) in enumerate(zip(slots[: len(legs)], legs, strict=True)):
            self._added[first + place] = slot
            self.settled_at = max(self.settled_at, start + leg.ended)
            self.timeline.insert(first + place, start + leg.started)
        return [str(leg.call_id) for leg in legs]

    # -- making ---------------------------------------------------------------------------------------

    def _slot(self, ref: int) -> Slot:
        slot = self._added.get(ref) or slot_of(ref)
        is_cut = ref < self._options.calls <= slot.first + KINDS[slot.kind].legs - 1
        if is_cut or not KINDS[slot.kind].fits(home_of(self.cast, slot.number)):
            # Too few calls for the last conversation, or an office without such a group: calls of one leg.
            return Slot("inbound", slot.number, ref, 0)
        return slot

    def _make_legs(self, name: str, number: int, first: int) -> list[Leg]:
        """All legs of a conversation; the first of them has the number `first`."""
        kind = KINDS[name]
        scene = Scene(self._options.seed, number, self.cast)
        if not kind.fits(scene.home):
            kind = KINDS["inbound"]
        return kind.make(scene, [self._ids.of(first + n) for n in range(kind.legs)])

    def _generated(self) -> Timeline:
        """The starts of all made legs; those of small companies are contained in larger ones."""
        options, homes = self._options, self.cast.homes
        if not homes:
            return Timeline()
        hours = [OfficeHours(self.until, options.days, home.zone) for home in homes]
        spread = Random(f"{options.seed}:starts")
        last = milliseconds(self.until)
        starts: list[int] = []
        ref = 0
        while ref < options.calls:
            slot = self._slot(ref)
            drawn = hours[home_index(slot.number, len(homes))].at(spread.random()) if ref else last
            many = KINDS[slot.kind].legs
            if many > 1 or drawn > last - LONGEST_MS:
                legs = self._legs(slot.kind, slot.number, slot.first)
                drawn = min(drawn, last - max(leg.ended for leg in legs))
                starts += [drawn + leg.started for leg in legs]
            else:
                starts.append(drawn)
            ref += many
        return sorted_timeline(starts)

    def _from_rows(self, rows: list[Row]) -> Timeline:
        for n, row in enumerate(rows):
            with telling(self._options.fixture, f"calls[{n}]"):
                self._given[GIVEN_REFS + n] = given_leg(row, self.cast)
        if len({leg.call_id for leg in self._given.values()}) < len(rows):
            raise SettingsError(f"In the fixture {self._options.fixture} two calls have the same call_id.")
        self.settled_at = max([self.settled_at, *(leg.end for leg in self._given.values())])
        dated = sorted((leg.start, ref) for ref, leg in self._given.items())
        return Timeline([start for start, _ in dated], [ref for _, ref in dated])
