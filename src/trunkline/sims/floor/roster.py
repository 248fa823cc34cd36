"""Who works when: eight hours at the same time of day, two days off a week, somebody always there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from trunkline.sims.chance import Dice
from trunkline.sims.floor.options import FloorOptions
from trunkline.sims.floor.stamps import local

WATCHES = (6, 14, 22)
"""The hours at which the first three agents begin, every day: together they cover it."""
OTHERS = (8, 9, 14, 10, 22, 12, 9, 8, 16, 13, 7, 15)
"""The hours at which the others begin."""
SHIFT_HOURS = 8
DAYS_OFF = (0, 3)
WEEKEND = (5, 6)
WEEKEND_PERCENT = 75


@dataclass(frozen=True)
class Shift:
    """One agent's time at work, in seconds since 1970, and the breaks that are due in it."""

    agent: int
    begins: int
    ends: int
    breaks: tuple[tuple[int, str], ...]


def shifts_of_day(options: FloorOptions, day: date) -> Iterator[Shift]:
    """The shifts that begin on a local day."""
    for agent in range(options.agents):
        dice = Dice(options.seed, "shift", agent, day)
        if _works(agent, day, dice):
            yield _shift(agent, day, options.zone, dice)


def shifts_at(options: FloorOptions, at: int) -> Iterator[Shift]:
    """The shifts under way at an instant, which may have begun the day before."""
    today = local(at, options.zone).date()
    for day in (today - timedelta(days=1), today):
        yield from (s for s in shifts_of_day(options, day) if s.begins < at < s.ends)


def _works(agent: int, day: date, dice: Dice) -> bool:
    if agent < len(WATCHES):
        return True
    if day.weekday() in WEEKEND:
        return dice.percent(WEEKEND_PERCENT)
    return (day.weekday() + agent) % 7 not in DAYS_OFF


def _begin_hour(agent: int) -> int:
    watches = len(WATCHES)
    return WATCHES[agent] if agent < watches else OTHERS[(agent - watches) % len(OTHERS)]


def _shift(agent: int, day: date, zone: ZoneInfo, dice: Dice) -> Shift:
    hour = datetime(day.year, day.month, day.day, _begin_hour(agent), tzinfo=zone)
    begins = int(hour.timestamp()) + dice.between(-240, 300)
    # By the wall clock, so that the next watch has come also on days that are an hour longer or shorter.
    ends = int((hour + timedelta(hours=SHIFT_HOURS)).timestamp()) + dice.between(480, 1_200)
    breaks = (
        (begins + dice.between(6_300, 8_100), "BREAK"),
        (begins + dice.between(13_500, 16_200), "LUNCH"),
        (begins + dice.between(21_600, 23_400), "BREAK"),
        *([(begins + dice.between(9_000, 12_000), "COACH")] if dice.percent(15) else []),
    )
    return Shift(agent, begins, ends, tuple(sorted(breaks)))
