"""Speed and memory of the Dialer360 API, beside a bare Starlette answer measured in the same minutes.

    python -m bench.dialer                     # SQLite, PostgreSQL, MariaDB where they answer
    python -m bench.dialer --on sqlite --rounds 5 --seconds 2

The floor has 110,000 leads and 100,000 calls with one phone number; one server process answers. Rounds
alternate: bare, ours, bare, ours. `ratio` is requests per second over those of the bare server in the
same round, the median of the rounds; `cpu_ratio` is CPU time per request, the bare server's over ours,
which neighbours on the machine disturb less. Exports are measured in rows per second, with memory above
the idle server and with what other requests wait meanwhile. One JSON line per figure.
"""

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.dialer_floor import CALLS, FIRST_LEAD, LEADS, NUMBER, database, environment, is_there
from bench.web_load import Asked, Measured, Server, load, running

ORIGINAL = "/vicidial/non_agent_api.php?source=bench&user=6666&pass=1234&function="
BARE = Asked("/")
KINDS = ("sqlite", "postgresql", "mariadb")
READS = {
    "lead_field_info": Asked(
        f"{ORIGINAL}lead_field_info&field_name=first_name&lead_id=%d", FIRST_LEAD, LEADS
    ),
    "agent_status": Asked(f"{ORIGINAL}agent_status&agent_user=1000&stage=csv&header=YES"),
}
WRITES = {
    "add_lead": Asked(
        f"{ORIGINAL}add_lead&phone_code=1&list_id=999&first_name=Ann&last_name=Lead&phone_number=72%d",
        10_000_000,
    ),
    "update_lead": Asked(
        f"{ORIGINAL}update_lead&search_method=LEAD_ID&status=CALLBK&city=Tampa&lead_id=%d", FIRST_LEAD, LEADS
    ),
}
EXPORT = f"{ORIGINAL}phone_number_log&type=OUT&detail=ALL&stage=csv&phone_number={NUMBER}"
AT_LEAST = {
    "sqlite": {**dict.fromkeys(READS, 0.30), **dict.fromkeys(WRITES, 0.20)},
    "postgresql": {**dict.fromkeys(READS, 0.12), **dict.fromkeys(WRITES, 0.05)},
    "mariadb": {**dict.fromkeys(READS, 0.12), **dict.fromkeys(WRITES, 0.05)},
}
P99_AT_MOST_MS = 10.0
ROWS_AT_LEAST = 200_000
MEMORY_AT_MOST_MB = 30.0
BEFORE_SECONDS = 1
"""So long each way is asked before it is measured."""


@dataclass
class Rounds:
    bare: list[Measured] = field(default_factory=list)
    ours: list[Measured] = field(default_factory=list)

    def figure(self, kind: str, name: str) -> dict[str, Any]:
        pairs = list(zip(self.bare, self.ours, strict=True))
        at_least = AT_LEAST[kind][name]
        found: dict[str, Any] = {"bench": f"dialer {name}", "on": kind}
        found |= {
            "requests_per_second": round(statistics.median(m.per_second for m in self.ours)),
            "bare_per_second": round(statistics.median(m.per_second for m in self.bare)),
            "ratio": round(statistics.median(o.per_second / b.per_second for b, o in pairs), 3),
            "at_least": at_least,
            "cpu_us": round(statistics.median(m.cpu_us for m in self.ours), 1),
            "bare_cpu_us": round(statistics.median(m.cpu_us for m in self.bare), 1),
            "cpu_ratio": round(statistics.median(b.cpu_us / o.cpu_us for b, o in pairs), 3),
            "p50_ms": round(statistics.median(m.p50_ms for m in self.ours), 2),
            "p99_ms": round(statistics.median(m.p99_ms for m in self.ours), 2),
        }
        if kind == "sqlite":
            found["p99_at_most_ms"] = P99_AT_MOST_MS
        return found | {"failed": sum(m.failed for m in self.ours)}


@contextmanager
def bare_server() -> Iterator[Server]:
    with running(sys.executable, "-m", "bench.bare_server") as server:
        yield server


@contextmanager
def dialer_server(kind: str, *flags: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with database(kind, home) as settings:
            command = (sys.executable, "-m", "trunkline", "serve", "--port", "0", "--home", str(home), *flags)
            with running(*command, **environment(settings)) as server:
                yield server


def told(server: Server, path: str) -> str:
    """One answer, whole."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path)
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def check(server: Server, name: str, asked: Asked) -> None:
    """A measurement of refusals would be quick."""
    text = told(server, asked.path % (asked.first + asked.numbers // 2) if "%d" in asked.path else asked.path)
    wanted = {"lead_field_info": "Ann", "agent_status": "status,"}.get(name, f"SUCCESS: {name} ")
    assert text.startswith(wanted), text


def speed(kind: str, bare: Server, server: Server, rounds: int, seconds: int, only: str) -> None:
    for name, asked in (READS | WRITES).items():
        if only and name != only:
            continue
        check(server, name, asked)
        load(server, asked, BEFORE_SECONDS)
        found = Rounds()
        for number in range(rounds):
            found.bare.append(load(bare, BARE, seconds))
            again = Asked(asked.path, asked.first + 1_000_000 * number, asked.numbers)
            found.ours.append(load(server, again if name == "add_lead" else asked, seconds))
        print(json.dumps(found.figure(kind, name)), flush=True)


@dataclass
class Export:
    """One export as a client sees it."""

    seconds: float
    first_byte_ms: float
    rows: int


def export(server: Server, path: str = EXPORT) -> Export:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    started = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    rows = answer.read(1).count(b"\n")
    first = time.perf_counter() - started
    while some := answer.read(1 << 18):
        rows += some.count(b"\n")
    seconds = time.perf_counter() - started
    connection.close()
    assert rows == CALLS, f"{rows} rows came"
    return Export(seconds, first * 1e3, rows)


def exports(kind: str, server: Server, rounds: int) -> None:
    """Alone: rows per second and memory. Beside other requests: what those wait for."""
    idle = server.rss_mb()
    found, peak = [], idle
    for _ in range(rounds + 1):
        with watched(server) as seen:
            found.append(export(server))
        peak = max(peak, *seen)
    figure = {
        "bench": "dialer phone_number_log",
        "on": kind,
        "rows": CALLS,
        "rows_per_second": round(statistics.median(CALLS / e.seconds for e in found)),
        "rows_at_least": ROWS_AT_LEAST,
        "first_byte_ms": round(statistics.median(e.first_byte_ms for e in found), 1),
        "memory_above_idle_mb": round(peak - idle, 1),
        "memory_at_most_mb": MEMORY_AT_MOST_MB,
    }
    print(json.dumps(figure), flush=True)
    meanwhile(kind, server)


@contextmanager
def watched(server: Server) -> Iterator[list[float]]:
    """The server's memory, looked at again and again meanwhile."""
    seen, done = [server.rss_mb()], threading.Event()

    def look() -> None:
        while not done.wait(0.005):
            seen.append(server.rss_mb())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        done.set()
        looking.join()


def meanwhile(kind: str, server: Server) -> None:
    """Lookups while exports go on without a pause, beside lookups alone."""
    asked, seconds, done = READS["lead_field_info"], 3, threading.Event()
    alone = load(server, asked, seconds)
    count = [0]

    def exporting() -> None:
        while not done.is_set():
            count[0] += export(server).rows

    working = threading.Thread(target=exporting)
    working.start()
    beside = load(server, asked, seconds)
    done.set()
    working.join()
    figure = {
        "bench": "dialer lead_field_info beside exports",
        "on": kind,
        "requests_per_second": round(beside.per_second),
        "alone_per_second": round(alone.per_second),
        "p99_ms": round(beside.p99_ms, 2),
        "alone_p99_ms": round(alone.p99_ms, 2),
        "rows_exported_meanwhile": count[0],
        "failed": beside.failed,
    }
    print(json.dumps(figure), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--on", choices=KINDS, help="only this database")
    parser.add_argument("--only", default="", help="only this function, or `exports`")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="of one round against one server")
    chosen = parser.parse_args()
    for kind in (chosen.on,) if chosen.on else KINDS:
        if not is_there(kind):
            print(json.dumps({"bench": "dialer", "on": kind, "left_out": "does not answer"}), flush=True)
            continue
        with bare_server() as bare, dialer_server(kind) as server:
            if chosen.only != "exports":
                speed(kind, bare, server, chosen.rounds, chosen.seconds, chosen.only)
            if chosen.only in ("", "exports"):
                exports(kind, server, chosen.rounds)


if __name__ == "__main__":
    main()
