"""The dialer's tables in a database of their own, on SQLite, PostgreSQL and MariaDB."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.store.databases import fresh_database
from trunkline.dialer.database import Database
from trunkline.dialer.opening import database_at
from trunkline.dialer.tables import OWN_PREFIX, Tables
from trunkline.store.places import Place, place_of


def make_tables(place: Place, tables: Tables, statement: str = "") -> None:
    """All tables, or the one that a statement makes with its `{name}`."""
    engine = create_engine(place.url)
    if statement:
        with engine.begin() as connection:
            connection.execute(text(statement.format(name=tables["list"].name)))
    else:
        tables.metadata.create_all(engine)
    engine.dispose()


@contextmanager
def made_database(
    kind: str, home: Path, prefix: str = OWN_PREFIX, makes: str = ""
) -> Iterator[tuple[Place, Tables]]:
    """A new database with the dialer's tables, dropped at the end."""
    with fresh_database(kind, home) as settings:
        home.mkdir(parents=True, exist_ok=True)
        place, tables = place_of(settings), Tables(prefix)
        make_tables(place, tables, makes)
        yield place, tables


@asynccontextmanager
async def opened_database(place: Place, tables: Tables) -> AsyncIterator[Database]:
    database = await database_at(place, tables, is_own=tables.prefix == OWN_PREFIX)
    try:
        yield database
    finally:
        await database.close()
