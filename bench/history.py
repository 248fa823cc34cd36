"""Measures how fast the history of a million runs is listed, against one bare statement of the driver.

    python -m bench.history [RUNS]

One dataset has nine tenths of the runs, a hundred others the rest. One JSON line a figure; PostgreSQL is
measured where the server of the tests answers.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import Connection, text

from tests.store.databases import fresh_database
from tests.store.rows import add_account, add_dataset
from trunkline.center import datasets, pruning, queries, runs
from trunkline.center.room import Center, open_center
from trunkline.center.runs import Run
from trunkline.center.tables import runs as runs_table
from trunkline.clock import SteppedClock

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
OTHERS, AT_A_TIME, ROUNDS, PAGE = 100, 20_000, 15, 20
BARE = "SELECT * FROM runs WHERE dataset_id = :id ORDER BY id DESC LIMIT 20"


def main(count: int) -> None:
    for kind in ("sqlite", "postgresql"):
        with (
            tempfile.TemporaryDirectory() as folder,
            suppress(pytest.skip.Exception),
            fresh_database(kind, Path(folder)) as settings,
            open_center(settings, SteppedClock(NOW)) as center,
        ):
            fill(center, count)
            if kind != "sqlite":
                _analyze(center)
            for figure, milliseconds in _figures(center, count):
                told = {"bench": "history", "store": kind, "runs": count, "figure": figure}
                print(json.dumps({**told, "ms": round(milliseconds, 3)}), flush=True)


def _figures(center: Center, count: int) -> Iterator[tuple[str, float]]:
    saved = datasets.get(center, "busy")
    middle = runs.id_at(NOW - timedelta(minutes=count // 2))
    yield "bare", _best(lambda: _bare(center, saved.id))
    yield "newest", _best(lambda: runs.history(center, "busy", PAGE))
    yield "from the middle", _best(lambda: runs.history(center, "busy", PAGE, before=middle))
    yield (
        "cancelled, of which there is one",
        _best(lambda: runs.history(center, "busy", PAGE, state="cancelled")),
    )
    yield (
        "last success, long ago",
        _best(lambda: runs.last(center, datasets.get(center, "failing"), "succeeded")),
    )
    yield "prune, nothing to do", _best(lambda: pruning.prune(center, NOW, 10_000), rounds=3)
    oldest = NOW - timedelta(minutes=count - count // 50)
    started = perf_counter()
    forgotten = pruning.prune(center, oldest + timedelta(days=1), 1)
    yield "prune, each run forgotten", (perf_counter() - started) * 1_000 / max(forgotten, 1)


def _best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(rounds):
        started = perf_counter()
        work()
        taken.append(perf_counter() - started)
    return sorted(taken)[len(taken) // 2] * 1_000


def _bare(center: Center, dataset_id: int) -> list[Any]:
    with center.store.read() as tx:
        return list(tx.execute(text(BARE), {"id": dataset_id}))


def fill(center: Center, count: int) -> None:
    """A run a minute up to now."""
    with center.store.begin() as tx:
        account = add_account(tx)
        ids = [_dataset(tx, account, name) for name in ("busy", "failing", *_names())]
        for begin in range(0, count, AT_A_TIME):
            _insert(tx, [_record(n, count, ids) for n in range(begin, min(begin + AT_A_TIME, count))])


def _dataset(tx: Connection, account: int, name: str) -> int:
    dataset = add_dataset(tx, account, name)
    queries.update_dataset(tx, dataset, {"options": {"account_id": "ACC1"}})
    return dataset


def _names() -> list[str]:
    return [f"other_{n}" for n in range(OTHERS)]


def _record(number: int, count: int, ids: list[int]) -> dict[str, Any]:
    at = NOW - timedelta(minutes=count - number)
    which = (number % 10 and ids[0]) or ids[1 + number // 10 % (OTHERS + 1)]
    succeeded = which != ids[1] or number < count // 100
    state = "cancelled" if number == 1 else "succeeded" if succeeded else "failed"
    run = Run(runs.new_run_id(at), "busy", "scheduled", "merge", state, at, at, rows_read=number)
    return {**runs.to_record(run), "dataset_id": which, "host": "here", "cancel_requested": False}


def _analyze(center: Center) -> None:
    """As servers do by themselves in a quiet hour; SQLite never does."""
    with center.store.begin() as tx:
        tx.execute(text("ANALYZE runs"))


def _insert(tx: Connection, records: list[dict[str, Any]]) -> None:
    tx.execute(runs_table.insert(), records)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
