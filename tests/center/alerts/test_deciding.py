"""What is an incident, and when it is over."""

from typing import Any

import pytest

from tests.center.alerts.office import Office
from trunkline.center import accounts
from trunkline.center.accounts import INVALID, UNTESTED, VALID, Verdict
from trunkline.center.alerts.incidents import prune

FAILURE: dict[str, Any] = {
    "error": "CallRail failed with status 503.",
    "error_kind": "retry_later",
    "todo": "Run again.",
}


def test_a_run_that_failed_for_good_is_one_incident_until_one_succeeds(office: Office) -> None:
    office.run(state="failed", rows=0, **FAILURE)
    office.run(state="failed", rows=0, **FAILURE)
    assert office.open == [("failed", "calls")]
    office.run("texts")
    assert office.open == [("failed", "calls")]
    last = office.run()
    (incident,) = office.incidents()
    assert incident.closed_at == office.clock.now()
    assert incident.text == "calls has failed: CallRail failed with status 503."
    assert incident.todo == "Run again."
    assert incident.over_text == f"calls has been read again (run {last.id})."
    assert incident.detail["error_kind"] == "retry_later"


def test_the_next_failure_is_an_incident_of_its_own(office: Office) -> None:
    office.run(state="failed", **FAILURE)
    office.run()
    office.run(state="failed", **FAILURE)
    assert [i.closed_at is None for i in office.incidents("failed")] == [False, True]


def test_a_run_that_will_be_retried_and_one_that_was_cancelled_say_nothing(office: Office) -> None:
    office.run(state="failed", will_retry=True, **FAILURE)
    office.run(state="cancelled")
    assert office.incidents() == []
    office.run(state="failed", **FAILURE)
    office.run(state="cancelled")
    assert office.open == [("failed", "calls")]


@pytest.mark.parametrize(
    ("rows_before", "is_incident"),
    [([3, 1, 9, 4, 2], True), ([3, 1, 9, 4], False), ([3, 0, 9, 4, 2], False), ([0, 3, 1, 9, 4, 2], True)],
)
def test_no_rows_are_an_incident_after_five_runs_with_some(
    office: Office, rows_before: list[int], is_incident: bool
) -> None:
    for rows in rows_before:
        office.run(rows=rows)
    office.run(rows=0)
    assert office.open == ([("no_rows", "calls")] if is_incident else [])
    office.run(rows=0)
    assert len(office.incidents()) == is_incident
    office.run(rows=1)
    assert office.open == []


def test_backfills_and_failures_say_nothing_about_rows(office: Office) -> None:
    for rows in (3, 1, 9, 4):
        office.run(rows=rows)
    office.run(rows=0, trigger="backfill")
    office.run(rows=0, state="failed", will_retry=True)
    office.run(rows=2)
    office.run(rows=0, trigger="backfill")
    assert office.open == []
    office.run(rows=0)
    assert office.open == [("no_rows", "calls")]
    office.run(rows=8, trigger="backfill")
    assert office.open == [("no_rows", "calls")]


def test_an_account_that_is_refused_is_an_incident_until_it_is_accepted(office: Office) -> None:
    center = office.center
    accounts.set_verdict(center, "main", Verdict(INVALID, "CallRail does not accept the API key."))
    accounts.set_verdict(center, "main", Verdict(INVALID, "CallRail does not accept the API key."))
    accounts.set_verdict(center, "main", Verdict(UNTESTED, "CallRail cannot be reached."))
    (incident,) = office.incidents()
    assert office.open == [("account_invalid", "main")]
    assert incident.text == "Account main: CallRail does not accept the API key."
    assert "`trunkline account test main`" in incident.todo
    accounts.set_verdict(center, "main", Verdict(VALID))
    assert office.open == []


def test_old_incidents_are_forgotten_and_open_ones_stay(office: Office) -> None:
    office.run(state="failed", **FAILURE)
    office.run()
    office.run("texts", state="failed", **FAILURE)
    office.clock.advance(3_600)
    prune(office.center, office.clock.now())
    assert [i.subject.name for i in office.incidents()] == ["texts"]
