"""Nothing stays "running" when its process is gone: not in the history, for `doctor`, or for the next run."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.center.test_engine import CALLS, plant
from tests.center.workers import Plant, ended, until
from tests.commands import command
from trunkline.center import runs

SERVER, WORKER, RUN = ("serve", "--port", "0"), ("worker",), ("run", "calls", "--json")
CASES = [
    pytest.param("sqlite", RUN, id="run-sqlite"),
    pytest.param("sqlite", SERVER, id="serve-sqlite"),
    pytest.param("sqlite", WORKER, id="worker-sqlite"),
    pytest.param("postgresql", RUN, id="run-postgresql"),
    pytest.param("postgresql", SERVER, id="serve-postgresql"),
    pytest.param("postgresql", WORKER, id="worker-postgresql"),
    pytest.param("mariadb", RUN, id="run-mariadb"),
    pytest.param("mariadb", SERVER, id="serve-mariadb"),
]


async def told(here: Plant, *words: str) -> Any:
    code, out, err = await command((*words, "--json", "--home", str(here.center.settings.home)), here.env)
    assert code == 0, err + out
    return json.loads(out)


async def killed_midway(here: Plant, words: tuple[str, ...]) -> None:
    """The process dies while it runs the dataset, and has loaded some of it."""
    if words is RUN:
        process = await here.started(*words)
    else:
        process = await here.begun(*words)
        here.make_due("calls")
    await until(lambda: any(run["rows_inserted"] for run in here.runs()))
    assert [run["state"] for run in here.runs()] == [runs.RUNNING]
    await ended(process, signal.SIGKILL)


async def doctor(here: Plant) -> dict[str, tuple[str, str]]:
    return {one["name"]: (one["state"], one["text"]) for one in await told(here, "doctor")}


@pytest.mark.parametrize(("kind", "words"), CASES)
async def test_what_a_killed_process_ran_is_over(kind: str, words: tuple[str, ...], tmp_path: Path) -> None:
    async with plant(kind, tmp_path, latency_ms=100) as here:
        await here.dataset("calls")
        await killed_midway(here, words)
        assert (await doctor(here))["runs"] == ("warning", "Cut off, since the process is gone: calls.")
        (run,) = (await told(here, "dataset", "history", "calls"))["runs"]
        assert (run["status"], run["error"]) == (runs.FAILED, "The run's process ended before the run did.")
        assert (await doctor(here))["runs"] == ("ok", "None is under way.")
        following = await told(here, "run", "calls")
        assert following["status"] == runs.SUCCEEDED
        assert 0 < run["rows_inserted"] < CALLS
        assert run["rows_inserted"] + following["rows_inserted"] == CALLS
        if words is not RUN:
            async with here.worker(*words):
                await here.all_ended(1)
        assert {one["state"] for one in here.runs()} == {runs.SUCCEEDED, runs.FAILED}
        assert here.rows("calls") == sorted(here.sim.world.call_ids())


async def test_a_process_that_lives_is_not_taken_for_gone(tmp_path: Path) -> None:
    async with plant("sqlite", tmp_path, latency_ms=100) as here:
        await here.dataset("calls")
        async with here.worker(*SERVER):
            here.make_due("calls")
            await until(lambda: any(run["rows_inserted"] for run in here.runs()))
            (run,) = (await told(here, "dataset", "history", "calls"))["runs"]
            said = await doctor(here)
            if [one["state"] for one in here.runs()] == [runs.RUNNING]:
                assert run["status"] == runs.RUNNING
                assert said["runs"] == ("ok", "Under way: calls.")
            await here.all_ended(1)
        assert [one["state"] for one in here.runs()] == [runs.SUCCEEDED]
