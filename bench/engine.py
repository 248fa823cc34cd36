"""What the job engine costs: an empty run beside its HTTP, and ten thousand schedules with nothing to do.

    python -m bench.engine                # both, on SQLite and, where it answers, PostgreSQL
    python -m bench.engine --on sqlite

`overhead_ms` is the time of a run that finds nothing new, less the time of the same request made bare in the
same minutes; the median of the runs. `idle_share` is CPU time of a worker with 10,000 schedules, none due,
as a share of one core. One JSON line per figure.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from sqlalchemy import insert, select

from tests.center.workers import Plant, installation, save_account
from trunkline.center import orders
from trunkline.center.room import Center
from trunkline.center.runs import SUCCEEDED, Wish
from trunkline.center.tables import accounts, datasets, schedules
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions

WITHOUT_CALLS = "ACC8154748ae6bd4e278a7cddd38a662d4d"
RUNS = 20
SCHEDULES = 10_000
IDLE_SECONDS = 20
MOST_OVERHEAD_MS, MOST_SHARE = 100.0, 0.05


async def empty_runs(here: Plant) -> dict[str, Any]:
    """One dataset of an account without calls; each run asks for one page."""
    save_account(here.center, here.sim.url, "quiet", WITHOUT_CALLS)
    await here.dataset("calls", "quiet")
    async with here.worker():
        for number in range(RUNS + 1):
            orders.want(here.center, "calls", Wish())
            await here.all_ended(number + 1)
    runs = here.runs()[1:]
    assert {run["state"] for run in runs} == {SUCCEEDED}
    bare = statistics.median([await bare_request(here) for _ in range(RUNS)])
    seconds = statistics.median(run["seconds"] for run in runs)
    requests = statistics.median(run["requests"] for run in runs)
    return {
        "run_ms": round(seconds * 1e3, 1),
        "requests": requests,
        "bare_request_ms": round(bare * 1e3, 1),
        "overhead_ms": round((seconds - requests * bare) * 1e3, 1),
        "overhead_at_most_ms": MOST_OVERHEAD_MS,
    }


async def bare_request(here: Plant) -> float:
    """The run's own request, by a client of its own."""
    path = here.sim.requests[-1].path
    headers = {"Authorization": 'Token token="testkey"'}
    async with aiohttp.ClientSession(headers=headers) as session:
        started = time.perf_counter()
        async with session.get(f"{here.sim.url}{path}") as answer:
            await answer.read()
        return time.perf_counter() - started


def add_schedules(center: Center) -> None:
    now = center.clock.now()
    later = now.replace(year=now.year + 1)
    with center.store.begin() as tx:
        account = tx.execute(select(accounts.c.id)).scalar_one()
        row = {"account_id": account, "report": "calls", "method": "merge", "created_at": now}
        names = [{**row, "name": f"d{n}", "updated_at": now} for n in range(SCHEDULES)]
        tx.execute(insert(datasets), names)
        ids = tx.execute(select(datasets.c.id).where(datasets.c.name.like("d%"))).scalars()
        plain = {"kind": "every", "words": "1h", "zone": "UTC", "retry_count": 3, "retry_delay_seconds": 900}
        tx.execute(
            insert(schedules),
            [{"dataset_id": n, "next_due_at": later, "updated_at": now, **plain} for n in ids],
        )


async def idle(here: Plant) -> dict[str, Any]:
    add_schedules(here.center)
    async with here.worker() as process:
        watched = psutil.Process(process.pid)
        await asyncio.sleep(5)  # what a start costs is another matter
        before = watched.cpu_times()
        await asyncio.sleep(IDLE_SECONDS)
        after = watched.cpu_times()
    used = after.user + after.system - before.user - before.system
    return {
        "schedules": SCHEDULES,
        "idle_share": round(used / IDLE_SECONDS, 4),
        "idle_share_at_most": MOST_SHARE,
    }


async def measured(kind: str) -> None:
    options = replace(CallrailSimOptions(), calls=2_000, days=100)
    for name, measure in (("empty run", empty_runs), ("idle schedules", idle)):
        with (
            tempfile.TemporaryDirectory() as folder,
            installation(kind, Path(folder) / "home") as (center, env),
        ):
            async with CallrailSim(options) as sim:
                save_account(center, sim.url)
                found = await measure(Plant(center, sim, env))
        print(json.dumps({"bench": f"engine {name}", "on": kind, **found}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--on", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    for kind in (chosen.on,) if chosen.on else ("sqlite", "postgresql"):
        asyncio.run(measured(kind))


if __name__ == "__main__":
    main()
