"""Real processes of the command line on one home folder, and a hand that kills them."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.center.conftest import NOON
from tests.commands import command
from trunkline.settings import load_settings
from trunkline.sims.serving import PretendService
from trunkline.warehouse.open import open_warehouse


class Machine:
    """Starts `trunkline`; each process finds the wall clock `step` after the one before."""

    def __init__(
        self,
        home: Path,
        window_rows: int,
        step: timedelta = timedelta(0),
        begins_at: datetime = NOON,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home
        self._env = {**os.environ, "TRUNKLINE_WINDOW_ROWS": str(window_rows), **(env or {})}
        self._step = step
        self._now = begins_at

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        typed = [sys.executable, "-m", "trunkline", *words, "--home", str(self.home)]
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(*typed, env=self._next_env(), stdout=pipe, stderr=pipe)

    async def do(self, *words: str) -> str:
        code, out, err = await command((*words, "--home", str(self.home)), self._next_env())
        assert code == 0, err + out
        return out

    def _next_env(self) -> dict[str, str]:
        env = {**self._env, "TRUNKLINE_FROZEN_CLOCK": self._now.isoformat()}
        self._now += self._step
        return env

    def rows(self, sql: str) -> list[dict[str, Any]]:
        warehouse = open_warehouse(load_settings(self.home, {}), read_only=True)
        try:
            found: list[dict[str, Any]] = warehouse.reader(sql).read_all().to_pylist()
            return found
        finally:
            warehouse.close()


async def killed_at(
    machine: Machine, sim: PretendService, name: str, chance: random.Random, requests: int = 30
) -> bool:
    """Start a run and kill it once so many more requests were seen and so much time went by."""
    process = await machine.start("run", name, "--json")
    ending = asyncio.ensure_future(process.wait())
    enough = len(sim.requests) + chance.randrange(0, requests)
    while len(sim.requests) < enough and not ending.done():
        await asyncio.wait({ending}, timeout=0.002)
    await asyncio.wait({ending}, timeout=chance.random() * 0.3)
    if not ending.done():
        process.send_signal(signal.SIGKILL)
    await process.communicate()
    return await ending == -signal.SIGKILL
