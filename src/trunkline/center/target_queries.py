"""Statements about the targets of exports."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from trunkline.center.tables import export_targets


def insert_target(tx: Connection, values: Mapping[str, Any]) -> None:
    tx.execute(insert(export_targets).values(**values))


def delete_target(tx: Connection, name: str) -> None:
    tx.execute(delete(export_targets).where(export_targets.c.name == name))


def target_named(tx: Connection, name: str) -> RowMapping | None:
    return tx.execute(select(export_targets).where(export_targets.c.name == name)).mappings().first()


def all_targets(tx: Connection) -> Sequence[RowMapping]:
    return tx.execute(select(export_targets).order_by(export_targets.c.name)).mappings().all()
