"""Load on a web server and what it costs: requests per second, latency, CPU time and memory of the server.

The load comes from `wrk` where that is installed, else from a client of our own, which is slower than the
servers it measures: ratios are then too good, and CPU microseconds are the figures to look at.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

CONNECTIONS = 16
LISTENING = "listening on "
_LUA = """
local count, first = 0, %d
request = function()
  count = count + 1
  return wrk.format("GET", string.format(%s, first + count %% %d))
end
done = function(summary, latency, requests)
  io.write(string.format('{"requests": %%d, "seconds": %%f, "failed": %%d, "p50": %%f, "p99": %%f}\\n',
    summary.requests, summary.duration / 1e6,
    summary.errors.status + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


@dataclass(frozen=True)
class Asked:
    """One path of many: `%d` in it becomes a number from `first` on, begun again after `numbers`."""

    path: str
    first: int = 0
    numbers: int = 1_000_000_000


@dataclass(frozen=True)
class Measured:
    """One round against one server; latencies in milliseconds, CPU time of the server in microseconds."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int
    cpu_us: float


@dataclass(frozen=True)
class Server:
    url: str
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Of the process and its children."""
        times = [p.cpu_times() for p in (self.process, *self.process.children(recursive=True))]
        return sum(t.user + t.system for t in times)

    def rss_mb(self) -> float:
        return float(self.process.memory_info().rss) / 1e6

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])


@contextmanager
def running(*command: str, **env: str) -> Iterator[Server]:
    """A server process that tells its address in its first line."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **env}) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert LISTENING in line, f"the server did not start: {line!r}"
            yield Server(line.partition(LISTENING)[2].strip(), psutil.Process(process.pid))
        finally:
            process.terminate()


def load(server: Server, asked: Asked, seconds: int, connections: int = CONNECTIONS) -> Measured:
    """Ask again and again on a number of connections."""
    before = server.cpu_seconds()
    answer = _by_wrk if shutil.which("wrk") else _by_ourselves
    found = answer(server, asked, seconds, connections)
    cpu = server.cpu_seconds() - before
    requests = int(found["requests"])
    return Measured(
        requests,
        requests / found["seconds"],
        found["p50"],
        found["p99"],
        int(found["failed"]),
        cpu / max(1, requests) * 1e6,
    )


def _by_wrk(server: Server, asked: Asked, seconds: int, connections: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "ask.lua"
        script.write_text(_LUA % (asked.first, json.dumps(asked.path), asked.numbers))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), server.url]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _by_ourselves(server: Server, asked: Asked, seconds: int, connections: int) -> dict[str, float]:
    """In a process of its own, so that its work is not counted as the server's."""
    words = (server.url, asked.path, str(asked.first), str(asked.numbers), str(seconds), str(connections))
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


async def _ask(
    url: str, path: str, first: int, numbers: int, seconds: float, connections: int
) -> dict[str, float]:
    host, _, port = url.removeprefix("http://").rpartition(":")
    times: list[float] = []
    failed = count = 0
    ends = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal count, failed
        reader, writer = await asyncio.open_connection(host, int(port))
        while (started := time.perf_counter()) < ends:
            count += 1
            target = path % (first + count % numbers) if "%d" in path else path
            writer.write(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
            failed += b" 200 " not in head[:20]
            times.append(time.perf_counter() - started)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    times.sort()
    at = [times[int(len(times) * part)] * 1e3 for part in (0.5, 0.99)]
    return {"requests": len(times), "seconds": seconds, "failed": failed, "p50": at[0], "p99": at[1]}


if __name__ == "__main__":
    url_, path_, first_, numbers_, seconds_, connections_ = sys.argv[1:]
    asking = _ask(url_, path_, int(first_), int(numbers_), float(seconds_), int(connections_))
    print(json.dumps(asyncio.run(asking)))
