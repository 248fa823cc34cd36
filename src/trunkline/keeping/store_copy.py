"""The store as one SQLite file, whatever database it is in, and back into any of them.

So there is one form of backup, and an older one is brought up to date by the migrations of SQLite alone.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, Table, inspect
from sqlalchemy.exc import DatabaseError

from trunkline.errors import SettingsError
from trunkline.keeping import queries
from trunkline.keeping.declared import every_table
from trunkline.settings import Settings
from trunkline.store.connection import Store, open_store
from trunkline.store.faults import faults_told
from trunkline.store.migrations import migrate
from trunkline.store.places import SQLITE_FILE, DatabaseKind
from trunkline.store.queries import VERSION_TABLE
from trunkline.store.revisions import HEAD


def settings_beside(settings: Settings, folder: Path) -> Settings:
    """The same settings for databases in files of another folder."""
    own: Mapping[str, Any] = {**settings.values, "store_url": "", "warehouse_url": ""}
    return replace(settings, home=folder, values=own)


def copy_out(store: Store, settings: Settings, folder: Path, revision: str = HEAD) -> tuple[str, ...]:
    """Write `store.sqlite3` into the folder: the store at one moment. Names of tables that were left out.

    `revision`: that of the store's tables, which those of the copy have too.
    """
    if store.dialect is DatabaseKind.SQLITE:
        _copy_file(store.engine, folder / SQLITE_FILE)
        return ()
    copy = open_store(settings_beside(settings, folder), migrate=False)
    try:
        migrate(copy, revision)
        snapshot = store.engine.connect().execution_options(isolation_level="REPEATABLE READ")
        with faults_told(store.place), snapshot as source, copy.begin() as into:
            _copy_rows(source, into)
            return _unknown_tables(source)
    finally:
        copy.close()


def copy_in(copy: Store, store: Store) -> None:
    """Put a copy's rows in place of all rows of a store on a server, in one transaction."""
    with copy.read() as source, store.begin() as into:
        _copy_rows(source, into)
        if store.dialect is DatabaseKind.POSTGRESQL:
            _count_on(into)


def open_copy(settings: Settings, folder: Path) -> Store:
    """The copy in a folder, its tables brought up to date.

    Raises SettingsError for one of a newer version, or none at all.
    """
    try:
        return open_store(settings_beside(settings, folder), is_copy=True)
    except DatabaseError:
        raise SettingsError("The backup holds no store that can be read.") from None


def _copy_file(engine: Engine, target: Path) -> None:
    """By SQLite itself: whoever writes meanwhile goes on, and the copy is of one moment."""
    source = engine.raw_connection()
    try:
        with closing(sqlite3.connect(target)) as into:
            driver = source.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.backup(into)
    finally:
        source.close()
    target.chmod(0o600)


def _copy_rows(source: Connection, into: Connection) -> None:
    """Those of tables and columns that are on both sides: either may be of an older version."""
    there, wanted = _columns_of(source), _columns_of(into)
    tables = [table for table in every_table() if table.name in wanted]
    for table in reversed(tables):
        queries.empty_table(into, table)
    for table in tables:
        names = there.get(table.name, frozenset()) & wanted[table.name]
        shared = Table(table.name, MetaData(), *(Column(c.name, c.type) for c in table.c if c.name in names))
        if names:
            for rows in queries.all_rows(source, shared):
                queries.add_rows(into, shared, rows)


def _columns_of(connection: Connection) -> Mapping[str, frozenset[str]]:
    found = inspect(connection).get_multi_columns()
    return {name: frozenset(column["name"] for column in columns) for (_, name), columns in found.items()}


def _count_on(into: Connection) -> None:
    for table in every_table():
        column = table.autoincrement_column
        if column is not None and len(table.primary_key.columns) == 1:
            queries.count_on(into, table, column)


def _unknown_tables(source: Connection) -> tuple[str, ...]:
    known = {table.name for table in every_table()} | {VERSION_TABLE}
    return tuple(sorted(set(inspect(source).get_table_names()) - known))


def is_alone(file: Path) -> bool:
    """Whether no other process has an SQLite store open."""
    with closing(sqlite3.connect(file, timeout=0)) as connection:
        try:
            connection.execute(queries.SQLITE_ALONE)
        except sqlite3.OperationalError:
            return False
        except sqlite3.DatabaseError:
            return True  # damaged: that is what a backup is for
        return True
