"""Speed and memory of the click-to report, beside bare reads of the same rows in the same minutes.

    python -m bench.clickto                          # SQLite, PostgreSQL, MariaDB where they answer
    python -m bench.clickto --on sqlite --rows 200000 --rounds 3

A year of activity with thirteen columns; one server process answers over HTTP on this machine. Rounds
alternate: bare, ours, bare, ours. `ratio` is rows per second over those of the bare read in the same round,
the median of the rounds. Bare is the driver's cursor over the report's own statement, and for CSV from
PostgreSQL a COPY of that statement; both in a process of their own, rows thrown away. One JSON line a figure.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.clickto_activity import database, filled
from bench.dialer_floor import environment, is_there
from bench.web_load import Server, running
from trunkline.clickto.keys import Keys
from trunkline.clock import process_clock
from trunkline.settings import Settings
from trunkline.store.connection import open_store

KINDS = ("sqlite", "postgresql", "mariadb")
AT_LEAST = {("sqlite", "csv"): 0.6, ("sqlite", "xml"): 0.45, ("postgresql", "csv"): 0.8}
MEMORY_AT_MOST_MB = 30.0
FIRST_BYTE_AT_MOST_MS = 50.0
SLOW_READERS = 8
PIECE = 1 << 20


def asked(key: tuple[str, str], form: str, **more: str) -> str:
    params = {
        "action": "report.clickto",
        "access_key": key[0],
        "secret_access_key": key[1],
        "start_date": "20250101",
        "end_date": "20251231",
        "format": form,
        **more,
    }
    return f"/ibp_api.php?&{urlencode(params)}"


def new_key(settings: Settings) -> tuple[str, str]:
    store = open_store(settings)
    made, secret = Keys(store, process_clock()).add("bench")
    store.close()
    return made.access_key, secret


@contextmanager
def serving(settings: Settings) -> Iterator[Server]:
    command = (sys.executable, "-m", "trunkline", "serve", "--port", "0", "--home", str(settings.home))
    with running(*command, **environment(settings)) as server:
        yield server


def taken(server: Server, path: str) -> tuple[float, float, int]:
    """One report: seconds to the first byte, seconds in all, bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    started = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    size = len(answer.read(1))
    first = time.perf_counter() - started
    buffer = bytearray(PIECE)
    while count := answer.readinto(buffer):
        size += count
    seconds = time.perf_counter() - started
    connection.close()
    return first, seconds, size


def bare(settings: Settings, form: str) -> tuple[float, float]:
    """Seconds and CPU seconds of a bare read, in a process of its own."""
    command = (sys.executable, "-m", "bench.clickto_bare", str(settings.home), form)
    done = subprocess.run(
        command, env={**os.environ, **environment(settings)}, capture_output=True, check=True
    )
    seconds, cpu = map(float, done.stdout.split())
    return seconds, cpu


def check(server: Server, key: tuple[str, str], form: str, rows: int) -> int:
    """The size of the report; a measurement of refusals would be quick."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request("GET", asked(key, form))
    body = connection.getresponse().read()
    connection.close()
    mark = b"</record>" if form == "xml" else b"\n"
    assert body.count(mark) == rows, f"{body.count(mark)} rows came: {body[:300]!r}"
    return len(body)


def speed(
    kind: str, form: str, settings: Settings, server: Server, key: tuple[str, str], rows: int, rounds: int
) -> None:
    size = check(server, key, form, rows)
    pairs: list[tuple[float, float]] = []
    firsts: list[float] = []
    cpus: list[tuple[float, float]] = []
    for _ in range(rounds):
        plain, plain_cpu = bare(settings, form)
        before = server.cpu_seconds()
        first, seconds, came = taken(server, asked(key, form))
        assert came == size, "each answer is whole"
        pairs.append((plain, seconds))
        cpus.append((plain_cpu, server.cpu_seconds() - before))
        firsts.append(first)
    figure: dict[str, Any] = {
        "bench": f"clickto {form}",
        "on": kind,
        "rows": rows,
        "rows_per_second": round(rows / statistics.median(ours for _, ours in pairs)),
        "bare_per_second": round(rows / statistics.median(plain for plain, _ in pairs)),
        "ratio": round(statistics.median(plain / ours for plain, ours in pairs), 3),
        "at_least": AT_LEAST.get((kind, form)),
        "cpu_us_a_row": round(statistics.median(ours for _, ours in cpus) / rows * 1e6, 2),
        "bare_cpu_us_a_row": round(statistics.median(plain for plain, _ in cpus) / rows * 1e6, 2),
        "first_byte_ms": round(statistics.median(firsts) * 1e3, 1),
        "first_byte_at_most_ms": FIRST_BYTE_AT_MOST_MS,
        "megabytes": round(size / 1e6),
    }
    print(json.dumps(figure), flush=True)


def memory(kind: str, settings: Settings, key: tuple[str, str]) -> None:
    """Of a fresh server, which one small report has warmed up: how far above idle a large one takes it."""
    for form in ("csv", "xml"):
        with serving(settings) as server:
            taken(server, asked(key, form, end_date="20250101"))
            idle = server.rss_mb()
            with watched(server.rss_mb) as seen:
                taken(server, asked(key, form))
            figure = {
                "bench": f"clickto {form} memory",
                "on": kind,
                "idle_mb": round(idle, 1),
                "memory_above_idle_mb": round(max(seen) - idle, 1),
                "memory_at_most_mb": MEMORY_AT_MOST_MB,
            }
            print(json.dumps(figure), flush=True)


@contextmanager
def watched(look: Callable[[], float]) -> Iterator[list[float]]:
    seen, done = [look()], threading.Event()

    def looking() -> None:
        while not done.wait(0.005):
            seen.append(look())

    thread = threading.Thread(target=looking)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def slow_readers(kind: str, server: Server, key: tuple[str, str], rows: int) -> None:
    """Readers that take a little and then nothing, and what others wait for meanwhile."""
    alone = [small(server, key) for _ in range(50)]
    idle = server.rss_mb()
    with ExitStack() as stack:
        for number in range(SLOW_READERS):
            stack.enter_context(stuck(server, asked(key, ("csv", "xml")[number % 2])))
        beside = [small(server, key) for _ in range(50)]
        _, seconds, _ = taken(server, asked(key, "csv"))
        held = server.rss_mb() - idle
    figure = {
        "bench": f"clickto beside {SLOW_READERS} stuck readers",
        "on": kind,
        "small_report_ms": round(statistics.median(beside) * 1e3, 1),
        "small_report_worst_ms": round(max(beside) * 1e3, 1),
        "small_report_alone_ms": round(statistics.median(alone) * 1e3, 1),
        "rows_per_second_beside": round(rows / seconds),
        "memory_mb": round(held, 1),
    }
    print(json.dumps(figure), flush=True)


def small(server: Server, key: tuple[str, str]) -> float:
    return taken(server, asked(key, "csv", ref="no-such-reference", end_date="20250101"))[1]


@contextmanager
def stuck(server: Server, path: str) -> Iterator[None]:
    with socket.create_connection(("127.0.0.1", server.port)) as reader:
        reader.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        assert reader.recv(1_000).startswith(b"HTTP/1.1 200")
        yield


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--on", choices=KINDS, help="only this database")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    for kind in (chosen.on,) if chosen.on else KINDS:
        if not is_there(kind):
            print(json.dumps({"bench": "clickto", "on": kind, "left_out": "does not answer"}), flush=True)
            continue
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder) / "home") as settings:
            seconds = filled(settings, chosen.rows)
            figure = {"bench": "clickto import", "on": kind, "rows": chosen.rows}
            print(json.dumps({**figure, "rows_per_second": round(chosen.rows / seconds)}), flush=True)
            key = new_key(settings)
            with serving(settings) as server:
                for form in ("csv", "xml"):
                    speed(kind, form, settings, server, key, chosen.rows, chosen.rounds)
                slow_readers(kind, server, key, chosen.rows)
            memory(kind, settings, key)


if __name__ == "__main__":
    main()
