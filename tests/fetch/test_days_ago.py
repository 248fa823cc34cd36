"""Days counted back from a local today, in zones whose days begin at odd hours or have odd lengths."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.dates import DaySpan, day_start
from trunkline.declare import DaysAgo
from trunkline.fetch.days_ago import days_ago, moment, pieces

TODAY = date(2026, 6, 15)
ZONES = (
    "UTC",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Cairo",
)


def back(first: int, last: int) -> DaySpan:
    return DaySpan(TODAY - timedelta(days=first), TODAY - timedelta(days=last))


@pytest.mark.parametrize(
    ("span", "size", "expected"),
    [
        (back(0, 0), 31, [back(0, 0)]),
        (back(1, 1), 31, [back(1, 1)]),
        (back(6, 0), 31, [back(6, 1), back(0, 0)]),
        (back(6, 0), 2, [back(6, 5), back(4, 3), back(2, 1), back(0, 0)]),
        (back(62, 1), 31, [back(62, 32), back(31, 1)]),
        (back(1, -3), 31, [back(1, 1), back(0, 0)]),
        (DaySpan(TODAY + timedelta(days=1), TODAY + timedelta(days=2)), 31, []),
    ],
)
def test_today_is_a_piece_of_its_own(span: DaySpan, size: int, expected: list[DaySpan]) -> None:
    assert list(pieces(span, size, TODAY)) == expected


@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 90))
def test_pieces_hold_every_day_once(first: int, length: int, size: int) -> None:
    span = DaySpan(TODAY - timedelta(days=first + length), TODAY - timedelta(days=first))
    found = list(pieces(span, size, TODAY))
    assert [day for piece in found for day in piece] == list(span)
    assert max(piece.days for piece in found) <= size


def test_the_nearer_day_comes_first() -> None:
    assert days_ago(back(10, 5), TODAY) == DaysAgo(nearer=5, farther=10)
    assert (days_ago(back(0, 0), TODAY).is_today, days_ago(back(1, 1), TODAY).is_today) == (True, False)


@pytest.mark.parametrize("span", [back(1, 0), back(-1, -1), back(3, -1)])
def test_today_with_other_days_and_days_to_come_cannot_be_asked_for(span: DaySpan) -> None:
    with pytest.raises(ValueError, match="cannot be asked for"):
        days_ago(span, TODAY)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ZONES), st.datetimes(datetime(2010, 1, 1), datetime(2027, 12, 31)))
def test_a_moment_is_a_local_day_and_the_seconds_since_it_began(name: str, naive: datetime) -> None:
    now, zone = naive.replace(tzinfo=UTC), ZoneInfo(name)
    found = moment(now, zone)
    assert found.today == now.astimezone(zone).date()
    assert 0 <= found.seconds < 25 * 3600
    assert day_start(found.today, zone) + timedelta(seconds=found.seconds) == now


@pytest.mark.parametrize("name", ZONES)
def test_a_second_before_midnight_is_yesterday(name: str) -> None:
    midnight = day_start(TODAY, ZoneInfo(name))
    before, after = (moment(midnight + timedelta(seconds=s), ZoneInfo(name)) for s in (-1, 0))
    assert (before.today, after.today) == (TODAY - timedelta(days=1), TODAY)
    assert (before.may_remember_yesterday(10_800), after.may_remember_yesterday(10_800)) == (False, True)


def test_a_skipped_midnight_and_a_skipped_day_are_no_trouble() -> None:
    # Cairo went from 23:59:59 to 01:00; Apia had no 30 December 2011.
    cairo = moment(datetime(2024, 4, 25, 22, 0, 5, tzinfo=UTC), ZoneInfo("Africa/Cairo"))
    assert (cairo.today, cairo.seconds) == (date(2024, 4, 26), 5)
    apia = moment(datetime(2011, 12, 30, 10, 0, 5, tzinfo=UTC), ZoneInfo("Pacific/Apia"))
    assert (apia.today, apia.seconds) == (date(2011, 12, 31), 5)


def test_memory_ends_when_it_is_said_to() -> None:
    midnight = day_start(TODAY, ZoneInfo("Asia/Kathmandu"))
    for seconds, remembers in ((10_799, True), (10_800, False)):
        found = moment(midnight + timedelta(seconds=seconds), ZoneInfo("Asia/Kathmandu"))
        assert found.may_remember_yesterday(10_800) is remembers
