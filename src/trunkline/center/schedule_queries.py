"""Statements about schedules: each a function of the connection and plain values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from trunkline.center.tables import datasets, schedules


def lock_dataset(tx: Connection, dataset_id: int) -> bool:
    """Let nobody else change the dataset's schedule until the end of the transaction; False: it is gone."""
    statement = select(datasets.c.id).where(datasets.c.id == dataset_id).with_for_update()
    return tx.execute(statement).first() is not None


def schedule_of(tx: Connection, dataset_id: int) -> RowMapping | None:
    return tx.execute(select(schedules).where(schedules.c.dataset_id == dataset_id)).mappings().first()


def all_schedules(tx: Connection) -> Sequence[RowMapping]:
    return tx.execute(select(schedules)).mappings().all()


def insert_schedule(tx: Connection, dataset_id: int, values: Mapping[str, Any]) -> None:
    tx.execute(insert(schedules).values(dataset_id=dataset_id, **values))


def update_schedule(tx: Connection, dataset_id: int, values: Mapping[str, Any]) -> None:
    """Change a schedule; whoever saw it as it was before can no longer advance it."""
    changed = {**values, "version": schedules.c.version + 1}
    tx.execute(update(schedules).where(schedules.c.dataset_id == dataset_id).values(changed))


def due(tx: Connection, now: datetime, limit: int) -> Sequence[RowMapping]:
    """Schedules that are due, the longest waiting first, with the names of their datasets."""
    statement = (
        select(schedules, datasets.c.name.label("name"))
        .join_from(schedules, datasets, schedules.c.dataset_id == datasets.c.id)
        .where(schedules.c.next_due_at <= now)
        .order_by(schedules.c.next_due_at)
        .limit(limit)
    )
    return tx.execute(statement).mappings().all()


def next_due(tx: Connection) -> datetime | None:
    """The earliest time at which any dataset is due."""
    statement = select(schedules.c.next_due_at).where(schedules.c.next_due_at.is_not(None))
    return tx.execute(statement.order_by(schedules.c.next_due_at).limit(1)).scalar()


def advance(
    tx: Connection,
    dataset_id: int,
    version: int,
    from_due: datetime,
    to_next: datetime | None,
    reached: datetime | None,
) -> bool:
    """Move a schedule on, unless somebody else did or it was changed; whether it was this one who did.

    `reached` is the newest due time behind it; None leaves the last one as it is.
    """
    values = {"next_due_at": to_next, **({"last_due_at": reached} if reached else {})}
    statement = (
        update(schedules)
        .where(
            schedules.c.dataset_id == dataset_id,
            schedules.c.version == version,
            schedules.c.next_due_at == from_due,
        )
        .values(values)
    )
    return tx.execute(statement).rowcount == 1
