"""Runs of a DialogTech dataset killed at any moment: exactly the right rows, equal ones included."""

import json
import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.center.conftest import NOON
from tests.center.dialogtech_office import KEYS
from tests.center.machine import Machine, killed_at
from trunkline.center import accounts, datasets
from trunkline.center.coverage import Coverage
from trunkline.center.room import open_center
from trunkline.clock import FrozenWallClock, SteppedClock
from trunkline.settings import load_settings
from trunkline.sims.dialogtech import DialogtechSim, DialogtechSimOptions
from trunkline.warehouse.open import open_warehouse

CLICKS, DAYS, CHUNK_DAYS = 3_000, 60, 3
FIRST_DAY = NOON.date() - timedelta(days=DAYS)
WINDOWS = -(-(DAYS + 1) // CHUNK_DAYS)
FIELDS = {"caller_id": "Caller_ID", "click_date_time": "Click_Date_Time", "page": "Page", "ref": "Ref"}


async def set_up(home: Path, url: str, method: str, form: str) -> None:
    values = {**KEYS, "base_url": url, "minute_limit": 100_000}
    options = {"start_date": str(FIRST_DAY), "chunk_days": str(CHUNK_DAYS), "format": form}
    with open_center(load_settings(home, {}), SteppedClock(NOON)) as center:
        accounts.add(center, "dialogtech", "main", values, accounts.Verdict(accounts.VALID))
        await datasets.add(center, "it", "main", "clickto", options, method=method)


def progress_of(home: Path) -> Coverage | None:
    warehouse = open_warehouse(load_settings(home, {}))
    try:
        return Coverage.from_json(warehouse.progress("it"))
    finally:
        warehouse.close()


def is_finished(known: Coverage | None) -> bool:
    return known is not None and known.last is not None and known.next is None


def goes_on_at(home: Path) -> date:
    """The first day that is not loaded; after a pass that was finished the first day of re-reading."""
    known = progress_of(home)
    if known is None or known.last is None:
        return FIRST_DAY
    return known.next or known.last - timedelta(days=7)


async def kill_and_finish(tmp_path: Path, method: str, form: str, kills: int, seed: int) -> None:
    home, chance = tmp_path / "home", random.Random(seed)
    options = DialogtechSimOptions(
        clicks=CLICKS, days=DAYS - 1, until=NOON, latency_ms=5, strict=True, csv_utf8=True, header_every=20
    )
    async with DialogtechSim(options, FrozenWallClock(NOON)) as sim:
        await set_up(home, sim.url, method, form)
        machine = Machine(home, 1_000)
        killed, passes = 0, 1
        for _ in range(kills):
            begun, first = len(sim.requests), goes_on_at(home)
            killed += await killed_at(machine, sim, "it", chance, WINDOWS)
            passes += is_finished(progress_of(home))
            asked = [seen.params["start_date"][0] for seen in sim.requests[begun:]]
            if method == "partition":
                assert all(day >= f"{first:%Y%m%d}" for day in asked), "what is loaded is not asked for again"
        run = json.loads(await machine.do("run", "it", "--json"))
        assert run["status"] == "succeeded", run
        found = machine.rows(f"select row_id, occurrence, {', '.join(FIELDS)} from it")
        assert killed > 0
        assert len({row["row_id"] for row in found}) == len(found) == CLICKS
        books = Counter(tuple(row[name] for name in FIELDS.values()) for row in sim.world.rows())
        assert Counter(tuple(row[name] or "" for name in FIELDS) for row in found) == books
        assert max(row["occurrence"] for row in found) > 1
        if killed == kills:
            # each kill costs a window that was being loaded, one that was read and two on their way
            assert len(sim.requests) <= passes * (WINDOWS + 1) + kills * 4


@pytest.mark.parametrize(("method", "form"), [("partition", "xml"), ("replace", "csv")])
async def test_a_run_killed_a_few_times_ends_with_exactly_the_right_rows(
    tmp_path: Path, method: str, form: str
) -> None:
    await kill_and_finish(tmp_path, method, form, kills=3, seed=13)


@pytest.mark.soak
@pytest.mark.parametrize(("method", "form"), [("partition", "xml"), ("partition", "csv"), ("replace", "xml")])
async def test_a_run_killed_fifty_times_ends_with_exactly_the_right_rows(
    tmp_path: Path, method: str, form: str
) -> None:
    await kill_and_finish(tmp_path, method, form, kills=50, seed=52)
