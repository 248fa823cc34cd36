"""The bare limit of the click-to report: the same statement on the bare driver, its rows thrown away.

python -m bench.clickto_bare HOME csv|xml        # prints seconds, and CPU seconds
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Dialect, Select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from trunkline.clickto import queries
from trunkline.clickto.account import account_of
from trunkline.clickto.report import cursor_for, own_connection, ready_for
from trunkline.clickto.selection import Selection
from trunkline.settings import load_settings
from trunkline.store.connection import Store, open_store


def fetched(store: Store, statement: "Select[Any]") -> tuple[float, float]:
    ready = ready_for(store.engine.dialect, statement)
    with own_connection(store) as driver:
        started, cpu = time.perf_counter(), time.process_time()
        cursor = cursor_for(driver, store.dialect)
        cursor.execute(ready.sql, ready.values)
        for _ in cursor:
            pass
        return time.perf_counter() - started, time.process_time() - cpu


async def copied(store: Store, statement: "Select[Any]") -> tuple[float, float]:
    dialect: Dialect = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
    ready = ready_for(dialect, statement)
    address = store.place.url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(address)
    started, cpu = time.perf_counter(), time.process_time()
    async with connection.transaction():
        await connection.execute(queries.POSTGRESQL_EARLY_FIRST_ROW)
        await connection.copy_from_query(
            ready.sql, *ready.values, output=thrown_away, format="csv", force_quote=True
        )
    found = time.perf_counter() - started, time.process_time() - cpu
    await connection.close()
    return found


async def thrown_away(_: bytes) -> None:
    pass


def main(home: Path, form: str) -> None:
    settings = load_settings(home)
    store = open_store(settings)
    statement = queries.report(Selection(), account_of(settings).unit, store.dialect)
    if store.dialect == "postgresql" and form == "csv":
        seconds, cpu = asyncio.run(copied(store, statement))
    else:
        seconds, cpu = fetched(store, statement)
    print(seconds, cpu)
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
