"""How many requests the account may still send."""

from collections import deque
from datetime import datetime, timedelta
from email.utils import format_datetime
from math import ceil

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class Limits:
    """Sliding windows of an hour and a day; a refused request uses nothing up."""

    def __init__(self, hourly: int | None, daily: int | None) -> None:
        self._windows = [
            (n, span, deque[datetime]()) for n, span in ((hourly, _HOUR), (daily, _DAY)) if n is not None
        ]

    def take(self, now: datetime) -> timedelta | None:
        """None when the request may pass, else how long until the oldest one falls out."""
        waits = [wait for limit, span, passed in self._windows if (wait := _wait(limit, span, passed, now))]
        if waits:
            return max(waits)
        for _, _, passed in self._windows:
            passed.append(now)
        return None


def _wait(limit: int, span: timedelta, passed: deque[datetime], now: datetime) -> timedelta | None:
    while passed and passed[0] <= now - span:
        passed.popleft()
    if len(passed) < limit:
        return None
    return passed[0] + span - now if passed else span


def retry_after(form: str, wait: timedelta, now: datetime) -> dict[str, str]:
    """The header in the wished form: "seconds", "date" or "none"."""
    seconds = max(1, ceil(wait.total_seconds()))
    if form == "seconds":
        return {"Retry-After": str(seconds)}
    if form == "date":
        # A date has no fractions: rounded down, it would call the client back too early.
        moment = now.replace(microsecond=0) + timedelta(seconds=seconds + 1)
        return {"Retry-After": format_datetime(moment, usegmt=True)}
    return {}
