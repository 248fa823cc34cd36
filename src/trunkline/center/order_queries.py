"""Statements about wanted runs, workers and leases: each a function of the connection and plain values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, delete, insert, or_, select, update

from trunkline.center.queries import UNENDED
from trunkline.center.tables import accounts, datasets, leases, orders, runs, workers

WAITING, GIVEN, ENDED = "waiting", "given", "ended"


def insert_order(tx: Connection, values: Mapping[str, Any]) -> None:
    tx.execute(insert(orders).values(**values))


def order_by_id(tx: Connection, order_id: str) -> RowMapping | None:
    return tx.execute(_with_names().where(orders.c.id == order_id)).mappings().first()


def open_orders(tx: Connection, dataset_id: int) -> Sequence[RowMapping]:
    """Those of a dataset that have not ended, oldest first."""
    statement = _with_names().where(orders.c.dataset_id == dataset_id, orders.c.state != ENDED)
    return tx.execute(statement.order_by(orders.c.created_at)).mappings().all()


def orders_to_give(tx: Connection, now: datetime, limit: int) -> Sequence[RowMapping]:
    """Orders whose time has come, the longest waiting first."""
    statement = _with_names().where(orders.c.state == WAITING, orders.c.begins_at <= now)
    return tx.execute(statement.order_by(orders.c.begins_at).limit(limit)).mappings().all()


def given_orders(tx: Connection, before: datetime) -> Sequence[RowMapping]:
    """Orders that were given to a worker before an instant and have not ended."""
    return (
        tx.execute(_with_names().where(orders.c.state == GIVEN, orders.c.given_at < before)).mappings().all()
    )


def update_order(
    tx: Connection,
    order_id: str,
    values: Mapping[str, Any],
    *,
    attempt: int | None = None,
    state: str | None = None,
) -> bool:
    """Change an order that has not ended; of an attempt, or in a state, only while it is. Whether it was."""
    statement = update(orders).where(orders.c.id == order_id, orders.c.state != ENDED)
    if attempt is not None:
        statement = statement.where(orders.c.attempt == attempt)
    if state is not None:
        statement = statement.where(orders.c.state == state)
    return tx.execute(statement.values(**values)).rowcount == 1


def order_of_run(tx: Connection, run_id: str) -> RowMapping | None:
    """The order that has not ended and a run was the newest try of, or that is to try it again."""
    follows = and_(orders.c.run_id.is_(None), orders.c.retry_of == run_id)
    statement = _with_names().where(
        orders.c.state.in_((WAITING, GIVEN)), or_(orders.c.run_id == run_id, follows)
    )
    return tx.execute(statement.order_by(orders.c.created_at.desc())).mappings().first()


def delete_ended_orders(tx: Connection, before: datetime) -> int:
    return tx.execute(delete(orders).where(orders.c.state == ENDED, orders.c.ended_at < before)).rowcount


def _with_names() -> Any:
    return (
        select(orders, datasets.c.name.label("dataset"), accounts.c.name.label("account"))
        .join_from(orders, datasets, orders.c.dataset_id == datasets.c.id)
        .join(accounts, datasets.c.account_id == accounts.c.id)
    )


def beat(tx: Connection, worker_id: str, values: Mapping[str, Any]) -> None:
    """Note that a worker lives; a new one is added."""
    changed = tx.execute(update(workers).where(workers.c.id == worker_id).values(**values)).rowcount
    if not changed:
        tx.execute(insert(workers).values(id=worker_id, began_at=values["beat_at"], **values))


def silent_workers(tx: Connection, since: datetime) -> Sequence[RowMapping]:
    return tx.execute(select(workers).where(workers.c.beat_at < since)).mappings().all()


def all_workers(tx: Connection) -> Sequence[RowMapping]:
    return tx.execute(select(workers).order_by(workers.c.began_at)).mappings().all()


def remove_worker(tx: Connection, worker_id: str, beat_at: datetime | None = None) -> bool:
    """Strike a worker off, unless it has beaten since `beat_at`; whether it was this one who did."""
    statement = delete(workers).where(workers.c.id == worker_id)
    if beat_at is not None:
        statement = statement.where(workers.c.beat_at == beat_at)
    return tx.execute(statement).rowcount == 1


def lease_of(tx: Connection, dataset_id: int) -> RowMapping | None:
    return tx.execute(select(leases).where(leases.c.dataset_id == dataset_id)).mappings().first()


def take_lease(tx: Connection, dataset_id: int, values: Mapping[str, Any], now: datetime, dead: str) -> bool:
    """Take a lease that is free, has run out, or is that of the `dead` holder; whether it was taken."""
    free = or_(leases.c.until_at < now, leases.c.holder == dead)
    statement = update(leases).where(and_(leases.c.dataset_id == dataset_id, free)).values(**values)
    if tx.execute(statement).rowcount == 1:
        return True
    if lease_of(tx, dataset_id) is not None:
        return False
    tx.execute(insert(leases).values(dataset_id=dataset_id, **values))
    return True


def renew_lease(tx: Connection, dataset_id: int, holder: str, until: datetime) -> bool:
    statement = update(leases).where(leases.c.dataset_id == dataset_id, leases.c.holder == holder)
    return tx.execute(statement.values(until_at=until)).rowcount == 1


def end_lease(tx: Connection, dataset_id: int, holder: str) -> None:
    tx.execute(delete(leases).where(leases.c.dataset_id == dataset_id, leases.c.holder == holder))


def datasets_with_unended_runs(tx: Connection) -> Sequence[int]:
    statement = select(runs.c.dataset_id).where(runs.c.state.in_(UNENDED), runs.c.dataset_id.is_not(None))
    return tx.execute(statement.distinct()).scalars().all()
