"""Statements about calls, their legs, and counts of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, insert, select, update

from trunkline.clickto.tables import activity, call_counts, calls, legs

_KNOWN = (
    "caller_id",
    "clicked_at",
    "ended_at",
    "number_connected",
    "call_1_result",
    "call_2_result",
    "talk_seconds",
)


def add_call(tx: Connection, values: Mapping[str, Any]) -> None:
    """Raises IntegrityError where its request has had one."""
    tx.execute(insert(calls).values(**values))


def change_call(tx: Connection, activity_id: int, values: Mapping[str, Any]) -> int:
    return tx.execute(update(calls).where(calls.c.activity_id == activity_id).values(**values)).rowcount


def close_call(tx: Connection, activity_id: int, states: Sequence[str], values: Mapping[str, Any]) -> bool:
    """Whether it was in one of these states, and is closed now."""
    is_open = and_(calls.c.activity_id == activity_id, calls.c.state.in_(states))
    return tx.execute(update(calls).where(is_open).values(**values)).rowcount == 1


def call_of_id(tx: Connection, call_id: str) -> Row[Any] | None:
    return tx.execute(_with_activity().where(calls.c.call_id == call_id)).first()


def call_once(tx: Connection, once: str) -> Row[Any] | None:
    """The call that a request has had which may come again."""
    return tx.execute(_with_activity().where(calls.c.once == once)).first()


def some_calls(
    tx: Connection, block_id: int | None, limit: int, before: int | None = None
) -> Sequence[Row[Any]]:
    """The newest ones, newest first; of a block, or all; before a number, or all."""
    wanted = _with_activity() if block_id is None else _with_activity().where(calls.c.block_id == block_id)
    if before is not None:
        wanted = wanted.where(calls.c.activity_id < before)
    return tx.execute(wanted.order_by(calls.c.activity_id.desc()).limit(limit)).all()


def unheard_calls(tx: Connection, states: Sequence[str], before: datetime) -> Sequence[Row[Any]]:
    """Open ones whose process has not been heard of for too long."""
    unheard = and_(calls.c.state.in_(states), calls.c.heard_at < before)
    return tx.execute(_with_activity().where(unheard)).all()


def _with_activity() -> "Select[Any]":
    known = (activity.c[name] for name in _KNOWN)
    return select(calls, *known).join(activity, activity.c.id == calls.c.activity_id)


def keep_alive(tx: Connection, ids: Sequence[int], at: datetime) -> None:
    tx.execute(update(calls).where(calls.c.activity_id.in_(ids)).values(heard_at=at))


def add_leg(tx: Connection, values: Mapping[str, Any]) -> None:
    tx.execute(insert(legs).values(**values))


def change_leg(tx: Connection, activity_id: int, place: int, values: Mapping[str, Any]) -> int:
    return tx.execute(update(legs).where(*_is(activity_id, place)).values(**values)).rowcount


def claim_leg(tx: Connection, activity_id: int, place: int, waiting: str, taken: str) -> bool:
    """Whether a leg that waited is taken now; False: it was given up meanwhile."""
    is_waiting = (*_is(activity_id, place), legs.c.state == waiting)
    return tx.execute(update(legs).where(*is_waiting).values(state=taken)).rowcount == 1


def legs_of(tx: Connection, ids: Sequence[int]) -> Sequence[Row[Any]]:
    return tx.execute(select(legs).where(legs.c.activity_id.in_(ids)).order_by(legs.c.place)).all()


def _is(activity_id: int, place: int) -> tuple[Any, Any]:
    return legs.c.activity_id == activity_id, legs.c.place == place


def call_count(tx: Connection, scope: str) -> Row[Any] | None:
    """Its row, locked to the end of the transaction."""
    return tx.execute(select(call_counts).where(call_counts.c.scope == scope).with_for_update()).first()


def add_call_count(tx: Connection, scope: str, until: datetime) -> None:
    """Raises IntegrityError where the scope has a row."""
    tx.execute(insert(call_counts).values(scope=scope, calls=1, until_at=until))


def change_call_count(tx: Connection, scope: str, count: int, until: datetime) -> None:
    its_row = call_counts.c.scope == scope
    tx.execute(update(call_counts).where(its_row).values(calls=count, until_at=until))


def forget_call_counts(tx: Connection, before: datetime) -> None:
    tx.execute(delete(call_counts).where(call_counts.c.until_at <= before))
