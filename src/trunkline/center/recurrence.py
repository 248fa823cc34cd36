"""Due times without end: what each kind of schedule means on the clocks of a zone.

A rule yields instants, UTC, strictly increasing, all after the one it is asked for. A time that clocks
skip is due when they have skipped it; one that they show twice is due the first time. Two rules count
what really passes instead: `Every`, and cron expressions that name no fixed hour and minute.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Protocol
from zoneinfo import ZoneInfo

from cronsim import CronSim

from trunkline.dates import instant_of, local_day, offset_change, wall_time

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MIDNIGHT = time(0)


class Rule(Protocol):
    """When something is due."""

    def after(self, instant: datetime, zone: ZoneInfo) -> Iterator[datetime]: ...


@dataclass(frozen=True)
class Window:
    """A part of the day, both ends included; one that ends before it begins passes midnight."""

    first: time
    last: time

    @property
    def length(self) -> timedelta:
        length = datetime.combine(date.min, self.last) - datetime.combine(date.min, self.first)
        return length if length > timedelta() else length + DAY

    def end(self, day: date) -> datetime:
        """The end, on the clock, of the window that begins on a day."""
        return datetime.combine(day + DAY if self.last < self.first else day, self.last)


@dataclass(frozen=True)
class Every:
    """Each day from its window's beginning (without one: midnight), a length of time apart.

    The length is what really passes: on days when clocks change, times after the change may lie an hour off.
    """

    interval: timedelta
    window: Window | None = None
    jitter: timedelta = timedelta()

    def after(self, instant: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        for day in _days_from(local_day(instant, zone) - DAY):
            start, stop = self._span(day, zone)
            found = start + self.jitter
            if found <= instant:
                found += ((instant - found) // self.interval + 1) * self.interval
            while found < stop:
                yield found
                found += self.interval

    def _span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The first instant of a day's times, and the first that is none of it any more."""
        begins = self.window.first if self.window else MIDNIGHT
        start = instant_of(datetime.combine(day, begins), zone)
        stop = instant_of(datetime.combine(day + DAY, begins), zone)
        if self.window:
            stop = min(stop, instant_of(self.window.end(day), zone) + SECOND)
        return start, stop


@dataclass(frozen=True)
class OnDays:
    """Once on each day that is one of them, at a time of the clock."""

    at: time
    is_one: Callable[[date], bool]

    def after(self, instant: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        last = instant
        for day in _days_from(local_day(instant, zone)):
            if self.is_one(day) and (found := instant_of(datetime.combine(day, self.at), zone)) > last:
                yield found
                last = found


@dataclass(frozen=True)
class Cron:
    """A cron expression of five fields, as Debian's cron reads it."""

    expression: str

    def after(self, instant: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        minute, hour, *_ = self.expression.split()
        if minute.startswith("*") or hour.startswith("*"):
            return self._whenever_clocks_match(instant, zone)
        return self._at_fixed_times(instant, zone)

    def _at_fixed_times(self, instant: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        last = instant
        for wall in CronSim(self.expression, wall_time(instant, zone)):
            found = instant_of(wall, zone)
            if found > last:
                yield found
                last = found

    def _whenever_clocks_match(self, instant: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Between two changes of the clocks an instant and what they show differ by the same offset."""
        change: datetime | None = instant
        while change is not None:
            begin, change = change, None
            offset = wall_time(begin, zone) - begin.replace(tzinfo=None)
            before = SECOND if begin > instant else timedelta()
            for wall in CronSim(self.expression, wall_time(begin, zone) - before):
                found = (wall - offset).replace(tzinfo=instant.tzinfo)
                change = offset_change(zone, begin, found)
                if change is not None:
                    break
                yield found
                begin = found


def _days_from(day: date) -> Iterator[date]:
    return (day + timedelta(days=n) for n in count())
