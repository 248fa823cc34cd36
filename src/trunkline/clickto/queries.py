"""Statements of click-to."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from trunkline.clickto.account import Unit
from trunkline.clickto.columns import NAMES
from trunkline.clickto.selection import Selection
from trunkline.clickto.tables import activity, blocks, key_blocks, keys
from trunkline.clickto.times import MINUTES_A_DAY, first_minute, minute_after
from trunkline.store.places import DatabaseKind

_a = activity.c
_BY_TIME = "ix_clickto_activity_local_minute_id"
_BY_BLOCK = "ix_clickto_activity_block_id_local_minute_id"

POSTGRESQL_EARLY_FIRST_ROW = "SET LOCAL enable_sort = off; SET LOCAL jit = off"
"""Rows come in the order of an index; sorting, and compiling the statement, would delay the first."""


# -- the report ----------------------------------------------------------------------------------


def report(selection: Selection, unit: Unit, kind: DatabaseKind) -> Select[Any]:
    """The thirteen columns, all texts, in the order of time; of equal times, as they were written."""
    columns = [_duration(unit) if name == "call_duration" else _a[name] for name in NAMES]
    statement = select(*columns).where(_selected(selection, kind)).order_by(_a.local_minute, _a.id)
    return _by_index(statement, selection)


def page(selection: Selection, unit: Unit, kind: DatabaseKind, after: tuple[int, int] | None) -> Select[Any]:
    """Whole rows, the duration as the report prints it too; those after a place of the order."""
    printed = _duration(unit).label("printed_duration")
    statement = select(activity, printed).where(_selected(selection, kind))
    if after is not None:
        minute, number = after
        later = or_(_a.local_minute > minute, and_(_a.local_minute == minute, _a.id > number))
        statement = statement.where(_a.local_minute >= minute, later)
    return _by_index(statement.order_by(_a.local_minute, _a.id), selection)


def newest(
    selection: Selection, unit: Unit, kind: DatabaseKind, before: tuple[int, int] | None
) -> Select[Any]:
    """The same, newest first; those before a place of the order."""
    printed = _duration(unit).label("printed_duration")
    statement = select(activity, printed).where(_selected(selection, kind))
    if before is not None:
        minute, number = before
        earlier = or_(_a.local_minute < minute, and_(_a.local_minute == minute, _a.id < number))
        statement = statement.where(_a.local_minute <= minute, earlier)
    return _by_index(statement.order_by(_a.local_minute.desc(), _a.id.desc()), selection)


def by_day(selection: Selection, kind: DatabaseKind) -> Select[Any]:
    """How many clicks each day had with which results, and how long was talked."""
    day = (_a.local_minute // MINUTES_A_DAY).label("day")
    sums = (func.count().label("clicks"), func.sum(_a.talk_seconds).label("talk_seconds"))
    results = (_a.call_1_result, _a.call_2_result)
    return select(day, *results, *sums).where(_selected(selection, kind)).group_by(day, *results)


def _duration(unit: Unit) -> ColumnElement[str]:
    counted = (_a.talk_seconds + (unit.seconds - 1)) // unit.seconds if unit.seconds > 1 else _a.talk_seconds
    return func.coalesce(_a.call_duration, cast(counted, String(20)), "")


def _selected(selection: Selection, kind: DatabaseKind) -> ColumnElement[bool]:
    parts = [
        _a.local_minute >= first_minute(selection.first),
        _a.local_minute < minute_after(selection.last),
    ]
    if selection.block_ids is not None:
        ids = selection.block_ids
        parts.append(_a.block_id == ids[0] if len(ids) == 1 else _a.block_id.in_(ids))
    if selection.ref is not None:
        parts.append(_a.ref == selection.ref)
        if kind is DatabaseKind.MARIADB:  # which takes texts that differ in blanks at their end for equal
            parts.append(func.char_length(_a.ref) == len(selection.ref))
    return and_(*parts)


def _by_index(statement: Select[Any], selection: Selection) -> Select[Any]:
    """In the order of an index, so that the first row comes before all others are read and sorted."""
    is_one = selection.block_ids is not None and len(selection.block_ids) == 1
    index = _BY_BLOCK if is_one else _BY_TIME
    statement = statement.with_hint(activity, f"INDEXED BY {index}", "sqlite")
    for dialect in ("mysql", "mariadb"):
        statement = statement.with_hint(activity, f"FORCE INDEX ({index})", dialect)
    return statement


# -- activity ------------------------------------------------------------------------------------


def stored_day(first: int, after: int, unit: Unit) -> Select[Any]:
    """The rows of a span of minutes: id, block, and the thirteen columns as the report prints them."""
    columns = [_duration(unit) if name == "call_duration" else _a[name] for name in NAMES]
    where = (_a.local_minute >= first, _a.local_minute < after)
    return select(_a.id, _a.block_id, *columns).where(*where).order_by(_a.id)


def add_activity(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    tx.execute(insert(activity), rows)


def add_one(tx: Connection, values: Mapping[str, Any]) -> int:
    result = tx.execute(insert(activity).values(**values))
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


def change_one(tx: Connection, activity_id: int, values: Mapping[str, Any]) -> int:
    return tx.execute(update(activity).where(_a.id == activity_id).values(**values)).rowcount


def set_block(tx: Connection, ids: Sequence[int], block_id: int) -> None:
    tx.execute(update(activity).where(_a.id.in_(ids)).values(block_id=block_id))


# -- blocks --------------------------------------------------------------------------------------


def add_block(tx: Connection, values: Mapping[str, Any]) -> int:
    result = tx.execute(insert(blocks).values(**values))
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


def highest_block(tx: Connection) -> int:
    return int(tx.execute(select(func.max(blocks.c.id))).scalar() or 0)


def block(tx: Connection, block_id: int) -> Row[Any] | None:
    return tx.execute(select(blocks).where(blocks.c.id == block_id)).first()


def all_blocks(tx: Connection) -> Sequence[Row[Any]]:
    return tx.execute(select(blocks).order_by(blocks.c.id)).all()


def some_blocks(tx: Connection, after: int, limit: int) -> Sequence[Row[Any]]:
    return tx.execute(select(blocks).where(blocks.c.id > after).order_by(blocks.c.id).limit(limit)).all()


def known_blocks(tx: Connection, ids: Sequence[int]) -> set[int]:
    return set(tx.execute(select(blocks.c.id).where(blocks.c.id.in_(ids))).scalars())


def change_block(tx: Connection, block_id: int, values: Mapping[str, Any]) -> None:
    tx.execute(update(blocks).where(blocks.c.id == block_id).values(**values))


def remove_block(tx: Connection, block_id: int) -> None:
    tx.execute(delete(key_blocks).where(key_blocks.c.block_id == block_id))
    tx.execute(delete(blocks).where(blocks.c.id == block_id))


def remove_activity_of(tx: Connection, block_id: int) -> None:
    tx.execute(delete(activity).where(_a.block_id == block_id))


def activity_of(tx: Connection, block_id: int) -> tuple[int, str]:
    """How many rows a block has, and the time of the newest; empty for none."""
    of_block = _a.block_id == block_id
    count = int(tx.execute(select(func.count()).select_from(activity).where(of_block)).scalar_one())
    newest = select(_a.click_time).where(of_block).order_by(_a.local_minute.desc(), _a.id.desc()).limit(1)
    return count, str(tx.execute(newest).scalar() or "")


# -- keys ----------------------------------------------------------------------------------------


def add_key(tx: Connection, values: Mapping[str, Any], block_ids: Sequence[int]) -> int:
    result = tx.execute(insert(keys).values(**values))
    key_id = int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0
    if block_ids:
        tx.execute(insert(key_blocks), [{"key_id": key_id, "block_id": one} for one in block_ids])
    return key_id


def key_of(tx: Connection, access_key: str) -> Row[Any] | None:
    return tx.execute(select(keys).where(keys.c.access_key == access_key)).first()


def key_of_digest(tx: Connection, digest: str) -> Row[Any] | None:
    return tx.execute(select(keys).where(keys.c.secret_digest == digest)).first()


def key_named(tx: Connection, name: str) -> Row[Any] | None:
    return tx.execute(select(keys).where(keys.c.name == name)).first()


def all_keys(tx: Connection) -> Sequence[Row[Any]]:
    last = case((keys.c.revoked_at.is_(None), 0), else_=1)
    return tx.execute(select(keys).order_by(last, keys.c.name)).all()


def blocks_of_keys(tx: Connection, key_ids: Sequence[int]) -> Sequence[Row[Any]]:
    of_keys = key_blocks.c.key_id.in_(key_ids)
    return tx.execute(select(key_blocks).where(of_keys).order_by(key_blocks.c.block_id)).all()


def change_key(tx: Connection, key_id: int, values: Mapping[str, Any]) -> None:
    tx.execute(update(keys).where(keys.c.id == key_id).values(**values))
