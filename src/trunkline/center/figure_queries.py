"""Statements of the figures: none reads more of the history than a day."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from trunkline.center import order_queries
from trunkline.center.alerts.kinds import KINDS
from trunkline.center.alerts.tables import incidents
from trunkline.center.queries import UNENDED
from trunkline.center.tables import accounts, datasets, orders, runs

ROW_KINDS = ("read", "inserted", "updated", "deleted", "unchanged")


def open_runs(tx: Connection) -> dict[str, Any]:
    statement = select(runs.c.state, func.count()).where(runs.c.state.in_(UNENDED)).group_by(runs.c.state)
    return {**dict.fromkeys(UNENDED, 0), **_counts(tx, statement)}


def ended_runs(tx: Connection, since: datetime) -> dict[str, Any]:
    statement = (
        select(runs.c.state, func.count())
        .where(runs.c.started_at >= since, runs.c.state.not_in(UNENDED))
        .group_by(runs.c.state)
    )
    return _counts(tx, statement)


def rows_since(tx: Connection, since: datetime) -> dict[str, Any]:
    sums = [func.coalesce(func.sum(runs.c[f"rows_{kind}"]), 0) for kind in ROW_KINDS]
    found = tx.execute(select(*sums).where(runs.c.started_at >= since)).one()
    return dict(zip(ROW_KINDS, found, strict=True))


def account_states(tx: Connection) -> dict[str, Any]:
    statement = select(accounts.c.state, func.count()).group_by(accounts.c.state)
    return _counts(tx, statement)


def open_orders(tx: Connection) -> dict[str, Any]:
    """How many runs are wanted and not ended, by the state of their orders."""
    states = (order_queries.WAITING, order_queries.GIVEN)
    statement = (
        select(orders.c.state, func.count()).where(orders.c.state.in_(states)).group_by(orders.c.state)
    )
    return {**dict.fromkeys(states, 0), **_counts(tx, statement)}


def open_incidents(tx: Connection) -> dict[str, Any]:
    statement = (
        select(incidents.c.kind, func.count())
        .where(incidents.c.open_key.is_not(None))
        .group_by(incidents.c.kind)
    )
    return {**dict.fromkeys(KINDS, 0), **_counts(tx, statement)}


def last_successes(tx: Connection) -> list[tuple[str, datetime]]:
    statement = (
        select(datasets.c.name, runs.c.ended_at)
        .join(runs, runs.c.id == datasets.c.last_success_run_id)
        .where(runs.c.ended_at.is_not(None))
        .order_by(datasets.c.name)
    )
    return [(name, ended_at) for name, ended_at in tx.execute(statement)]


def _counts(tx: Connection, statement: Any) -> dict[str, Any]:
    return {str(state): count for state, count in tx.execute(statement)}
