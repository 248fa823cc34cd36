"""Statements about managers, what was asked of them, and the dialer's queue."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from trunkline.dialer.asterisk.tables import actions, managers
from trunkline.dialer.tables import Tables


def add_manager(tx: Connection, values: Mapping[str, Any]) -> None:
    """Raises IntegrityError where the server has one."""
    tx.execute(insert(managers).values(**values))


def all_managers(tx: Connection) -> Sequence[Row[Any]]:
    return tx.execute(select(managers).order_by(managers.c.server_ip)).all()


def remove_manager(tx: Connection, server_ip: str) -> int:
    return tx.execute(delete(managers).where(managers.c.server_ip == server_ip)).rowcount


def add_action(tx: Connection, values: Mapping[str, Any]) -> None:
    """Raises IntegrityError where the action is known."""
    tx.execute(insert(actions).values(**values))


def change_action(tx: Connection, action_id: str, values: Mapping[str, Any]) -> int:
    return tx.execute(update(actions).where(actions.c.action_id == action_id).values(**values)).rowcount


def keep_alive(tx: Connection, keeper: str, states: Sequence[str], at: datetime) -> None:
    """A process still follows its open actions."""
    mine = and_(actions.c.keeper == keeper, actions.c.state.in_(states))
    tx.execute(update(actions).where(mine).values(heard_at=at))


def close_unheard(tx: Connection, states: Sequence[str], before: datetime, values: Mapping[str, Any]) -> int:
    """Close open actions whose process has not been heard of for too long."""
    unheard = and_(actions.c.state.in_(states), actions.c.heard_at < before)
    return tx.execute(update(actions).where(unheard).values(**values)).rowcount


def forget_actions(tx: Connection, before: datetime, open_states: Sequence[str]) -> None:
    old = and_(actions.c.asked_at < before, actions.c.state.not_in(open_states))
    tx.execute(delete(actions).where(old))


def action_of_id(tx: Connection, action_id: str) -> Row[Any] | None:
    return tx.execute(select(actions).where(actions.c.action_id == action_id)).first()


def some_actions(
    tx: Connection, wanted: Mapping[str, Any], functions: Sequence[str], limit: int
) -> Sequence[Row[Any]]:
    """The newest ones whose columns have these values; `functions`: only of those, all where empty.

    Names of users know no case, as in the dialer.
    """
    asked = select(actions).where(*(_is(name, value) for name, value in wanted.items()))
    if functions:
        asked = asked.where(actions.c.function.in_(functions))
    return tx.execute(asked.order_by(actions.c.id.desc()).limit(limit)).all()


def _is(name: str, value: Any) -> ColumnElement[bool]:
    column: ColumnElement[Any] = actions.c[name]
    is_it: ColumnElement[bool] = func.lower(column) == value.lower() if name == "user" else column == value
    return is_it


def claim(t: Tables) -> ClauseElement:
    """Take a row of the queue that nobody has begun with. No row: it is too late."""
    queue = t["manager"]
    waiting = and_(queue.c.man_id == bindparam("man_id"), queue.c.status == bindparam("waiting"))
    return update(queue).where(waiting).values(status=bindparam("taken"))


def waiting_rows(t: Tables) -> ClauseElement:
    """Rows of the queue that were put there for us and not begun with, and who asked for them.

    `mark` is what their action's line begins with, of `length` characters.
    """
    queue, log = t["manager"], t["rt_monitor_log"]
    told = ("man_id", "server_ip", "callerid", "cmd_line_b", "cmd_line_d", "cmd_line_g")
    asked_by = queue.outerjoin(log, log.c.caller_code == queue.c.callerid)
    is_ours = func.substr(queue.c.cmd_line_g, 1, bindparam("length")) == bindparam("mark")
    rows = select(*(queue.c[name] for name in told), log.c.manager_user).select_from(asked_by)
    return rows.where(queue.c.status == bindparam("waiting"), is_ours)
