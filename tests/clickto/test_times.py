"""Times of the report: read with every spelling that names one instant or none, written in one way."""

import locale
from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.clickto.times import (
    day_of,
    first_minute,
    local_of,
    minute_after,
    minute_of,
    parse_day,
    parse_time,
    time_text,
)

NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clock is changed by half an hour


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("Jan 13 2017 10:52 PM", datetime(2017, 1, 13, 22, 52)),
        ("Feb 01 2017 3:57 PM", datetime(2017, 2, 1, 15, 57)),
        ("Feb 1 2017 03:57 pm", datetime(2017, 2, 1, 15, 57)),
        ("jan 13 2017 12:00 AM", datetime(2017, 1, 13, 0, 0)),
        ("Jan 13 2017 12:30 PM", datetime(2017, 1, 13, 12, 30)),
        ("Feb 29 2024 11:59 PM", datetime(2024, 2, 29, 23, 59)),
    ],
)
def test_times_of_the_report_are_read(text: str, local: datetime) -> None:
    time = parse_time(text, NEW_YORK)
    assert local_of(time.minute) == local
    assert time.instant == local.replace(tzinfo=NEW_YORK).astimezone(UTC)
    assert time.day == local.date()


@pytest.mark.parametrize(
    "text",
    [
        *("", "2017-01-13 22:52", "Jax 13 2017 1:00 PM", "Feb 30 2017 1:00 PM", "Jan 13 2017 13:00 PM"),
        *("Jan 13 2017 0:10 AM", "Jan 13 2017 1:60 PM", "Jan 13 2017", "Jan 13 17 1:00 PM"),
        *("Jan 1 0000 1:00 AM", "Jan １3 2017 1:00 PM", "Jan 13 2017 1:00 PM x"),
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time like Jan 13 2017 10:52 PM"):
        parse_time(text, NEW_YORK)


def test_a_time_before_1970_is_refused() -> None:
    with pytest.raises(ValueError, match="before 1970"):
        parse_time("Dec 31 1969 11:59 PM", NEW_YORK)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Mar 12 2017 2:30 AM", NEW_YORK),  # skipped
        ("Nov 05 2017 1:30 AM", NEW_YORK),  # twice
        ("Apr 02 2017 1:45 AM", LORD_HOWE),
        ("Dec 31 9999 11:59 PM", NEW_YORK),  # in UTC that is a year no calendar here has
    ],
)
def test_a_local_time_that_is_no_single_instant_has_none(text: str, zone: ZoneInfo) -> None:
    assert parse_time(text, zone).instant is None


@given(st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30)), st.sampled_from([NEW_YORK, LORD_HOWE]))
def test_what_is_written_is_read_again(local: datetime, zone: ZoneInfo) -> None:
    local = local.replace(second=0, microsecond=0)
    time = parse_time(time_text(local), zone)
    earlier, later = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    assert local_of(time.minute) == local
    assert (time.instant is None) == (earlier.utcoffset() != later.utcoffset())
    assert time.instant in (None, earlier.astimezone(UTC))


def test_times_are_english_whatever_the_locale() -> None:
    before = locale.setlocale(locale.LC_TIME)
    with suppress(locale.Error):
        locale.setlocale(locale.LC_TIME, "de_DE.UTF-8")
    try:
        assert time_text(datetime(2017, 5, 1, 0, 5)) == "May 01 2017 12:05 AM"
    finally:
        locale.setlocale(locale.LC_TIME, before)


def test_days_are_spans_of_minutes() -> None:
    day = date(2017, 1, 13)
    assert minute_after(day) - first_minute(day) == 1440
    assert first_minute(date(1970, 1, 1)) == 0
    assert day_of(first_minute(day)) == day_of(minute_after(day) - 1) == day
    assert minute_of(datetime(2017, 1, 13)) == first_minute(day)


def test_days_of_requests_have_eight_digits() -> None:
    assert parse_day("20170113") == date(2017, 1, 13)
    for text in ("2017-01-13", "201701133", "2017011", "２0170113", " 20170113", "20170113\n", ""):
        with pytest.raises(ValueError, match="write 8 digits, YYYYMMDD"):
            parse_day(text)
    for text in ("20170230", "00000000", "20171301"):
        with pytest.raises(ValueError, match="does not exist"):
            parse_day(text)
