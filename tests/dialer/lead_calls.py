"""What tests of leads ask, and how they look at the tables."""

from typing import Any

from trunkline.dialer.command import Dialect
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase

LOGIN = {"source": "test", "user": "6666", "pass": "1234"}
PHONE = "7275551111"
NANPA_ROWS: tuple[dict[str, Any], ...] = (
    *({"areacode": "727", "prefix": f"55{n}", "GMT_offset": "-5", "DST": "Y"} for n in range(9)),
    {"areacode": "312", "prefix": "555", "GMT_offset": "-9", "DST": "N"},
)
"""As many as it takes; the last one tells itself from the area code's own zone."""


async def ask(service: Service, function: str, **params: str) -> str:
    """The answer in the page's own dialect, without the end of its last line."""
    return await _asked(service, function, Dialect.DOCUMENTED, params)


async def ask_original(service: Service, function: str, **params: str) -> str:
    return await _asked(service, function, Dialect.ORIGINAL, params)


async def _asked(service: Service, function: str, dialect: Dialect, params: dict[str, str]) -> str:
    reply = await service.answer({**LOGIN, "function": function, **params}, dialect, "127.0.0.1")
    return reply.text.removesuffix("\n")


async def insert(service: Service, table: str, *rows: dict[str, Any]) -> None:
    async with service.database.work() as work:
        for row in rows:
            await work.insert(table, **row)


async def change(service: Service, table: str, where: dict[str, Any], **values: Any) -> None:
    async with service.database.work() as work:
        await work.update(table, where, **values)


def newest(service: Service, table: str, column: str) -> dict[str, Any]:
    """The row of a table with the highest value of a column."""
    database = service.database
    assert isinstance(database, SqliteDatabase)
    cursor = database.connection.execute(f'select * from "{table}" order by {column} desc limit 1')
    names = [entry[0] for entry in cursor.description]
    return dict(zip(names, cursor.fetchone(), strict=True))
