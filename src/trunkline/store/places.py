"""Where the store is: the setting `store_url` read, checked, and put in words that hold no password."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from trunkline.errors import SettingsError
from trunkline.settings import Settings

SQLITE_FILE = "store.sqlite3"
STORE = "store_url"
_TODO = "Write {} like postgresql://user:password@host:5432/database or mysql://…, or leave it empty."
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}


class DatabaseKind(StrEnum):
    """The databases a store can be. MARIADB stands for MySQL too."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    MARIADB = "mariadb"


@dataclass(frozen=True)
class Place:
    """A database: its kind, its address for SQLAlchemy, how messages name it, and the setting that does."""

    kind: DatabaseKind
    url: URL
    words: str
    setting: str = STORE

    @property
    def file(self) -> Path | None:
        return Path(self.url.database or "") if self.kind is DatabaseKind.SQLITE else None


def place_of(settings: Settings) -> Place:
    """The store's place. Raises SettingsError for a URL that is none of the three databases'."""
    given = settings.text(STORE)
    if not given:
        file = settings.home / SQLITE_FILE
        return Place(DatabaseKind.SQLITE, URL.create("sqlite", database=str(file)), str(file))
    return server_place(given, STORE)


def server_place(given: str, setting: str) -> Place:
    """The database that a setting's URL names. Raises SettingsError for a URL that will not do."""
    todo = _TODO.format(setting)
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise SettingsError(f"{setting} cannot be read as a URL.", todo=todo) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise SettingsError(
            f"{setting} starts with {url.drivername}://, which is no database that can be used.", todo=todo
        )
    if not url.database:
        raise SettingsError(f"{setting} names no database.", todo=todo)
    kind = DatabaseKind.POSTGRESQL if driver.startswith("postgresql") else DatabaseKind.MARIADB
    label = "PostgreSQL" if kind is DatabaseKind.POSTGRESQL else "MariaDB"
    port = f":{url.port}" if url.port else ""
    words = f"the {label} database {url.database} on {url.host or 'this machine'}{port}"
    return Place(kind, url.set(drivername=driver), words, setting)
