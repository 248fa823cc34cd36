"""The whole way on PostgreSQL and MariaDB: the warehouse on the one, the store on each."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.center.conftest import ACCOUNT_ID, NOON, Office
from tests.center.dialogtech_office import dialogtech_office
from tests.center.dialpad_office import dialpad_office
from tests.store.databases import fresh_database
from trunkline.center import accounts, runs
from trunkline.center.room import open_center
from trunkline.clock import SteppedClock
from trunkline.settings import Settings, load_settings
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions

STORES = ["postgresql", "mariadb"]


@pytest.fixture(params=STORES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """A store on the named server, the warehouse in a PostgreSQL database; both dropped at the end."""
    with (
        fresh_database(request.param, tmp_path / "home") as store,
        fresh_database("postgresql", tmp_path / "home") as warehouse,
    ):
        urls = {
            "TRUNKLINE_STORE_URL": store.text("store_url"),
            "TRUNKLINE_WAREHOUSE_URL": warehouse.text("store_url"),
        }
        yield load_settings(tmp_path / "home", urls)


@pytest.mark.parametrize("method", ["merge", "append", "partition", "replace"])
async def test_calls_arrive_and_stay_current(settings: Settings, method: str) -> None:
    clock = SteppedClock(NOON)
    options = CallrailSimOptions(calls=700, days=40, until=NOON, strict=True)
    async with CallrailSim(options, clock) as sim:
        with open_center(settings, clock) as center:
            values = {"api_key": "testkey", "account_id": ACCOUNT_ID, "base_url": sim.url}
            accounts.add(center, "callrail", "main", values, accounts.Verdict(accounts.VALID))
            office = Office(center, sim, clock)
            await office.dataset(start_date="2026-01-01", method=method)
            first = await office.run()
            assert (first.status, first.error, first.rows_inserted) == (runs.SUCCEEDED, "", 700)
            clock.advance(3600)
            sim.world.add_calls(6, at=NOON)
            second = await office.run()
            assert (second.status, second.rows_inserted) == (runs.SUCCEEDED, 6)
            assert office.ids() == sorted(sim.world.call_ids())
            assert [r.status for r in runs.history(center, "calls")] == [runs.SUCCEEDED] * 2
            assert os.listdir(center.settings.home / "locks") == [], "each lease is given back"


DIALPAD: dict[str, tuple[str, dict[str, Any]]] = {
    "calls": ("calls", {"days_back_start": "30"}),
    "operators": ("operators", {}),
    "records": ("stats", {"days_back_start": "8", "export_type": "records"}),
    "figures": ("stats", {"days_back_start": "8", "export_type": "stats", "group_by": "date"}),
}


async def test_dialpad_arrives_and_stays_current(settings: Settings) -> None:
    clock = SteppedClock(NOON)
    with open_center(settings, clock) as center:
        async with dialpad_office(center, clock, calls=700, days=8, rooms=3) as office:
            for room in office.sim.world.lists["rooms"]:
                room["is_on_duty"] = True
            office.sim.world.touch()
            for name, (report, options) in DIALPAD.items():
                await office.dataset(name, report, **options)
            for added in ([], office.sim.world.add_calls(5, at=NOON, kind="inbound")):
                clock.advance(86_400 if added else 0)
                for name in DIALPAD:
                    done = await office.run(name)
                    assert (done.status, done.error, done.warnings) == (runs.SUCCEEDED, "", []), name
            everything = sorted(office.sim.world.call_ids())
            assert set(added) <= set(everything)
            assert office.call_ids("calls") == office.call_ids("records") == everything
            operators = office.rows("select call_center_id, id, operator_type from datasets.operators")
            centers = {int(row["id"]) for row in office.sim.world.lists["callcenters"]}
            assert {row["call_center_id"] for row in operators} == centers
            assert {row["operator_type"] for row in operators} == {"user", "room"}
            assert len({(row["call_center_id"], row["id"]) for row in operators}) == len(operators)
            days = [row["day"] for row in office.rows("select day from datasets.records")]
            figures = office.rows("select * from datasets.figures")
            assert len(set(days)) > 5
            assert len(figures) == len({row["date"] for row in figures}) > 0
            histories = [r.status for name in DIALPAD for r in runs.history(center, name)]
            assert histories == [runs.SUCCEEDED] * 2 * len(DIALPAD)


async def test_dialogtech_arrives_and_equal_rows_keep_their_ids(settings: Settings) -> None:
    clock = SteppedClock(NOON)
    with open_center(settings, clock) as center:
        async with dialogtech_office(center, clock) as office:
            equal = {**office.sim.world.rows()[-1], "Caller_ID": "0000000001"}
            refs = office.add(3, None, **equal)
            await office.dataset()
            first = await office.run()
            assert (first.status, first.error, first.rows_inserted) == (runs.SUCCEEDED, "", 403)
            ids = office.ids()
            clock.advance(3600)
            second = await office.run()
            assert (second.rows_inserted, second.rows_updated, second.rows_deleted) == (0, 0, 0)
            assert office.ids() == ids
            office.sim.world.remove(refs[1])
            assert (await office.run()).rows_deleted == 1
            assert office.loaded() == office.books()
