"""The report as pieces of bytes: rows straight from the database's own driver, never all at once.

A report has a connection of its own, so that a slow reader keeps nobody else from the pool. It is one
statement: what is written meanwhile does not mix in.
"""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exc
from sqlalchemy.engine import Dialect

from trunkline.clickto import queries
from trunkline.clickto.account import Unit
from trunkline.clickto.formats import Writer
from trunkline.clickto.selection import Selection
from trunkline.store.connection import Store
from trunkline.store.faults import faults_told
from trunkline.store.places import DatabaseKind

FIRST_ROWS = 50
"""So few in the first piece, so that it comes at once."""
ROWS_AT_ONCE = 100
"""So few at once that they stay in the processor's own memory: larger batches are slower."""
PIECE_BYTES = 300_000
"""About how large a piece is, but the first and the last."""


@dataclass(frozen=True)
class Ready:
    """A statement in a driver's own words."""

    sql: str
    values: Any


def report_pieces(store: Store, selection: Selection, unit: Unit, writer: Writer) -> Generator[bytes]:
    """The whole report. The first piece comes before most rows are read; close the iterator when done early.

    May go on in another thread with each piece. Raises RetryLater, SettingsError or DataError of the store.
    """
    ready = ready_for(store.engine.dialect, queries.report(selection, unit, store.dialect))
    with own_connection(store) as driver, closing(cursor_for(driver, store.dialect)) as cursor:
        cursor.execute(ready.sql, ready.values)
        yield from _gathered(writer, _written(cursor, writer))


@contextmanager
def own_connection(store: Store) -> Iterator[Any]:
    """A connection of the bare driver, which is closed afterwards whatever was left unread."""
    driver_fault = store.engine.dialect.loaded_dbapi.Error
    with faults_told(store.place):
        pooled = store.engine.raw_connection()
        driver: Any = pooled.dbapi_connection
        pooled.detach()
        try:
            yield driver
        except driver_fault as error:
            raise exc.DBAPIError.instance(
                None, None, error, driver_fault, hide_parameters=True, dialect=store.engine.dialect
            ) from None
        finally:
            driver.close()


def cursor_for(driver: Any, kind: DatabaseKind) -> Any:
    """A cursor of the driver that leaves the rows where they are until they are fetched."""
    if kind is DatabaseKind.SQLITE:
        return driver.cursor()
    if kind is DatabaseKind.POSTGRESQL:
        driver.execute(queries.POSTGRESQL_EARLY_FIRST_ROW)
        return driver.cursor(name="clickto_report")
    from trunkline.clickto.mariadb_cursor import LeavingCursor

    return driver.cursor(LeavingCursor)


def ready_for(dialect: Dialect, statement: "Select[Any]") -> Ready:
    """The statement and its values as the dialect's driver takes them."""
    compiled: Any = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    values, order = compiled.params, compiled.positiontup
    return Ready(str(compiled), [values[name] for name in order] if order is not None else values)


def _written(cursor: Any, writer: Writer) -> Iterator[bytes]:
    rows = cursor.fetchmany(FIRST_ROWS)
    while rows:
        yield writer.rows(rows)
        rows = cursor.fetchmany(ROWS_AT_ONCE)


def _gathered(writer: Writer, parts: Iterator[bytes]) -> Iterator[bytes]:
    """Head, rows and tail; after the first rows, parts put together to pieces of a size."""
    first = next(parts, b"")
    yield writer.head + first
    waiting, size = [], 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= PIECE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting) + writer.tail(is_empty=not first)
