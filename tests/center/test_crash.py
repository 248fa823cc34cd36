"""A run killed at any moment leaves whole windows; the next one goes on where it was."""

import asyncio
import json
import os
import random
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.center.conftest import ACCOUNT_ID, NOON
from trunkline.clock import FrozenWallClock
from trunkline.settings import load_settings
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions
from trunkline.warehouse.open import open_warehouse

CALLS = 6_000
WINDOW_ROWS = 1_000
PAGES_OF_A_WINDOW = 5
PAGES_IN_FLIGHT = 8 + 8
LIMITS = ("--hourly-limit", "100000", "--daily-limit", "100000")


class Machine:
    """Real processes of the command line on one home folder."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.url = url
        self._env = {
            **os.environ,
            "TRUNKLINE_FROZEN_CLOCK": NOON.isoformat(),
            "TRUNKLINE_WINDOW_ROWS": str(WINDOW_ROWS),
        }

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        command = [sys.executable, "-m", "trunkline", *words, "--home", str(self.home)]
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(*command, env=self._env, stdout=pipe, stderr=pipe)

    async def do(self, *words: str) -> str:
        process = await self.start(*words)
        out, problem = await process.communicate()
        assert process.returncode == 0, problem.decode() + out.decode()
        return out.decode()

    async def set_up(self, method: str) -> None:
        access = ("--api-key", "testkey", "--account-id", ACCOUNT_ID, "--base-url", self.url)
        await self.do("account", "add", "callrail", "main", *access, *LIMITS)
        dated = ("--start-date", "2026-01-01", "--update", method)
        await self.do("dataset", "add", "calls", "--account", "main", "--report", "calls", *dated)

    def ids(self) -> list[str]:
        warehouse = open_warehouse(load_settings(self.home, {}), read_only=True)
        try:
            return sorted(
                row["id"] for row in warehouse.reader("select id from calls").read_all().to_pylist()
            )
        finally:
            warehouse.close()


async def killed_at(machine: Machine, sim: CallrailSim, chance: random.Random) -> bool:
    """Start a run and kill it once so many more requests were seen and so much time went by."""
    process = await machine.start("run", "calls", "--json")
    ending = asyncio.ensure_future(process.wait())
    enough = len(sim.requests) + chance.randrange(0, 30)
    while len(sim.requests) < enough and not ending.done():
        await asyncio.wait({ending}, timeout=0.002)
    await asyncio.wait({ending}, timeout=chance.random() * 0.3)
    if not ending.done():
        process.send_signal(signal.SIGKILL)
    await process.communicate()
    return await ending == -signal.SIGKILL


async def kill_and_finish(tmp_path: Path, method: str, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    options = replace(CallrailSimOptions(), calls=CALLS, days=160, until=NOON, latency_ms=5, strict=True)
    async with CallrailSim(options, FrozenWallClock(NOON)) as sim:
        machine = Machine(tmp_path / "home", sim.url)
        await machine.set_up(method)
        killed = 0
        for _ in range(kills):
            killed += await killed_at(machine, sim, chance)
        run = json.loads(await machine.do("run", "calls", "--json"))
        assert run["status"] == "succeeded"
        assert machine.ids() == sorted(sim.world.call_ids())
        assert killed > 0
        if killed == kills:
            windows = -(-CALLS // WINDOW_ROWS) * 2
            once = CALLS // 250 + 2 * windows
            again = kills * (PAGES_OF_A_WINDOW + PAGES_IN_FLIGHT + 3)
            assert len(sim.requests) <= once + again
        history = json.loads(await machine.do("dataset", "history", "calls", "--limit", "1000", "--json"))
        assert {r["status"] for r in history} <= {"succeeded", "failed"}


@pytest.mark.parametrize("method", ["merge", "append", "partition", "replace"])
async def test_a_run_killed_a_few_times_ends_with_exactly_the_right_rows(tmp_path: Path, method: str) -> None:
    await kill_and_finish(tmp_path, method, kills=3, seed=11)


@pytest.mark.soak
@pytest.mark.parametrize("method", ["merge", "append", "partition", "replace"])
async def test_a_run_killed_fifty_times_ends_with_exactly_the_right_rows(tmp_path: Path, method: str) -> None:
    await kill_and_finish(tmp_path, method, kills=50, seed=50)
