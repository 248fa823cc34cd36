"""A database of its own for each test: SQLite in a folder, PostgreSQL and MariaDB on local servers."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, make_url
from sqlalchemy.exc import OperationalError

from trunkline.settings import Settings, load_settings
from trunkline.store.connection import Store, open_store
from trunkline.store.metadata import metadata

KINDS = ("sqlite", "postgresql", "mariadb")
SERVERS = {
    "postgresql": ("postgresql+psycopg", "postgresql://root@127.0.0.1:5432/test"),
    "mariadb": ("mysql+pymysql", "mysql://root@127.0.0.1:3306/test"),
}


def settings_at(home: Path, url: str = "", **more: str) -> Settings:
    env = {"TRUNKLINE_STORE_URL": url, **{f"TRUNKLINE_{n.upper()}": v for n, v in more.items()}}
    return load_settings(home, env)


@contextmanager
def fresh_database(kind: str, home: Path) -> Iterator[Settings]:
    """Settings that name a new, empty database, dropped at the end."""
    if kind == "sqlite":
        yield settings_at(home)
        return
    driver, url = SERVERS[kind]
    name = f"trunkline_test_{secrets.token_hex(6)}"
    _on_server(driver, url, f"CREATE DATABASE {name}")
    try:
        yield settings_at(home, make_url(url).set(database=name).render_as_string(hide_password=False))
    finally:
        force = " WITH (FORCE)" if kind == "postgresql" else ""
        _on_server(driver, url, f"DROP DATABASE {name}{force}")


@contextmanager
def fresh_store(kind: str, home: Path, *, migrate: bool = True) -> Iterator[Store]:
    with fresh_database(kind, home) as settings:
        store = open_store(settings, migrate=migrate)
        try:
            yield store
        finally:
            store.close()


def empty(store: Store) -> None:
    """Take away every row of the store's own tables; those of the dialer are left alone."""
    tables = [t for t in metadata.sorted_tables if not t.name.startswith("dialer360_")]
    with store.begin() as tx:
        for table in reversed(tables):
            tx.execute(delete(table))


def _on_server(driver: str, url: str, statement: str) -> None:
    engine = create_engine(make_url(url).set(drivername=driver), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    except OperationalError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"{url} does not answer: {error.orig}")
    finally:
        engine.dispose()
