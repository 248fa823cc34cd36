"""Speed and memory of a run of DialogTech's click-to report into DuckDB, beside bare readers.

One large answer in one window, from a server in another process that sends the same file to everybody. The
bare limit reads the file with lxml or with the csv module, row by row, and throws the rows away. Each side
runs in a process of its own, the rounds alternate. One JSON line per figure; `ratio` is the CPU time of the
run (its start included) over that of the bare limit, by medians: neighbours on the machine disturb it less.

    python -m bench.dialogtech                      # 200,000 clicks in either form
    python -m bench.dialogtech --clicks 1000000     # minutes
"""

import argparse
import http.server
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.connectors import NOW, TRUNKLINE, trunkline

ROOT = Path(__file__).parents[1]
DAYS = 25
UNTIL = datetime(2026, 6, 15, 12, tzinfo=UTC)
TYPES = {"xml": "text/xml", "csv": "text/csv; charset=utf-8"}
AT_MOST = {"xml": 7.0, "csv": 25.0}

BARE = {
    "xml": """
from lxml import etree
for _, record in etree.iterparse(sys.argv[1], tag="record"):
    row = [field.text for field in record]
    rows += 1
    record.clear()
    while record.getprevious() is not None:
        del record.getparent()[0]
""",
    "csv": """
import csv
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    for row in csv.reader(file):
        rows += 1
""",
}


def write_answers(folder: Path, clicks: int) -> None:
    from trunkline.clock import FrozenWallClock
    from trunkline.sims.dialogtech import DialogtechSimOptions, World
    from trunkline.sims.dialogtech.bodies import csv_report, xml_report

    options = DialogtechSimOptions(clicks=clicks, days=DAYS, until=UNTIL)
    rows = World(options, FrozenWallClock(UNTIL)).rows()
    for form, parts in (("xml", xml_report(rows)), ("csv", csv_report(rows, utf8=True))):
        with (folder / form).open("wb") as file:
            file.writelines(parts)


def serve(file: Path, form: str) -> None:
    """Send the file to whoever posts; prints the port first."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", TYPES[form])
            self.send_header("Content-Length", str(file.stat().st_size))
            self.end_headers()
            with file.open("rb") as content:
                while chunk := content.read(1_000_000):
                    self.wfile.write(chunk)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


@contextmanager
def served(file: Path, form: str) -> Iterator[str]:
    command = [sys.executable, "-m", "bench.dialogtech", "--serve", str(file), form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def bare_seconds(file: Path, form: str) -> float:
    clock = "time.process_time()"
    code = f"import sys,time\nrows=0\nstarted={clock}\n{BARE[form]}\nprint({clock}-started)"
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def measured(home: Path) -> tuple[float, float, dict[str, Any]]:
    """Peak memory of a run in MB, its CPU seconds, and its record."""
    env = {**os.environ, "TRUNKLINE_FROZEN_CLOCK": NOW}
    with tempfile.TemporaryFile("w+") as out:
        command = [*TRUNKLINE, "run", "clicks", "--home", str(home), "--json"]
        process = subprocess.Popen(command, env=env, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    if process.returncode:
        raise SystemExit(text)
    return usage.ru_maxrss / 1000, usage.ru_utime + usage.ru_stime, json.loads(text)


def figure(folder: Path, form: str, clicks: int, rounds: int) -> None:
    file = folder / form
    limits, runs, seconds, peaks = [], [], [], []
    with served(file, form) as address:
        for number in range(rounds):
            home = folder / f"{form}{number}"
            keys = (
                "--access-key",
                "a-key",
                "--secret-access-key",
                "s-key",
                "--base-url",
                address,
                "--no-test",
            )
            trunkline(home, "account", "add", "dialogtech", "main", *keys)
            options = ("--start-date", "2026-05-01", "--chunk-days", "1000", "--format", form)
            trunkline(home, "dataset", "add", "clicks", "--account", "main", "--report", "clickto", *options)
            limits.append(bare_seconds(file, form))
            peak, cpu_seconds, record = measured(home)
            assert record["rows_inserted"] == clicks, record
            seconds.append(float(record["seconds"]))
            runs.append(cpu_seconds)
            peaks.append(peak)
    limit, ours = statistics.median(limits), statistics.median(runs)
    told = {
        "bench": f"click-to report as {form}",
        "rows": clicks,
        "file_mb": round(file.stat().st_size / 1e6),
        "bare_cpu_seconds": round(limit, 3),
        "run_cpu_seconds": round(ours, 3),
        "run_seconds": round(statistics.median(seconds), 3),
        "ratio": round(ours / limit, 2),
        "at_most": AT_MOST[form],
        "peak_mb": round(max(peaks)),
        "peak_at_most": 600,
    }
    print(json.dumps(told), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--serve", nargs=2, metavar=("FILE", "FORM"), help="send a file to whoever posts")
    parser.add_argument("--clicks", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(Path(chosen.serve[0]), chosen.serve[1])
        return
    with tempfile.TemporaryDirectory() as folder:
        write_answers(Path(folder), chosen.clicks)
        for form in TYPES:
            figure(Path(folder), form, chosen.clicks, chosen.rounds)


if __name__ == "__main__":
    main()
