"""Statements of the history: lists of runs, lines of their logs, and what is forgotten after a while."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select

from trunkline.center.tables import run_lines, runs


def runs_of(
    tx: Connection, dataset_id: int, limit: int, before: str = "", state: str = ""
) -> Sequence[RowMapping]:
    """Newest first; those older than the run `before`, and those of a state, where given."""
    statement = select(runs).where(runs.c.dataset_id == dataset_id)
    if before:
        statement = statement.where(runs.c.id < before)
    if state:
        statement = statement.where(runs.c.state == state)
    return tx.execute(statement.order_by(runs.c.id.desc()).limit(limit)).mappings().all()


def add_lines(tx: Connection, lines: Sequence[Mapping[str, Any]]) -> None:
    tx.execute(insert(run_lines), lines)


def drop_lines(tx: Connection, run_id: str, first: int, last: int) -> None:
    """Take away the lines of a run with the numbers `first` to `last`."""
    numbered = run_lines.c.number.between(first, last)
    tx.execute(delete(run_lines).where(run_lines.c.run_id == run_id, numbered))


def lines_of(tx: Connection, run_id: str) -> Sequence[RowMapping]:
    """In the order of their numbers."""
    statement = select(run_lines).where(run_lines.c.run_id == run_id).order_by(run_lines.c.number)
    return tx.execute(statement).mappings().all()


def newest_runs(tx: Connection, state: str = "") -> set[str]:
    """The newest run of each dataset, among those of a state where given."""
    statement = select(func.max(runs.c.id)).where(runs.c.dataset_id.is_not(None))
    if state:
        statement = statement.where(runs.c.state == state)
    return {str(found) for found in tx.execute(statement.group_by(runs.c.dataset_id)).scalars()}


def states_between(tx: Connection, after: str, before: str, limit: int) -> list[tuple[str, str]]:
    """Id and state of the runs whose ids lie between the two, oldest first.

    Asked for some states alone, SQLite looks for these first, and sorts all that there are.
    """
    statement = select(runs.c.id, runs.c.state).where(runs.c.id > after, runs.c.id < before)
    return [(str(id_), str(state)) for id_, state in tx.execute(statement.order_by(runs.c.id).limit(limit))]


def delete_runs(tx: Connection, ids: Sequence[str]) -> int:
    """Forget runs with the lines of their logs; how many there were."""
    return tx.execute(delete(runs).where(runs.c.id.in_(ids))).rowcount
