"""How people name days, and which instants they are."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from trunkline.dates import (
    DAY_FORM,
    FURTHEST_DAYS_BACK,
    DayFormatError,
    DaySpan,
    day_start,
    day_text,
    days_back,
    instants,
    local_day,
    months_before,
    parse_day,
    zone_named,
)
from trunkline.errors import SettingsError

TODAY = date(2026, 6, 14)
SECOND = timedelta(seconds=1)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = (
    "UTC",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "America/Havana",
    "Atlantic/Azores",
    "Africa/Cairo",
    "Pacific/Apia",
    "Asia/Beirut",
    "Asia/Tehran",
)
ZONES = st.sampled_from([ZoneInfo(name) for name in NAMES])
DAYS = st.dates(date(2000, 1, 1), date(2037, 12, 31))
SAO_PAULO, APIA = ZoneInfo("America/Sao_Paulo"), ZoneInfo("Pacific/Apia")


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "back"),
    [
        ("today", 0),
        ("0", 0),
        ("yesterday", 1),
        ("1", 1),
        ("today-7", 7),
        ("7", 7),
        ("TODAY - 7", 7),
        (" Yesterday ", 1),
        (7, 7),
        ("today-0", 0),
        ("007", 7),
        (str(FURTHEST_DAYS_BACK), FURTHEST_DAYS_BACK),
    ],
)
def test_both_spellings_name_the_same_days_back(word: str | int, back: int) -> None:
    assert days_back(word) == back
    assert parse_day(str(word), TODAY) == TODAY - timedelta(days=back)


@pytest.mark.parametrize(
    "word",
    [
        "",
        "-7",
        "today+7",
        "today-",
        "tomorrow",
        "7 days",
        "1.5",
        "٧",
        "today-7-1",
        "36526",
        "9999999",
        "today7\n8",
    ],
)
def test_what_names_no_day_is_refused_with_what_would_be_right(word: str) -> None:
    with pytest.raises(DayFormatError, match="write a number of days back"):
        days_back(word)
    with pytest.raises(DayFormatError) as caught:
        parse_day(word)
    assert str(caught.value) == DAY_FORM


def test_a_calendar_day_is_read_as_it_is() -> None:
    assert parse_day(" 2026-01-31 ") == date(2026, 1, 31)
    assert parse_day("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize("word", ["2026-02-29", "2026-13-01", "2026-04-31", "0000-01-01"])
def test_a_day_that_does_not_exist_is_said_not_to(word: str) -> None:
    with pytest.raises(DayFormatError, match="that day does not exist"):
        parse_day(word)


@pytest.mark.parametrize("word", ["2026-1-31", "31-01-2026", "01/31/2026", "20260131", "2026-01-31T00:00"])
def test_other_spellings_of_a_calendar_day_are_refused(word: str) -> None:
    with pytest.raises(DayFormatError):
        parse_day(word)


@UNHURRIED
@given(DAYS, st.integers(0, FURTHEST_DAYS_BACK))
def test_a_word_moves_with_today(today: date, back: int) -> None:
    assert parse_day(f"today-{back}", today) == parse_day(str(back), today) == today - timedelta(days=back)


# -- spans -----------------------------------------------------------------------------------------


@UNHURRIED
@given(DAYS, st.integers(0, 800), st.integers(1, 400))
def test_pieces_cover_a_span_exactly_once_and_in_order(first: date, more: int, size: int) -> None:
    span = DaySpan(first, first + timedelta(days=more))
    pieces = list(span.pieces(size))
    assert [day for piece in pieces for day in piece] == [first + timedelta(days=n) for n in range(more + 1)]
    assert all(piece.days == size for piece in pieces[:-1])
    assert 1 <= pieces[-1].days <= size


@pytest.mark.parametrize("size", [0, -1])
def test_a_span_cannot_be_cut_into_nothing(size: int) -> None:
    with pytest.raises(ValueError, match="cannot be cut"):
        list(DaySpan(TODAY, TODAY).pieces(size))


def test_a_span_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="2026-06-14 is after 2026-06-13"):
        DaySpan(TODAY, TODAY - timedelta(days=1))


def test_a_span_is_told_for_people() -> None:
    assert str(DaySpan(TODAY, TODAY)) == "14 Jun 2026"
    assert str(DaySpan(date(2026, 1, 1), TODAY)) == "1 Jan 2026 to 14 Jun 2026"
    assert day_text(date(2026, 12, 31)) == "31 Dec 2026"


# -- instants --------------------------------------------------------------------------------------


@UNHURRIED
@given(DAYS, st.integers(1, 40), ZONES)
@example(date(2018, 11, 1), 10, SAO_PAULO)
@example(date(2011, 12, 28), 5, APIA)
def test_consecutive_days_meet_without_gap_or_overlap(first: date, days: int, zone: ZoneInfo) -> None:
    span = DaySpan(first, first + timedelta(days=days))
    edges = [instants(DaySpan(day, day), zone) for day in span]
    assert all(end == start for (_, end), (start, _) in pairwise(edges))
    assert instants(span, zone) == (edges[0][0], edges[-1][1])
    assert all(start.tzinfo is UTC and start <= end for start, end in edges)


@UNHURRIED
@given(st.datetimes(datetime(2000, 1, 2), datetime(2037, 12, 30), timezones=st.just(UTC)), ZONES)
@example(datetime(2018, 11, 4, 3, 0, tzinfo=UTC), SAO_PAULO)
@example(datetime(2018, 11, 4, 2, 59, 59, 999999, tzinfo=UTC), SAO_PAULO)
@example(datetime(2011, 12, 30, 10, 0, tzinfo=UTC), APIA)
@example(datetime(2011, 12, 30, 9, 59, 59, tzinfo=UTC), APIA)
def test_every_instant_belongs_to_exactly_its_local_day(instant: datetime, zone: ZoneInfo) -> None:
    day = local_day(instant, zone)
    around = [day + timedelta(days=n) for n in range(-2, 3)]
    holding = [d for d in around if day_start(d, zone) <= instant < day_start(d + timedelta(days=1), zone)]
    assert holding == [day]


@UNHURRIED
@given(DAYS, ZONES)
@example(date(2018, 11, 4), SAO_PAULO)
def test_a_second_before_the_start_it_is_still_another_day(day: date, zone: ZoneInfo) -> None:
    start = day_start(day, zone)
    assert local_day(start, zone) >= day
    assert local_day(start - SECOND, zone) < day


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/New_York", TODAY, 24),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("America/Sao_Paulo", date(2018, 2, 17), 25),
        ("Asia/Beirut", date(2026, 3, 29), 23),
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("Africa/Cairo", date(2026, 10, 29), 25),
        ("America/Havana", date(2026, 11, 1), 25),
        ("Pacific/Apia", date(2011, 12, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Pacific/Apia", date(2011, 12, 31), 24),
        ("Asia/Kolkata", TODAY, 24),
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(zone: str, day: date, hours: float) -> None:
    start, end = instants(DaySpan(day, day), ZoneInfo(zone))
    assert end - start == timedelta(hours=hours)


def test_where_midnight_is_skipped_the_day_starts_after_the_gap() -> None:
    start = day_start(date(2018, 11, 4), SAO_PAULO)
    assert start == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert start.astimezone(SAO_PAULO).isoformat() == "2018-11-04T01:00:00-02:00"


@pytest.mark.parametrize("name", NAMES)
def test_today_turns_at_midnight_to_the_second(name: str) -> None:
    zone = ZoneInfo(name)
    midnight = datetime(2026, 6, 14, tzinfo=zone).astimezone(UTC)
    assert parse_day("today", local_day(midnight - SECOND, zone)) == date(2026, 6, 13)
    assert parse_day("today", local_day(midnight, zone)) == TODAY
    assert parse_day("yesterday", local_day(midnight + SECOND, zone)) == date(2026, 6, 13)


# -- zones and months ------------------------------------------------------------------------------


def test_a_zone_is_found_by_its_name() -> None:
    assert zone_named("America/New_York").key == "America/New_York"


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "America", "../etc/passwd", "/etc/localtime", "a\0b", "\ud800"]
)
def test_what_is_no_zone_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(SettingsError, match="is no time zone") as caught:
        zone_named(name)
    assert "America/New_York" in caught.value.todo


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 6, 14), 25, date(2024, 5, 14)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 31), 2, date(2025, 11, 30)),
    ],
)
def test_months_before_stay_inside_the_month(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before
