"""The days a stats request asks for: local days of its zone, reckoned when it is made."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from trunkline.sims.refusals import Refused
from trunkline.sims.timeline import milliseconds

FIRST_DAY, LAST_DAY = 1, 30


class StatsWindow(NamedTuple):
    """Instants from `low` up to and without `high`, in milliseconds, and the zone whose days they bound."""

    low: int
    high: int
    zone: str


def zone_of(name: str) -> ZoneInfo:
    """The zone of a tz database name; raises Refused for any other word."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise Refused(400, "Invalid timezone name") from None


def window_of(is_today: bool, nearer: int, farther: int, zone: str, now: datetime) -> StatsWindow:
    """The window of a request: today up to now, or the days from `farther` to `nearer` days ago.

    Today is never among days ago: 0 to 1 is yesterday alone. A range named from far to near holds nothing.
    """
    tz = zone_of(zone)
    today = now.astimezone(tz).date()
    if is_today:
        return StatsWindow(_midnight(today, tz), milliseconds(now) + 1, zone)
    low, high = (_midnight(today - timedelta(days=n), tz) for n in (farther, max(nearer, 1) - 1))
    return StatsWindow(low, max(low, high), zone)


def _midnight(day: date, tz: ZoneInfo) -> int:
    return milliseconds(datetime.combine(day, time(), tz))
