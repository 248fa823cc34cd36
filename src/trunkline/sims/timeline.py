"""Dated rows in compact form: two arrays of numbers, sorted by start; rows are made when asked for."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

_REF_BITS = 24
_WEEKDAY_HOURS = (1, 1, 1, 1, 1, 2, 6, 18, 60, 95, 100, 90, 70, 85, 95, 90, 75, 45, 20, 12, 8, 5, 3, 2)
_WEEKDAYS = (1.1, 1.0, 1.0, 0.95, 0.9, 0.35, 0.12)
_HOUR_MS = 3_600_000


def milliseconds(instant: datetime) -> int:
    """Whole milliseconds since 1970."""
    return round(instant.timestamp() * 1000)


class Timeline:
    """Numbers of rows (`refs`), ordered by start; rows without a readable start stand at the end.

    A position below `dated` counts in time order; the ones above are the undated rows.
    """

    def __init__(self, starts: Sequence[int] = (), refs: Sequence[int] = ()) -> None:
        self._starts = array("q", starts)
        self._refs = array("q", refs)
        self._undated: list[int] = []

    def __len__(self) -> int:
        return len(self._refs) + len(self._undated)

    @property
    def dated(self) -> int:
        return len(self._refs)

    def at(self, position: int) -> tuple[int, int | None]:
        """The row's number and its start in milliseconds, None for an undated row."""
        if position < len(self._refs):
            return self._refs[position], self._starts[position]
        return self._undated[position - len(self._refs)], None

    def between(self, low: int, high: int) -> range:
        """Positions of the rows that start from `low` to `high` milliseconds, both included."""
        return range(bisect_left(self._starts, low), bisect_right(self._starts, high))

    def copied(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """Numbers and starts of such rows, oldest first: copies, which later changes leave alone."""
        positions = self.between(low, high)
        part = slice(positions.start, positions.stop)
        return zip(self._refs[part], self._starts[part], strict=True)

    def undated(self) -> range:
        return range(len(self._refs), len(self))

    def insert(self, ref: int, start: int | None) -> None:
        if start is None:
            self._undated.append(ref)
            return
        place = bisect_right(self._starts, start)
        self._starts.insert(place, start)
        self._refs.insert(place, ref)

    def remove(self, ref: int) -> None:
        if ref in self._undated:
            self._undated.remove(ref)
            return
        place = self._refs.index(ref)
        del self._starts[place]
        del self._refs[place]

    def start_of(self, ref: int) -> int | None:
        """The start of the row, None for an undated one; ValueError when there is no such row."""
        return None if ref in self._undated else self._starts[self._refs.index(ref)]


class OfficeHours:
    """Instants in the `days` before `until`, as often as a week of office hours in a zone has calls."""

    def __init__(self, until: datetime, days: int, zone: ZoneInfo) -> None:
        first = until - timedelta(days=days)
        weights = accumulate(_weight(first + timedelta(hours=hour), zone) for hour in range(days * 24))
        self._sums = [0.0, *weights]
        self._first = milliseconds(first)

    def at(self, share: float) -> int:
        """The milliseconds at which this share (0 to 1) of the calls has come."""
        return self._first + _inverse(self._sums, share * self._sums[-1])


def office_hours(count: int, seed: object, until: datetime, days: int, zone: ZoneInfo) -> Timeline:
    """`count` starts in the `days` before `until`, shaped like weeks of office hours; the newest is `until`.

    The start of row i depends on its number alone, so a larger timeline contains the smaller one.
    """
    if not count:
        return Timeline()
    hours = OfficeHours(until, days, zone)
    spread = Random(f"{seed}:starts")
    return sorted_timeline([milliseconds(until)] + [hours.at(spread.random()) for _ in range(count - 1)])


def sorted_timeline(starts: Sequence[int]) -> Timeline:
    """Rows numbered as their starts are given."""
    packed = sorted((ms << _REF_BITS) | ref for ref, ms in enumerate(starts))
    mask = (1 << _REF_BITS) - 1
    return Timeline(array("q", (p >> _REF_BITS for p in packed)), array("q", (p & mask for p in packed)))


def _weight(instant: datetime, zone: ZoneInfo) -> float:
    local = instant.astimezone(zone)
    return _WEEKDAY_HOURS[local.hour] * _WEEKDAYS[local.weekday()]


def _inverse(sums: list[float], drawn: float) -> int:
    """Milliseconds after the first hour at which the running sum of weights reaches the drawn number."""
    hour = min(bisect_right(sums, drawn), len(sums) - 1) - 1
    share = (drawn - sums[hour]) / (sums[hour + 1] - sums[hour])
    return min(int((hour + share) * _HOUR_MS), (len(sums) - 1) * _HOUR_MS - 1)


def iso(start: int, zone: ZoneInfo) -> str:
    """ISO 8601 with milliseconds and the zone's offset."""
    return datetime.fromtimestamp(start / 1000, zone).isoformat(timespec="milliseconds")


def iso_utc(start: int) -> str:
    """ISO 8601 with milliseconds and a Z."""
    return datetime.fromtimestamp(start / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_of(value: object) -> int | None:
    """Milliseconds of a delivered time stamp, None for null or unreadable ones."""
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return milliseconds(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
