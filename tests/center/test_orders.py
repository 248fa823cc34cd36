"""Due times become orders: one each, and none for what an order that has not begun will read anyway."""

from datetime import timedelta

import pytest

from tests.center.conftest import ACCOUNT_ID, NOON
from tests.store.rows import add_account, add_dataset, add_run
from trunkline.center import datasets, order_queries, orders, timetables
from trunkline.center.orders import Order
from trunkline.center.room import Center
from trunkline.center.runs import Wish
from trunkline.clock import SteppedClock

RUN = "019ec9f4c80000000001"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def calls(center: Center) -> None:
    """A dataset that is due each hour."""
    with center.store.begin() as tx:
        dataset = add_dataset(tx, add_account(tx), options={"account_id": ACCOUNT_ID})
        add_run(tx, dataset, RUN, state="failed", trigger="scheduled", ended_at=NOON, started_at=NOON)
    timetables.set_schedule(center, datasets.get(center, "calls"), "cron", "0 * * * *")


def open_orders(center: Center) -> list[Order]:
    with center.store.read() as tx:
        rows = order_queries.open_orders(tx, datasets.get(center, "calls").id)
    return [orders.get(center, row["id"]) for row in rows]


def an_hour_later(center: Center, clock: SteppedClock) -> list[Order]:
    clock.advance(3600)
    orders.take_due(center)
    return open_orders(center)


def given(center: Center, order: Order, run_id: str | None = None) -> None:
    orders.note_given(center, order)
    if run_id:
        orders.note_run(center, order, run_id)


def test_a_due_time_is_one_order(center: Center, clock: SteppedClock) -> None:
    (order,) = an_hour_later(center, clock)
    orders.take_due(center)
    assert [one.id for one in open_orders(center)] == [order.id]
    assert (order.trigger, order.due_at) == ("scheduled", NOON + HOUR)


def test_while_an_order_queues_for_its_turn_no_others_pile_up(center: Center, clock: SteppedClock) -> None:
    (order,) = an_hour_later(center, clock)
    given(center, order)
    for _ in range(5):
        assert [one.id for one in an_hour_later(center, clock)] == [order.id]


def test_a_due_time_during_a_run_is_one_more(center: Center, clock: SteppedClock) -> None:
    (order,) = an_hour_later(center, clock)
    given(center, order, RUN)
    assert [one.due_at for one in an_hour_later(center, clock)] == [NOON + HOUR, NOON + 2 * HOUR]


def test_an_attempt_that_waits_begins_at_the_next_due_time(center: Center, clock: SteppedClock) -> None:
    (order,) = an_hour_later(center, clock)
    given(center, order, RUN)
    orders.try_again(center, orders.get(center, order.id), 24 * 3600)
    assert orders.to_give(center) == []
    (later,) = an_hour_later(center, clock)
    assert [one.id for one in orders.to_give(center)] == [later.id] == [order.id]
    assert (later.trigger, later.attempt, later.failures) == ("retry", 2, 1)


def test_a_backfill_that_waits_does_not_stand_for_what_is_due(center: Center, clock: SteppedClock) -> None:
    backfill = orders.want(center, "calls", Wish(since="2026-01-01", until="2026-01-31"))
    assert len(an_hour_later(center, clock)) == 2
    assert orders.get(center, backfill.id).begins_at == NOON


def test_clocks_that_were_set_back_hold_nothing_up(center: Center, clock: SteppedClock) -> None:
    (order,) = an_hour_later(center, clock)
    orders.end(center, order, "succeeded")
    clock.advance(-3600)
    timetables.set_schedule(center, datasets.get(center, "calls"), "cron", "0 0 * * *")
    timetables.set_schedule(center, datasets.get(center, "calls"), "cron", "0 * * * *")
    assert an_hour_later(center, clock) == []
    assert len(an_hour_later(center, clock)) == 1
