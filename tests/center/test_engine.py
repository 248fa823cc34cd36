"""What is due is run once, by whichever worker, also when workers are killed."""

import asyncio
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.center.alerts.receivers import receiver
from tests.center.cutting import CuttingProxy
from tests.center.workers import Plant, ended, installation, save_account
from trunkline.center import datasets, engine, orders, runs, timetables, workers
from trunkline.center.alerts import channels
from trunkline.center.retries import RetryPolicy
from trunkline.center.runs import Wish
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions

KINDS = ("sqlite", "postgresql")
CALLS = 2_000


@asynccontextmanager
async def plant(kind: str, tmp_path: Path, port: int = 0, **more: Any) -> AsyncIterator[Plant]:
    options = CallrailSimOptions(**{"calls": CALLS, "days": 100, "strict": True, **more})
    with installation(kind, tmp_path / "home", port) as (center, env):
        async with CallrailSim(options) as sim:
            save_account(center, sim.url)
            yield Plant(center, sim, env)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_due_and_what_is_wanted_is_run(kind: str, tmp_path: Path) -> None:
    async with plant(kind, tmp_path) as here:
        async with here.worker():
            await here.dataset("due")
            await here.dataset("wanted")
            here.make_due("due")
            wanted = orders.want(here.center, "wanted", Wish(), started_by="ann")
            await here.all_ended(2)
            assert {row["outcome"] for row in here.orders()} == {runs.SUCCEEDED}
            told = {run["dataset_name"]: (run["trigger"], run["started_by"]) for run in here.runs()}
            assert told == {"due": ("scheduled", ""), "wanted": ("manual", "ann")}
            assert orders.get(here.center, wanted.id).run_id == runs.history(here.center, "wanted")[0].id
            table = timetables.of(here.center, datasets.get(here.center, "due"))
            assert table.next_due_at is not None
            assert table.next_due_at > here.center.clock.now()
        for name in ("due", "wanted"):
            assert here.rows(name) == sorted(here.sim.world.call_ids())


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_runs_what_is_due(kind: str, tmp_path: Path) -> None:
    async with plant(kind, tmp_path) as here:
        async with here.worker("serve", "--port", "0"):
            await here.dataset("calls")
            here.make_due("calls")
            await here.all_ended(1)
        (row,) = here.orders()
        assert row["outcome"] == runs.SUCCEEDED
        assert here.rows("calls") == sorted(here.sim.world.call_ids())


async def test_two_servers_of_one_home_both_run_what_is_due(tmp_path: Path) -> None:
    async with plant("postgresql", tmp_path) as here:
        await here.dataset("calls")
        first = await here.begun("serve", "--port", "0")
        async with here.worker("serve", "--port", "0"):
            async with asyncio.timeout(60):
                while len(workers.alive(here.center)) < 2:
                    await asyncio.sleep(0.05)
            await ended(first, signal.SIGKILL)
            here.make_due("calls")
            await here.all_ended(1)
        check(here, ["calls"])


async def test_a_run_that_ends_with_its_worker_says_so_and_goes_on_with_the_next(tmp_path: Path) -> None:
    async with plant("sqlite", tmp_path, latency_ms=5_000) as here:
        await here.dataset("calls")
        first = await here.begun("serve", "--port", "0")
        here.make_due("calls")
        async with asyncio.timeout(60):
            while not here.runs():
                await asyncio.sleep(0.05)
        first.terminate()
        said, _ = await first.communicate()
        assert b"Traceback" not in said
        (run,) = here.runs()
        assert (run["state"], run["error"]) == (runs.CANCELLED, engine.STOPPED)
        here.sim.options = replace(here.sim.options, latency_ms=0)
        async with here.worker():
            await here.all_ended(1)
        check(here, ["calls"])


async def kill_and_look(
    here: Plant,
    workers: int,
    names: list[str],
    rounds: int,
    kills: int,
    chance: random.Random,
    between: tuple[float, float] = (0.3, 1.5),
) -> None:
    """Datasets become due again and again while workers are killed and replaced."""
    async with AsyncExitStack() as leaving:
        crew = [await here.begun() for _ in range(workers)]
        leaving.push_async_callback(_all_ended, crew)
        await _kill_again_and_again(here, crew, names, rounds, kills, chance, between)
        await here.all_ended(len(names), patience=120 + 6 * kills)


async def _all_ended(crew: list[asyncio.subprocess.Process]) -> None:
    for process in crew:
        await ended(process)


async def _kill_again_and_again(
    here: Plant,
    crew: list[asyncio.subprocess.Process],
    names: list[str],
    rounds: int,
    kills: int,
    chance: random.Random,
    between: tuple[float, float],
) -> None:
    for number in range(max(rounds, kills)):
        if number < rounds:
            here.make_due(*names)
        await asyncio.sleep(chance.uniform(*between))  # the moment of the kill is what is tried here
        if number < kills:
            place = chance.randrange(len(crew))
            await ended(crew[place], signal.SIGKILL)
            crew[place] = await here.begun()


def check(here: Plant, names: list[str]) -> None:
    assert {row["outcome"] for row in here.orders()} == {runs.SUCCEEDED}
    made = Counter((row["dataset_id"], row["due_at"]) for row in here.orders())
    assert set(made.values()) == {1}, "each due time has one order"
    assert not [run for run in here.runs() if run["state"] in ("running", "waiting")]
    ended_well = Counter(run["dataset_name"] for run in here.runs() if run["state"] == runs.SUCCEEDED)
    by_dataset = Counter(row["dataset_id"] for row in here.orders())
    ids = {datasets.get(here.center, name).id: name for name in names}
    assert {ids[number]: count for number, count in by_dataset.items()} == ended_well
    assert here.overlapping() == []
    for name in names:
        assert here.rows(name) == sorted(here.sim.world.call_ids())
        assert here.interleaved(name) == []


@pytest.mark.parametrize(("kind", "workers"), [("sqlite", 1), ("postgresql", 3)])
async def test_killed_workers_lose_and_double_nothing(kind: str, workers: int, tmp_path: Path) -> None:
    async with plant(kind, tmp_path, latency_ms=20) as here:
        names = [f"calls_{n}" for n in range(4)]
        for name in names:
            await here.dataset(name)
        await kill_and_look(here, workers, names, rounds=2, kills=2, chance=random.Random(7))
        check(here, names)


@pytest.mark.soak
@pytest.mark.parametrize(("kind", "workers"), [("sqlite", 1), ("postgresql", 3)])
async def test_sixty_datasets_and_two_minutes_of_kills(kind: str, workers: int, tmp_path: Path) -> None:
    async with plant(kind, tmp_path, latency_ms=20) as here:
        names = [f"calls_{n}" for n in range(60)]
        for number in range(6):
            save_account(here.center, here.sim.url, f"office_{number}")
        for number, name in enumerate(names):
            await here.dataset(name, f"office_{number % 6}")
        chance = random.Random(60)
        await kill_and_look(here, workers, names, 10, 40, chance, between=(2.0, 4.0))
        check(here, names)


@pytest.mark.soak
async def test_a_worker_that_was_only_slow_writes_nothing_any_more(tmp_path: Path) -> None:
    """Stopped in the middle of a run, taken over within a minute, and woken up again."""
    async with plant("postgresql", tmp_path, latency_ms=300) as here:
        await here.dataset("calls")
        slow = await here.begun()
        here.make_due("calls")
        async with asyncio.timeout(60):
            while not any(run["windows_done"] for run in here.runs()):
                await asyncio.sleep(0.05)
        slow.send_signal(signal.SIGSTOP)
        async with here.worker():
            await here.all_ended(1)
            slow.send_signal(signal.SIGCONT)
            async with asyncio.timeout(60):
                while any(run["state"] == "running" for run in here.runs()):
                    await asyncio.sleep(0.2)
        await ended(slow)
        assert {run["state"] for run in here.runs()} == {runs.SUCCEEDED, runs.FAILED}
        (row,) = here.orders()
        assert row["outcome"] == runs.SUCCEEDED
        assert here.rows("calls") == sorted(here.sim.world.call_ids())
        assert here.interleaved("calls") == []


async def test_a_wrong_key_is_not_tried_again_and_told(tmp_path: Path) -> None:
    async with plant("sqlite", tmp_path) as here, receiver() as hook:
        await here.dataset("calls")
        channels.add(here.center, "webhook", "ops", {"url": hook.url}, channels.Choice())
        here.sim.options = replace(here.sim.options, api_key="another")
        here.make_due("calls")
        async with here.worker():
            await here.all_ended(1)
            async with asyncio.timeout(60):
                while len(hook.posted) < 2:
                    await asyncio.sleep(0.1)
        (row,) = here.orders()
        assert (row["outcome"], row["failures"]) == (runs.FAILED, 0)
        assert [run["error_kind"] for run in here.runs()] == ["key_refused"]
        assert {posted.json["incident"]["kind"] for posted in hook.posted} == {"failed", "account_invalid"}


async def test_a_provider_that_is_away_is_tried_again(tmp_path: Path) -> None:
    """Two runs fail, each after all its own tries; the third finds the provider well."""
    async with plant("sqlite", tmp_path) as here:
        await here.dataset("calls")
        timetables.set_retries(here.center, datasets.get(here.center, "calls"), RetryPolicy(3, 1))
        here.env["TRUNKLINE_HTTP_RETRIES"] = "0"
        here.sim.options = replace(here.sim.options, fail_every=1)
        here.make_due("calls")
        async with here.worker():
            async with asyncio.timeout(60):
                while len([run for run in here.runs() if run["state"] == runs.FAILED]) < 2:
                    await asyncio.sleep(0.05)
            here.sim.options = replace(here.sim.options, fail_every=0)
            await here.all_ended(1)
        told = [(run["state"], run["trigger"], run["attempt"]) for run in here.runs()]
        assert told[0] == (runs.FAILED, "scheduled", 1)
        assert told[1] == (runs.FAILED, "retry", 2)
        assert told[-1][:2] == (runs.SUCCEEDED, "retry")
        assert [run["retry_of"] for run in here.runs()][1] == here.runs()[0]["id"]


async def test_a_second_worker_on_one_machine_says_what_it_needs(tmp_path: Path) -> None:
    async with plant("sqlite", tmp_path) as here, here.worker():
        words = ("worker", "--home", str(here.center.settings.home))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "trunkline", *words),
            env=here.env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await process.communicate()
        assert process.returncode == 1
        assert b"PostgreSQL" in told


async def test_databases_that_go_and_come_again_leave_no_run_stuck(tmp_path: Path) -> None:
    async with CuttingProxy(5432) as proxy, plant("postgresql", tmp_path, proxy.port, latency_ms=50) as here:
        names = ["calls_1", "calls_2"]
        for name in names:
            await here.dataset(name)
            policy = RetryPolicy(3, 1)
            timetables.set_retries(here.center, datasets.get(here.center, name), policy)
        async with here.worker():
            here.make_due(*names)
            async with asyncio.timeout(60):
                while not any(run["windows_done"] for run in here.runs()):
                    await asyncio.sleep(0.05)
            proxy.cut()
            async with asyncio.timeout(60):
                while proxy.refused < 10:  # runs and engine have tried again and again
                    await asyncio.sleep(0.05)
            proxy.mend()
            await here.all_ended(2)
        assert {row["outcome"] for row in here.orders()} == {runs.SUCCEEDED}
        assert not [run for run in here.runs() if run["state"] in ("running", "waiting")]
        for name in names:
            assert here.rows(name) == sorted(here.sim.world.call_ids())
            assert here.interleaved(name) == []
