"""Times of the report: `Jan 13 2017 10:52 PM`, local, to the minute. Days of requests: `20170113`.

The month's name is English and the hour has no zero before it, whatever the machine's locale.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TIME_FORM = "time like Jan 13 2017 10:52 PM"
DAY_FORM = "8 digits, YYYYMMDD"
MINUTES_A_DAY = 1440

_TIME = re.compile(r"([A-Za-z]{3} +\d{1,2} +\d{4}) +(\d{1,2}:\d{2} *[AaPp][Mm])", re.ASCII)
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_DURATION = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
DURATION_FORM = "number like 9; write digits, or nothing where none is known"
_FIRST_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A local time of the report."""

    minute: int
    """Minutes since 1970-01-01 00:00 by the local clock."""
    instant: datetime | None
    """None where the clock shows this time twice or never."""

    @property
    def day(self) -> date:
        return day_of(self.minute)


def parse_time(text: str, zone: ZoneInfo) -> LocalTime:
    """The time a text of the report names. Raises ValueError, which says what the text is instead."""
    found = _TIME.fullmatch(text.strip())
    day = _day(found[1]) if found else None
    minute = _minute(found[2]) if found else None
    if day is None or minute is None:
        raise ValueError(f"is no {TIME_FORM}")
    if day.year < 1970:
        raise ValueError("is a time before 1970")
    whole = first_minute(day) + minute
    begins = _utc_midnight(day, zone)
    instant = begins + timedelta(minutes=minute) if begins else _instant(local_of(whole), zone)
    return LocalTime(whole, instant)


@lru_cache(maxsize=1024)
def _day(text: str) -> date | None:
    month, day, year = text.split()
    try:
        return date(int(year), MONTHS.index(month.title()) + 1, int(day))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _minute(text: str) -> int | None:
    """The minute of the day that `10:52 PM` names."""
    hour, minute = int(text.partition(":")[0]), int(text.partition(":")[2][:2])
    if not (1 <= hour <= 12 and minute <= 59):
        return None
    return (hour % 12 + (12 if text[-2:].lower() == "pm" else 0)) * 60 + minute


@lru_cache(maxsize=1024)
def _utc_midnight(day: date, zone: ZoneInfo) -> datetime | None:
    """When a day begins, if the clock is not changed on it: its times are reckoned from there. Else None."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    try:
        last = midnight + timedelta(days=1)
        edges = (midnight, midnight.replace(fold=1), last, last.replace(fold=1))
        is_even = len({edge.utcoffset() for edge in edges}) == 1
        return midnight.astimezone(UTC) if is_even else None
    except OverflowError:
        return None


def _instant(local: datetime, zone: ZoneInfo) -> datetime | None:
    earlier, later = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    try:
        return earlier.astimezone(UTC) if earlier.utcoffset() == later.utcoffset() else None
    except OverflowError:
        return None


def minute_of(local: datetime) -> int:
    return first_minute(local.date()) + local.hour * 60 + local.minute


def first_minute(day: date) -> int:
    return (day.toordinal() - _FIRST_DAY) * MINUTES_A_DAY


def minute_after(day: date) -> int:
    """The first minute that is not of the day."""
    return first_minute(day) + MINUTES_A_DAY


def day_of(minute: int) -> date:
    return date.fromordinal(_FIRST_DAY + minute // MINUTES_A_DAY)


def local_of(minute: int) -> datetime:
    """The local time, without a zone."""
    return datetime(1970, 1, 1) + timedelta(minutes=minute)


def time_text(local: datetime) -> str:
    """A local time as the report writes it."""
    half = "PM" if local.hour >= 12 else "AM"
    hour = local.hour % 12 or 12
    return f"{MONTHS[local.month - 1]} {local.day:02} {local.year:04} {hour}:{local.minute:02} {half}"


def parse_duration(text: str) -> float | None:
    """The number that the report prints as Call Duration, in its own unit; None where it prints nothing.

    Raises ValueError, which says what the text is instead.
    """
    given = text.strip()
    if given and not _DURATION.fullmatch(given):
        raise ValueError(f"is no {DURATION_FORM}")
    return float(given) if given else None


def parse_day(text: str) -> date:
    """The day that 8 digits name. Raises ValueError, which says what is wrong."""
    found = _DAY.fullmatch(text)
    if not found:
        raise ValueError(f"write {DAY_FORM}")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise ValueError(f"that day does not exist; write {DAY_FORM}") from None
