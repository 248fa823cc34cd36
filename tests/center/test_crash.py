"""A run killed at any moment leaves whole windows; the next one goes on where it was."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.center.conftest import ACCOUNT_ID, NOON
from tests.center.machine import Machine, killed_at
from trunkline.clock import FrozenWallClock
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions

CALLS = 6_000
WINDOW_ROWS = 1_000
PAGES_OF_A_WINDOW = 5
PAGES_IN_FLIGHT = 8 + 8
LIMITS = ("--hourly-limit", "100000", "--daily-limit", "100000")


async def set_up(machine: Machine, url: str, method: str) -> None:
    access = ("--api-key", "testkey", "--account-id", ACCOUNT_ID, "--base-url", url)
    await machine.do("account", "add", "callrail", "main", *access, *LIMITS)
    dated = ("--start-date", "2026-01-01", "--update", method)
    await machine.do("dataset", "add", "calls", "--account", "main", "--report", "calls", *dated)


async def kill_and_finish(tmp_path: Path, method: str, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    options = replace(CallrailSimOptions(), calls=CALLS, days=160, until=NOON, latency_ms=5, strict=True)
    async with CallrailSim(options, FrozenWallClock(NOON)) as sim:
        machine = Machine(tmp_path / "home", WINDOW_ROWS)
        await set_up(machine, sim.url, method)
        killed = 0
        for _ in range(kills):
            killed += await killed_at(machine, sim, "calls", chance)
        run = json.loads(await machine.do("run", "calls", "--json"))
        assert run["status"] == "succeeded"
        found = [row["id"] for row in machine.rows("select id from calls")]
        assert sorted(found) == sorted(sim.world.call_ids())
        assert killed > 0
        if killed == kills:
            windows = -(-CALLS // WINDOW_ROWS) * 2
            once = CALLS // 250 + 2 * windows
            again = kills * (PAGES_OF_A_WINDOW + PAGES_IN_FLIGHT + 3)
            assert len(sim.requests) <= once + again
        told = await machine.do("dataset", "history", "calls", "--limit", "1000", "--json")
        history = json.loads(told)["runs"]
        assert {r["status"] for r in history} <= {"succeeded", "failed"}
        if method != "replace":
            assert sum(r["rows_inserted"] - r["rows_deleted"] for r in history) == CALLS


@pytest.mark.parametrize("method", ["merge", "append", "partition", "replace"])
async def test_a_run_killed_a_few_times_ends_with_exactly_the_right_rows(tmp_path: Path, method: str) -> None:
    await kill_and_finish(tmp_path, method, kills=3, seed=11)


@pytest.mark.soak
@pytest.mark.parametrize("method", ["merge", "append", "partition", "replace"])
async def test_a_run_killed_fifty_times_ends_with_exactly_the_right_rows(tmp_path: Path, method: str) -> None:
    await kill_and_finish(tmp_path, method, kills=50, seed=50)
