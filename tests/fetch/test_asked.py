"""The days a report is asked for, and the request for a window of them."""

from dataclasses import replace
from datetime import date

import pytest

from tests.fetch.provider import ACCOUNT_ID, calls_report, directory
from trunkline.dates import DaySpan
from trunkline.declare import Window
from trunkline.errors import SettingsError
from trunkline.fetch.asked import asked_days, query_for
from trunkline.options import Kind, Option, Values, resolve

CALLS = calls_report()
TODAY = date(2026, 6, 14)
OLDEST = date(2024, 5, 15)
JUNE_1_TO_3 = Window(DaySpan(date(2026, 6, 1), date(2026, 6, 3)))


def values(**given: object) -> Values:
    return {"time_zone": "Europe/Paris", **resolve(CALLS.options, {"account_id": "ACC1", **given})}


def span(**given: object) -> DaySpan:
    asked = asked_days(CALLS, values(**given), TODAY)
    assert asked is not None
    return asked.span


def test_a_report_without_dates_asks_for_none() -> None:
    assert asked_days(directory("tags", "Tags", "/tags.json"), {}, TODAY) is None


def test_nothing_chosen_is_everything_that_is_still_kept_up_to_today() -> None:
    asked = asked_days(CALLS, values(), TODAY)
    assert asked is not None
    assert asked.span == DaySpan(OLDEST, TODAY)
    assert asked.ends_today
    assert asked.notes == ()


def test_a_start_before_what_is_kept_is_moved_with_a_note() -> None:
    asked = asked_days(CALLS, values(start_date="2020-01-01"), TODAY)
    assert asked is not None
    assert asked.span == DaySpan(OLDEST, TODAY)
    assert asked.notes == (
        "Records before 2024-05-15 are no longer kept (25 months); reading starts there instead of "
        "at 2020-01-01.",
    )


def test_the_oldest_kept_day_itself_is_read_without_a_note() -> None:
    asked = asked_days(CALLS, values(start_date=str(OLDEST)), TODAY)
    assert asked is not None
    assert asked.span.first == OLDEST
    assert asked.notes == ()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"specific_date": "2024-05-14"}, "specific_date"),
        ({"start_date": "2024-01-01", "end_date": "2024-05-14"}, "end_date"),
        ({"days_back_start": "2000", "days_back_end": "1000"}, "days_back_end"),
    ],
)
def test_a_range_that_is_gone_is_refused_at_the_menu_that_ends_it(given: dict[str, str], field: str) -> None:
    with pytest.raises(SettingsError) as caught:
        span(**given)
    assert [p.field for p in caught.value.problems] == [field]
    assert "records before 2024-05-15 are no longer kept (25 months)" in str(caught.value)
    assert caught.value.todo == "Choose days from 2024-05-15 on."


def test_an_end_in_the_future_is_today_for_now() -> None:
    assert span(start_date="2026-06-10", end_date="2026-12-31") == DaySpan(date(2026, 6, 10), TODAY)


def test_a_swapped_pair_of_days_back_is_read_the_other_way_round_with_a_note() -> None:
    asked = asked_days(CALLS, values(days_back_start="5", days_back_end="10"), TODAY)
    assert asked is not None
    assert asked.span == DaySpan(date(2026, 6, 4), date(2026, 6, 9))
    assert "read the other way round" in asked.notes[0]


def test_a_provider_that_keeps_everything_is_not_said_to_forget_after_none_months() -> None:
    assert CALLS.dates is not None
    forever = replace(CALLS, dates=replace(CALLS.dates, months_kept=None))
    with pytest.raises(SettingsError) as caught:
        asked_days(forever, values(specific_date="1999-12-31"), TODAY)
    assert "None" not in str(caught.value)


def test_a_window_is_asked_for_with_both_its_days_and_the_zone() -> None:
    query = query_for(CALLS, values(company_id="COM1"), JUNE_1_TO_3)
    assert query.path == "/a/ACC1/calls.json"
    assert query.params == {
        "company_id": "COM1",
        "start_date": "2026-06-01",
        "end_date": "2026-06-03",
        "time_zone": "Europe/Paris",
    }
    assert query.about == "Calls, 1 Jun 2026 to 3 Jun 2026"


def test_an_undated_report_is_asked_without_dates() -> None:
    query = query_for(directory("tags", "Tags", "/a/{account_id}/tags.json"), {"account_id": "1"}, Window())
    assert query.params == {}
    assert query.about == "Tags"


def test_options_become_parameters_in_the_providers_form() -> None:
    report = directory(
        "tags",
        "Tags",
        "/tags.json",
        Option("fields", "Fields", Kind.FIELDS, param="fields"),
        Option("ids", "Ids", Kind.FIELDS, param="ids[]"),
        Option("only_new", "Only New", Kind.BOOL, param="new"),
        Option("least", "Least", Kind.INT, param="min"),
        Option("here_only", "Here only"),
    )
    given: Values = {
        "fields": ("a", "b"),
        "ids": ("1", "2"),
        "only_new": False,
        "least": 3,
        "here_only": "x",
    }
    params = query_for(report, given, Window()).params
    assert params == {"fields": "a,b", "ids[]": ["1", "2"], "new": "false", "min": "3"}


def test_an_id_cannot_leave_its_place_in_the_path() -> None:
    query = query_for(CALLS, {**values(), "account_id": "1/../2?x=%"}, JUNE_1_TO_3)
    assert query.path == "/a/1%2F..%2F2%3Fx%3D%25/calls.json"


def test_a_missing_path_value_is_asked_for_by_its_label() -> None:
    report = directory("tags", "Tags", "/a/{account_id}/tags.json", ACCOUNT_ID)
    with pytest.raises(SettingsError) as caught:
        query_for(report, {}, Window())
    assert caught.value.problems[0].field == "account_id"
    assert str(caught.value) == "Account ID (--account-id) is missing."
