"""Statements about the audit."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from trunkline.access.tables import audit_entries
from trunkline.store.tables import users


def add_entry(tx: Connection, values: Mapping[str, Any]) -> None:
    tx.execute(insert(audit_entries).values(**values))


def entries(tx: Connection, before_id: int | None, limit: int, action: str, who: str) -> Sequence[Row[Any]]:
    """Newest first. Who is a user still is looked for by number, for which there is an index."""
    wanted = select(audit_entries).order_by(audit_entries.c.id.desc()).limit(limit)
    if before_id is not None:
        wanted = wanted.where(audit_entries.c.id < before_id)
    if action:
        wanted = wanted.where(audit_entries.c.action == action)
    if who:
        user_id = tx.execute(select(users.c.id).where(users.c.email == who)).scalar()
        by = audit_entries.c.who == who if user_id is None else audit_entries.c.user_id == user_id
        wanted = wanted.where(by)
    return tx.execute(wanted).all()


def actions(tx: Connection) -> list[str]:
    """Each once, by alphabet: one look at the index for each."""
    first = select(func.min(audit_entries.c.action).label("action")).cte("actions", recursive=True)
    following = (
        select(func.min(audit_entries.c.action))
        .where(audit_entries.c.action > first.c.action)
        .correlate(first)
        .scalar_subquery()
    )
    every = first.union_all(select(following).where(first.c.action.is_not(None)))
    found = tx.execute(select(every.c.action).where(every.c.action.is_not(None)))
    return [str(action) for action in found.scalars()]
