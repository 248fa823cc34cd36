"""Figures for whoever watches: what waits, who works, what is wrong."""

from collections.abc import Callable
from typing import Any

from tests.center.conftest import NOON
from tests.store.rows import add_account, add_dataset
from trunkline.center import figures, orders
from trunkline.center.alerts.incidents import close_one, open_one
from trunkline.center.alerts.kinds import DATASET, EXPORT_FAILED, LATE
from trunkline.center.alerts.notices import Subject
from trunkline.center.order_queries import beat
from trunkline.center.room import Center
from trunkline.center.runs import Wish
from trunkline.clock import SteppedClock

OPTIONS = {"account_id": "ACC8154748ae6bd4e278a7cddd38a662f4f", "start_date": "2026-01-01"}


def told(center: Center, name: str) -> dict[tuple[str, ...], float]:
    (found,) = (figure for figure in figures.all_of(center) if figure.name == name)
    return dict(found.samples)


def test_orders_are_counted_by_what_they_wait_for(center: Center) -> None:
    assert told(center, "trunkline_orders") == {("waiting",): 0, ("given",): 0}
    with center.store.begin() as tx:
        add_dataset(tx, add_account(tx), options=OPTIONS)
    made = [orders.want(center, "calls", Wish()) for _ in range(4)]
    orders.note_given(center, made[0])
    orders.end(center, made[1], "succeeded")
    assert told(center, "trunkline_orders") == {("waiting",): 2, ("given",): 1}


def test_workers_count_while_they_live(center: Center, clock: SteppedClock) -> None:
    with center.store.begin() as tx:
        beat(tx, "a", {"host": "a", "pid": 1, "beat_at": NOON})
        beat(tx, "b", {"host": "b", "pid": 1, "beat_at": NOON})
    assert told(center, "trunkline_workers") == {(): 2}
    clock.advance(31)
    assert told(center, "trunkline_workers") == {(): 0}


def test_incidents_count_by_kind_while_they_last(center: Center) -> None:
    calls, texts = Subject(DATASET, 1, "calls"), Subject(DATASET, 2, "texts")
    for kind, subject in ((LATE, calls), (LATE, texts), (EXPORT_FAILED, calls)):
        open_one(center, kind, subject, "It broke.")
    close_one(center, LATE, texts, "It is over.")
    found = told(center, "trunkline_incidents")
    assert (found[("late",)], found[("export_failed",)], found[("failed",)]) == (1, 1, 0)


async def test_a_budget_tells_when_it_is_whole_again(office_with: Callable[..., Any]) -> None:
    async with office_with(calls=5) as office:
        await office.dataset(start_date="2026-01-01")
        assert told(office.center, "trunkline_budget_resets_timestamp_seconds") == {}
        await office.run()
        used = told(office.center, "trunkline_budget_used")
        found = told(office.center, "trunkline_budget_resets_timestamp_seconds")
        assert found.keys() == {key for key, count in used.items() if count}
        assert all(at > office.clock.now().timestamp() for at in found.values())
