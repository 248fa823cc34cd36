"""Runs of Dialpad datasets killed at any moment: exactly the right rows, and little is asked twice."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.center.conftest import NOON
from tests.center.machine import Machine, killed_at
from trunkline.center import accounts, datasets, runs
from trunkline.center.coverage import Coverage
from trunkline.center.reading import completed_options
from trunkline.center.room import open_center
from trunkline.clock import FrozenWallClock, SteppedClock
from trunkline.connectors.dialpad import CONNECTOR
from trunkline.dates import DaySpan, day_start
from trunkline.fetch.http import HttpSettings
from trunkline.fetch.slices import ROWS_OF_A_SLICE
from trunkline.fetch.source import Access, Surroundings, open_source
from trunkline.fetch.spend_memory import MemorySpendLog
from trunkline.settings import load_settings
from trunkline.sims.dialpad import DialpadSim, DialpadSimOptions, Seen
from trunkline.warehouse.open import open_warehouse

CALLS, DAYS = 3_000, 60
WINDOW_ROWS, PAGE_ROWS = 900, 100
CHUNK_DAYS = 6
# Else a process that starts at the same instant as those before it would find their second used up.
STEP = timedelta(seconds=10)
ZONE = "America/New_York"
FIRST_DAY = NOON.date() - timedelta(days=DAYS)


COMPANY = DialpadSimOptions(
    calls=CALLS,
    days=DAYS - 1,
    until=NOON,
    latency_ms=5,
    strict=True,
    company_per_second=None,
    per_minute=None,
    stats_per_hour=None,
    processing_polls=0,
)


@dataclass(frozen=True)
class Work:
    """A dataset whose run is killed: how it is made, what it asks for once, and what is lost by a kill."""

    report: str
    method: str
    options: dict[str, str]
    requests: int
    lost_by_a_kill: int
    killed_within: int


SLICES = WINDOW_ROWS // ROWS_OF_A_SLICE
WINDOWS = 8
WORKS = {
    "calls": Work(
        "calls",
        "merge",
        {},
        CALLS // PAGE_ROWS + WINDOWS * (SLICES + 1),
        # a window a quarter too large, a page begun for each slice, and what was in flight
        WINDOW_ROWS * 5 // 4 // PAGE_ROWS + SLICES + 8,
        killed_within=20,
    ),
    "stats": Work(
        "stats",
        "partition",
        {"export_type": "records", "chunk_days": str(CHUNK_DAYS)},
        3 * (DAYS // CHUNK_DAYS + 3),
        # request, poll and file of the window that was loading and of those being prepared
        3 * (2 + 4),
        killed_within=24,
    ),
}


async def set_up(home: Path, url: str, work: Work) -> None:
    values = {"api_key": "testkey", "base_url": url, "minute_limit": 100_000, "stats_limit": 100_000}
    dated = {"date_range": "relative", "days_back_start": str(DAYS)}
    with open_center(load_settings(home, {}), SteppedClock(NOON)) as center:
        accounts.add(center, "dialpad", "main", values, accounts.Verdict(accounts.VALID))
        options = {**work.options, **dated, "time_zone": ZONE}
        await datasets.add(center, "it", "main", work.report, options, method=work.method)


async def prepare_exports(url: str) -> None:
    """Have every export made, so that no run has to wait for one: only a repeated one is ready at once."""
    report = CONNECTOR.report("stats")
    assert report
    access = Access(CONNECTOR, {"api_key": "testkey", "base_url": url})
    around = Surroundings(SteppedClock(NOON), MemorySpendLog(), HttpSettings())
    given = {"export_type": "records", "time_zone": ZONE, "chunk_days": CHUNK_DAYS}
    values = await completed_options(access, report, given, around)
    span = DaySpan(FIRST_DAY, NOON.date())
    async with open_source(access, report, values, around) as source:
        async for _ in source.rows(span):
            pass


def goes_on_at(home: Path) -> date:
    """The first day that is not loaded; after a pass that was finished the first of all, for the next one."""
    warehouse = open_warehouse(load_settings(home, {}))
    try:
        known = Coverage.from_json(warehouse.progress("it"))
        return known.next if known and known.next else FIRST_DAY
    finally:
        warehouse.close()


def check_nothing_loaded_is_asked_for(requests: Sequence[Seen], day: date) -> None:
    """What a run asked for that found all days before this one loaded."""
    begins = day_start(day, ZoneInfo(ZONE)).timestamp() * 1000
    calls = [int(seen.params["started_after"][0]) for seen in requests if seen.path.endswith("/call")]
    assert all(after >= begins - 1 for after in calls)
    posts = sum(seen.method == "POST" for seen in requests)
    assert posts <= (NOON.date() - day).days // CHUNK_DAYS + 2


async def kill_and_finish(tmp_path: Path, work: Work, kills: int, seed: int) -> None:
    home, chance = tmp_path / "home", random.Random(seed)
    async with DialpadSim(COMPANY, FrozenWallClock(NOON)) as sim:
        await set_up(home, sim.url, work)
        if work.report == "stats":
            await prepare_exports(sim.url)
        machine = Machine(home, WINDOW_ROWS, STEP)
        marks: list[tuple[int, date]] = []
        killed = 0
        for _ in range(kills):
            marks.append((len(sim.requests), goes_on_at(home)))
            killed += await killed_at(machine, sim, "it", chance, work.killed_within)
        begun = len(sim.requests)
        left = goes_on_at(home)
        run = json.loads(await machine.do("run", "it", "--json"))
        assert run["status"] == "succeeded", run
        found = [str(row["call_id"]) for row in machine.rows("select call_id from it")]
        assert sorted(found) == sorted(sim.world.call_ids())
        assert killed > 0
        if killed == kills:
            assert len(sim.requests) - marks[0][0] <= work.requests + kills * work.lost_by_a_kill
        for (first, day), (after, _) in pairwise([*marks, (begun, left)]):
            check_nothing_loaded_is_asked_for(sim.requests[first:after], day)
        check_nothing_loaded_is_asked_for(sim.requests[begun:], left)
        with open_center(load_settings(home, {})) as center:
            assert {r.status for r in runs.history(center, "it", 1_000)} <= {runs.SUCCEEDED, runs.FAILED}


@pytest.mark.parametrize("name", WORKS)
async def test_a_run_killed_a_few_times_ends_with_exactly_the_right_rows(tmp_path: Path, name: str) -> None:
    await kill_and_finish(tmp_path, WORKS[name], kills=3, seed=12)


@pytest.mark.soak
@pytest.mark.parametrize("name", WORKS)
async def test_a_run_killed_fifty_times_ends_with_exactly_the_right_rows(tmp_path: Path, name: str) -> None:
    await kill_and_finish(tmp_path, WORKS[name], kills=50, seed=51)
