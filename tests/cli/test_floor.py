"""`trunkline sim floor` as people use it: real processes beside each other."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.commands import command
from trunkline.cli import trunkline
from trunkline.cli.floor import sentence

FEW = ("--days", "1", "--agents", "5")
LIVE = ("live_agents", "live_inbound_agents", "auto_calls", "hopper")


@dataclass
class Home:
    """A home folder, and commands on it."""

    path: Path

    async def start(self, *words: str, **env: str) -> asyncio.subprocess.Process:
        typed = [sys.executable, "-m", "trunkline", "sim", "floor", *words, "--home", str(self.path)]
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *typed, env={**os.environ, **env}, stdout=pipe, stderr=pipe
        )

    async def type(self, *words: str, **env: str) -> tuple[int, str, str]:
        typed = ("sim", "floor", *words, "--home", str(self.path))
        code, out, err = await command(typed, {**os.environ, **env})
        assert "Traceback" not in out + err
        return code, out, err

    def count(self, table: str, where: str = "1") -> int:
        name = table if table in ("recording_log", "servers") else f"dialer360_{table}"
        with closing(sqlite3.connect(self.path / "store.sqlite3", timeout=20)) as connection:
            (found,) = connection.execute(f"select count(*) from {name} where {where}").fetchone()
            return int(found)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


async def lines_of(process: asyncio.subprocess.Process) -> AsyncIterator[dict[str, Any]]:
    assert process.stdout is not None
    async for line in process.stdout:
        yield json.loads(line)


async def until_live(process: asyncio.subprocess.Process, lines: int) -> list[dict[str, Any]]:
    """What it has printed by the time so many lines of the live floor have come."""
    seen: list[dict[str, Any]] = []
    async for line in lines_of(process):
        seen.append(line)
        if sum(one["event"] == "floor" for one in seen) >= lines:
            return seen
    raise AssertionError(f"the floor ended: {seen}")


async def test_a_floor_lives_alone_and_ends_well(home: Home) -> None:
    process = await home.start(*FEW, "--json", "--speed", "20")
    seen = await until_live(process, 3)
    assert [line["event"] for line in seen] == ["filled", "floor", "floor", "floor"]
    assert seen[0]["rows"] > 1_000
    assert all(line["agents"] >= 1 for line in seen[1:])
    assert home.count("live_agents") >= 1
    code, out, err = await home.type("--clear", "--json")
    assert (code, json.loads(out)["error"]["kind"]) == (1, "retry_later")
    assert "A floor is at work here already." in err
    process.send_signal(signal.SIGTERM)
    last = [line async for line in lines_of(process)][-1]
    assert (await process.wait(), last["event"]) == (0, "closed")
    assert {table: home.count(table) for table in LIVE} == dict.fromkeys(LIVE, 0)
    assert home.count("log", "status in ('INCALL', 'QUEUE') or end_epoch is null") == 0
    assert home.count("log") > 50


async def test_a_killed_floor_is_gone_on_with(home: Home) -> None:
    process = await home.start(*FEW, "--json")
    await until_live(process, 2)
    process.kill()
    await process.wait()
    calls = home.count("closer_log")
    assert home.count("live_agents") >= 1
    code, out, _ = await home.type(*FEW, "--for", "0")
    assert code == 0
    assert "Filled up to now" in out
    assert home.count("closer_log") >= calls > 10
    assert home.count("live_agents") == home.count("auto_calls") == 0
    assert home.count("closer_log", "status in ('INCALL', 'QUEUE') or end_epoch is null") == 0
    assert home.count("recording_log", "end_epoch is null") == 0


async def test_once_leaves_a_moment_and_clear_takes_it_away(home: Home) -> None:
    code, out, _ = await home.type(*FEW, "--once")
    assert code == 0
    assert f"trunkline serve --home {home.path}" in out
    assert out.endswith("The floor is left as it is at this moment.\n")
    assert home.count("live_agents") >= 1
    code, out, _ = await home.type("--reset", "--once", "--days", "0", "--agents", "3")
    assert (code, home.count("users"), home.count("log")) == (0, 3, 0)
    code, out, _ = await home.type("--clear")
    assert code == 0
    assert "of the floor taken away." in out
    assert home.count("users") == home.count("list") == home.count("campaigns") == 0
    assert home.count("servers") == 1, "the frame that `dialer init` makes stays"


async def test_a_running_dialer_is_refused_before_anything_is_opened(home: Home) -> None:
    url = "mysql://trunkline:secret@192.0.2.1/asterisk"
    code, out, err = await home.type(TRUNKLINE_DIALER_URL=url, TRUNKLINE_DIALER_PREFIX="vicidial_")
    assert (code, out) == (1, "")
    assert "The settings name a running dialer" in err
    assert "secret" not in err
    assert not home.path.exists()


def test_where_nothing_is_nothing_is_made_to_be_cleared(tmp_path: Path) -> None:
    found = CliRunner().invoke(trunkline, ["sim", "floor", "--clear", "--home", str(tmp_path / "home")])
    assert (found.exit_code, found.output) == (0, "0 rows of the floor taken away.\n")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--once", "--for", "3"], "--once ends at once"),
        (["--clear", "--reset"], "--clear goes alone"),
        (["--agents", "2"], "3<=x<=200"),
        (["--speed", "0"], "0.1<=x<=100.0"),
    ],
)
def test_what_does_not_go_together_is_told(words: list[str], told: str) -> None:
    found = CliRunner().invoke(trunkline, ["sim", "floor", *words])
    assert found.exit_code == 2
    assert told in found.output


def test_the_floor_in_one_line() -> None:
    figures = dict.fromkeys(("in_call", "ready", "paused", "dispo", "waiting", "ringing", "dropped_today"), 2)
    line = sentence("2026-06-09 10:40:00", {**figures, "agents": 1, "calls_today": 1_234})
    assert line == (
        "10:40:00  1 agent: 2 in call, 2 ready, 2 paused, 2 in dispo. 2 calls waiting, 2 ringing. "
        "Today 1,234 calls, 2 dropped."
    )
