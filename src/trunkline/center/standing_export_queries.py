"""Statements about exports that are made after each run."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from trunkline.center.tables import datasets, export_targets
from trunkline.center.tables import standing_exports as exports


def insert_export(tx: Connection, values: Mapping[str, Any]) -> None:
    tx.execute(insert(exports).values(**values))


def of_dataset(tx: Connection, dataset_id: int) -> Sequence[RowMapping]:
    """The exports of a dataset with the names of their targets, in the order of these."""
    statement = (
        select(exports, export_targets.c.name.label("target"))
        .join_from(exports, export_targets)
        .where(exports.c.dataset_id == dataset_id)
        .order_by(export_targets.c.name, exports.c.format)
    )
    return tx.execute(statement).mappings().all()


def datasets_of_target(tx: Connection, target_id: int) -> Sequence[str]:
    """The names of the datasets that are exported to a target after their runs."""
    statement = (
        select(datasets.c.name)
        .join_from(datasets, exports)
        .where(exports.c.target_id == target_id)
        .distinct()
        .order_by(datasets.c.name)
    )
    return tx.execute(statement).scalars().all()


def note(tx: Connection, dataset_id: int, target_id: int, format_: str, values: Mapping[str, Any]) -> None:
    tx.execute(update(exports).where(*_one(dataset_id, target_id, format_)).values(**values))


def delete_export(tx: Connection, dataset_id: int, target_id: int, format_: str) -> None:
    tx.execute(delete(exports).where(*_one(dataset_id, target_id, format_)))


def _one(dataset_id: int, target_id: int, format_: str) -> tuple[Any, ...]:
    return (
        exports.c.dataset_id == dataset_id,
        exports.c.target_id == target_id,
        exports.c.format == format_,
    )
