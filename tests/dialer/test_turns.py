"""On SQLite, requests of one turn of the loop share a commit; each is undone alone, and answered after it."""

import asyncio
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.dialer.lead_calls import LOGIN, ask
from tests.dialer.replay import start_tables
from trunkline.dialer.command import Dialect
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase

LEAD = {"phone_number": "7275551212", "list_id": 101}
ADD = {"phone_number": "7275551111", "list_id": "101"}


def sqlite(service: Service) -> SqliteDatabase:
    database = service.database
    assert isinstance(database, SqliteDatabase)
    return database


def committed(file: Path) -> int:
    """The leads that another process sees."""
    connection = sqlite3.connect(file)
    (count,) = connection.execute("select count(*) from dialer360_list").fetchone()
    connection.close()
    return int(count)


async def test_works_of_a_turn_are_committed_together(service: Service) -> None:
    await ask(service, "add_lead", **ADD)
    seen: list[str] = []
    sqlite(service).connection.set_trace_callback(seen.append)
    answers = await asyncio.gather(*(ask(service, "add_lead", **ADD) for _ in range(20)))
    assert all(answer.startswith("SUCCESS") for answer in answers)
    assert len({answer.split("|")[3] for answer in answers}) == 20
    assert seen.count("COMMIT") == 1


async def test_one_that_fails_is_undone_alone(service: Service, tmp_path: Path) -> None:
    before = committed(tmp_path / "service.db")

    async def add(number: int) -> None:
        async with service.database.work() as work:
            await work.insert("list", **LEAD)
            if number == 3:
                raise ZeroDivisionError

    done = await asyncio.gather(*(add(n) for n in range(8)), return_exceptions=True)
    assert [type(one).__name__ for one in done if one] == ["ZeroDivisionError"]
    assert committed(tmp_path / "service.db") == before + 7


async def test_an_answer_comes_after_the_commit(service: Service, tmp_path: Path) -> None:
    async def add() -> int:
        before = committed(tmp_path / "service.db")
        await service.answer({**LOGIN, "function": "add_lead", **ADD}, Dialect.DOCUMENTED, "127.0.0.1")
        return committed(tmp_path / "service.db") - before

    assert all(count >= 1 for count in await asyncio.gather(*(add() for _ in range(5))))


async def test_everybody_hears_of_a_turn_that_came_to_grief(service: Service, tmp_path: Path) -> None:
    """As where the disk is full, and SQLite undoes the whole transaction by itself."""
    before = committed(tmp_path / "service.db")

    async def add(number: int) -> None:
        async with service.database.work() as work:
            await work.insert("list", **LEAD)
            if number == 2:
                sqlite(service).connection.execute("ROLLBACK")
                raise sqlite3.OperationalError("database or disk is full")

    done = await asyncio.gather(*(add(n) for n in range(5)), return_exceptions=True)
    assert all(isinstance(one, sqlite3.Error) for one in done), done
    assert str(done[2]) == "database or disk is full"
    assert committed(tmp_path / "service.db") == before
    assert (await ask(service, "add_lead", **ADD)).startswith("SUCCESS")


async def test_a_commit_that_fails_is_told_to_all(service: Service, tmp_path: Path) -> None:
    before = committed(tmp_path / "service.db")
    refusals = ["COMMIT"]

    def authorize(action: int, argument: str | None, *_: Any) -> int:
        wanted = action == sqlite3.SQLITE_TRANSACTION and argument in refusals
        return sqlite3.SQLITE_DENY if wanted else sqlite3.SQLITE_OK

    sqlite(service).connection.set_authorizer(authorize)
    done = await asyncio.gather(*(ask(service, "add_lead", **ADD) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(one, sqlite3.Error) for one in done), done
    refusals.clear()
    sqlite(service).connection.set_authorizer(None)
    assert committed(tmp_path / "service.db") == before
    assert (await ask(service, "add_lead", **ADD)).startswith("SUCCESS")


async def test_a_caller_who_does_not_wait_holds_up_nobody(service: Service, tmp_path: Path) -> None:
    before = committed(tmp_path / "service.db")
    first = asyncio.create_task(ask(service, "add_lead", **ADD))
    second = asyncio.create_task(ask(service, "add_lead", **ADD))
    while not sqlite(service).turns.is_open:
        await asyncio.sleep(0)
    first.cancel()
    assert (await second).startswith("SUCCESS")
    with pytest.raises(asyncio.CancelledError):
        await first
    assert committed(tmp_path / "service.db") >= before + 1


def test_what_was_answered_survives_a_power_cut(service: Service) -> None:
    """The disk has it before anybody hears of it."""
    (mode,) = sqlite(service).connection.execute("pragma synchronous").fetchone()
    assert mode == 2


@pytest.mark.parametrize(("waits", "care"), [(True, "FULL"), (False, "NORMAL")])
async def test_a_change_waits_for_the_disk_where_that_is_asked_for(
    start: Path, tmp_path: Path, waits: bool, care: str
) -> None:
    shutil.copyfile(start, tmp_path / "copy.db")
    database = SqliteDatabase(tmp_path / "copy.db", start_tables(), waits_for_disk=waits)
    seen: list[str] = []
    database.connection.set_trace_callback(seen.append)
    async with database.work() as work:
        await work.insert("list", **LEAD)
    assert [one for one in seen if "synchronous" in one] == [f"PRAGMA synchronous = {care}"]
    await database.close()
