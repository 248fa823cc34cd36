"""The date menus of the connector page, in its own words, and the days each choice means."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trunkline.date_menus import CALLRAIL_DATES, ChosenDays, chosen_days
from trunkline.errors import SettingsError
from trunkline.options import resolve, shown

WORDS = CALLRAIL_DATES
TODAY = date(2026, 6, 14)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def chosen(**given: Any) -> ChosenDays:
    return chosen_days(WORDS, resolve(WORDS.options, given), TODAY)


def june(day: int) -> date:
    return date(2026, 6, day)


LABELS = [
    "Duration",
    "Report Date",
    "Select Specific Date",
    "Days Back",
    "Start Date",
    "End Date",
    "Select Specific Start Date",
    "Select Specific End Date",
    "Days Back to Start From",
    "Days Back to End At",
]


def test_the_ten_menus_stand_in_the_pages_order_under_its_labels() -> None:
    assert [o.label for o in WORDS.options] == LABELS
    assert len({o.name for o in WORDS.options}) == 10


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ({"specific_date": "2026-06-03"}, 3, 3),
        ({"specific_date": "today"}, 14, 14),
        ({"specific_date": "yesterday"}, 13, 13),
        ({"specific_date": "today-7"}, 7, 7),
        ({"specific_date": "7"}, 7, 7),
        ({"days_back": "today"}, 14, 14),
        ({"days_back": "0"}, 14, 14),
        ({"days_back": "yesterday"}, 13, 14),
        ({"days_back": 1}, 13, 14),
        ({"days_back": "today-7"}, 7, 14),
        ({"days_back": 7}, 7, 14),
        ({"start_date": "2026-06-01", "end_date": "2026-06-03"}, 1, 3),
        ({"start_date": "2026-06-01"}, 1, 14),
        ({"start_date": "2026-06-14"}, 14, 14),
        ({"days_back_start": 10, "days_back_end": 5}, 4, 9),
        ({"days_back_start": "today-10", "days_back_end": "yesterday"}, 4, 13),
        ({"days_back_start": 10, "days_back_end": 10}, 4, 4),
        ({"days_back_start": 10}, 4, 14),
        ({"days_back_start": 10, "end_date": "2026-06-09"}, 4, 9),
        ({"start_date": "2026-06-01", "days_back_end": 5}, 1, 9),
    ],
)
def test_a_choice_means_these_days_of_june(given: dict[str, Any], first: int, last: int) -> None:
    days = chosen(**given)
    assert (days.first, days.last) == (june(first), june(last))
    assert days.warnings == ()


def test_nothing_chosen_is_everything_up_to_today_and_goes_on() -> None:
    assert chosen() == ChosenDays(None, TODAY, ends_today=True)
    assert str(chosen()) == "everything the provider keeps, up to 14 Jun 2026"


def test_an_open_start_goes_back_as_far_as_is_kept() -> None:
    days = chosen(end_date="2026-06-03")
    assert (days.first, days.last, days.ends_today) == (None, june(3), False)


@pytest.mark.parametrize(
    ("given", "follows"),
    [
        ({"days_back": 7}, True),
        ({"start_date": "2026-06-01"}, True),
        ({"days_back_start": 10}, True),
        ({"specific_date": "2026-06-14"}, False),
        ({"days_back_start": 10, "days_back_end": 5}, False),
        ({"start_date": "2026-06-01", "end_date": "2026-06-14"}, False),
    ],
)
def test_a_range_follows_today_where_its_end_is_open(given: dict[str, Any], follows: bool) -> None:
    assert chosen(**given).ends_today is follows


@UNHURRIED
@given(st.integers(0, 1000), st.integers(0, 1000))
def test_two_days_back_in_the_wrong_order_are_swapped_with_a_word_about_it(start: int, end: int) -> None:
    days = chosen(days_back_start=start, days_back_end=end)
    assert days.first == TODAY - timedelta(days=max(start, end))
    assert days.last == TODAY - timedelta(days=min(start, end))
    assert len(days.warnings) == (start < end)


def test_the_word_about_a_swap_names_the_menu_and_both_numbers() -> None:
    assert chosen(days_back_start="5", days_back_end="today-10").warnings == (
        "Days Back to Start From is the farther day: 5 and today-10 were read the other way round.",
    )


def test_on_the_other_page_days_back_is_that_single_day() -> None:
    words = replace(WORDS, days_back_is_span=False)
    days = chosen_days(words, resolve(words.options, {"days_back": 7}), TODAY)
    assert (days.first, days.last, days.ends_today) == (june(7), june(7), False)
    today = chosen_days(words, resolve(words.options, {"days_back": 0}), TODAY)
    assert (today.first, today.ends_today) == (TODAY, True)


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        (
            {"specific_date": "2026-06-15"},
            "specific_date",
            "Select Specific Date (--specific-date) is 2026-06-15, which lies after today (2026-06-14).",
        ),
        (
            {"start_date": "2026-06-15", "end_date": "2026-06-20"},
            "start_date",
            "Select Specific Start Date (--start-date) is 2026-06-15, which lies after today (2026-06-14).",
        ),
        (
            {"start_date": "2026-06-10", "end_date": "2026-06-09"},
            "start_date",
            "The start 2026-06-10 lies after the end 2026-06-09.",
        ),
        (
            {"duration": "single_date", "report_date": "specific"},
            "specific_date",
            "Select Specific Date (--specific-date) is missing.",
        ),
        (
            {"duration": "single_date", "report_date": "relative"},
            "days_back",
            "Days Back (--days-back) is missing.",
        ),
        (
            {"start_date_kind": "relative", "end_date": "2026-06-09"},
            "days_back_start",
            "Days Back to Start From (--days-back-start) is missing.",
        ),
        (
            {"start_date": "2026-06-01", "end_date_kind": "relative"},
            "days_back_end",
            "Days Back to End At (--days-back-end) is missing.",
        ),
    ],
)
def test_a_choice_that_means_no_days_is_refused_at_its_field(
    given: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        chosen(**given)
    assert [p.field for p in caught.value.problems] == [field]
    assert str(caught.value) == sentence


def test_one_flag_is_enough_where_the_form_walks_through_three_menus() -> None:
    assert resolve(WORDS.options, {"days_back": 7}) == {
        "days_back": "7",
        "report_date": "relative",
        "duration": "single_date",
    }


def test_a_single_date_and_a_range_exclude_each_other() -> None:
    with pytest.raises(SettingsError, match="Leave one of them out") as caught:
        resolve(WORDS.options, {"days_back": 7, "start_date": "2026-06-01"})
    assert "Duration" in str(caught.value)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ({}, ["Duration"]),
        ({"duration": "single_date"}, ["Duration", "Report Date"]),
        (
            {"duration": "single_date", "report_date": "relative"},
            ["Duration", "Report Date", "Days Back"],
        ),
        (
            {"duration": "date_range", "start_date_kind": "relative", "end_date_kind": "specific"},
            ["Duration", "Start Date", "End Date", "Select Specific End Date", "Days Back to Start From"],
        ),
    ],
)
def test_menus_appear_as_on_the_page(values: dict[str, str], labels: list[str]) -> None:
    assert [o.label for o in shown(WORDS.options, values)] == labels
