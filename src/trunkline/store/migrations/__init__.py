"""Bringing the store's tables up and down: one chain of Alembic revisions, run by code."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from trunkline.errors import RetryLater, TrunklineError
from trunkline.store import queries
from trunkline.store.faults import faults_told
from trunkline.store.places import DatabaseKind
from trunkline.store.revisions import HEAD

if TYPE_CHECKING:
    from trunkline.store.connection import Store

FOLDER = Path(__file__).parent
_one_at_a_time = threading.Lock()  # Alembic keeps its context in module globals
BASE = "base"
"""The revision of a database without tables."""


def current(store: "Store") -> str | None:
    """The revision the store's tables have; None for none."""
    with store.read() as connection:
        return queries.stored_revision(connection)


def migrate(store: "Store", revision: str = HEAD) -> None:
    """Bring the tables up to a revision. Processes that start together take turns.

    SQLite and PostgreSQL change all or nothing; MariaDB commits each step, and each step can be
    repeated.
    """
    _run(store, lambda script, rev: script._upgrade_revs(revision, rev))


def downgrade(store: "Store", revision: str) -> None:
    """Take the tables down to a revision, `BASE` for none; what newer revisions held is lost."""
    _run(store, lambda script, rev: script._downgrade_revs(revision, rev))


def _run(store: "Store", steps: Callable[[Any, Any], Any]) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(FOLDER))
    environment = EnvironmentContext(Config(), script, fn=lambda revision, _: steps(script, revision))
    with _one_at_a_time, faults_told(store.place), _locked(store) as connection, environment:
        environment.configure(
            connection=connection, version_table=queries.VERSION_TABLE, render_as_batch=True
        )
        environment.run_migrations()


@contextmanager
def _locked(store: "Store") -> Iterator[Connection]:
    """One transaction that no other process can migrate beside."""
    if store.dialect is DatabaseKind.SQLITE:
        with _sqlite_locked(store) as connection:
            yield connection
    elif store.dialect is DatabaseKind.POSTGRESQL:
        with store.engine.begin() as connection:
            queries.lock_migrations_postgresql(connection)
            yield connection
    else:
        with _mariadb_locked(store) as connection:
            yield connection


@contextmanager
def _sqlite_locked(store: "Store") -> Iterator[Connection]:
    """Foreign keys rest meanwhile: rebuilding a table would otherwise delete what refers to it."""
    with store.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(queries.SQLITE_KEYS_OFF)
        try:
            with connection.begin():
                yield connection
                if queries.has_broken_keys(connection):
                    raise TrunklineError(f"{store.place.words} holds rows that refer to missing ones.")
        finally:
            driver.execute(queries.SQLITE_KEYS_ON)


@contextmanager
def _mariadb_locked(store: "Store") -> Iterator[Connection]:
    with store.engine.connect() as connection:
        if not queries.lock_migrations_mariadb(connection):
            raise RetryLater(f"{store.place.words} is being changed by another process for too long.")
        try:
            yield connection
            connection.commit()
        finally:
            connection.rollback()
            queries.unlock_migrations_mariadb(connection)
