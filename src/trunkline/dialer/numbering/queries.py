"""Statements of the import: locks, whether a table knows transactions, and its exchange where it does not."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, column, delete, func, select, table

from trunkline.dialer.locks import LOCK_SECONDS, lock_number, lock_text
from trunkline.dialer.opening import DialerPlace
from trunkline.errors import RetryLater
from trunkline.store.places import DatabaseKind

_BUSY = "Another import into the same table is going on."


def lock_table(connection: Connection, where: DialerPlace, name: str) -> None:
    """Keep other imports of the table away until the connection is closed. SQLite has one writer anyway.

    Raises RetryLater where another one takes too long.
    """
    if where.place.kind is DatabaseKind.POSTGRESQL:
        number = lock_number(where.prefix, name)
        if not connection.execute(select(func.pg_try_advisory_xact_lock(number))).scalar():
            raise RetryLater(_BUSY)
    elif where.place.kind is DatabaseKind.MARIADB:
        text = lock_text(where.place.url.database or "", where.prefix, name)
        if connection.execute(select(func.get_lock(text, LOCK_SECONDS))).scalar() != 1:
            raise RetryLater(_BUSY)


def knows_transactions(connection: Connection, where: DialerPlace, name: str) -> bool:
    """Whether a table can be filled wholly or not at all; a dialer's own often cannot (MyISAM, Aria)."""
    if where.place.kind is not DatabaseKind.MARIADB:
        return True
    tables = table(
        *("tables", column("table_schema"), column("table_name"), column("engine")),
        schema="information_schema",
    )
    engines = table(*("engines", column("engine"), column("transactions")), schema="information_schema")
    found = (
        select(engines.c.transactions)
        .select_from(tables.join(engines, engines.c.engine == tables.c.engine))
        .where(tables.c.table_schema == func.database(), tables.c.table_name == name)
    )
    return str(connection.execute(found).scalar()).upper() == "YES"


def count_of(connection: Connection, t: "Table[Any]") -> int:
    return connection.execute(select(func.count()).select_from(t)).scalar() or 0


def keys_of(t: "Table[Any]", key: tuple[str, ...]) -> "Select[Any]":
    return select(*(t.c[name] for name in key))


def delete_all(connection: Connection, t: "Table[Any]") -> None:
    connection.execute(delete(t))


def delete_where(connection: Connection, t: "Table[Any]", name: str, values: Sequence[str]) -> int:
    """Delete the rows whose column has one of some values; how many there were."""
    return connection.execute(delete(t).where(t.c[name].in_(values))).rowcount


def make_twin(connection: Connection, t: "Table[Any]", twin: str, *, filled: bool) -> None:
    """A table of the same form under another name, with the same rows if wanted."""
    old, new = _quoted(connection, t.name), _quoted(connection, twin)
    connection.exec_driver_sql(f"CREATE TABLE {new} LIKE {old}")
    if filled:
        connection.exec_driver_sql(f"INSERT INTO {new} SELECT * FROM {old}")  # noqa: S608 - quoted names


def exchange(connection: Connection, t: "Table[Any]", twin: str) -> None:
    """Put the twin in the table's place at once: everybody sees the one or the other."""
    old, new, gone = (_quoted(connection, name) for name in (t.name, twin, f"{twin}_old"))
    connection.exec_driver_sql(f"RENAME TABLE {old} TO {gone}, {new} TO {old}")
    connection.exec_driver_sql(f"DROP TABLE {gone}")


def drop_twin(connection: Connection, twin: str) -> None:
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_quoted(connection, twin)}")


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
