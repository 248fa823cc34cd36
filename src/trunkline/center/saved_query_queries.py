"""Statements about saved queries."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from trunkline.center.tables import saved_queries as saved


def insert_query(tx: Connection, values: Mapping[str, Any]) -> int:
    made = tx.execute(insert(saved).values(**values)).inserted_primary_key
    assert made is not None, "one row was written"
    return int(made[0])


def update_query(tx: Connection, query_id: int, values: Mapping[str, Any]) -> None:
    tx.execute(update(saved).where(saved.c.id == query_id).values(**values))


def delete_query(tx: Connection, query_id: int) -> None:
    tx.execute(delete(saved).where(saved.c.id == query_id))


def query_of_id(tx: Connection, query_id: int) -> RowMapping | None:
    return tx.execute(select(saved).where(saved.c.id == query_id)).mappings().first()


def queries_by_name(tx: Connection, most: int) -> Sequence[RowMapping]:
    return tx.execute(select(saved).order_by(saved.c.name, saved.c.id).limit(most)).mappings().all()


def queries_by_place(tx: Connection, most: int) -> Sequence[RowMapping]:
    """Those on the dashboard, in their order."""
    placed = select(saved).where(saved.c.place.is_not(None))
    return tx.execute(placed.order_by(saved.c.place, saved.c.id).limit(most)).mappings().all()


def last_place(tx: Connection) -> int:
    """0 where nothing is on the dashboard."""
    return tx.execute(select(func.max(saved.c.place))).scalar() or 0
