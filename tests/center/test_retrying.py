"""A run once more: by an order, by its own next attempt brought forward, and what cannot be retried."""

from datetime import timedelta
from typing import Any

import pytest

from tests.center.conftest import ACCOUNT_ID, NOON
from tests.store.rows import add_account, add_dataset, add_run
from trunkline.center import cancelling, occupancy, orders, retrying, workers
from trunkline.center.order_queries import ENDED, GIVEN, WAITING, beat
from trunkline.center.room import Center
from trunkline.center.runs import Wish
from trunkline.clock import SteppedClock
from trunkline.errors import RetryLater, SettingsError

RUN = "019ec9f4c80000000001"
OPTIONS = {"account_id": ACCOUNT_ID, "start_date": "2026-01-01"}


def with_run(center: Center, **more: Any) -> None:
    plain = {"state": "failed", "trigger": "scheduled", "ended_at": NOON, "started_at": NOON}
    with center.store.begin() as tx:
        dataset = add_dataset(tx, add_account(tx), options=OPTIONS)
        given = {**plain, **more}
        add_run(tx, given.pop("dataset_id", dataset), RUN, **given)


def with_waiting_order(center: Center) -> orders.Order:
    """The run has failed, and its order waits a quarter of an hour for the next attempt."""
    with_run(center)
    order = orders.want(center, "calls", Wish(full=True))
    orders.note_run(center, order, RUN)
    orders.try_again(center, orders.get(center, order.id), 900)
    return orders.get(center, order.id)


def test_the_same_is_ordered_once_more(center: Center) -> None:
    wish = {"since": "2026-01-01", "until": "2026-02-01"}
    with_run(center, trigger="backfill", detail={"wish": wish})
    order = retrying.order_again(center, retrying.failed(center, RUN), "ann")
    assert order.wish == Wish(since="2026-01-01", until="2026-02-01")
    assert (order.trigger, order.retry_of, order.started_by, order.state) == ("retry", RUN, "ann", WAITING)
    assert [one.id for one in orders.to_give(center)] == [order.id]


def test_a_full_load_from_before_wishes_were_kept_is_known_by_its_type(center: Center) -> None:
    with_run(center, trigger="full")
    assert retrying.failed(center, RUN).wish == Wish(full=True)


def test_days_that_were_not_kept_are_not_guessed(center: Center) -> None:
    with_run(center, trigger="backfill")
    with pytest.raises(SettingsError, match="was not kept"):
        retrying.failed(center, RUN)


def test_an_attempt_that_waits_is_brought_forward_and_none_added(center: Center) -> None:
    waiting = with_waiting_order(center)
    assert orders.to_give(center) == []
    order = retrying.order_again(center, retrying.failed(center, RUN), "ann")
    assert (order.id, order.attempt, order.begins_at) == (waiting.id, waiting.attempt, NOON)
    assert [one.id for one in orders.to_give(center)] == [waiting.id]


def test_what_is_tried_again_already_is_told(center: Center) -> None:
    orders.note_given(center, with_waiting_order(center))
    assert retrying.failed(center, RUN).order is not None  # whoever had it is gone
    with center.store.begin() as tx:
        beat(tx, "here-1", {"host": "here", "pid": 1, "beat_at": NOON})
    with pytest.raises(RetryLater, match="tried again just now"):
        retrying.failed(center, RUN)


def test_what_went_well_and_is_being_exported_is_neither_retried_nor_cancelled(center: Center) -> None:
    with_run(center, state="succeeded")
    order = orders.want(center, "calls", Wish())
    orders.note_run(center, order, RUN)
    orders.note_given(center, order)
    with pytest.raises(SettingsError, match="has not failed"):
        retrying.failed(center, RUN)
    with pytest.raises(SettingsError, match="has ended already"):
        cancelling.cancel(center, RUN)
    assert not orders.get(center, order.id).cancel_requested


def test_cancel_takes_an_attempt_from_a_worker_that_has_not_begun_it(center: Center) -> None:
    order = with_waiting_order(center)
    orders.note_given(center, order)
    assert cancelling.cancel(center, RUN).was == "to_be_retried"
    assert orders.get(center, order.id).state == ENDED


def test_cancel_of_what_goes_on_lets_its_attempt_be_the_last(center: Center) -> None:
    with_run(center, state="running", ended_at=None, trigger="scheduled")
    order = orders.want(center, "calls", Wish())
    orders.note_run(center, order, RUN)
    orders.note_given(center, order)
    dataset = order.dataset_id
    with occupancy.held(center, dataset, "calls"):
        assert cancelling.cancel(center, RUN).was == "running"
    found = orders.get(center, order.id)
    assert (found.state, found.cancel_requested) == (GIVEN, True)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"state": "succeeded"}, "has not failed"),
        ({"state": "reset"}, "has not failed"),
        ({"dataset_id": None}, "is gone"),
    ],
)
def test_what_cannot_be_tried_again_is_refused(center: Center, more: dict[str, Any], told: str) -> None:
    with_run(center, **more)
    with pytest.raises(SettingsError, match=told):
        retrying.failed(center, RUN)


def test_an_unknown_run_is_told(center: Center) -> None:
    for act in (retrying.failed, cancelling.cancel):
        with pytest.raises(SettingsError, match="no run named 'x'"):
            act(center, "x")


def test_cancel_takes_the_next_attempt_away(center: Center) -> None:
    order = with_waiting_order(center)
    stopped = cancelling.cancel(center, RUN)
    assert stopped.to_json() == {
        "id": RUN,
        "dataset": "calls",
        "was": "to_be_retried",
        "cancel_requested": False,
    }
    assert orders.get(center, order.id).state == ENDED
    with pytest.raises(SettingsError, match="has ended already"):
        cancelling.cancel(center, RUN)


def test_cancel_takes_an_ordered_retry_away(center: Center) -> None:
    with_run(center)
    order = retrying.order_again(center, retrying.failed(center, RUN), "ann")
    assert cancelling.cancel(center, RUN).was == "to_be_retried"
    assert orders.get(center, order.id).state == ENDED


def test_a_worker_lives_while_it_was_heard_of_lately(center: Center, clock: SteppedClock) -> None:
    assert workers.alive(center) == []
    with center.store.begin() as tx:
        beat(tx, "here-1", {"host": "here", "pid": 1, "beat_at": NOON})
    assert workers.alive(center) == ["here-1"]
    clock.advance(timedelta(seconds=31).total_seconds())
    assert workers.alive(center) == []
