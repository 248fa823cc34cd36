"""`trunkline retry` and `cancel` as people type them: with a worker that runs, and without one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from tests.center.conftest import NOON
from tests.cli.conftest import Terminal
from tests.store.rows import add_run
from trunkline.center import datasets, orders
from trunkline.center.order_queries import beat
from trunkline.center.room import Center, open_center
from trunkline.center.runs import Wish
from trunkline.clock import FrozenWallClock, local_text
from trunkline.settings import load_settings

RUN = "019ec9f4c80000000001"


@contextmanager
def inside(terminal: Terminal) -> Iterator[tuple[Center, Connection]]:
    settings = load_settings(terminal.home, {})
    with open_center(settings, FrozenWallClock(NOON)) as center, center.store.begin() as tx:
        yield center, tx


def add_failed(terminal: Terminal, **more: Any) -> None:
    with inside(terminal) as (center, tx):
        dataset = datasets.get(center, "calls")
        ended = {"state": "failed", "started_at": NOON, "ended_at": NOON}
        add_run(tx, dataset.id, RUN, **{**ended, **more})


async def test_without_a_worker_it_is_run_at_once(terminal: Terminal) -> None:
    await terminal.with_calls()
    add_failed(terminal, trigger="backfill", detail={"wish": {"since": "2026-06-01"}})
    done = await terminal.type("retry", RUN, "--json")
    assert (done.code, done.json["ordered"]) == (0, False), done.err
    run = done.json["run"]
    assert (run["trigger"], run["retry_of"], run["attempt"]) == ("retry", RUN, 2)
    assert run["wish"] == {"since": "2026-06-01"}
    assert run["days"].startswith("1 Jun 2026")
    again = await terminal.type("retry", run["id"])
    assert (again.code, "has not failed" in again.err) == (1, True)


async def test_a_worker_that_runs_gets_the_order(terminal: Terminal) -> None:
    await terminal.with_calls()
    add_failed(terminal)
    with inside(terminal) as (_, tx):
        beat(tx, "local", {"host": "here", "pid": 1, "beat_at": NOON})
    ordered = await terminal.type("retry", RUN)
    assert (ordered.code, "calls: ordered" in ordered.out) == (0, True), ordered.err
    told = (await terminal.type("retry", RUN, "--json")).json
    with inside(terminal) as (center, _):
        (order,) = orders.to_give(center)
    assert (told["ordered"], told["order"]["id"], told["order"]["retry_of"]) == (True, order.id, RUN)
    cancelled = await terminal.type("cancel", RUN)
    assert cancelled.out == "calls: it waited to be tried again, and will not be.\n"
    assert (await terminal.type("cancel", RUN)).code == 1


async def test_a_retry_at_once_stands_for_the_one_that_waits(terminal: Terminal) -> None:
    await terminal.with_calls()
    add_failed(terminal)
    with open_center(load_settings(terminal.home, {}), FrozenWallClock(NOON)) as center:
        order = orders.want(center, "calls", Wish())
        orders.note_run(center, order, RUN)
        orders.try_again(center, orders.get(center, order.id), 900)
    assert (await terminal.type("retry", RUN)).code == 0
    with open_center(load_settings(terminal.home, {}), FrozenWallClock(NOON)) as center:
        assert orders.get(center, order.id).state == "ended"


async def test_when_a_failed_run_is_tried_again_is_shown(terminal: Terminal) -> None:
    await terminal.with_calls()
    add_failed(terminal)
    with open_center(load_settings(terminal.home, {}), FrozenWallClock(NOON)) as center:
        order = orders.want(center, "calls", Wish())
        orders.note_run(center, order, RUN)
        orders.try_again(center, orders.get(center, order.id), 900)
    again = NOON + timedelta(minutes=15)
    told = await terminal.type("dataset", "history", "calls", "--json")
    assert datetime.fromisoformat(told.json["next_try_at"]) == again
    said = await terminal.type("dataset", "history", "calls")
    assert f"It is tried again by itself at {local_text(again)}." in said.out
    assert f"trunkline cancel {RUN}" in said.out
    shown = await terminal.type("dataset", "show", "calls")
    assert f"Next try:     {local_text(again)}" in shown.out
