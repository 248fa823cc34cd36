"""How many requests a pretend service still lets through."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from math import ceil


class Limits:
    """Sliding windows, each a number of requests in a span; a refused request uses nothing up.

    A window without a number lets everything pass.
    """

    def __init__(self, *windows: tuple[int | None, timedelta]) -> None:
        self._windows = [(n, span, deque[datetime]()) for n, span in windows if n is not None]

    def wait(self, now: datetime) -> timedelta | None:
        """None when a request may pass, else how long until the oldest one falls out."""
        waits = [wait for limit, span, passed in self._windows if (wait := _wait(limit, span, passed, now))]
        return max(waits) if waits else None

    def note(self, now: datetime) -> None:
        """Count a request that passes."""
        for _, _, passed in self._windows:
            passed.append(now)


def take(limits: Sequence[Limits], now: datetime) -> timedelta | None:
    """None when the request passes all of them and counts for each, else how long it must wait."""
    waits = [wait for limit in limits if (wait := limit.wait(now))]
    if waits:
        return max(waits)
    for limit in limits:
        limit.note(now)
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
