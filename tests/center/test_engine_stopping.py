"""A server or worker that is told to stop while it loads does so, and the next one goes on."""

from pathlib import Path

import pytest

from tests.center.test_engine import plant
from tests.center.workers import ended, until
from trunkline.center import runs
from trunkline.center.engine import STOPPED
from trunkline.sims.callrail import Fault

PROCESSES = {"sqlite": ("serve", "--port", "0"), "postgresql": ("worker",)}
CALLS, PAGE_ROWS = 15_000, 250
READ = CALLS // PAGE_ROWS - 8
"""So many pages come: too many for memory, so that the loading thread waits for the rest of the window."""


@pytest.mark.parametrize("kind", PROCESSES)
async def test_a_large_window_in_the_middle_holds_up_no_stop(kind: str, tmp_path: Path) -> None:
    async with plant(kind, tmp_path, calls=CALLS) as here:
        here.env["TRUNKLINE_WINDOW_ROWS"] = str(2 * CALLS)
        await here.dataset("calls")
        slow = Fault("slow", "calls.json", READ, None, seconds=600)
        here.sim.faults.add(slow)
        process = await here.begun(*PROCESSES[kind])
        here.make_due("calls")
        await until(lambda: sum(run["rows_read"] for run in here.runs()) >= (READ - 9) * PAGE_ROWS)
        await ended(process)
        (run,) = here.runs()
        assert (run["state"], run["error"]) == (runs.CANCELLED, STOPPED)
        here.sim.faults.clear()
        async with here.worker(*PROCESSES[kind]):
            await here.all_ended(1)
        assert [one["state"] for one in here.runs()] == [runs.CANCELLED, runs.SUCCEEDED]
        assert here.rows("calls") == sorted(here.sim.world.call_ids())
