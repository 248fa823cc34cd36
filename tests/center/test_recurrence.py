"""Due times across clock changes, held against a walk through every minute."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from trunkline.center.recurrence import Cron, Every, OnDays, Rule, Window

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NAMES = (
    *("UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"),
    *("America/Havana", "Atlantic/Azores", "Africa/Cairo", "Pacific/Apia", "Asia/Beirut", "Antarctica/Troll"),
)
NEW_YORK, LORD_HOWE, BEIRUT = (
    ZoneInfo(name) for name in ("America/New_York", "Australia/Lord_Howe", "Asia/Beirut")
)
ZONES = st.sampled_from([ZoneInfo(name) for name in NAMES])
UNHURRIED = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
Match = Callable[[datetime], bool]


def changes_of(zone: ZoneInfo) -> list[datetime]:
    """The days, from 2010 to 2027, on which the zone's offset changes."""
    days = [datetime(2010, 1, 1, tzinfo=UTC) + n * DAY for n in range(18 * 365)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return [days[n] for n in range(1, len(days)) if offsets[n] != offsets[n - 1]]


CHANGES = {name: changes_of(ZoneInfo(name)) for name in NAMES}


@st.composite
def scenes(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """A zone and an instant near one of its clock changes."""
    zone = draw(ZONES)
    near = draw(st.sampled_from(CHANGES[zone.key] or [datetime(2026, 6, 1, tzinfo=UTC)]))
    return zone, near + timedelta(seconds=draw(st.integers(-60 * 3600, 12 * 3600)))


# -- the plain walk --------------------------------------------------------------------------------


def minutes(begin: datetime, until: datetime) -> Iterator[datetime]:
    at = begin.replace(second=0, microsecond=0)
    while at <= until:
        yield at
        at += MINUTE


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def passings(matches: Match, zone: ZoneInfo, after: datetime, until: datetime) -> list[datetime]:
    """When the clock reaches, or jumps over, a matching time that it never reached before."""
    found = []
    furthest = shown(after - 3 * DAY, zone)
    for at in minutes(after - 3 * DAY + MINUTE, until):
        now = shown(at, zone)
        is_due = any(matches(wall) for wall in minutes(furthest + MINUTE, now))
        furthest = max(furthest, now)
        if is_due and at > after:
            found.append(at)
    return found


def matchings(matches: Match, zone: ZoneInfo, after: datetime, until: datetime) -> list[datetime]:
    return [at for at in minutes(after, until) if at > after and matches(shown(at, zone))]


def yielded(rule: Rule, zone: ZoneInfo, after: datetime, until: datetime) -> list[datetime]:
    return list(takewhile(lambda due: due <= until, rule.after(after, zone)))


# -- cron ------------------------------------------------------------------------------------------

NUMBERS = st.sets(st.integers(0, 23), min_size=1, max_size=5)


@UNHURRIED
@given(scenes(), NUMBERS, st.sets(st.integers(0, 3), min_size=1, max_size=3))
def test_fixed_times_are_due_once_whatever_clocks_do(
    scene: tuple[ZoneInfo, datetime], some: set[int], hours: set[int]
) -> None:
    zone, after = scene
    minute_set = {n * 5 % 60 for n in some}
    rule = Cron(f"{_listed(minute_set)} {_listed(hours)} * * *")
    until = after + 3 * DAY
    expected = passings(lambda w: w.minute in minute_set and w.hour in hours, zone, after, until)
    assert yielded(rule, zone, after, until) == expected


def _listed(numbers: set[int]) -> str:
    return ",".join(str(n) for n in sorted(numbers))


@UNHURRIED
@given(scenes(), st.sampled_from([1, 5, 7, 15, 20, 30]), st.sets(st.integers(0, 23), min_size=1, max_size=4))
def test_expressions_with_a_star_are_due_whenever_clocks_match(
    scene: tuple[ZoneInfo, datetime], step: int, hours: set[int]
) -> None:
    zone, after = scene
    until = after + 2 * DAY
    rule = Cron(f"*/{step} {_listed(hours)} * * *")
    expected = matchings(lambda w: w.minute % step == 0 and w.hour in hours, zone, after, until)
    assert yielded(rule, zone, after, until) == expected
    every_hour = Cron(f"{step} * * * *")
    assert yielded(every_hour, zone, after, until) == matchings(
        lambda w: w.minute == step, zone, after, until
    )


@UNHURRIED
@given(
    st.sampled_from(["America/New_York", "Europe/Berlin"]),
    st.integers(0, 30),
    st.integers(-60, 40),
    st.sampled_from(["30 2 * * *", "30 1 * * *", "0 */2 * * *", "*/10 * * * *", "0 6 * * 1-5", "15 3 L * *"]),
)
def test_the_times_are_cronsims_own(name: str, which: int, hours: int, expression: str) -> None:
    """Where clocks change by a whole hour, and read from a time that is shown once."""
    zone = ZoneInfo(name)
    start = CHANGES[name][which] + timedelta(hours=hours)
    if shown(start, zone) in (shown(start + DAY / 24, zone), shown(start - DAY / 24, zone)):
        start += DAY
    own = CronSim(expression, start.astimezone(zone))
    until = start + 3 * DAY
    expected = list(takewhile(lambda due: due <= until, (due.astimezone(UTC) for due in own)))
    assert yielded(Cron(expression), zone, start, until) == expected


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        ("30 1 * * *", "2026-10-31T12:00-04:00", ["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"]),
        ("30 1 * * *", "2026-11-01T01:10-05:00", ["2026-11-02T01:30-05:00"]),
        ("30 2 * * *", "2026-03-07T12:00-05:00", ["2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00"]),
        ("0,30 2,3 * * *", "2026-03-08T01:00-05:00", ["2026-03-08T03:00-04:00", "2026-03-08T03:30-04:00"]),
        ("*/30 1 * * *", "2026-11-01T01:30-04:00", ["2026-11-01T01:00-05:00", "2026-11-01T01:30-05:00"]),
        ("0 0 29 2 *", "2026-03-01T00:00-05:00", ["2028-02-29T00:00-05:00", "2032-02-29T00:00-05:00"]),
        ("0 * 1 1 *", "2026-01-01T23:00-05:00", ["2027-01-01T00:00-05:00", "2027-01-01T01:00-05:00"]),
        ("0 6 * * 1", "2026-06-14T12:00-04:00", ["2026-06-15T06:00-04:00", "2026-06-22T06:00-04:00"]),
    ],
)
def test_clock_changes_of_new_york(expression: str, after: str, due: list[str]) -> None:
    times = Cron(expression).after(datetime.fromisoformat(after).astimezone(UTC), NEW_YORK)
    assert [next(times) for _ in due] == [datetime.fromisoformat(one) for one in due]


def test_a_half_hour_change_is_told_as_it_is() -> None:
    """Clocks of Lord Howe go back from 02:00 to 01:30."""
    after = datetime(2026, 4, 4, 13, 0, tzinfo=UTC)
    times = Cron("*/30 1 * * *").after(after, LORD_HOWE)
    shown_times = [f"{next(times).astimezone(LORD_HOWE):%d %H:%M %z}" for _ in range(4)]
    assert shown_times == ["05 01:00 +1100", "05 01:30 +1100", "05 01:30 +1030", "06 01:00 +1030"]


# -- days ------------------------------------------------------------------------------------------


@UNHURRIED
@given(scenes(), st.times().map(lambda t: t.replace(second=0, microsecond=0)), st.sets(st.integers(0, 6)))
def test_days_come_once_each(scene: tuple[ZoneInfo, datetime], at: time, weekdays: set[int]) -> None:
    zone, after = scene
    chosen = weekdays or {0}
    until = after + 4 * DAY
    expected = passings(lambda w: w.time() == at and w.weekday() in chosen, zone, after, until)
    assert yielded(OnDays(at, lambda day: day.weekday() in chosen), zone, after, until) == expected


def test_a_midnight_that_clocks_skip_is_due_after_the_gap() -> None:
    after = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    first = next(OnDays(time(0), lambda _: True).after(after, BEIRUT))
    assert first.astimezone(BEIRUT).isoformat() == "2026-03-29T01:00:00+03:00"


# -- every -----------------------------------------------------------------------------------------


def first_shown(wall: datetime, zone: ZoneInfo, near: list[tuple[datetime, datetime]]) -> datetime:
    return next(at for at, now in near if now >= wall)


def counted(rule: Every, zone: ZoneInfo, after: datetime, until: datetime) -> list[datetime]:
    near = [(at, shown(at, zone)) for at in minutes(after - 4 * DAY, until + 4 * DAY)]
    found = set()
    for n in range(-2, (until - after).days + 2):
        day = shown(after, zone).date() + n * DAY
        begins = datetime.combine(day, rule.window.first if rule.window else time(0))
        at, stop = first_shown(begins, zone, near), first_shown(begins + DAY, zone, near)
        if rule.window:
            ends = datetime.combine(day, rule.window.last)
            ends += DAY if rule.window.last < rule.window.first else timedelta()
            stop = min(stop, first_shown(ends, zone, near) + MINUTE)
        found |= {m for m in minutes(at, stop - MINUTE) if (m - at) % rule.interval == timedelta()}
    return sorted(due for due in found if after < due <= until)


QUARTERS = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
WINDOWS = st.none() | st.tuples(QUARTERS, QUARTERS).filter(lambda t: t[0] != t[1]).map(lambda t: Window(*t))


@UNHURRIED
@given(scenes(), st.sampled_from([1, 7, 15, 60, 90, 120, 420, 1440]), WINDOWS)
@example((NEW_YORK, datetime(2026, 3, 7, 20, 0, tzinfo=UTC)), 120, None)
@example((NEW_YORK, datetime(2026, 3, 8, 3, 0, tzinfo=UTC)), 15, Window(time(2, 30), time(2, 15)))
@example((BEIRUT, datetime(2026, 3, 28, 12, 0, tzinfo=UTC)), 1440, None)
def test_every_length_counts_what_passes_since_the_window_began(
    scene: tuple[ZoneInfo, datetime], length: int, window: Window | None
) -> None:
    zone, after = scene
    until = after + 2 * DAY
    rule = Every(timedelta(minutes=length), window)
    assert yielded(rule, zone, after, until) == counted(rule, zone, after, until)


@UNHURRIED
@given(scenes(), st.integers(1, 1440), WINDOWS, st.integers(0, 86_399))
def test_shifted_times_rise_strictly_and_stay_in_the_window(
    scene: tuple[ZoneInfo, datetime], length: int, window: Window | None, seconds: int
) -> None:
    zone, after = scene
    interval = timedelta(minutes=length)
    room = min(interval, window.length if window else DAY)
    rule = Every(interval, window, timedelta(seconds=seconds % int(room.total_seconds())))
    due = yielded(rule, zone, after, after + 2 * DAY)
    assert all(a < b for a, b in zip([after, *due], due, strict=False))
    plain = yielded(Every(interval, window), zone, after - 3 * DAY, after + 3 * DAY)
    assert {one - rule.jitter for one in due} <= set(plain)


def test_every_two_hours_around_the_skipped_hour() -> None:
    times = Every(timedelta(hours=2)).after(datetime(2026, 3, 8, 4, 59, tzinfo=UTC), NEW_YORK)
    assert [f"{next(times).astimezone(NEW_YORK):%d %H:%M}" for _ in range(13)] == [
        *("08 00:00", "08 03:00", "08 05:00", "08 07:00", "08 09:00", "08 11:00", "08 13:00", "08 15:00"),
        *("08 17:00", "08 19:00", "08 21:00", "08 23:00", "09 00:00"),
    ]


def test_a_window_may_pass_midnight() -> None:
    rule = Every(timedelta(hours=3), Window(time(22), time(4)))
    times = rule.after(datetime(2026, 6, 14, 20, 0, tzinfo=UTC), ZoneInfo("UTC"))
    assert [f"{next(times):%d %H:%M}" for _ in range(4)] == ["14 22:00", "15 01:00", "15 04:00", "15 22:00"]
    assert Window(time(22), time(4)).end(date(2026, 6, 14)) == datetime(2026, 6, 15, 4)
