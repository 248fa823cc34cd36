"""Old runs are forgotten with their logs, on each of the three databases; the last ones stay."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from tests.store.databases import KINDS, fresh_database
from tests.store.rows import add_account, add_dataset, add_run
from trunkline.center import history_queries, pruning
from trunkline.center.room import Center, open_center
from trunkline.center.runs import new_run_id
from trunkline.center.tables import run_lines, runs
from trunkline.clock import SteppedClock

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


@pytest.fixture(params=KINDS)
def center(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Center]:
    with (
        fresh_database(request.param, tmp_path / "home") as settings,
        open_center(settings, SteppedClock(NOW)) as opened,
    ):
        yield opened


def add(center: Center, dataset: int | None, days_ago: float, state: str = "succeeded") -> str:
    at = NOW - timedelta(days=days_ago)
    run = new_run_id(at)
    line = {"run_id": run, "number": 1, "at": at, "level": "info", "event": "run", "text": "It has begun."}
    with center.store.begin() as tx:
        add_run(tx, dataset, run, state=state, started_at=at)
        tx.execute(insert(run_lines), line)
    return run


def kept(center: Center) -> set[str]:
    with center.store.read() as tx:
        left = set(tx.execute(select(runs.c.id)).scalars())
        assert set(tx.execute(select(run_lines.c.run_id)).scalars()) == left
    return left


def two_datasets(center: Center) -> tuple[int, int]:
    with center.store.begin() as tx:
        account = add_account(tx)
        return add_dataset(tx, account, "calls"), add_dataset(tx, account, "users")


def test_the_last_run_and_the_last_success_of_each_dataset_stay(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "RUNS_AT_A_TIME", 2)
    calls, users = two_datasets(center)
    for age in (400, 300, 200, 100):
        add(center, calls, age)
        add(center, None, age, "failed")
    young = {add(center, calls, 91 - n, state) for n, state in ((1.001, "succeeded"), (80, "failed"))}
    success = add(center, users, 300)
    add(center, users, 200, "failed")
    failure = add(center, users, 150, "failed")
    hanging = add(center, calls, 500, "running")
    assert pruning.prune(center, NOW) == 4 + 4 + 1
    assert kept(center) == {*young, success, failure, hanging}
    assert pruning.prune(center, NOW) == 0


def test_days_may_be_given_and_nought_keeps_all(center: Center) -> None:
    calls, _ = two_datasets(center)
    old = add(center, calls, 10)
    new = add(center, calls, 1)
    assert pruning.prune(center, NOW, 0) == 0
    assert pruning.prune(center, NOW, 30) == 0
    assert kept(center) == {old, new}
    assert pruning.prune(center, NOW, 5) == 1
    assert kept(center) == {new}


def test_lines_of_a_log_can_be_added_and_taken_away(center: Center) -> None:
    calls, _ = two_datasets(center)
    run = add(center, calls, 1)
    line = {"run_id": run, "at": NOW, "level": "info", "event": "retry", "fields": {"attempt": 2}}
    with center.store.begin() as tx:
        history_queries.add_lines(tx, [{**line, "number": n, "text": f"line {n}"} for n in range(2, 9)])
    with center.store.begin() as tx:
        history_queries.drop_lines(tx, run, 3, 6)
    with center.store.read() as tx:
        found = history_queries.lines_of(tx, run)
    assert [(row["number"], row["fields"]) for row in found] == [
        (1, {}),
        *((n, {"attempt": 2}) for n in (2, 7, 8)),
    ]
