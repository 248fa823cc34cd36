"""Opening the dialer's database."""

from trunkline.dialer.database import Database
from trunkline.dialer.tables import Tables
from trunkline.store.places import DatabaseKind, Place


async def database_at(place: Place, tables: Tables, *, is_own: bool) -> Database:
    if place.kind is DatabaseKind.POSTGRESQL:
        from trunkline.dialer.postgres_database import PostgresDatabase

        return await PostgresDatabase.opened(place.url, tables, is_own=is_own)
    if place.kind is DatabaseKind.MARIADB:
        from trunkline.dialer.mariadb_database import MariadbDatabase

        return await MariadbDatabase.opened(place.url, tables, is_own=is_own)
    from trunkline.dialer.sqlite_database import SqliteDatabase

    assert place.file is not None
    return SqliteDatabase(place.file, tables, is_own=is_own)
