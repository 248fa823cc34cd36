"""Loads in a process that does more: its memory with eight at once, and what requests wait for beside four.

    python -m bench.loads                        # all, on SQLite and, where it answers, PostgreSQL
    python -m bench.loads memory --on sqlite
    python -m bench.loads requests --seconds 8

`memory`: the peak of a process that runs eight datasets at once (a server on SQLite and DuckDB, a worker on
PostgreSQL), beside the same process with one of them; `ratio` is the first over the second. `requests`: what
`agent_status` of the Dialer360 API takes from a server alone, beside four loads in its own process, and
beside the same loads in another process: the third tells what of it is the machine's. One JSON line a figure.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psutil

from bench.connectors import FIRST_DAY, simulator
from bench.dialer import READS
from bench.dialer_floor import STATE, is_there
from bench.web_load import LISTENING, Measured, Server, load
from tests.center.workers import Plant, installation, save_account
from trunkline.center import datasets, orders
from trunkline.center.runs import SUCCEEDED, Wish
from trunkline.dialer.loading import read_state
from trunkline.dialer.setting_up import load_into
from trunkline.sims.callrail import CallrailSim

PROCESSES = {"sqlite": ("serve", "--port", "0"), "postgresql": ("worker",)}
SERVER = PROCESSES["sqlite"]
AT_ONCE, BESIDE = 8, 4
MOST_MB, MOST_P99_MS, LEAST_SHARE = 600, 50.0, 0.5
MINUTES = 900
AGENT_STATUS = READS["agent_status"]


@contextmanager
def place(kind: str, address: str, at_once: int) -> Iterator[Plant]:
    """An empty installation whose account reads from the pretend CallRail, so many datasets at once."""
    with tempfile.TemporaryDirectory() as folder, installation(kind, Path(folder) / "home") as (center, env):
        save_account(center, address)
        named = ("TRUNKLINE_WINDOW_ROWS", "TRUNKLINE_RUNS_PER_ACCOUNT", "TRUNKLINE_RUNS_AT_ONCE")
        values = ("10000", str(at_once), str(at_once))
        yield Plant(center, CallrailSim(), {**env, **dict(zip(named, values, strict=True))})


async def want(here: Plant, count: int) -> None:
    for number in range(count):
        name = f"calls_{number}"
        await datasets.add(here.center, name, "main", "calls", {"start_date": FIRST_DAY})
        orders.want(here.center, name, Wish())


async def finished(here: Plant, count: int, calls: int) -> None:
    await here.all_ended(count, patience=MINUTES)
    assert {(run["state"], run["rows_inserted"]) for run in here.runs()} == {(SUCCEEDED, calls)}


# -- memory ----------------------------------------------------------------------------------------


def peak_mb(pid: int) -> float:
    """The most memory the process ever had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("this system does not tell it")


async def peak_of(kind: str, address: str, count: int, calls: int) -> tuple[float, float]:
    """Megabytes and seconds of a process that runs so many datasets at once."""
    with place(kind, address, AT_ONCE) as here:
        async with here.worker(*PROCESSES[kind]) as process:
            started = time.perf_counter()
            await want(here, count)
            await finished(here, count, calls)
            return peak_mb(process.pid), time.perf_counter() - started


async def memory(kind: str, address: str, calls: int) -> None:
    alone, alone_seconds = await peak_of(kind, address, 1, calls)
    peak, seconds = await peak_of(kind, address, AT_ONCE, calls)
    figure = {
        "bench": f"memory of {AT_ONCE} runs at once",
        "on": kind,
        "process": PROCESSES[kind][0],
        "rows_each": calls,
        "peak_mb": round(peak),
        "alone_mb": round(alone),
        "ratio": round(peak / alone, 2),
        "at_most_mb": MOST_MB,
        "seconds": round(seconds, 1),
        "alone_seconds": round(alone_seconds, 1),
    }
    print(json.dumps(figure), flush=True)


# -- requests beside loads -------------------------------------------------------------------------


@asynccontextmanager
async def serving(here: Plant) -> AsyncIterator[Server]:
    """A server of the place, with a small floor in its store."""
    await load_into(here.center.settings, read_state(STATE))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "trunkline", *SERVER, "--home", str(here.center.settings.home)),
        env=here.env,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        yield Server(line.partition(LISTENING)[2].strip(), psutil.Process(process.pid))
    finally:
        process.terminate()
        await process.wait()


async def beside(server: Server, loading: Plant, seconds: int) -> Measured:
    """Requests while all loads of a place are under way."""
    await want(loading, BESIDE)
    while sum(run["rows_read"] > 0 for run in loading.runs()) < BESIDE:
        await asyncio.sleep(0.1)
    found = await asyncio.to_thread(load, server, AGENT_STATUS, seconds)
    assert all(run["ended_at"] is None for run in loading.runs()), "the loads ended first: take more --calls"
    return found


async def requests(address: str, seconds: int) -> None:
    with place("sqlite", address, BESIDE) as here:
        async with serving(here) as server:
            await asyncio.to_thread(load, server, AGENT_STATUS, 1)
            alone = await asyncio.to_thread(load, server, AGENT_STATUS, seconds)
            within = await beside(server, here, seconds)
    with place("sqlite", address, BESIDE) as here, place("sqlite", address, BESIDE) as other:
        async with serving(here) as server, other.worker("worker"):
            await asyncio.to_thread(load, server, AGENT_STATUS, 1)
            apart = await beside(server, other, seconds)
    figure = {
        "bench": f"agent_status beside {BESIDE} loads",
        **told("alone", alone),
        **told("same_process", within),
        **told("other_process", apart),
        "ratio": round(within.per_second / alone.per_second, 3),
        "ratio_at_least": LEAST_SHARE,
        "ratio_other_process": round(apart.per_second / alone.per_second, 3),
        "p99_at_most_ms": MOST_P99_MS,
    }
    print(json.dumps(figure), flush=True)


def told(name: str, found: Measured) -> dict[str, float]:
    assert not found.failed
    return {
        f"{name}_per_second": round(found.per_second),
        f"{name}_p50_ms": round(found.p50_ms, 2),
        f"{name}_p99_ms": round(found.p99_ms, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("memory", "requests"))
    parser.add_argument("--on", choices=tuple(PROCESSES))
    parser.add_argument("--calls", type=int, default=100_000, help="rows of each dataset")
    parser.add_argument("--seconds", type=int, default=5, help="of one measurement of requests")
    chosen = parser.parse_args()
    with simulator(chosen.calls) as address:
        if chosen.what != "requests":
            for kind in (chosen.on,) if chosen.on else PROCESSES:
                if is_there(kind):
                    asyncio.run(memory(kind, address, chosen.calls))
        if chosen.what != "memory":
            asyncio.run(requests(address, chosen.seconds))


if __name__ == "__main__":
    main()
