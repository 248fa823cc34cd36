"""The two reports that count calls: by group, and by points of time."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta

from trunkline.sims.callrail.ask import Ask
from trunkline.sims.callrail.calls import length_text
from trunkline.sims.callrail.dates import DATE_PARAMETERS, Window, window_of
from trunkline.sims.callrail.directory import Row
from trunkline.sims.callrail.endpoints import AGGREGATE_FILTERS
from trunkline.sims.callrail.selection import Selector
from trunkline.sims.callrail.world import World
from trunkline.sims.refusals import Refused
from trunkline.sims.timeline import milliseconds

MOST_POINTS = 200
_SEARCHES = ("source",)
_SHARED = frozenset((*AGGREGATE_FILTERS, *DATE_PARAMETERS, "time_zone", "fields", "search"))
# The documented parameters of each report.
COUNTED = {"summary": _SHARED | {"group_by"}, "timeseries": _SHARED | {"interval"}}

_GROUPS = {
    "source": "source",
    "keywords": "keywords",
    "campaign": "campaign",
    "referrer": "referrer_domain",
    "landing_page": "landing_page_url",
    "company": "company_name",
    "company_id": "company_id",
}
_INTERVALS = ("hour", "day", "week", "month", "year")
_FIELDS = (
    *("total_calls", "missed_calls", "answered_calls", "first_time_callers", "average_duration"),
    *("formatted_average_duration", "leads"),
)
_READS = ("answered", "first_call", "duration", "lead_status")


@dataclass
class Tally:
    """Running counts of some calls."""

    total: int = 0
    answered: int = 0
    first_time: int = 0
    seconds: int = 0
    leads: int = 0

    def add(self, row: Row) -> None:
        duration = row.get("duration")
        self.total += 1
        self.answered += row.get("answered") is True
        self.first_time += row.get("first_call") is True
        self.seconds += int(duration) if isinstance(duration, int | float) else 0
        self.leads += row.get("lead_status") == "good_lead"

    def shown(self, fields: Sequence[str]) -> Row:
        average = round(self.seconds / self.total) if self.total else 0
        everything: Row = {
            "total_calls": self.total,
            "missed_calls": self.total - self.answered,
            "answered_calls": self.answered,
            "first_time_callers": self.first_time,
            "average_duration": average,
            "formatted_average_duration": length_text(average),
            "leads": self.leads,
        }
        return {name: everything[name] for name in fields}


class Counted:
    """Answers the counting reports."""

    def __init__(self, world: World, selector: Selector) -> None:
        self._world, self._selector = world, selector

    def answer(self, report: str, ask: Ask, is_empty: bool) -> Row:
        """Head, totals, and the rows of the report; raises Refused."""
        window = window_of(ask.params, ask.now)
        asked = set(ask.listed("fields"))
        fields = [name for name in _FIELDS if name in asked or name == "total_calls"]
        rows: Iterator[tuple[int, Row]] = iter(()) if is_empty else self._rows(window, ask)
        head: Row = {
            "start_date": stamp(window.start),
            "end_date": stamp(window.end),
            "time_zone": window.zone_label,
        }
        if report == "summary":
            return head | _summary(rows, fields, ask)
        return head | _time_series(rows, fields, window, ask)

    def _rows(self, window: Window, ask: Ask) -> Iterator[tuple[int, Row]]:
        """The start of each counted call, and what is needed of it."""
        calls = self._world.calls
        group = _GROUPS.get(ask.one("group_by"))
        reads = (*_READS, group) if group else _READS
        for position in self._selector.in_time(calls, window, AGGREGATE_FILTERS, _SEARCHES, ask):
            start = calls.timeline.at(position)[1]
            if start is not None:
                yield start, calls.row(position, window.zone, reads)


def stamp(moment: datetime) -> str:
    """A time stamp whose offset has no colon; the service writes UTC as -0000."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S%z").replace("+0000", "-0000")


def _summary(rows: Iterator[tuple[int, Row]], fields: Sequence[str], ask: Ask) -> Row:
    group_by = ask.one("group_by")
    if group_by and group_by not in _GROUPS:
        raise Refused(400, f"group_by {group_by} is invalid: use one of {', '.join(_GROUPS)}")
    if group_by in ("company", "company_id") and ask.one("company_id"):
        raise Refused(400, f"group_by {group_by} is only available for the whole account, without company_id")
    total, groups = Tally(), dict[str, Tally]()
    for _, row in rows:
        total.add(row)
        if group_by:
            groups.setdefault(str(row.get(_GROUPS[group_by]) or ""), Tally()).add(row)
    answer: Row = {"total_results": total.shown(fields)}
    if not group_by:
        return answer
    ranked = sorted(groups.items(), key=lambda item: (-item[1].total, item[0]))
    return answer | {
        "grouped_by": group_by,
        "grouped_results": [{"key": key, **tally.shown(fields)} for key, tally in ranked],
    }


def _time_series(rows: Iterator[tuple[int, Row]], fields: Sequence[str], window: Window, ask: Ask) -> Row:
    interval = ask.one("interval", "day") or "day"
    if interval not in _INTERVALS:
        raise Refused(400, f"interval {interval} is invalid: use one of {', '.join(_INTERVALS)}")
    points = _points(window, interval)
    total, tallies = Tally(), [Tally() for _ in points]
    starts = [milliseconds(point) for point in points]
    for start, row in rows:
        total.add(row)
        tallies[max(0, bisect_right(starts, start) - 1)].add(row)
    labels = [stamp(p) if interval == "hour" else p.date().isoformat() for p in points]
    data = [{"key": d, "date": d, **t.shown(fields)} for d, t in zip(labels, tallies, strict=True)]
    return {"total_results": total.shown(fields), "data": data}


def _points(window: Window, interval: str) -> list[datetime]:
    """The starts of the intervals of a window; more than 200 are refused."""
    points: list[datetime] = []
    for point in _starts(window, interval):
        if len(points) == MOST_POINTS:
            raise Refused(400, f"The time series has more than {MOST_POINTS} points. Use a longer interval.")
        points.append(point)
    return points


def _starts(window: Window, interval: str) -> Iterator[datetime]:
    if interval == "hour":
        yield from _hours(window)
        return
    day = window.start.replace(hour=0, minute=0, second=0, microsecond=0)
    first = {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "year": day.replace(month=1, day=1),
    }[interval]
    step = {
        "day": relativedelta(days=1),
        "week": relativedelta(weeks=1),
        "month": relativedelta(months=1),
        "year": relativedelta(years=1),
    }[interval]
    count = 0
    while (point := first + step * count) <= window.end:
        yield point
        count += 1


def _hours(window: Window) -> Iterator[datetime]:
    # Counted in UTC, so that the hour of a clock change is there twice, or not at all.
    point = window.start.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    while point <= window.end:
        yield point.astimezone(window.zone)
        point += timedelta(hours=1)
