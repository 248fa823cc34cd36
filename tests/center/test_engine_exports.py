"""A worker exports after each run, and takes a retry that a person has ordered."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.center.test_engine import CALLS, KINDS, plant
from tests.center.workers import Plant
from trunkline.center import datasets, order_queries, orders, runs, standing_exports, targets
from trunkline.center.retries import RetryPolicy
from trunkline.center.runs import Wish
from trunkline.center.standing_exports import StandingExport
from trunkline.center.targets import FOLDER, Target
from trunkline.center.timetables import set_retries


def exports(here: Plant) -> list[StandingExport]:
    return standing_exports.of(here.center, datasets.get(here.center, "calls"))


def keep(here: Plant, path: Path) -> None:
    path.mkdir()
    targets.add(here.center, Target("files", FOLDER, str(path)), {})
    standing_exports.add(here.center, datasets.get(here.center, "calls"), "files", None)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_due_is_exported_when_it_is_read(kind: str, tmp_path: Path) -> None:
    async with plant(kind, tmp_path) as here:
        await here.dataset("calls")
        keep(here, tmp_path / "out")
        here.make_due("calls")
        async with here.worker():
            await here.all_ended(1)
        (export,) = exports(here)
        assert (export.last_error, export.last_at is not None) == ("", True)
        assert pq.read_table(tmp_path / "out/calls.parquet").num_rows == CALLS


async def test_a_run_that_could_not_be_exported_is_no_failed_run(tmp_path: Path) -> None:
    async with plant("sqlite", tmp_path) as here:
        await here.dataset("calls")
        keep(here, tmp_path / "out")
        (tmp_path / "out").rmdir()
        here.make_due("calls")
        async with here.worker():
            await here.all_ended(1)
        assert [row["outcome"] for row in here.orders()] == [runs.SUCCEEDED]
        assert "cannot be written" in exports(here)[0].last_error


async def test_a_worker_makes_the_retry_that_somebody_typed(tmp_path: Path) -> None:
    async with plant("sqlite", tmp_path) as here:
        await here.dataset("calls")
        set_retries(here.center, datasets.get(here.center, "calls"), RetryPolicy(1, 3_600))
        here.env["TRUNKLINE_HTTP_RETRIES"] = "0"
        here.sim.options = replace(here.sim.options, fail_every=1)
        order = orders.want(here.center, "calls", Wish(), started_by="ann")
        async with here.worker():
            failed = await waits_again(here, order.id)
            here.sim.options = replace(here.sim.options, fail_every=0)
            words = (sys.executable, "-m", "trunkline", "retry", failed)
            home = str(here.center.settings.home)
            typed = await asyncio.create_subprocess_exec(
                *words, "--home", home, env=here.env, stdout=asyncio.subprocess.PIPE
            )
            out, _ = await typed.communicate()
            assert b"calls: ordered" in out
            await here.all_ended(1)
        assert [run["state"] for run in here.runs()] == [runs.FAILED, runs.SUCCEEDED]
        assert here.runs()[1]["retry_of"] == failed


async def waits_again(here: Plant, order_id: str) -> Any:
    """The run that failed, once its order waits for the next attempt."""
    async with asyncio.timeout(60):
        while True:
            order = orders.get(here.center, order_id)
            if order.failures and order.state == order_queries.WAITING:
                return order.run_id
            await asyncio.sleep(0.05)
