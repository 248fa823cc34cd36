"""Speed and memory of a run from the pretend CallRail into DuckDB, beside the bare limit.

The bare limit reads the same calls in the same way and does nothing with them: aiohttp, eight pages in
flight, orjson, rows dropped after decoding, the default garbage collector. Each side runs in a process
of its own, the rounds alternate, and every page was asked for once before (so that the simulator
answers from its cache). One JSON line per figure; `ratio` is the run over the bare limit, by medians.

    .venv/bin/python bench/connectors.py            # speed, both latencies
    .venv/bin/python bench/connectors.py --memory   # peak memory at 1,000,000 calls; minutes
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ACCOUNT_ID = "ACC8154748ae6bd4e278a7cddd38a662f4f"
UNTIL = "2026-06-15T12:00:00+00:00"
NOW = "2026-06-15T13:00:00+00:00"
DAYS = 390
TRUNKLINE = [sys.executable, "-m", "trunkline"]
FIRST_DAY = "2025-05-21"
DATED = ("--start-date", FIRST_DAY)
PAGE_ROWS = 250
IN_FLIGHT = 8


@contextmanager
def simulator(calls: int, latency_ms: float = 0, cache_mb: int = 1_500) -> Iterator[str]:
    """The address of a pretend CallRail in another process."""
    command = [*TRUNKLINE, "sim", "callrail", "--port", "0", "--calls", str(calls), "--days", str(DAYS)]
    command += ["--until", UNTIL, "--latency-ms", str(latency_ms), "--cache-mb", str(cache_mb)]
    env = {**os.environ, "TRUNKLINE_FROZEN_CLOCK": NOW}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().rsplit(" ", 1)[1].strip()
        finally:
            process.terminate()


def trunkline(home: Path, *words: str) -> Any:
    env = {**os.environ, "TRUNKLINE_FROZEN_CLOCK": NOW}
    done = subprocess.run(
        [*TRUNKLINE, *words, "--home", str(home), "--json"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr}{done.stdout}")
    return json.loads(done.stdout)


def prepared(home: Path, address: str) -> None:
    limits = ("--hourly-limit", "1000000", "--daily-limit", "1000000")
    access = ("--api-key", "testkey", "--account-id", ACCOUNT_ID, "--base-url", address)
    trunkline(home, "account", "add", "callrail", "main", *access, *limits)
    trunkline(home, "dataset", "add", "calls", "--account", "main", "--report", "calls", *DATED)


def run_once(address: str) -> tuple[float, dict[str, Any]]:
    """Seconds of a first run into an empty folder, and its record."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        prepared(home, address)
        record = trunkline(home, "run", "calls")
    return float(record["seconds"]), record


def bare_once(address: str, calls: int) -> float:
    """Seconds of the bare limit, in a process of its own."""
    command = [sys.executable, __file__, "--bare", address, str(calls)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


async def bare(address: str, calls: int) -> float:
    import aiohttp
    import orjson

    from trunkline.connectors import connector

    report = connector("callrail").report("calls")
    assert report is not None
    fields = next(o for o in report.options if o.name == "fields").default
    assert isinstance(fields, tuple)
    common = {"fields": ",".join(fields), "sort": "start_time", "order": "asc", "time_zone": "UTC"}
    common |= {"start_date": FIRST_DAY, "end_date": "2026-06-15", "per_page": str(PAGE_ROWS)}
    numbers = iter(range(1, -(-calls // PAGE_ROWS) + 1))
    rows = 0
    async with aiohttp.ClientSession(headers={"Authorization": 'Token token="testkey"'}) as session:

        async def reader() -> None:
            nonlocal rows
            for number in numbers:
                url = f"{address}/v3/a/{ACCOUNT_ID}/calls.json"
                async with session.get(url, params={**common, "page": str(number)}) as response:
                    body = await response.read()
                rows += len(orjson.loads(body)["calls"])

        started = time.perf_counter()
        await asyncio.gather(*(reader() for _ in range(IN_FLIGHT)))
        seconds = time.perf_counter() - started
    assert rows == calls, f"the bare limit read {rows} of {calls}"
    return seconds


def speed(name: str, calls: int, latency_ms: float, rounds: int, most: float) -> None:
    with simulator(calls, latency_ms) as address:
        bare_once(address, calls)
        run_once(address)
        limits, runs = [], []
        record: dict[str, Any] = {}
        for _ in range(rounds):
            limits.append(bare_once(address, calls))
            seconds, record = run_once(address)
            runs.append(seconds)
    limit, ours = statistics.median(limits), statistics.median(runs)
    assert record["rows_inserted"] == calls, record
    figure = {
        "bench": name,
        "calls": calls,
        "latency_ms": latency_ms,
        "requests": record["requests"],
        "bare_seconds": round(limit, 3),
        "run_seconds": round(ours, 3),
        "rows_per_second": round(calls / ours),
        "ratio": round(ours / limit, 2),
        "at_most": most,
    }
    print(json.dumps(figure), flush=True)


def peak_mb(home: Path, *words: str) -> tuple[float, dict[str, Any]]:
    """Peak resident memory of a command (VmHWM of its process) in MB, and what it printed."""
    env = {**os.environ, "TRUNKLINE_FROZEN_CLOCK": NOW}
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen([*TRUNKLINE, *words, "--home", str(home), "--json"], env=env, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    if process.returncode:
        raise SystemExit(text)
    return usage.ru_maxrss / 1000, json.loads(text)


def memory(calls: int, again: int) -> None:
    """Peak of loading so many new calls, then of reading so many existing ones again."""
    with simulator(calls, cache_mb=64) as address, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        prepared(home, address)
        peak, record = peak_mb(home, "run", "calls")
        report = {"calls": calls, "peak_mb": round(peak), "seconds": record["seconds"], "at_most": 650}
        print(json.dumps({"bench": "memory of new calls", **report}), flush=True)
        days = DAYS * again // calls
        since = time.strftime(
            "%Y-%m-%d", time.gmtime(time.mktime((2026, 6, 15, 12, 0, 0, 0, 0, 0)) - days * 86_400)
        )
        peak, record = peak_mb(home, "run", "calls", "--since", since)
        report = {"calls": record["rows_read"], "peak_mb": round(peak), "seconds": record["seconds"]}
        print(json.dumps({"bench": "memory of calls read again", **report, "at_most": 650}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bare", nargs=2, metavar=("ADDRESS", "CALLS"), help="one round of the bare limit")
    parser.add_argument("--memory", action="store_true", help="peak memory instead of speed")
    parser.add_argument("--calls", type=int, default=0, help="other sizes than the usual ones")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if chosen.bare:
        print(asyncio.run(bare(chosen.bare[0], int(chosen.bare[1]))))
    elif chosen.memory:
        calls = chosen.calls or 1_000_000
        memory(calls, calls // 2)
    else:
        speed("first load, no latency", chosen.calls or 100_000, 0, chosen.rounds, 4.0)
        speed("first load, 100 ms latency", chosen.calls or 20_000, 100, chosen.rounds, 1.5)


if __name__ == "__main__":
    main()
