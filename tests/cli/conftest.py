"""The command line as people use it: real processes, a pretend CallRail, an empty home folder."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.center.conftest import ACCOUNT_ID, NOON
from tests.commands import command
from trunkline.center.room import open_center
from trunkline.clock import FrozenWallClock
from trunkline.settings import load_settings
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Terminal:
    """Runs `trunkline` on one home folder."""

    home: Path
    sim: CallrailSim
    env: dict[str, str] = field(default_factory=dict)

    @property
    def access(self) -> tuple[str, ...]:
        return ("--api-key", "testkey", "--account-id", ACCOUNT_ID, "--base-url", self.sim.url)

    @property
    def _everything(self) -> dict[str, str]:
        return {**os.environ, "TRUNKLINE_FROZEN_CLOCK": NOON.isoformat(), **self.env}

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        typed = [sys.executable, "-m", "trunkline", *words]
        return await asyncio.create_subprocess_exec(
            *typed, env=self._everything, stdin=pipe, stdout=pipe, stderr=pipe
        )

    async def type(self, *words: str, stdin: str = "") -> Outcome:
        outcome = Outcome(*await command((*words, "--home", str(self.home)), self._everything, stdin))
        assert "Traceback" not in outcome.err + outcome.out
        assert "testkey" not in outcome.err + outcome.out
        return outcome

    async def type_into(self, target: Path, *words: str) -> Outcome:
        """As `type`, with standard output going to a file or device."""
        pipe = asyncio.subprocess.PIPE
        typed = [sys.executable, "-m", "trunkline", *words, "--home", str(self.home)]
        with target.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *typed, env=self._everything, stdout=out, stderr=pipe
            )
            _, err = await process.communicate()
        assert process.returncode is not None
        return Outcome(process.returncode, "", err.decode())

    def make_home(self) -> None:
        """An installation without accounts."""
        with open_center(load_settings(self.home, {})):
            pass

    async def with_calls(self, *options: str) -> None:
        assert (await self.type("account", "add", "callrail", "main", *self.access)).code == 0
        dated = options or ("--start-date", "2026-01-01", "--update", "merge")
        added = await self.type("dataset", "add", "calls", "--account", "main", "--report", "calls", *dated)
        assert added.code == 0, added.err


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    options = replace(CallrailSimOptions(), calls=900, days=60, until=NOON, strict=True)
    async with CallrailSim(options, FrozenWallClock(NOON)) as sim:
        yield Terminal(tmp_path / "home", sim)
