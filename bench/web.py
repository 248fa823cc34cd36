"""How long the pages of a large installation take: 1,000 datasets, 1,000,000 runs, 10,000,000 rows.

    python -m bench.web                          # all of it; filling takes some minutes
    python -m bench.web --runs 100000 --rows 1000000

`ms` is the median time of an answer within the process, without network and browser; `bare_ms` that of a
page without content (the form to sign in) in the same minutes, and `ratio` the one over the other. One JSON
line per page.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from urllib.parse import quote

import duckdb
import httpx
from sqlalchemy import insert

from bench.history import NOW, fill
from trunkline.access.roles import Role
from trunkline.access.wrong_logins import WrongLogins
from trunkline.center.room import Center
from trunkline.center.runs import id_at
from trunkline.center.tables import accounts, datasets, schedules
from trunkline.clock import SystemClock
from trunkline.daemon.listening import listening
from trunkline.pages.application import Pages
from trunkline.pages.rooms import Rooms, rooms_of
from trunkline.pages.visit import SESSION
from trunkline.settings import load_settings
from trunkline.store.connection import open_store
from trunkline.warehouse.open import open_warehouse

DATASETS, RUNS, ROWS, ROUNDS = 1_000, 1_000_000, 10_000_000, 15
AT_MOST_MS = 50.0
ROWS_SQL = Path(__file__).with_suffix(".sql")
PATHS = (
    *(
        "/datasets",
        "/datasets?search=99",
        "/datasets?after=d0500",
        "/datasets/busy",
        "/datasets/busy/history",
    ),
    *("/runs", "/runs?state=failed", "/runs?before={middle}", "/runs?state=succeeded&before={middle}"),
    *("/datasets/busy/rows?sort=", "/datasets/busy/rows", "/datasets/busy/rows?sort=start_time&after={deep}"),
    *("/datasets/busy/columns", "/datasets/busy/settings", "/profile"),
)


def fill_datasets(center: Center, count: int) -> None:
    """Datasets with schedules, beside those that have the runs."""
    now = center.clock.now()
    with center.store.begin() as tx:
        account = tx.execute(accounts.select()).first()
        assert account is not None, "the runs' datasets have one"
        common = {"account_id": account.id, "report": "calls", "method": "merge", "options": {}}
        times = {"created_at": now, "updated_at": now}
        tx.execute(insert(datasets), [{"name": f"d{n:04}", **common, **times} for n in range(count)])
        ids = [row.id for row in tx.execute(datasets.select())]
        timetable = {"kind": "daily", "words": "06:00", "zone": "UTC", "is_paused": False}
        policy = {"retry_count": 3, "retry_delay_seconds": 900, "updated_at": now, "next_due_at": now}
        tx.execute(insert(schedules), [{"dataset_id": id_, **timetable, **policy} for id_ in ids])


def fill_rows(home: Path, count: int) -> None:
    open_warehouse(load_settings(home, {})).close()
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        for statement in ROWS_SQL.read_text("utf-8").split(";"):
            if statement.strip():
                connection.execute(statement, [count] if "$1" in statement else [])


async def figures(rooms: Rooms, runs: int) -> None:
    user = rooms.users.add("owner@example.com", "Olive", Role.OWNER, "correct horse battery")
    cookies = {SESSION: rooms.sessions.begin(user, "127.0.0.1", "bench").text}
    known = {
        "middle": id_at(NOW - timedelta(minutes=runs // 2)) + "0" * 8,
        "deep": quote('["2026-03-01 00:00:00+00", "5000000"]'),
    }
    transport = httpx.ASGITransport(Pages(rooms))
    async with httpx.AsyncClient(transport=transport, base_url="http://bench", cookies=cookies) as client:
        bare = await median(httpx.AsyncClient(transport=transport, base_url="http://bench"), "/sign-in")
        for path in PATHS:
            ms = await median(client, path.format(**known))
            told = {"bench": "web", "page": path, "ms": round(ms, 1), "at_most_ms": AT_MOST_MS}
            told |= {"bare_ms": round(bare, 2), "ratio": round(ms / bare, 1)}
            print(json.dumps(told), flush=True)


async def median(client: httpx.AsyncClient, path: str) -> float:
    """Milliseconds of an answer."""
    taken = []
    for _ in range(ROUNDS + 1):
        began = perf_counter()
        answer = await client.get(path)
        taken.append((perf_counter() - began) * 1_000)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return statistics.median(taken[1:])


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--runs", type=int, default=RUNS)
    asked.add_argument("--rows", type=int, default=ROWS)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        settings = load_settings(home, {})
        store, clock = open_store(settings), SystemClock()
        rooms = rooms_of(settings, store, clock, WrongLogins(store, clock, 0))
        fill(rooms.center, given.runs)
        fill_datasets(rooms.center, DATASETS)
        fill_rows(home, given.rows)
        with listening(settings):  # as in the server: it has the warehouse open
            asyncio.run(figures(rooms, given.runs))
        store.close()


if __name__ == "__main__":
    main()
