"""Instants as the dialer's tables have them: local time of the dialer, to the second."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_SECONDS = 86_400


@lru_cache(20_000)
def local(at: int, zone: ZoneInfo) -> datetime:
    """The wall clock of the zone, without a zone."""
    return datetime.fromtimestamp(at, zone).replace(tzinfo=None)


def text(at: int, zone: ZoneInfo) -> str:
    """YYYY-MM-DD HH:MM:SS."""
    return local(at, zone).isoformat(" ")


def call_stamp(at: int, zone: ZoneInfo) -> str:
    """The nine digits of a call id that tell when: the month's last digit, day, time."""
    return local(at, zone).strftime("%m%d%H%M%S")[1:]


def file_stamp(at: int, zone: ZoneInfo) -> str:
    return local(at, zone).strftime("%Y%m%d-%H%M%S")


def midnight(day: date, zone: ZoneInfo) -> int:
    """The first second of a local day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def next_midnight(at: int, zone: ZoneInfo) -> int:
    return midnight(local(at, zone).date() + timedelta(days=1), zone)
