"""The engine whole, with the store on MariaDB: jobs and warehouse in the home folder, one server."""

import asyncio
import shutil
import signal
from dataclasses import replace
from pathlib import Path

from tests.center.test_engine import plant
from tests.center.workers import Plant, ended, until
from tests.commands import command
from trunkline.center import datasets, runs, timetables
from trunkline.center.retries import RetryPolicy
from trunkline.store.secrets import KEY_FILE

SERVER = ("serve", "--port", "0")


def states(here: Plant) -> list[str]:
    return [run["state"] for run in here.runs()]


async def refused(here: Plant, *words: str) -> str:
    """What a command says that ends at once."""
    async with asyncio.timeout(60):
        code, _, err = await command((*words, "--home", str(here.center.settings.home)), here.env)
    assert code == 1
    return err


async def test_a_server_runs_retries_and_goes_on_after_a_kill(tmp_path: Path) -> None:
    async with plant("mariadb", tmp_path, latency_ms=100) as here:
        await here.dataset("calls")
        timetables.set_retries(here.center, datasets.get(here.center, "calls"), RetryPolicy(10, 1))
        here.env["TRUNKLINE_HTTP_RETRIES"] = "0"
        here.sim.options = replace(here.sim.options, fail_every=1)
        first = await here.begun(*SERVER)
        here.make_due("calls")
        await until(lambda: states(here).count(runs.FAILED) > 1)
        here.sim.options = replace(here.sim.options, fail_every=0)
        await until(lambda: any(run["rows_inserted"] for run in here.runs()))
        await ended(first, signal.SIGKILL)
        before = len(here.runs())
        async with here.worker(*SERVER):
            await here.all_ended(1)
        assert set(states(here)[: before - 1]) == {runs.FAILED}
        assert states(here)[-1] == runs.SUCCEEDED
        assert len(here.runs()) == before + 1, "the attempt that was cut off is made once more"
        (row,) = here.orders()
        assert row["outcome"] == runs.SUCCEEDED
        assert here.overlapping() == []
        assert here.rows("calls") == sorted(here.sim.world.call_ids())
        assert here.interleaved("calls") == []


async def test_a_second_process_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async with plant("mariadb", tmp_path) as here:
        await here.dataset("calls")
        async with here.worker(*SERVER):
            here.make_due("calls")
            await here.all_ended(1)  # from here on its engine is at work
            for words in (SERVER, ("worker",)):
                told = await refused(here, *words)
                assert "is running already" in told
                assert "Several servers need a PostgreSQL store and warehouse." in told
            elsewhere = tmp_path / "elsewhere"
            elsewhere.mkdir()
            shutil.copy(here.center.settings.home / KEY_FILE, elsewhere / KEY_FILE)
            code, _, err = await command(("worker", "--home", str(elsewhere)), here.env)
            assert (code, "already runs the datasets of this store" in err) == (1, True)
            assert "set store_url and warehouse_url to PostgreSQL" in err
