"""Rules between the menus of Dialpad's page, and the days they mean."""

from datetime import timedelta
from typing import Any

import pytest

from tests.connectors.dialpad_reading import CALL_STATS, TODAY, relative_range, report_named
from trunkline.date_menus import DIALPAD_DATES, ChosenDays, chosen_days
from trunkline.errors import SettingsError
from trunkline.options import resolve

STATS, CALLS = report_named("stats"), report_named("calls")
SINGLE = {"date_selection": "single_date", "single_date": "relative"}


# -- rules between menus ----------------------------------------------------------------------------


def problems(report: Any = STATS, **given: Any) -> list[tuple[str, str]]:
    """Field and sentence of everything that is wrong with a choice."""
    try:
        values = resolve(report.options, given)
    except SettingsError as error:
        return [(p.field, p.message) for p in error.problems]
    return [(p.field, p.message) for p in report.check(values)]


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"stat_type": "csat"}, "target_type", "Stat Type csat needs a target: give Target Type"),
        ({"stat_type": "dispositions"}, "target_type", "Stat Type dispositions needs a target"),
        ({"stat_type": "csat", "office_id": "1"}, "target_type", "csat needs a target"),
        (
            {"stat_type": "dispositions", "export_type": "stats", "target_type": "user", "target_id": "1"},
            "export_type",
            "comes as records only: choose --export-type records",
        ),
        (
            {"stat_type": "texts", "export_type": "stats", "group_by": "user"},
            "group_by",
            "but Stat Type is Texts",
        ),
        (
            {"stat_type": "calls", "export_type": "records", "group_by": "user"},
            "group_by",
            "but Export Type is Records",
        ),
        ({**CALL_STATS, "group_by": "group"}, "group_by", "needs one office: give Office (--office-id)"),
        ({"target_type": "user"}, "target_id", "Target Type user needs its id: give Target (--target-id)"),
        ({"target_type": "callcenter"}, "call_center_id", "needs its id: give Call Center"),
        ({"target_type": "office"}, "office_id", "needs its id: give Office (--office-id)"),
        ({"target_type": "staffgroup"}, "target_id", "needs its id"),
        ({"target_type": "user", "target_id": "Ann"}, "target_id", "is 'Ann'; it must be the number"),
        ({"target_type": "user", "target_id": "1.5"}, "target_id", "it must be the number"),
        ({"target_type": "user", "target_id": "-1"}, "target_id", "it must be the number"),
        ({"target_type": "user", "target_id": "１２"}, "target_id", "it must be the number"),
        ({"office_id": "Main"}, "office_id", "Office (--office-id) is 'Main'"),
        ({"chunk_days": "0"}, "chunk_days", "Days per Request"),
        ({"timeout_minutes": "0"}, "timeout_minutes", "Time-out"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "Mars/Olympus"),
        ({"stat_type": "surveys"}, "stat_type", "surveys"),
    ],
)
def test_choices_that_do_not_go_together_are_named(given: dict[str, str], field: str, said: str) -> None:
    [(named, text)] = problems(**given)
    assert said in text
    assert named == field


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"stat_type": "csat", "target_type": "callcenter", "call_center_id": "9007199254740993"},
        {"stat_type": "texts", "export_type": "stats"},
        {**CALL_STATS, "group_by": "group", "office_id": "1"},
        {**CALL_STATS, "group_by": "date"},
        {"target_type": "coachingteam", "target_id": "1", "of_trainees": "yes"},
    ],
)
def test_choices_that_go_together_are_taken(given: dict[str, str]) -> None:
    assert problems(**given) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"target_type": "user"}, "target_id"),
        ({"target_id": "1"}, "target_type"),
        ({"target_type": "user", "target_id": "Ann"}, "target_id"),
    ],
)
def test_a_target_of_calls_has_a_type_and_an_id(given: dict[str, str], field: str) -> None:
    assert [name for name, _ in problems(CALLS, **given)] == [field]


# -- days -------------------------------------------------------------------------------------------


def chosen(**given: Any) -> ChosenDays:
    return chosen_days(DIALPAD_DATES, resolve(DIALPAD_DATES.options, given), TODAY, 30)


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ({}, 30, 0),
        ({"todays_data": "yes"}, 0, 0),
        ({"relative_date": "today"}, 0, 0),
        ({"relative_date": "0"}, 0, 0),
        ({"relative_date": "yesterday"}, 1, 1),
        ({"relative_date": "1"}, 1, 1),
        ({"relative_date": "today-7"}, 7, 7),
        ({"relative_date": "7"}, 7, 7),
        ({"specific_date": "2026-06-10"}, 5, 5),
        ({"specific_date": "2026-06-15"}, 0, 0),
        ({"start_date": "2026-06-01", "end_date": "2026-06-05"}, 14, 10),
        ({"start_date": "2026-06-01"}, 14, 0),
    ],
)
def test_days_are_those_the_menus_name(given: dict[str, str], first: int, last: int) -> None:
    found = chosen(**given)
    assert (found.first, found.last) == (TODAY - timedelta(days=first), TODAY - timedelta(days=last))
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("start", "end", "first", "last"), [("10", "5", 10, 5), ("6", None, 6, 0), ("7", "yesterday", 7, 1)]
)
def test_a_relative_range_goes_from_the_farther_day_to_the_nearer(
    start: str, end: str | None, first: int, last: int
) -> None:
    found = chosen(**relative_range(start, end))
    assert (found.first, found.last) == (TODAY - timedelta(days=first), TODAY - timedelta(days=last))


def test_two_relative_days_the_wrong_way_round_are_turned_and_told() -> None:
    found = chosen(**relative_range("5", "10"))
    assert (found.first, found.last) == (TODAY - timedelta(days=10), TODAY - timedelta(days=5))
    assert found.warnings == (
        "Start Date - Relative is the farther day: 5 and 10 were read the other way round.",
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"todays_data": "yes", "relative_date": "1"}, "needs Today's Data: No, but Today's Data is Yes"),
        ({"todays_data": "yes", "start_date": "2026-06-01"}, "but Today's Data is Yes"),
        ({"relative_date": "1", "specific_date": "2026-06-01"}, "makes it Relative Date. Leave one"),
        ({"start_date": "2026-06-05", "end_date": "2026-06-01"}, "Swap the two dates"),
        ({"start_date": "2026-06-16"}, "after today"),
        ({"specific_date": "2026-06-16"}, "after today"),
        ({"relative_date": "-1"}, "--relative-date"),
        ({"date_selection": "single_date"}, "missing"),
        (SINGLE, "--relative-date) is missing"),
    ],
)
def test_days_that_cannot_be_are_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        chosen(**given)
    assert said in f"{caught.value} {caught.value.todo}"
