"""A provider that answers 503 for a while: what goes on and what becomes due ends, and says how."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.center.test_engine import plant
from tests.center.workers import Plant, until
from trunkline.center import datasets, orders, runs, timetables
from trunkline.center.order_queries import WAITING
from trunkline.center.retries import RetryPolicy
from trunkline.center.runs import Wish
from trunkline.sims.callrail import Fault

PROCESSES = {"sqlite": ("serve", "--port", "0"), "postgresql": ("worker",)}
BEGUN, DUE = ("begun_1", "begun_2"), ("due_1", "due_2")
NAMES = (*BEGUN, *DUE)
SLOW_MS = 150
"""So slow that an outage comes in the middle of a run."""


async def set_up(here: Plant, policy: RetryPolicy) -> None:
    for name in NAMES:
        await here.dataset(name)
        timetables.set_retries(here.center, datasets.get(here.center, name), policy)


async def outage(here: Plant, lasts: timedelta, least: int) -> None:
    """Two runs have loaded something when every answer becomes 503, for so long and so many requests.

    Two more datasets become due in it.
    """
    here.make_due(*BEGUN)
    await until(lambda: sum(run["windows_done"] > 0 for run in here.runs()) == len(BEGUN))
    assert {run["state"] for run in here.runs()} == {runs.RUNNING}
    here.sim.faults.add(Fault("status", times=None, status=503))
    over = here.sim.clock.now() + lasts
    here.make_due(*DUE)
    await until(lambda: here.sim.clock.now() >= over and refused(here) >= least)
    here.sim.faults.clear()


def refused(here: Plant) -> int:
    return sum(seen.status == 503 for seen in here.sim.requests)


def failed(here: Plant) -> int:
    return sum(run["state"] == runs.FAILED for run in here.runs())


def check_ends(here: Plant) -> None:
    """Every run ended well or with the provider's words, and of a dataset one went on at a time."""
    for run in here.runs():
        told = (run["state"], run["error_kind"], "503" in (run["error"] or ""))
        assert told in ((runs.SUCCEEDED, "", False), (runs.FAILED, "retry_later", True))
    assert here.overlapping() == []
    last = {run["dataset_name"]: run["state"] for run in here.runs()}
    ids = {datasets.get(here.center, name).id: name for name in NAMES}
    assert {ids[row["dataset_id"]]: row["outcome"] for row in here.orders()} == last


async def check_afterwards(here: Plant) -> None:
    """One more run of each goes well, and leaves every row there is, once."""
    ended = len(here.orders())
    for name in NAMES:
        orders.want(here.center, name, Wish())
    await here.all_ended(ended + len(NAMES))
    assert {runs.history(here.center, name)[0].status for name in NAMES} == {runs.SUCCEEDED}


def check_rows(here: Plant) -> None:
    for name in NAMES:
        assert here.rows(name) == sorted(here.sim.world.call_ids())
        assert here.interleaved(name) == []


@pytest.mark.parametrize("kind", PROCESSES)
async def test_runs_outlast_a_provider_that_was_away(kind: str, tmp_path: Path) -> None:
    """By the retries of requests and, where those do not suffice, by those of runs."""
    async with plant(kind, tmp_path, latency_ms=SLOW_MS) as here:
        here.env |= {"TRUNKLINE_HTTP_RETRIES": "1", "TRUNKLINE_RUNS_PER_ACCOUNT": "4"}
        await set_up(here, RetryPolicy(10, 1))
        async with here.worker(*PROCESSES[kind]):
            await outage(here, timedelta(seconds=2), least=16)
            await here.all_ended(len(NAMES))
            assert failed(here), "an outage that no run felt proves nothing"
            check_ends(here)
            assert {row["outcome"] for row in here.orders()} == {runs.SUCCEEDED}
        check_rows(here)


@pytest.mark.parametrize("kind", PROCESSES)
async def test_runs_that_give_up_have_failed_with_the_reason(kind: str, tmp_path: Path) -> None:
    async with plant(kind, tmp_path, latency_ms=SLOW_MS) as here:
        here.env |= {"TRUNKLINE_HTTP_RETRIES": "0", "TRUNKLINE_RUNS_PER_ACCOUNT": "4"}
        await set_up(here, RetryPolicy(0, 1))
        async with here.worker(*PROCESSES[kind]):
            await outage(here, timedelta(0), least=4)
            await here.all_ended(len(NAMES))
            check_ends(here)
            assert {row["outcome"] for row in here.orders()} == {runs.FAILED}
            await check_afterwards(here)
        check_rows(here)


@pytest.mark.soak
@pytest.mark.parametrize("retries", [RetryPolicy(0, 1), RetryPolicy(3, 5)], ids=("never", "again"))
@pytest.mark.parametrize("kind", PROCESSES)
async def test_a_minute_of_503(kind: str, retries: RetryPolicy, tmp_path: Path) -> None:
    """With the settings as they come."""
    async with plant(kind, tmp_path, latency_ms=SLOW_MS) as here:
        await set_up(here, retries)
        async with here.worker(*PROCESSES[kind]):
            await outage(here, timedelta(minutes=1), least=16)
            await here.all_ended(len(NAMES), patience=240)
            check_ends(here)
            assert not [row for row in here.orders() if row["state"] == WAITING]
            await check_afterwards(here)
        check_rows(here)
