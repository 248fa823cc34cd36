"""Speed and memory of runs from the pretend CallRail and the pretend Dialpad into DuckDB, beside limits.

The bare limit reads the same calls in the same way and does nothing with them: aiohttp, eight pages in
flight, orjson, rows dropped after decoding, the default garbage collector. Each side runs in a process
of its own, the rounds alternate, and every page was asked for once before (so that the simulator
answers from its cache). One JSON line per figure; `ratio` is the run over the bare limit, by medians.
Dialpad's call records come as one CSV file, made beforehand; the limit is pyarrow's CSV reader alone.

    .venv/bin/python bench/connectors.py            # speed, both latencies, and a CSV export
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
import urllib.request
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
def simulator(
    calls: int, latency_ms: float = 0, cache_mb: int = 1_500, *, name: str = "callrail", days: int = DAYS
) -> Iterator[str]:
    """The address of a pretend phone system in another process."""
    command = [*TRUNKLINE, "sim", name, "--port", "0", "--calls", str(calls), "--days", str(days)]
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


EXPORTED_DAYS = 30
EXPORT_ZONE = "America/New_York"


def exported(address: str, file: Path) -> None:
    """Have the call records made, so that runs find them ready, and keep the file."""
    from trunkline.connectors.dialpad.stats import stats_body
    from trunkline.declare import DaysAgo
    from trunkline.options import Values

    values: Values = {"stat_type": "calls", "export_type": "records", "time_zone": EXPORT_ZONE}
    body = json.dumps(stats_body(values, DaysAgo(1, EXPORTED_DAYS))).encode()
    headers = {"Authorization": "Bearer testkey", "Content-Type": "application/json"}

    def asked(path: str, data: bytes | None = None) -> Any:
        request = urllib.request.Request(address + path, data, headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    request_id = asked("/api/v2/stats", body)["request_id"]
    while (state := asked(f"/api/v2/stats/{request_id}"))["status"] != "complete":
        time.sleep(1)
    urllib.request.urlretrieve(state["download_url"], file)


def csv_alone(file: Path) -> float:
    """Seconds of pyarrow's CSV reader over the file, in a process of its own."""
    code = (
        "import sys,time,pyarrow.csv as c\n"
        "started=time.perf_counter()\n"
        "rows=sum(b.num_rows for b in c.open_csv(sys.argv[1]))\n"
        "print(time.perf_counter()-started)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def exports(calls: int, rounds: int) -> None:
    """Call records of a stats export: speed and peak memory of loading them."""
    with (
        simulator(calls, name="dialpad", days=EXPORTED_DAYS + 1) as address,
        tempfile.TemporaryDirectory() as folder,
    ):
        file = Path(folder) / "calls.csv"
        exported(address, file)
        limits, runs, peaks = [], [], []
        record: dict[str, Any] = {}
        for number in range(rounds):
            home = Path(folder) / f"home{number}"
            trunkline(
                home, "account", "add", "dialpad", "main", "--api-key", "testkey", "--base-url", address
            )
            days = ("--days-back-start", str(EXPORTED_DAYS), "--days-back-end", "1")
            zone = ("--time-zone", EXPORT_ZONE)
            trunkline(home, "dataset", "add", "talk", "--account", "main", "--report", "stats", *days, *zone)
            limits.append(csv_alone(file))
            peak, record = peak_mb(home, "run", "talk")
            runs.append(float(record["seconds"]))
            peaks.append(peak)
        size = file.stat().st_size
    limit, ours, rows = statistics.median(limits), statistics.median(runs), record["rows_inserted"]
    figure = {
        "bench": "call records of a stats export",
        "rows": rows,
        "file_mb": round(size / 1e6),
        "csv_reader_seconds": round(limit, 3),
        "run_seconds": round(ours, 3),
        "rows_per_second": round(rows / ours),
        "ratio": round(ours / limit, 2),
        "at_most": 5.0,
        "peak_mb": round(max(peaks)),
        "peak_at_most": 500,
    }
    print(json.dumps(figure), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bare", nargs=2, metavar=("ADDRESS", "CALLS"), help="one round of the bare limit")
    parser.add_argument("--memory", action="store_true", help="peak memory instead of speed")
    parser.add_argument("--exports", action="store_true", help="only the CSV export")
    parser.add_argument("--calls", type=int, default=0, help="other sizes than the usual ones")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if chosen.bare:
        print(asyncio.run(bare(chosen.bare[0], int(chosen.bare[1]))))
    elif chosen.memory:
        calls = chosen.calls or 1_000_000
        memory(calls, calls // 2)
    elif chosen.exports:
        exports(chosen.calls or 1_050_000, chosen.rounds)
    else:
        speed("first load, no latency", chosen.calls or 100_000, 0, chosen.rounds, 4.0)
        speed("first load, 100 ms latency", chosen.calls or 20_000, 100, chosen.rounds, 1.5)
        exports(chosen.calls or 1_050_000, chosen.rounds)


if __name__ == "__main__":
    main()
