"""Opening the dialer's database: our own tables in the store, or those of a dialer that runs already.

Our own are brought up to date with the store's. On a running dialer nothing is made or changed: its tables
are looked at, and functions whose tables are missing there are switched off.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import inspect

from trunkline.dialer import audit
from trunkline.dialer.commands import ALL
from trunkline.dialer.commands.phones import server
from trunkline.dialer.database import Database
from trunkline.dialer.login import user_named
from trunkline.dialer.tables import OWN_PREFIX, Tables
from trunkline.errors import SettingsError, some_of
from trunkline.settings import Settings
from trunkline.store.connection import open_store
from trunkline.store.engines import engine_for
from trunkline.store.faults import faults_told
from trunkline.store.places import DatabaseKind, Place, place_of, server_place

ALWAYS_THERE = (
    *("system_settings", "servers", "users", "user_groups", "campaigns", "lists", "list"),
    *("api_log", "api_urls"),
)
"""Without these there is no dialer: login, sight and log need them."""


@dataclass(frozen=True)
class DialerPlace:
    """Where the dialer's tables are, what their names begin with, and whether they are our own."""

    place: Place
    prefix: str
    is_own: bool


@dataclass
class Dialer:
    """An opened dialer."""

    where: DialerPlace
    database: Database
    missing: Mapping[str, str] = field(default_factory=dict)
    """Tables that a running dialer has not, or not whole: what of them is missing."""

    @property
    def audits(self) -> bool:
        """Whether there is a table for the audit."""
        return audit.TABLE not in self.missing

    @property
    def off(self) -> dict[str, tuple[str, ...]]:
        """The functions that are switched off, each with the tables it lacks."""
        return switched_off(self.missing)


def dialer_place(settings: Settings) -> DialerPlace:
    """Where the settings say the dialer is. Raises SettingsError for a URL that will not do."""
    url, prefix = settings.text("dialer_url"), settings.text("dialer_prefix")
    place = server_place(url, "dialer_url") if url else place_of(settings)
    return DialerPlace(place, prefix, is_own=not url and prefix == OWN_PREFIX)


def missing_tables(where: DialerPlace) -> dict[str, str]:
    """Tables that are not there, by their bare names, each with what is missing of it.

    Raises SettingsError where there is no dialer, RetryLater where the database cannot be reached.
    """
    tables = Tables(where.prefix)
    found: dict[str, str] = {}
    engine = engine_for(where.place)
    try:
        with faults_told(where.place), engine.connect() as connection:
            # Only tables that functions know: lists' own have types in words of their own.
            columns = inspect(connection).get_multi_columns(filter_names=[t.name for t in tables])
    finally:
        engine.dispose()
    there = {name: {column["name"] for column in some} for (_, name), some in columns.items()}
    for table in tables:
        lacking = {column.name for column in table.c} - there.get(table.name, set())
        if lacking:
            bare = tables.bare_name(table.name)
            found[bare] = f"columns {some_of(sorted(lacking))}" if table.name in there else "the whole table"
    _check_core(where, tables, found)
    return found


def _check_core(where: DialerPlace, tables: Tables, missing: Mapping[str, str]) -> None:
    core = [tables.name_of(name) for name in ALWAYS_THERE if name in missing]
    if core:
        raise SettingsError(
            f"{where.place.words} holds no dialer: {some_of(core)} missing or not whole.",
            todo="Check dialer_url and dialer_prefix (vicidial_ for many dialers).",
        )


def switched_off(missing: Iterable[str]) -> dict[str, tuple[str, ...]]:
    absent = set(missing)
    lacking = {c.name: tuple(t for t in c.tables if t in absent) for c in ALL}
    return {name: tables for name, tables in lacking.items() if tables}


async def open_dialer(settings: Settings) -> Dialer:
    """The dialer that the settings name; our own tables are made where they are missing.

    Raises SettingsError where there is no dialer, RetryLater where the database cannot be reached.
    """
    where = dialer_place(settings)
    if where.is_own:
        open_store(settings).close()
    missing = missing_tables(where)
    tables = Tables(where.prefix)
    waits = settings.flag("dialer_waits_for_disk")
    database = await database_at(where.place, tables, is_own=where.is_own, waits_for_disk=waits)
    return Dialer(where, database, missing)


async def has_server(settings: Settings, server_ip: str) -> bool:
    """Whether the dialer's table of servers has one of this address. Raises what `open_dialer` does."""
    dialer = await open_dialer(settings)
    try:
        async with dialer.database.work() as work:
            return await work.one(server, server_ip=server_ip) is not None
    finally:
        await dialer.database.close()


async def has_user(settings: Settings, user: str) -> bool:
    """Whether the dialer has a user of this name. Raises what `open_dialer` does."""
    dialer = await open_dialer(settings)
    try:
        async with dialer.database.work() as work:
            return await work.one(user_named, user=user) is not None
    finally:
        await dialer.database.close()


async def database_at(
    place: Place, tables: Tables, *, is_own: bool, waits_for_disk: bool = False
) -> Database:
    """The tables in a database that is known to hold them. Drivers are imported only where needed.

    `waits_for_disk`: on SQLite a change is on the disk before it is answered; the servers see to it anyway.
    """
    if place.kind is DatabaseKind.POSTGRESQL:
        from trunkline.dialer.postgres_database import PostgresDatabase

        return await PostgresDatabase.opened(place.url, tables, is_own=is_own)
    if place.kind is DatabaseKind.MARIADB:
        from trunkline.dialer.mariadb_database import MariadbDatabase

        return await MariadbDatabase.opened(place.url, tables, is_own=is_own)
    from trunkline.dialer.sqlite_database import SqliteDatabase

    assert place.file is not None, "a SQLite database is a file"
    return SqliteDatabase(place.file, tables, is_own=is_own, waits_for_disk=waits_for_disk)
