"""The whole way on PostgreSQL and MariaDB: the warehouse on the one, the store on each."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.center.conftest import ACCOUNT_ID, NOON, Office
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
            assert os.listdir(center.settings.home / "locks")
