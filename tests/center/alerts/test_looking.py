"""What only time tells."""

from datetime import datetime, timedelta

from sqlalchemy import insert, update

from tests.center.alerts.office import Office
from trunkline.center import datasets
from trunkline.center.tables import grants, runs

HOUR = timedelta(hours=1)


def test_a_dataset_is_late_an_hour_after_it_was_due(office: Office) -> None:
    office.run()
    due = office.clock.now() + HOUR
    office.due["calls"] = due
    office.look(60)
    office.look(59)
    assert office.open == []
    office.look(1)
    (incident,) = office.incidents("late")
    assert incident.detail["due_at"] == due.isoformat()
    assert incident.text.startswith("calls should have been read at ")
    assert "The last success was at " in incident.text
    office.look(60)
    assert len(office.incidents()) == 1


def test_a_success_ends_it(office: Office) -> None:
    office.due["calls"] = office.clock.now()
    office.look(61)
    assert office.open == [("late", "calls")]
    assert "It has had no success yet." in office.incidents()[0].text
    office.run(state="failed", will_retry=True)
    office.look(1)
    assert office.open == [("late", "calls")]
    office.run()
    assert office.open == []
    office.look(1)
    assert [i.kind for i in office.incidents()] == ["late"]


def test_a_dataset_that_is_due_often_is_late_too(office: Office) -> None:
    """Its last due time is never an hour ago."""
    office.run()
    began = office.clock.now()
    for minutes in range(0, 75, 5):
        office.due["calls"] = began + timedelta(minutes=minutes - minutes % 15)
        office.look(5)
        late = minutes + 5 >= 15 + 60
        assert office.open == ([("late", "calls")] if late else []), minutes


def test_slow_runs_that_succeed_are_never_late(office: Office) -> None:
    office.run()
    for _ in range(12):
        office.due["calls"] = office.clock.now()
        office.look(14)
        office.run()
        office.look(1)
    assert office.incidents() == []


def test_paused_and_manual_datasets_are_never_late(office: Office) -> None:
    office.due["calls"] = office.clock.now()
    office.look(61)
    assert office.open == [("late", "calls")]
    office.due["calls"] = None
    office.look(1)
    assert office.open == []
    assert office.incidents()[0].over_text == "calls is no longer scheduled."
    office.look(600)
    assert len(office.incidents()) == 1


def test_what_was_due_before_a_dataset_was_made_does_not_count(office: Office) -> None:
    office.due["calls"] = office.dataset().created_at - HOUR
    office.look(600)
    assert office.incidents() == []


def test_a_success_whose_record_is_gone_still_counts(office: Office) -> None:
    office.run()
    with office.center.store.begin() as tx:
        tx.execute(runs.delete())
    office.due["calls"] = office.clock.now() - HOUR
    office.look(120)
    assert office.incidents() == []


def test_incidents_of_what_was_removed_are_over(office: Office) -> None:
    office.run(state="failed", error="It broke.")
    datasets.remove(office.center, "calls")
    office.look()
    (incident,) = office.incidents()
    assert (incident.closed_at, incident.over_text) == (office.clock.now(), "calls was removed.")


def sign_in(office: Office, ends_at: datetime | None) -> None:
    now = office.clock.now()
    with office.center.store.begin() as tx:
        record = {"account_id": office.main.id, "pair": "…", "connected_at": now, "ends_at": ends_at}
        tx.execute(insert(grants), record)


def test_a_sign_in_that_ends_is_told_a_week_before(office: Office) -> None:
    sign_in(office, office.clock.now() + 30 * 24 * HOUR)
    office.look(22 * 24 * 60)
    assert office.open == []
    office.look(2 * 24 * 60)
    (incident,) = office.incidents()
    assert office.open == [("sign_in_ending", "main")]
    assert "`trunkline account connect callrail main`" in incident.todo
    with office.center.store.begin() as tx:
        tx.execute(update(grants).values(ends_at=office.clock.now() + 90 * 24 * HOUR))
    office.look(1)
    assert office.open == []


def test_one_that_is_renewed_all_the_time_is_not_told_though_it_never_lasts_a_week(office: Office) -> None:
    sign_in(office, office.clock.now() + 24 * HOUR)
    for _ in range(50):
        office.look(60)
        with office.center.store.begin() as tx:
            now = office.clock.now()
            tx.execute(update(grants).values(renewed_at=now, ends_at=now + 24 * HOUR))
    assert office.incidents() == []


def test_a_sign_in_of_unknown_length_is_never_told(office: Office) -> None:
    sign_in(office, None)
    office.look(365 * 24 * 60)
    assert office.incidents() == []
