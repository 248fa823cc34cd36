"""Engines: one SQLAlchemy engine per place, its sessions set up alike on every database."""

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from trunkline.errors import SettingsError
from trunkline.store import queries
from trunkline.store.places import DatabaseKind, Place

CONNECT_SECONDS = 10
READING = "trunkline_reading"
"""The execution option of connections that only read."""


def engine_for(place: Place) -> Engine:
    """An engine that has not connected yet. Makes the SQLite file and its folder when missing."""
    if place.kind is DatabaseKind.SQLITE:
        return _sqlite(place)
    if place.kind is DatabaseKind.POSTGRESQL:
        given = place.url.query.get("options", "")
        options = f"{given if isinstance(given, str) else ' '.join(given)} {queries.POSTGRESQL_OPTIONS}"
        return _server(place, {"options": options.strip(), "connect_timeout": CONNECT_SECONDS})
    session = {"charset": "utf8mb4", "init_command": queries.MARIADB_SESSION}
    return _server(place, {**session, "connect_timeout": CONNECT_SECONDS})


def _server(place: Place, connect_args: dict[str, Any]) -> Engine:
    return create_engine(
        place.url,
        connect_args=connect_args,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _sqlite(place: Place) -> Engine:
    assert place.file is not None
    _make_private(place.file)
    engine = create_engine(place.url, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(file: Path) -> None:
    """An empty database, unless there is one: opening that here would undo SQLite's locks on it."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            _make_file(file)
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be opened for writing: {error.strerror}.",
            todo="Check the rights of the home folder, or name another with --home.",
        ) from None


def _make_file(file: Path) -> None:
    """Switched to WAL before it gets its name: processes that switch one file together disturb each other."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with closing(sqlite3.connect(draft)) as connection:
            connection.execute(queries.SQLITE_WAL)
        os.link(draft, file)
    except FileExistsError:
        return  # another process was first
    except (OSError, sqlite3.Error):
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))  # a file system without hard links
    finally:
        draft.unlink()


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions begin late and do not cover DDL; ours begin in _begin_sqlite.
    connection.isolation_level = None
    for statement in queries.SQLITE_SESSION:
        connection.execute(statement)


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that turns from reading to writing fails at once where another has written since.
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql(queries.SQLITE_BEGIN_READING if reading else queries.SQLITE_BEGIN_WRITING)
