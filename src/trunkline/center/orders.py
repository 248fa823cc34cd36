"""Runs that are wanted: by a schedule, by a person, or once more after a failure.

An order is written before anything is begun, and a due time is taken in the same transaction. So a process
that is killed loses none, and none is written twice: the id is the dataset's and the due time's.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping
from sqlalchemy.exc import IntegrityError

from trunkline.center import datasets, order_queries, timetables
from trunkline.center.names import unknown
from trunkline.center.order_queries import ENDED, GIVEN, WAITING
from trunkline.center.room import Center
from trunkline.center.runs import Wish
from trunkline.errors import SettingsError

SCHEDULED, MANUAL, RETRY, BACKFILL = "scheduled", "manual", "retry", "backfill"
MOST_AT_ONCE = 200
KEPT = timedelta(days=7)
"""So long ended orders are kept; the history of runs is kept longer."""


@dataclass(frozen=True)
class Order:
    """A wanted run. Instants are UTC; `attempt` counts from 1, those too that found the dataset occupied."""

    id: str
    dataset_id: int
    dataset: str
    account: str
    state: str
    trigger: str
    wish: Wish
    started_by: str
    retry_of: str | None
    due_at: datetime | None
    attempt: int
    failures: int
    begins_at: datetime
    run_id: str | None
    cancel_requested: bool

    @property
    def workflow_id(self) -> str:
        """Of this attempt: the same wherever it is given."""
        return f"{self.id}.{self.attempt}"


def take_due(center: Center) -> None:
    """Write orders for all datasets that are due, each due time once.

    A dataset whose order has not begun yet gets no second one: that one reads what is due. If it waits to
    be tried again, it waits no longer.
    """
    for due in timetables.due_now(center, MOST_AT_ONCE):
        order_id = f"{due.dataset_id}-{int(due.due_at.timestamp())}"
        with center.store.begin() as tx:
            if not timetables.claim(tx, due) or _will_read_what_is_due(center, tx, due.dataset_id):
                continue
            if order_queries.order_by_id(tx, order_id) is None:  # clocks that were set back show times again
                order_queries.insert_order(
                    tx, _record(center, order_id, due.dataset_id, SCHEDULED, due_at=due.due_at)
                )


def _will_read_what_is_due(center: Center, tx: Connection, dataset_id: int) -> bool:
    """Whether an order does that has not begun; it begins as soon as it can from now on."""
    for row in order_queries.open_orders(tx, dataset_id):
        if Wish(**row["wish"]).is_backfill:
            continue  # reads other days
        if row["state"] == WAITING:
            values = {"begins_at": min(row["begins_at"], center.clock.now())}
            if order_queries.update_order(tx, row["id"], values, attempt=row["attempt"], state=WAITING):
                return True
        elif row["run_id"] in (None, row["retry_of"]):
            return True
    return False


def want(
    center: Center, name: str, wish: Wish, *, started_by: str = "", retry_of: str | None = None
) -> Order:
    """Order a run of a dataset by its name."""
    dataset = datasets.get(center, name)
    trigger = RETRY if retry_of else BACKFILL if wish.is_backfill else MANUAL
    order_id = f"{dataset.id}-{secrets.token_hex(8)}"
    record = _record(
        center, order_id, dataset.id, trigger, wish=wish, started_by=started_by, retry_of=retry_of
    )
    try:
        with center.store.begin() as tx:
            order_queries.insert_order(tx, record)
    except IntegrityError:
        raise unknown("dataset", name, []) from None
    return get(center, order_id)


def get(center: Center, order_id: str) -> Order:
    """Raises SettingsError for one that is not there."""
    with center.store.read() as tx:
        row = order_queries.order_by_id(tx, order_id)
    if row is None:
        raise SettingsError(f"There is no order {order_id} any more.")
    return _order(row)


def to_give(center: Center) -> list[Order]:
    """Orders whose time has come."""
    with center.store.read() as tx:
        return [_order(row) for row in order_queries.orders_to_give(tx, center.clock.now(), MOST_AT_ONCE)]


def given(center: Center, since_seconds: float) -> list[Order]:
    """Orders that workers have had for so long."""
    before = center.clock.now() - timedelta(seconds=since_seconds)
    with center.store.read() as tx:
        return [_order(row) for row in order_queries.given_orders(tx, before)]


def note_given(center: Center, order: Order) -> bool:
    return _change(center, order, state=GIVEN, given_at=center.clock.now())


def note_run(center: Center, order: Order, run_id: str) -> bool:
    """Which run this attempt is; False when the order has gone on without it."""
    return _change(center, order, run_id=run_id)


def put_off(center: Center, order: Order, seconds: float) -> bool:
    """The same attempt again, later: nothing was tried."""
    return _change(center, order, state=WAITING, begins_at=_in(center, seconds), attempt=order.attempt + 1)


def try_again(center: Center, order: Order, seconds: float) -> bool:
    """The next attempt, later."""
    return _change(
        center,
        order,
        state=WAITING,
        attempt=order.attempt + 1,
        failures=order.failures + 1,
        begins_at=_in(center, seconds),
        trigger=RETRY,
        retry_of=order.run_id,
    )


def end(center: Center, order: Order, outcome: str) -> bool:
    return _change(center, order, state=ENDED, outcome=outcome, ended_at=center.clock.now())


def of_run(center: Center, run_id: str) -> Order | None:
    """The order that tries a run again, or waits to."""
    with center.store.read() as tx:
        row = order_queries.order_of_run(tx, run_id)
    return _order(row) if row else None


def next_try(center: Center, run_id: str) -> datetime | None:
    """When a run that has failed is tried again by itself, UTC; None where it is not, or just now."""
    order = of_run(center, run_id)
    return order.begins_at if order and order.state == WAITING and order.retry_of == run_id else None


def hasten(center: Center, order: Order) -> bool:
    """Let an order that waits for its time wait no longer; False where it has begun meanwhile."""
    with center.store.begin() as tx:
        values = {"begins_at": center.clock.now()}
        return order_queries.update_order(tx, order.id, values, attempt=order.attempt, state=WAITING)


def cancel_of_run(center: Center, run_id: str) -> bool:
    """End the order of a run that waits to be tried again; False where none does.

    Of one whose next attempt goes on, that one is the last.
    """
    with center.store.begin() as tx:
        row = order_queries.order_of_run(tx, run_id)
        if row is None or row["state"] == ENDED:
            return False
        values: dict[str, Any] = {"cancel_requested": True}
        not_begun = row["run_id"] in (None, row["retry_of"])
        if row["state"] == WAITING or not_begun:
            values |= {"state": ENDED, "outcome": "cancelled", "ended_at": center.clock.now()}
        return order_queries.update_order(tx, row["id"], values)


def prune(center: Center) -> int:
    with center.store.begin() as tx:
        return order_queries.delete_ended_orders(tx, center.clock.now() - KEPT)


def _change(center: Center, order: Order, **values: Any) -> bool:
    with center.store.begin() as tx:
        return order_queries.update_order(tx, order.id, values, attempt=order.attempt)


def _in(center: Center, seconds: float) -> datetime:
    return center.clock.now() + timedelta(seconds=seconds)


def _record(center: Center, order_id: str, dataset_id: int, trigger: str, **more: Any) -> dict[str, Any]:
    now = center.clock.now()
    wish = more.pop("wish", Wish())
    plain = {"id": order_id, "dataset_id": dataset_id, "state": WAITING, "trigger": trigger}
    told = {"full": wish.full, "since": wish.since, "until": wish.until}
    return {**plain, "wish": told, "begins_at": now, "created_at": now, **more}


def _order(row: RowMapping) -> Order:
    wish = Wish(**row["wish"])
    names = [name for name in Order.__dataclass_fields__ if name != "wish"]
    return Order(wish=wish, **{name: row[name] for name in names})
