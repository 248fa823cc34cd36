"""Schedules as values: the words they take, the next times, what is caught up, how they spread."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.center.schedules import EVERY, Schedule, schedule_of
from trunkline.errors import SettingsError

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("kind", "words", "between", "kept"),
    [
        ("manual", "", "", "manual"),
        ("every", "15m", "", "every 15m (UTC)"),
        ("every", "60M", "", "every 1h (UTC)"),
        ("every", "90m", "8:00 - 18:00", "every 90m, 08:00-18:00 (UTC)"),
        ("every", "24h", "22:00-06:00", "every 24h, 22:00-06:00 (UTC)"),
        ("daily", "6:00", "", "daily 06:00 (UTC)"),
        ("weekly", "Thu,mon 06:00", "", "weekly mon,thu 06:00 (UTC)"),
        ("weekly", "fri-mon 23:59", "", "weekly mon,fri,sat,sun 23:59 (UTC)"),
        ("monthly", "31 06:00", "", "monthly 31 06:00 (UTC)"),
        ("weekly", "Monday,thursday-Saturday 6:00", "", "weekly mon,thu,fri,sat 06:00 (UTC)"),
        ("cron", "  30  1 * * mon-fri ", "", "cron 30 1 * * mon-fri (UTC)"),
    ],
)
def test_words_are_kept_in_one_form(kind: str, words: str, between: str, kept: str) -> None:
    schedule = schedule_of(kind, words, "UTC", between)
    assert schedule.text == kept
    assert schedule_of(schedule.kind, schedule.words, schedule.zone, schedule.between) == schedule


@pytest.mark.parametrize(
    ("kind", "words", "field", "said"),
    [
        (
            "every",
            "15",
            "every",
            "Every (--every) is '15': write a number of minutes or hours from 1m to 24h",
        ),
        ("every", "0m", "every", "'0m'"),
        ("every", "25h", "every", "from 1m to 24h"),
        ("every", "1h30m", "every", "such as 15m or 2h"),
        ("every", "٣m", "every", "'٣m'"),
        ("daily", "24:00", "daily", "'24:00' is no time from 00:00 to 23:59"),
        ("daily", "6", "daily", "write it such as '06:00'"),
        ("weekly", "mon", "weekly", "write days (mon, tue, wed, thu, fri, sat, sun) and a time"),
        ("weekly", "mon,fry 06:00", "weekly", "write days (mon, tue"),
        ("weekly", "mon 6pm", "weekly", "'6pm' is no time"),
        ("monthly", "0 06:00", "monthly", "write a day from 1 to 31 and a time"),
        ("monthly", "32 06:00", "monthly", "write a day from 1 to 31"),
        ("monthly", "1", "monthly", "such as '1 06:00'"),
        ("cron", "", "cron", "write 5 fields"),
        ("cron", "* * * *", "cron", "write 5 fields"),
        ("cron", "0 * * * * *", "cron", "write 5 fields"),
        ("cron", "@daily", "cron", "write 5 fields"),
        ("cron", "* " * 900, "cron", "write 5 fields"),
        ("cron", "61 * * * *", "cron", "the minute '61' will not do; write 0-59, *, or such as */5"),
        ("cron", "0 24 * * *", "cron", "the hour '24' will not do; write 0-23"),
        ("cron", "0 0 32 * *", "cron", "the day of month '32' will not do; write 1-31"),
        ("cron", "0 0 * 13 *", "cron", "the month '13' will not do; write 1-12 or jan-dec"),
        ("cron", "0 0 * * 8", "cron", "the day of week '8' will not do; write 0-7 or sun-sat"),
        ("cron", "0 0 ? * *", "cron", "the day of month '?' will not do"),
        ("cron", "0 0 31 2 *", "cron", "no such day ever comes"),
        ("hourly", "", "kind", "Kind is 'hourly'; it can be manual, every, daily, weekly, monthly, cron"),
    ],
)
def test_wrong_words_are_told_with_what_would_be_right(kind: str, words: str, field: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        schedule_of(kind, words, "UTC")
    assert [p.field for p in caught.value.problems] == [field]
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "between", "zone", "field", "said"),
    [
        ("every", "08:00", "UTC", "between", "write two times, such as 08:00-18:00"),
        ("every", "08:00-08:00", "UTC", "between", "it begins when it ends; leave it out for the whole day"),
        ("every", "08:00-25:00", "UTC", "between", "'25:00' is no time"),
        ("daily", "08:00-18:00", "UTC", "between", "goes only with --every"),
        ("every", "", "America/Nowhere", "zone", "'America/Nowhere' is no time zone"),
        ("daily", "", "", "zone", "is no time zone"),
    ],
)
def test_wrong_windows_and_zones(kind: str, between: str, zone: str, field: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        schedule_of(kind, {"every": "1h", "daily": "06:00"}[kind], zone, between)
    assert [p.field for p in caught.value.problems] == [field]
    assert said in str(caught.value)


@given(st.text("0123456789*/,-L#WMONabJAN ?@", max_size=30) | st.text(max_size=12))
def test_any_text_is_a_cron_expression_or_refused(text: str) -> None:
    try:
        schedule = schedule_of("cron", text, "America/New_York")
    except SettingsError:
        return
    assert schedule.next_after(NOON)


@pytest.mark.parametrize(
    ("kind", "words", "zone", "due"),
    [
        ("daily", "06:00", "America/New_York", ["2026-06-16T06:00:00-04:00", "2026-06-17T06:00:00-04:00"]),
        ("weekly", "mon,thu 12:00", "UTC", ["2026-06-18T12:00:00+00:00", "2026-06-22T12:00:00+00:00"]),
        ("monthly", "31 06:00", "UTC", ["2026-06-30T06:00:00+00:00", "2026-07-31T06:00:00+00:00"]),
        ("cron", "0 0 29 2 *", "UTC", ["2028-02-29T00:00:00+00:00", "2032-02-29T00:00:00+00:00"]),
        ("every", "7h", "UTC", ["2026-06-15T14:00:00+00:00", "2026-06-15T21:00:00+00:00"]),
        ("manual", "", "UTC", []),
    ],
)
def test_next_times_have_the_offset_of_the_zone(kind: str, words: str, zone: str, due: list[str]) -> None:
    schedule = schedule_of(kind, words, zone)
    assert [one.isoformat() for one in schedule.next_times(NOON, 2)] == due
    first = schedule.next_after(NOON)
    assert (first is None) == (not due)
    assert first is None or (first == datetime.fromisoformat(due[0]) and first.tzinfo is UTC)


def test_a_month_without_the_day_has_its_last_one() -> None:
    schedule = schedule_of("monthly", "30 06:00", "UTC")
    days = [f"{one:%m-%d}" for one in schedule.next_times(datetime(2027, 12, 31, tzinfo=UTC), 4)]
    assert days == ["01-30", "02-29", "03-30", "04-30"]


# -- catching up -----------------------------------------------------------------------------------

ANY_SCHEDULE = st.sampled_from(
    [
        schedule_of("every", "1h", "America/New_York"),
        schedule_of("every", "40m", "Europe/Berlin", "22:00-05:00").spread(7),
        schedule_of("daily", "02:30", "America/New_York"),
        schedule_of("weekly", "sun 01:30", "America/New_York"),
        schedule_of("monthly", "31 23:00", "Asia/Beirut"),
        schedule_of("cron", "*/20 1-3 * * *", "Australia/Lord_Howe"),
    ]
)


@settings(deadline=None, max_examples=100)
@given(ANY_SCHEDULE, st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.integers(0, 20 * 86_400))
def test_of_many_missed_times_the_newest_is_due(schedule: Schedule, at: datetime, seconds: int) -> None:
    after = at.replace(tzinfo=UTC)
    now = after + timedelta(seconds=seconds)
    times = []
    due = schedule.next_after(after)
    while due and due <= now:
        times.append(due)
        due = schedule.next_after(due)
    assert schedule.latest_due(after, now) == (times[-1] if times else None)
    assert schedule.next_times(after, len(times)) == times


def test_years_that_nobody_looked_cost_little_and_leave_one() -> None:
    schedule = schedule_of("every", "1m", "UTC")
    assert schedule.latest_due(NOON - timedelta(days=4000), NOON) == NOON
    yearly = schedule_of("cron", "0 0 1 1 *", "UTC")
    assert yearly.latest_due(NOON - timedelta(days=4000), NOON) == datetime(2026, 1, 1, tzinfo=UTC)
    assert schedule_of("manual", "", "UTC").latest_due(NOON - HOUR, NOON) is None


def test_a_time_is_due_at_its_own_instant_and_not_at_the_one_before() -> None:
    daily = schedule_of("daily", "12:00", "UTC")
    assert daily.latest_due(NOON - HOUR, NOON) == NOON
    assert daily.latest_due(NOON, NOON + HOUR) is None
    assert daily.latest_due(NOON - HOUR, NOON - timedelta(microseconds=1)) is None


# -- spreading -------------------------------------------------------------------------------------


def test_a_thousand_hourly_datasets_do_not_start_together() -> None:
    hourly = schedule_of(EVERY, "1h", "UTC")
    starts = [hourly.spread(dataset_id).next_after(NOON) for dataset_id in range(1, 1001)]
    assert len(set(starts)) == 1000
    per_minute = [sum(f"{s:%M}" == f"{m:02}" for s in starts if s) for m in range(60)]
    assert min(per_minute) >= 15
    assert max(per_minute) <= 18


@given(st.integers(1, 10**9), st.integers(1, 24 * 60), st.sampled_from(["", "08:00-08:20", "22:00-04:00"]))
def test_the_shift_is_always_the_same_and_keeps_to_length_and_window(
    dataset_id: int, length: int, between: str
) -> None:
    plain = schedule_of(EVERY, f"{length}m", "UTC", between)
    shifted = plain.spread(dataset_id)
    assert shifted == plain.spread(dataset_id) == shifted.spread(dataset_id)
    assert 0 <= shifted.jitter_seconds < min(length * 60, 3600, 1200 if between == "08:00-08:20" else 3600)
    first = shifted.next_after(NOON)
    assert first is not None
    if between == "08:00-08:20":
        assert f"{first:%H:%M}" <= "08:20"


@pytest.mark.parametrize(("kind", "words"), [("daily", "06:00"), ("cron", "0 * * * *"), ("manual", "")])
def test_exact_kinds_start_exactly(kind: str, words: str) -> None:
    schedule = schedule_of(kind, words, "UTC")
    assert schedule.spread(12_345) == schedule
