"""Days: how people name them, and which instants they are in a zone.

Words understood everywhere: `2026-01-31`, `today`, `yesterday`, `today-7`, and a bare number of days
back (`7`); the vocabulary of both connector pages. A day is a local calendar day of an IANA zone and
may be 23 or 25 hours long; a span includes both its ends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from trunkline.errors import SettingsError

FURTHEST_DAYS_BACK = 36_525
DAYS_BACK_FORM = "write a number of days back (0 is today), or today, yesterday, today-7."
DAY_FORM = "write a day like 2026-01-31, or today, yesterday, today-7, or a number of days back."

_RELATIVE = re.compile(r"(?:today\s*-\s*)?(\d{1,6})\Z", re.ASCII)
_SPECIFIC = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


class DayFormatError(ValueError):
    """A text that names no day; the message says what would be right."""


@dataclass(frozen=True, order=True)
class DaySpan:
    """Local days from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"{self.first} is after {self.last}")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range(self.days))

    def pieces(self, days: int) -> Iterator["DaySpan"]:
        """The span cut into spans of at most so many days, without gap or overlap."""
        if days < 1:
            raise ValueError(f"pieces of {days} days cannot be cut")
        first = self.first
        while first <= self.last:
            last = min(first + timedelta(days=days - 1), self.last)
            yield DaySpan(first, last)
            first = last + timedelta(days=1)

    def __str__(self) -> str:
        if self.first == self.last:
            return day_text(self.first)
        return f"{day_text(self.first)} to {day_text(self.last)}"


def day_text(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def days_back(text: str | int) -> int:
    """How many days back a relative word lies: `today` 0, `yesterday` 1, `today-7` 7, `7` 7.

    Raises DayFormatError.
    """
    word = str(text).strip().lower()
    fixed = {"today": 0, "yesterday": 1}.get(word)
    if fixed is not None:
        return fixed
    match = _RELATIVE.match(word)
    if not match or int(match[1]) > FURTHEST_DAYS_BACK:
        raise DayFormatError(DAYS_BACK_FORM)
    return int(match[1])


def parse_day(text: str, today: date | None = None) -> date:
    """The day a text names, seen from `today` (any day will do to check the form alone).

    Raises DayFormatError.
    """
    word = text.strip()
    if _SPECIFIC.match(word):
        try:
            return date.fromisoformat(word)
        except ValueError:
            raise DayFormatError(f"that day does not exist; {DAY_FORM}") from None
    try:
        back = days_back(word)
    except DayFormatError:
        raise DayFormatError(DAY_FORM) from None
    return (today or date(2026, 1, 1)) - timedelta(days=back)


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises SettingsError."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise SettingsError(
            f"{name!r} is no time zone.", todo="Write an IANA name such as America/New_York or Europe/Paris."
        ) from None


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC; where midnight is skipped, the instant after the gap."""
    return instant_of(datetime(day.year, day.month, day.day), zone)


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant, UTC, at which clocks of the zone first show a time without an offset.

    A time that clocks skip is the first instant after the gap.
    """
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if wall_time(instant, zone) == wall:
        return instant
    # Of a skipped time, fold 1 lies before the gap.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return offset_change(zone, before, instant) or instant


def wall_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """What clocks of the zone show at an instant, without an offset."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def offset_change(zone: ZoneInfo, after: datetime, until: datetime) -> datetime | None:
    """The first instant in (after, until], to the second, at which the zone's offset is another; or None."""
    offset, lower = after.astimezone(zone).utcoffset(), after
    while lower < until:
        upper = min(lower + timedelta(days=1), until)
        if upper.astimezone(zone).utcoffset() != offset:
            return _turning_point(zone, lower.replace(microsecond=0), _whole_second(upper))
        lower = upper
    return None


def _whole_second(instant: datetime) -> datetime:
    """The first whole second that is not before it: no clock change lies between two."""
    floor = instant.replace(microsecond=0)
    return floor if floor == instant else floor + timedelta(seconds=1)


def _turning_point(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def instants(span: DaySpan, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """First instant of the span and first instant after it, both UTC."""
    return day_start(span.first, zone), day_start(span.last + timedelta(days=1), zone)


def months_before(day: date, months: int) -> date:
    return day - relativedelta(months=months)
