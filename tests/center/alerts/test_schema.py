"""Columns that change between two successes."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.center.alerts.office import Office
from trunkline.center.alerts.incidents import newest
from trunkline.center.alerts.schema import changes_of, schema_read
from trunkline.sims.callrail.faults import Fault

BEFORE = {"id": "VARCHAR", "tags": "VARCHAR", "duration": "BIGINT"}


def read(office: Office, **columns: str) -> list[bool]:
    """Whether each incident is over, after a success with these columns."""
    schema_read(office.center, office.dataset(), columns)
    return [i.closed_at is not None for i in office.incidents("schema_changed")]


def test_a_change_is_an_incident_until_a_run_finds_no_other(office: Office) -> None:
    assert read(office, **BEFORE) == []
    assert read(office, **BEFORE) == []
    assert read(office, id="VARCHAR", duration="DOUBLE", score="BIGINT") == [False]
    (incident,) = office.incidents()
    assert incident.text == (
        "calls has other columns than before: "
        "new: score; gone: tags; of another type: duration: BIGINT to DOUBLE."
    )
    assert incident.detail == {
        "appeared": ["score"],
        "disappeared": ["tags"],
        "changed": ["duration: BIGINT to DOUBLE"],
    }
    assert read(office, id="VARCHAR", duration="DOUBLE", score="BIGINT") == [True]


def test_another_change_is_another_incident(office: Office) -> None:
    read(office, **BEFORE)
    read(office, **BEFORE, score="BIGINT")
    assert read(office, **BEFORE, score="DOUBLE") == [True, False]


def test_a_new_field_is_told_once_though_it_is_rare(office: Office) -> None:
    read(office, **BEFORE)
    assert read(office, **BEFORE, mood="_extra") == [False]
    assert read(office, **BEFORE) == [True]
    assert read(office, **BEFORE, mood="_extra") == [True]
    assert read(office, **BEFORE, mood="VARCHAR") == [True, False], "it has a column now"


def test_a_dataset_without_a_table_yet_has_no_columns_to_compare(office: Office) -> None:
    assert read(office) == []
    assert read(office, **BEFORE) == []


def test_many_names_are_counted() -> None:
    changes = changes_of({}, {f"c{n:02}": "BIGINT" for n in range(30)})
    assert len(changes["appeared"]) == 30


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("method", ["merge", "replace"])
async def test_runs_compare_what_they_have_loaded(office_with: Callable[..., Any], method: str) -> None:
    async with office_with(calls=60, days=10) as office:
        await office.dataset(start_date="2026-06-01", method=method)
        for _ in range(2):
            assert (await office.run(full=True)).status == "succeeded"
            assert newest(office.center) == []
        office.sim.faults.add(Fault("unknown_field", times=None))
        assert (await office.run(full=True)).status == "succeeded"
        (incident,) = newest(office.center)
        assert (incident.kind, incident.subject.name) == ("schema_changed", "calls")
        assert incident.detail["disappeared"] == incident.detail["changed"] == []
        assert len(incident.detail["appeared"]) == 1
        assert (await office.run(full=True)).status == "succeeded"
        assert newest(office.center, only_open=True) == []
