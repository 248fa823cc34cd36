"""Statements that only the dialer's databases themselves need, and that there is no construct for."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.engine import Dialect

CASELESS = "dialer360_text"
"""The collation of text on PostgreSQL that knows no case, as the dialer's own database has it."""

SQLITE_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA cache_size = -16000",
    "PRAGMA wal_autocheckpoint = 8000",
)
"""Kilobytes of pages are kept in memory; so many pages may wait in the log where no checkpoint comes."""
SQLITE_CAREFUL = "PRAGMA synchronous = FULL"
"""What is committed is there after a power cut."""
SQLITE_QUICK = "PRAGMA synchronous = NORMAL"
"""What is committed outlives the process; a power cut may take the last moments."""
SQLITE_CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)"
SQLITE_READS_ONLY = "PRAGMA query_only = ON"
DATA_VERSION = "PRAGMA data_version"
"""A number that is another one as soon as another connection has changed the SQLite database."""

MAKE_CASELESS = (
    f"CREATE COLLATION IF NOT EXISTS {CASELESS} "
    "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
)


BEGIN_READ_COMMITTED = "BEGIN ISOLATION LEVEL READ COMMITTED"
COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"

PATIENT_WITH_READERS = "SET SESSION net_write_timeout = 600"
"""So long, in seconds, MariaDB waits for one who does not read on."""


NEXT_IDS_STEP = "@@auto_increment_increment"
"""How far the automatic ids of one insert are from each other on MariaDB; a cluster's are not next to it."""


def block_of(statements: Sequence[str], *, begins: bool) -> str:
    """A block of statements for MariaDB that commits at its end, and may begin the transaction too."""
    parts = ["START TRANSACTION"] if begins else []
    return f"BEGIN NOT ATOMIC {'; '.join([*parts, *statements, COMMIT])}; END"


def make_caseless(_: object, connection: Connection, **__: Any) -> None:
    """Before the tables are made."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(MAKE_CASELESS)


def count_on(t: "Table[Any]", dialect: Dialect) -> str:
    """Makes automatic ids of a MariaDB table go on after the highest there is."""
    return f"ALTER TABLE {dialect.identifier_preparer.format_table(t)} AUTO_INCREMENT = 1"
