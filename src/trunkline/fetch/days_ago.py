"""Days counted back from the provider's today, asked for around midnight without a gap or an overlap.

A provider that takes "so many days ago" reads today's date when the request arrives, and may answer a
repeated request from its memory of one that arrived yesterday. Both are told here from the local time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from trunkline.dates import DaySpan, day_start, local_day
from trunkline.declare import DaysAgo


def pieces(span: DaySpan, days: int, today: date) -> Iterator[DaySpan]:
    """The span cut into pieces of at most so many days, today apart from the days before it."""
    past_last = min(span.last, today - timedelta(days=1))
    if span.first <= past_last:
        yield from DaySpan(span.first, past_last).pieces(days)
    if span.first <= today <= span.last:
        yield DaySpan(today, today)


def days_ago(piece: DaySpan, today: date) -> DaysAgo:
    """A piece in days before today. Raises ValueError for a day to come, or today with other days."""
    nearer, farther = (today - piece.last).days, (today - piece.first).days
    if nearer < 0 or (nearer == 0 and farther > 0):
        raise ValueError(f"{piece} cannot be asked for on {today}")
    return DaysAgo(nearer, farther)


@dataclass(frozen=True)
class Moment:
    """A local day and how long it has lasted."""

    today: date
    seconds: float

    def may_remember_yesterday(self, memory_seconds: int) -> bool:
        """Whether an answer from the provider's memory may be one to a question of yesterday."""
        return self.seconds < memory_seconds


def moment(now: datetime, zone: ZoneInfo) -> Moment:
    today = local_day(now, zone)
    return Moment(today, (now - day_start(today, zone)).total_seconds())
