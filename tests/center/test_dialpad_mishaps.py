"""What goes wrong for a moment in the middle of slices and exports: complete in the end, nothing doubled."""

from itertools import pairwise

import pytest

from tests.center.dialpad_office import DialpadOffice, dialpad_office
from trunkline.center.room import Center
from trunkline.center.runs import FAILED, SUCCEEDED
from trunkline.clock import SteppedClock
from trunkline.sims.dialpad import Fault

CALLS = 2_000
IN_SLICES = 20
"""From this request on, the windows of this company are read in slices."""
OF_SLICES = {
    "429": Fault("status", "/call", IN_SLICES, 5, status=429, retry_after="7"),
    "500": Fault("status", "/call", IN_SLICES, 4, status=500),
    "503 with a wish": Fault("status", "/call", IN_SLICES, 6, status=503, retry_after="20"),
    "truncated": Fault("truncated", "/call", IN_SLICES, 2),
    "a web page": Fault("html", "/call", IN_SLICES, 2),
    "cut off": Fault("disconnect", "/call", IN_SLICES, 3),
    "many at once": Fault("status", "/call", IN_SLICES, 12, status=502),
}
OF_EXPORTS = {
    "post 429": Fault("status", "/stats", 1, 3, status=429, retry_after="9"),
    "post 500": Fault("status", "/stats", 2, 3, status=500),
    "post truncated": Fault("truncated", "/stats", 1, 2),
    "post cut off": Fault("disconnect", "/stats", 1, 3),
    "poll 429": Fault("status", "/stats/", 2, 3, status=429, retry_after="9"),
    "poll 503": Fault("status", "/stats/", 2, 5, status=503),
    "poll truncated": Fault("truncated", "/stats/", 2, 2),
    "poll cut off": Fault("disconnect", "/stats/", 3, 2),
    "file 429": Fault("status", "/stats-export/", 2, 3, status=429, retry_after="9"),
    "file 500": Fault("status", "/stats-export/", 2, 4, status=500),
    "file cut off": Fault("disconnect", "/stats-export/", 2, 3),
    "file truncated": Fault("truncated", "/stats-export/", 2, 2),
    "file a web page": Fault("html", "/stats-export/", 2, 2),
}


def check_complete(office: DialpadOffice, name: str) -> None:
    """Every call once."""
    assert office.call_ids(name) == sorted(office.sim.world.call_ids())


def slices_asked(office: DialpadOffice) -> int:
    """Stretches of calls that begin in the middle of what another one left off."""
    edges = {
        (int(seen.params["started_after"][0]), int(seen.params["started_before"][0]))
        for seen in office.sim.requests
        if seen.path.endswith("/call")
    }
    return sum(before % 86_400_000 != 0 for (_, before), _ in pairwise(sorted(edges)))


@pytest.mark.parametrize("name", OF_SLICES)
async def test_slices(center: Center, clock: SteppedClock, name: str) -> None:
    async with dialpad_office(center, clock, calls=CALLS, days=18) as office:
        await office.dataset("calls", method="append", time_zone="UTC", days_back_start="18")
        office.sim.faults.add(OF_SLICES[name])
        run = await office.run("calls")
        assert (run.status, run.error, run.warnings) == (SUCCEEDED, "", [])
        assert run.retries >= (OF_SLICES[name].times or 0)
        assert run.rows_inserted == CALLS
        check_complete(office, "calls")
        assert slices_asked(office) >= 2
        assert (await office.run("calls")).rows_inserted == 0
        check_complete(office, "calls")


@pytest.mark.parametrize("name", OF_EXPORTS)
async def test_exports(center: Center, clock: SteppedClock, name: str) -> None:
    async with dialpad_office(center, clock, calls=400, days=20) as office:
        await office.dataset("stats", chunk_days="5", days_back_start="20")
        office.sim.faults.add(OF_EXPORTS[name])
        run = await office.run("stats")
        assert (run.status, run.error) == (SUCCEEDED, "")
        assert run.retries >= (OF_EXPORTS[name].times or 0)
        check_complete(office, "stats")
        assert (await office.run("stats")).status == SUCCEEDED
        check_complete(office, "stats")


async def test_a_slice_that_stays_broken_leaves_whole_windows_and_the_next_run_completes_them(
    center: Center, clock: SteppedClock
) -> None:
    async with dialpad_office(center, clock, calls=CALLS, days=18) as office:
        await office.dataset("calls", method="append", time_zone="UTC", days_back_start="18")
        office.sim.faults.add(Fault("truncated", "/call", IN_SLICES, None))
        failed = await office.run("calls")
        assert failed.status == FAILED
        assert "breaks off" in failed.error
        loaded = set(office.call_ids("calls"))
        assert 0 < len(loaded) < CALLS
        office.sim.faults.clear()
        assert (await office.run("calls")).rows_inserted == CALLS - len(loaded)
        check_complete(office, "calls")
