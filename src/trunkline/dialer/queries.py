"""Statements that only the dialer's databases themselves need, and that there is no construct for."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.engine import Dialect

CASELESS = "dialer360_text"
"""The collation of text on PostgreSQL that knows no case, as the dialer's own database has it."""

SQLITE_SETTINGS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", "PRAGMA foreign_keys = OFF")

MAKE_CASELESS = (
    f"CREATE COLLATION IF NOT EXISTS {CASELESS} "
    "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
)


def make_caseless(_: object, connection: Connection, **__: Any) -> None:
    """Before the tables are made."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(MAKE_CASELESS)


def count_on(t: "Table[Any]", dialect: Dialect) -> str:
    """Makes automatic ids of a MariaDB table go on after the highest there is."""
    return f"ALTER TABLE {dialect.identifier_preparer.format_table(t)} AUTO_INCREMENT = 1"
