"""Runs of a connected account against the whole pretend Dialpad: tokens end, and no day is lost."""

from collections.abc import AsyncIterator

import pytest

from tests.center.conftest import NOON
from tests.center.house import AGAIN, ENDED, House
from trunkline.center import accounts, datasets, grant_queries, runs
from trunkline.center.room import Center
from trunkline.center.running import run
from trunkline.center.runs import Run
from trunkline.center.writer import Writer
from trunkline.clock import SteppedClock
from trunkline.sims.dialpad import DialpadSim, DialpadSimOptions, OAuthOptions
from trunkline.warehouse.open import open_warehouse

TOKEN_SECONDS = 90


@pytest.fixture
async def house(center: Center, clock: SteppedClock) -> AsyncIterator[House]:
    options = DialpadSimOptions(
        until=NOON,
        processing_polls=20,
        oauth=OAuthOptions(token_seconds=TOKEN_SECONDS, old_access_dies=True),
    )
    async with DialpadSim(options, clock) as sim:
        house = House(center, sim, clock)
        await house.connect()
        yield house


async def ran(house: House, name: str) -> Run:
    with Writer(house.center.settings) as writer:
        return await run(house.center, writer, name)


def rows(house: House, name: str) -> int:
    warehouse = open_warehouse(house.center.settings, read_only=True)
    try:
        return warehouse.count(name)
    finally:
        warehouse.close()


async def test_a_token_that_ends_while_an_export_is_prepared_is_renewed(house: House) -> None:
    await datasets.add(house.center, "stats", "main", "stats", {"days_back_start": "10"})
    before = house.clock.monotonic()
    done = await ran(house, "stats")
    assert done.status == runs.SUCCEEDED, done.error
    assert house.clock.monotonic() - before > TOKEN_SECONDS
    assert len(house.renewals) >= 1
    assert set(house.renewals) == {200}
    assert rows(house, "stats") > 0


async def test_a_lost_sign_in_fails_the_run_loses_nothing_and_is_mended_by_connecting(house: House) -> None:
    await datasets.add(house.center, "calls", "main", "calls", {"days_back_start": "20"})
    assert (await ran(house, "calls")).status == runs.SUCCEEDED
    loaded = rows(house, "calls")
    assert loaded > 0
    house.host.oauth.revoke_all()
    for _ in range(2):
        failed = await ran(house, "calls")
        assert (failed.status, failed.error, failed.todo) == (runs.FAILED, ENDED, AGAIN)
        assert failed.error_kind == "key_refused"
        assert rows(house, "calls") == loaded
    assert house.renewals.count(400) == 1
    assert accounts.get(house.center, "main").state == accounts.INVALID
    await house.connect()
    again = await ran(house, "calls")
    assert again.status == runs.SUCCEEDED
    assert accounts.get(house.center, "main").state == accounts.VALID
    assert rows(house, "calls") == loaded


async def test_no_token_stands_in_the_history(house: House) -> None:
    await datasets.add(house.center, "offices", "main", "offices", {})
    await ran(house, "offices")
    house.host.oauth.revoke_all()
    await ran(house, "offices")
    grant = accounts.access(house.center, "main").grant
    assert grant
    told = str([r.to_json() for r in runs.history(house.center, "offices")])
    assert ENDED in told
    with house.center.store.read() as tx:
        pair = grant_queries.grant_of(tx, accounts.get(house.center, "main").id)
    assert pair
    kept = house.center.vault.decrypt(pair["pair"])
    assert [token for token in (*kept.values(), "testsecret") if token in told] == []
