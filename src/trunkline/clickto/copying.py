"""The report as CSV from PostgreSQL, which writes it itself in the same form: several times as fast as rows.

On the event loop and by asyncpg, whose reading of a COPY costs a fraction of what other drivers need.
"""

import codecs
from collections.abc import Awaitable, Callable

import asyncpg
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from trunkline.clickto import queries
from trunkline.clickto.account import Unit
from trunkline.clickto.formats import CsvWriter
from trunkline.clickto.report import PIECE_BYTES, Ready, ready_for
from trunkline.clickto.selection import Selection
from trunkline.errors import RetryLater
from trunkline.store.places import DatabaseKind, Place

CONNECT_SECONDS = 10
Take = Callable[[bytes], Awaitable[None]]


async def copy_report(place: Place, selection: Selection, unit: Unit, writer: CsvWriter, take: Take) -> None:
    """Hand the whole report to `take`, head first, as fast as that takes it; what it raises passes.

    Raises RetryLater where the database fails.
    """
    statement = queries.report(selection, unit, DatabaseKind.POSTGRESQL)
    dialect: Dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
    ready = ready_for(dialect, statement)
    lines = _Lines(writer, take)
    try:
        await _copy(place, ready, lines)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise RetryLater(f"{place.words} failed while a report was read ({type(error).__name__}).") from None
    await lines.end()


async def _copy(place: Place, ready: Ready, lines: "_Lines") -> None:
    address = place.url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(address, timeout=CONNECT_SECONDS, statement_cache_size=0)
    try:
        async with connection.transaction(readonly=True):
            await connection.execute(queries.POSTGRESQL_EARLY_FIRST_ROW)
            await connection.copy_from_query(
                ready.sql, *ready.values, output=lines.add, format="csv", force_quote=True, encoding="utf8"
            )
    except BaseException:
        connection.terminate()  # in the middle of a report it listens to nothing else
        raise
    await connection.close(timeout=CONNECT_SECONDS)


class _Lines:
    """Puts what comes together to pieces. PostgreSQL ends each line with a break, the report only others."""

    def __init__(self, writer: CsvWriter, take: Take) -> None:
        self._take, self._charset = take, writer.charset
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._waiting = [writer.head, b"\n"]
        self._size, self._enough = 0, 1

    async def add(self, data: bytes) -> None:
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= self._enough:
            await self._pass_on()
            self._enough = PIECE_BYTES

    async def end(self) -> None:
        await self._pass_on()

    async def _pass_on(self) -> None:
        text = b"".join(self._waiting)
        self._waiting, self._size = [], 0
        if text.endswith(b"\n"):
            text = text[:-1]
            self._waiting.append(b"\n")
        if text:
            await self._take(self._written(text))

    def _written(self, text: bytes) -> bytes:
        if self._charset == "utf-8":
            return text
        return self._decoder.decode(text).encode(self._charset, "replace")
