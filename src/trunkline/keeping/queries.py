"""Statements of copies of the whole store."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, case, delete, func, insert, select, text, update

from trunkline.center.order_queries import ENDED, WAITING
from trunkline.center.queries import UNENDED
from trunkline.center.tables import accounts, datasets, leases, orders, runs, workers

ROWS_AT_A_TIME = 1_000
SQLITE_ALONE = "PRAGMA journal_mode = DELETE"
"""Refused while anybody else has the file open, whether they are at work or not."""

Record = Mapping[str, Any]


def all_rows(connection: Connection, table: "Table[Any]") -> Iterator[Sequence[dict[str, Any]]]:
    """The rows of a table in pieces, as fast as they are taken."""
    options = {"yield_per": ROWS_AT_A_TIME}
    found = connection.execute(select(table), execution_options=options).mappings()
    for piece in found.partitions():
        yield [dict(row) for row in piece]


def add_rows(tx: Connection, table: "Table[Any]", rows: Sequence[Record]) -> None:
    tx.execute(insert(table), rows)


def empty_table(tx: Connection, table: "Table[Any]") -> None:
    tx.execute(delete(table))


def count_on(tx: Connection, table: "Table[Any]", column: "Column[Any]") -> None:
    """On PostgreSQL, whose counters do not see numbers that came with their rows, count on from the last."""
    last = func.max(column)
    counter = func.pg_get_serial_sequence(f'"{table.name}"', column.name)
    tx.execute(select(func.setval(counter, func.coalesce(last, 1), last.is_not(None))).select_from(table))


def has_content(connection: Connection) -> bool:
    """Whether anybody has an account, a dataset or a run here."""
    return any(connection.execute(select(t.c.id).limit(1)).first() for t in (accounts, datasets, runs))


def workers_since(connection: Connection, since: datetime) -> Sequence[str]:
    """The ids of the workers that were heard of since."""
    return connection.execute(select(workers.c.id).where(workers.c.beat_at >= since)).scalars().all()


def end_open_runs(tx: Connection, values: Record) -> int:
    """How many runs were open."""
    return tx.execute(update(runs).where(runs.c.state.in_(UNENDED)).values(**values)).rowcount


def forget_workers(tx: Connection) -> None:
    """No process carries out orders or holds a dataset in what was copied."""
    tx.execute(delete(workers))
    tx.execute(delete(leases))


def let_orders_wait(tx: Connection, least_attempt: int) -> int:
    """Give no order to a worker; how many have not ended. The next attempt of each is a new one."""
    attempt = case((orders.c.attempt < least_attempt, least_attempt), else_=orders.c.attempt + 1)
    statement = update(orders).where(orders.c.state != ENDED)
    return tx.execute(statement.values(state=WAITING, given_at=None, attempt=attempt)).rowcount


def sealed_texts(
    connection: Connection, column: "Column[Any]", *, held: bool
) -> list[tuple[tuple[Any, ...], str]]:
    """The texts of a column of secrets, each with the key of its row; empty ones left out.

    `held`: nobody else changes these rows until the end of the transaction.
    """
    key = list(column.table.primary_key.columns)
    statement = select(*key, column).where(column != "")
    rows = connection.execute(statement.with_for_update() if held else statement)
    return [(tuple(row[:-1]), str(row[-1])) for row in rows]


def replace_sealed(tx: Connection, column: "Column[Any]", key: Sequence[Any], former: str, now: str) -> None:
    """Where the row still has its former text: what somebody has written meanwhile stays."""
    own = [part == value for part, value in zip(column.table.primary_key.columns, key, strict=True)]
    tx.execute(update(column.table).where(*own, column == former).values({column.name: now}))


VERSION_AND_TIME = {
    "sqlite": text("SELECT sqlite_version(), NULL"),
    "postgresql": text("SELECT current_setting('server_version'), CURRENT_TIMESTAMP"),
    "mariadb": text("SELECT VERSION(), UTC_TIMESTAMP(6)"),
}
