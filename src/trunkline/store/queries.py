"""Statements that only the store itself sends: session settings, locks, the version of the tables."""

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select, text

LOCK_SECONDS = 60
VERSION_TABLE = "store_version"

SQLITE_WAL = "PRAGMA journal_mode = WAL"
SQLITE_SESSION = (
    "PRAGMA busy_timeout = 10000",
    SQLITE_WAL,
    "PRAGMA foreign_keys = ON",
    # WAL keeps the file whole with NORMAL; a power cut can only lose the last transactions.
    "PRAGMA synchronous = NORMAL",
)
SQLITE_BEGIN_WRITING = "BEGIN IMMEDIATE"
SQLITE_BEGIN_READING = "BEGIN"
SQLITE_KEYS_OFF = "PRAGMA foreign_keys = OFF"
SQLITE_KEYS_ON = "PRAGMA foreign_keys = ON"

# A table that another session has locked is given up after a while: whoever waits for it says so then.
POSTGRESQL_OPTIONS = f"-c timezone=UTC -c lock_timeout={LOCK_SECONDS}s"
MARIADB_SESSION = f"SET time_zone = '+00:00', sql_mode = 'TRADITIONAL', lock_wait_timeout = {LOCK_SECONDS}"

_POSTGRESQL_WAIT = text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
_POSTGRESQL_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
_POSTGRESQL_LOCK_KEY = 0x7472756E6B6C696E  # "trunklin" in ASCII
_MARIADB_LOCK = text("SELECT GET_LOCK(CONCAT('trunkline.', MD5(DATABASE())), :seconds)")
_MARIADB_UNLOCK = text("SELECT RELEASE_LOCK(CONCAT('trunkline.', MD5(DATABASE())))")
_POSTGRESQL_SUBJECT_WAIT = text("SELECT set_config('lock_timeout', :wait, true)")
_POSTGRESQL_SUBJECT_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:subject), :number)")
_MARIADB_SUBJECT_LOCK = text(
    "SELECT GET_LOCK(CONCAT('trunkline.', MD5(CONCAT(DATABASE(), '.', :subject)), '.', :number), :seconds)"
)
_MARIADB_SUBJECT_UNLOCK = text(
    "SELECT RELEASE_LOCK(CONCAT('trunkline.', MD5(CONCAT(DATABASE(), '.', :subject)), '.', :number))"
)
_BROKEN_KEYS = text("PRAGMA foreign_key_check")

_version = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32)))


def stored_revision(connection: Connection) -> str | None:
    """The revision the tables have; None for a database without them."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(_version.c.version_num)).scalar()


def lock_migrations_postgresql(connection: Connection) -> None:
    """Wait until no other process migrates; held to the end of the transaction."""
    connection.execute(_POSTGRESQL_WAIT)
    connection.execute(_POSTGRESQL_LOCK, {"key": _POSTGRESQL_LOCK_KEY})


def lock_migrations_mariadb(connection: Connection) -> bool:
    """Wait until no other process migrates; held beyond commits, as DDL commits there. False: too long."""
    return bool(connection.execute(_MARIADB_LOCK, {"seconds": LOCK_SECONDS}).scalar())


def unlock_migrations_mariadb(connection: Connection) -> None:
    connection.execute(_MARIADB_UNLOCK)


def lock_subject_postgresql(connection: Connection, subject: str, number: int, seconds: int) -> None:
    """Wait until no other process works on this row of this subject; held to the end of the transaction."""
    connection.execute(_POSTGRESQL_SUBJECT_WAIT, {"wait": f"{seconds}s"})
    connection.execute(_POSTGRESQL_SUBJECT_LOCK, {"subject": subject, "number": number % 2**31})


def lock_subject_mariadb(connection: Connection, subject: str, number: int, seconds: int) -> bool:
    """Wait until no other process works on this row of this subject. False: too long."""
    values = {"subject": subject, "number": number, "seconds": seconds}
    return bool(connection.execute(_MARIADB_SUBJECT_LOCK, values).scalar())


def unlock_subject_mariadb(connection: Connection, subject: str, number: int) -> None:
    connection.execute(_MARIADB_SUBJECT_UNLOCK, {"subject": subject, "number": number})


def has_broken_keys(connection: Connection) -> bool:
    """Whether a row of an SQLite database refers to one that is not there."""
    return connection.execute(_BROKEN_KEYS).first() is not None
