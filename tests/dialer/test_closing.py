"""A database that is closed while a turn is open keeps what the turn has written."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.dialer.databases import made_database, opened_database
from trunkline.dialer.database import Database, Row
from trunkline.dialer.opening import database_at
from trunkline.dialer.row_sets import Rows, rows_of
from trunkline.store.places import Place

LEAD = {"phone_number": "7275551212", "list_id": 101}


async def leads_in(database: Database) -> list[Row]:
    async with database.work() as work:
        return await rows_of(work, Rows("list"))


async def closed_at_once(place: Place, tables: Any, use: Any) -> list[dict[str, Any]]:
    """What the loop complains of when a database is closed in the same turn as it is used."""
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: complaints.append(told))
    database = await database_at(place, tables, is_own=True)
    await use(database)
    await database.close()
    await asyncio.sleep(0)
    return complaints


async def test_a_failed_work_does_not_follow_its_database(tmp_path: Path) -> None:
    async def insert_and_fail(database: Database) -> None:
        async with database.work() as work:
            await work.insert("list", **LEAD)
            raise ZeroDivisionError

    async def fail(database: Database) -> None:
        with pytest.raises(ZeroDivisionError):
            await insert_and_fail(database)

    with made_database("sqlite", tmp_path / "home") as (place, tables):
        assert await closed_at_once(place, tables, fail) == []
        async with opened_database(place, tables) as again:
            assert await leads_in(again) == []


async def test_what_the_turn_wrote_is_kept(tmp_path: Path) -> None:
    writing: list[asyncio.Task[None]] = []

    async def begin(database: Database) -> None:
        async def write() -> None:
            async with database.work() as work:
                await work.insert("list", **LEAD)

        writing.append(asyncio.create_task(write()))
        await asyncio.sleep(0)

    with made_database("sqlite", tmp_path / "home") as (place, tables):
        assert await closed_at_once(place, tables, begin) == []
        await writing[0]
        async with opened_database(place, tables) as again:
            assert len(await leads_in(again)) == 1
