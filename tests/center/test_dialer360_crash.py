"""Runs of a Dialer360 dataset killed at any moment: exactly the right rows, and nothing read twice."""

import json
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.center.machine import Machine, killed_at
from tests.center.test_dialogtech_crash import progress_of
from tests.connectors.pretend_dialer import LOGIN, NOON, day, emptied, june, made, pretend_dialer
from trunkline.center import accounts, datasets
from trunkline.center.room import open_center
from trunkline.clock import FrozenWallClock, SteppedClock
from trunkline.settings import load_settings

DAYS, CALLS_A_DAY = 24, 20
DIDS = ("3125551212", "7735550100")
FIRST_DAY = day(DAYS - 1)


async def dialer_file(path: Path) -> Path:
    """A dialer with calls on every day, many of them equal."""
    start = june()
    like = start["tables"]["dialer360_did_log"][0]
    start = emptied(start)
    start["tables"]["dialer360_did_log"] = [
        {
            **like,
            "uniqueid": f"{back}{n}.1",
            "extension": DIDS[n % 2],
            "caller_id_number": f"72755501{n % 4:02}",
            "call_date": f"{day(back)} 10:{n % 4:02}:00",
        }
        for back in range(DAYS)
        for n in range(CALLS_A_DAY)
    ]
    await made(path, start)
    return path


async def set_up(home: Path, url: str) -> None:
    with open_center(load_settings(home, {}), SteppedClock(NOON)) as center:
        values = {**LOGIN, "base_url": url, "minute_limit": 100_000}
        accounts.add(center, "dialer360", "main", values, accounts.Verdict(accounts.VALID))
        options = {"start_date": str(FIRST_DAY), "dids": ",".join(DIDS)}
        await datasets.add(center, "it", "main", "did_log", options)


async def kill_and_finish(tmp_path: Path, kills: int, seed: int) -> None:
    home, chance = tmp_path / "home", random.Random(seed)
    start = await dialer_file(tmp_path / "start.db")
    async with pretend_dialer(FrozenWallClock(NOON), start) as dialer:
        await set_up(home, dialer.url)
        machine = Machine(home, 1_000)
        killed = 0
        for _ in range(kills):
            known, begun = progress_of(home), len(dialer.came)
            killed += await killed_at(machine, dialer, "it", chance, DAYS)
            first = FIRST_DAY if known is None else known.next or known.pass_day - timedelta(days=7)
            asked = [form["date"] for _, _, form in dialer.came[begun:] if form]
            assert all(date >= str(first) for date in asked), "what is loaded is not asked for again"
        run = json.loads(await machine.do("run", "it", "--json"))
        assert run["status"] == "succeeded", run
        found = machine.rows("select row_id, did_number, caller_id_number, call_date, occurrence from it")
        assert killed > 0
        assert len({row["row_id"] for row in found}) == len(found) == DAYS * CALLS_A_DAY
        names = ("extension", "caller_id_number", "call_date")
        books = Counter(tuple(row[n] for n in names) for row in dialer.rows("dialer360_did_log"))
        names = ("did_number", "caller_id_number", "call_date")
        assert Counter(tuple(row[n] for n in names) for row in found) == books
        assert max(row["occurrence"] for row in found) == CALLS_A_DAY // 4


async def test_a_run_killed_twice_ends_with_exactly_the_right_rows(tmp_path: Path) -> None:
    await kill_and_finish(tmp_path, kills=2, seed=7)


@pytest.mark.soak
async def test_a_run_killed_fifty_times_ends_with_exactly_the_right_rows(tmp_path: Path) -> None:
    await kill_and_finish(tmp_path, kills=50, seed=52)
