"""Schedules: when a dataset is to be read, as a value that tells its due times."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any

from trunkline.center.recurrence import Every, Rule
from trunkline.center.schedule_words import KINDS, parse_every
from trunkline.dates import zone_named
from trunkline.errors import Problem, SettingsError

MANUAL, EVERY = "manual", "every"
ALL_KINDS = (MANUAL, EVERY, *KINDS)
WIDEST_SPREAD = timedelta(hours=1)
FIRST_LOOK_BACK = timedelta(hours=1)
_GOLDEN = 2_654_435_769
"""2³² divided by the golden ratio: multiples of it, as ids count up, fall evenly over 2³²."""


@dataclass(frozen=True)
class Schedule:
    """When a dataset is due. Use `schedule_of`, which checks.

    `words` is the kind's text (`15m`, `06:00`, `mon,thu 06:00`, `1 06:00`, `30 1 * * *`), `between` the
    window of `every` (`08:00-18:00`), `zone` an IANA name. `jitter_seconds` shifts the times of `every`.
    """

    kind: str
    words: str
    zone: str
    between: str = ""
    jitter_seconds: int = 0

    def next_after(self, instant: datetime) -> datetime | None:
        """The first due time after an instant, UTC; None for manual ones."""
        return next(self._after(instant), None)

    def next_times(self, instant: datetime, count: int) -> list[datetime]:
        """The next due times after an instant, with the offset of the schedule's zone."""
        zone = zone_named(self.zone)
        return [due.astimezone(zone) for due in islice(self._after(instant), count)]

    def latest_due(self, after: datetime, now: datetime) -> datetime | None:
        """The newest due time in (after, now], UTC, or None: of many that passed, the one to catch up."""
        back, start = FIRST_LOOK_BACK, now
        while start > after:
            start = max(after, now - back) if back < now - after else after
            latest = None
            for due in self._after(start):
                if due > now:
                    break
                latest = due
            if latest is not None:
                return latest
            back *= 4
        return None

    def spread(self, dataset_id: int) -> "Schedule":
        """The same for one dataset: times of `every` shifted by a part of their length, at most an hour.

        The shift follows from the id alone, and differs from dataset to dataset.
        """
        if not isinstance(self._rule, Every):
            return self
        room = min(self._rule.interval, WIDEST_SPREAD)
        if self._rule.window:
            room = min(room, self._rule.window.length)
        shift = (dataset_id * _GOLDEN % 2**32) * int(room.total_seconds()) >> 32
        return replace(self, jitter_seconds=shift)

    @property
    def text(self) -> str:
        """For a person, in the words of the flags: `every 15m, 08:00-18:00 (UTC)`."""
        if self.kind == MANUAL:
            return MANUAL
        window = f", {self.between}" if self.between else ""
        return f"{self.kind} {self.words}{window} ({self.zone})"

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "words": self.words,
            "between": self.between or None,
            "zone": self.zone,
            "jitter_seconds": self.jitter_seconds,
            "text": self.text,
        }

    def _after(self, instant: datetime) -> Iterator[datetime]:
        if self._rule is None:
            return iter(())
        return self._rule.after(instant.astimezone(UTC), zone_named(self.zone))

    @cached_property
    def _rule(self) -> Rule | None:
        if self.kind == MANUAL:
            return None
        if self.kind == EVERY:
            _, _, rule = parse_every(self.words, self.between)
            return replace(rule, jitter=timedelta(seconds=self.jitter_seconds))
        return KINDS[self.kind](self.words).rule


def schedule_of(kind: str, words: str, zone: str, between: str = "") -> Schedule:
    """A checked schedule, its words in the form that is kept.

    Raises SettingsError with a Problem naming `kind`, the kind itself, `between` or `zone`.
    """
    _check_zone(zone)
    if kind == EVERY:
        words, between, _ = parse_every(words, between)
        return Schedule(EVERY, words, zone, between)
    if between:
        text = f"Window (--between) is {between!r}, which goes only with --every."
        raise SettingsError(problems=[Problem("between", text)])
    if kind == MANUAL:
        return Schedule(MANUAL, "", zone)
    if kind not in KINDS:
        raise SettingsError(
            problems=[Problem("kind", f"Kind is {kind!r}; it can be {', '.join(ALL_KINDS)}.")]
        )
    return Schedule(kind, KINDS[kind](words).words, zone)


def _check_zone(zone: str) -> None:
    try:
        zone_named(zone)
    except SettingsError as error:
        raise SettingsError(
            problems=[Problem("zone", f"Zone (--zone): {error.message}")], todo=error.todo
        ) from None
