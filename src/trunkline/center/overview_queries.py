"""Statements for lists of datasets and runs that show many of them at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select

from trunkline.center.order_queries import ENDED
from trunkline.center.queries import UNENDED
from trunkline.center.tables import accounts, datasets, orders, runs, schedules

RunRows = Sequence[RowMapping]


def datasets_after(tx: Connection, after: str, search: str, account: str, limit: int) -> RunRows:
    """Datasets by name, each with its account, its schedule, its last run and its last success."""
    last, success = runs.alias("last_run"), runs.alias("last_success")
    statement = (
        select(
            *(datasets.c[n] for n in ("id", "name", "report", "method", "description", "owner_id", "tags")),
            *(
                accounts.c.name.label("account"),
                accounts.c.connector,
                accounts.c.state.label("account_state"),
            ),
            *(
                schedules.c[name]
                for name in ("kind", "words", "day_window", "zone", "is_paused", "next_due_at")
            ),
            *(last.c[n].label(f"last_{n}") for n in ("id", "state", "started_at", "ended_at", "error")),
            success.c.ended_at.label("success_at"),
        )
        .join_from(datasets, accounts, datasets.c.account_id == accounts.c.id)
        .outerjoin(schedules, schedules.c.dataset_id == datasets.c.id)
        .outerjoin(last, last.c.id == datasets.c.last_run_id)
        .outerjoin(success, success.c.id == datasets.c.last_success_run_id)
        .where(datasets.c.name > after)
    )
    if search:
        statement = statement.where(func.lower(datasets.c.name).contains(search.lower(), autoescape=True))
    if account:
        statement = statement.where(accounts.c.name == account)
    return tx.execute(statement.order_by(datasets.c.name).limit(limit)).mappings().all()


def count_datasets(tx: Connection) -> int:
    return int(tx.execute(select(func.count()).select_from(datasets)).scalar_one())


def unended(tx: Connection, dataset_id: int | None = None) -> RunRows:
    """All runs that go on, or those of a dataset; there are few at any time."""
    statement = select(runs).where(runs.c.state.in_(UNENDED))
    if dataset_id is not None:
        statement = statement.where(runs.c.dataset_id == dataset_id)
    return tx.execute(statement).mappings().all()


def waiting_orders(tx: Connection) -> RunRows:
    """The dataset, the state and the beginning of each order that has not ended."""
    columns = (orders.c.dataset_id, orders.c.state, orders.c.begins_at, orders.c.trigger)
    statement = select(*columns).where(orders.c.state != ENDED).order_by(orders.c.created_at)
    return tx.execute(statement).mappings().all()


def newest_of_all(tx: Connection, state: str, before: str, since: datetime | None, limit: int) -> RunRows:
    """Runs of all datasets, newest first; those of a state, and those older than the run `before`.

    `since` is when `before` began: with a state an index of times is walked, and not all runs of it.
    """
    statement = select(runs)
    if before:
        statement = statement.where(runs.c.id < before)
    if not state:
        return tx.execute(statement.order_by(runs.c.id.desc()).limit(limit)).mappings().all()
    statement = statement.where(runs.c.state == state)
    if since is not None:
        statement = statement.where(runs.c.started_at <= since)
    ordered = statement.order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
    return tx.execute(ordered).mappings().all()
