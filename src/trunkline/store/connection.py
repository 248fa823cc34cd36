"""The application database as the rooms see it: transactions, and nothing of the driver."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from trunkline.errors import SettingsError
from trunkline.settings import Settings
from trunkline.store import queries
from trunkline.store.engines import READING, engine_for
from trunkline.store.faults import faults_told
from trunkline.store.places import DatabaseKind, Place, place_of
from trunkline.store.revisions import HEAD, REVISIONS
from trunkline.store.upgrading import before_upgrade

NONE = "none"
"""The revision of a database without tables."""


class Store:
    """An opened application database. Use `open_store`; safe to share among threads."""

    def __init__(self, place: Place, engine: Engine) -> None:
        self.place = place
        self.engine = engine
        self._reader = engine.execution_options(**{READING: True})

    def __repr__(self) -> str:
        return f"Store({self.url!r})"

    @property
    def url(self) -> str:
        """The address, its password hidden."""
        return self.place.url.render_as_string(hide_password=True)

    @property
    def dialect(self) -> DatabaseKind:
        return self.place.kind

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One writing transaction: committed at the end, rolled back on an error.

        Raises RetryLater, SettingsError or DataError for what the database refuses; only
        sqlalchemy.exc.IntegrityError passes as it is. On SQLite the transaction locks out other writers
        from its start, so it should be short.
        """
        with faults_told(self.place), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading, which waits for no writer; what it changes is rolled back."""
        with faults_told(self.place), self._reader.connect() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def open_store(settings: Settings, *, migrate: bool = True, is_copy: bool = False) -> Store:
    """The store the settings name, its tables brought up to date unless `migrate` is False.

    `is_copy`: nobody needs a backup of it before its tables are changed.

    Raises SettingsError for a wrong URL or a database of a newer version, RetryLater for one that
    cannot be reached.
    """
    place = place_of(settings)
    store = Store(place, engine_for(place))
    try:
        if revision := _outdated(store):
            if migrate and revision != NONE and not is_copy:
                before_upgrade(store, settings, revision)
            if migrate:
                _migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def _outdated(store: Store) -> str:
    """The older revision of its tables; empty where they are of this version."""
    with store.read() as connection:
        revision = queries.stored_revision(connection)
    if revision == HEAD:
        return ""
    if revision is not None and revision not in REVISIONS:
        raise newer_version(store, revision)
    return revision or NONE


def _migrate(store: Store) -> None:
    from trunkline.store import migrations  # here, since Alembic takes longer to load than the rest

    migrations.migrate(store)


def newer_version(store: Store, revision: str) -> SettingsError:
    return SettingsError(
        f"{store.place.words} was made by a newer version of Trunkline (tables {revision}, known {HEAD}).",
        todo="Install that version, or put back a backup made before it.",
    )
