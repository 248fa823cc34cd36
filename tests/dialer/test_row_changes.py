"""Changes that others worked out, written on SQLite, PostgreSQL and MariaDB."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import asyncmy
import asyncpg
import pytest

from tests.dialer.databases import made_database, opened_database
from tests.store.databases import KINDS
from trunkline.dialer.database import Database, Row
from trunkline.dialer.passing_faults import will_pass
from trunkline.dialer.row_changes import ROWS_AT_ONCE, RowWriter
from trunkline.dialer.row_sets import Rows, make_standing, remove, rows_of
from trunkline.dialer.tables import Tables
from trunkline.errors import SettingsError
from trunkline.sims.floor.book import Book, Link
from trunkline.store.places import Place

USED = ("list", "closer_log", "agent_log", "log", "live_agents", "recording_log", "lists", "users")


@pytest.fixture(scope="module", params=KINDS)
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Place, Tables]]:
    with made_database(str(request.param), tmp_path_factory.mktemp("changes") / "home") as found:
        yield found


@pytest.fixture
async def database(made: tuple[Place, Tables]) -> AsyncIterator[Database]:
    async with opened_database(*made) as opened:
        async with opened.work() as work:
            for table in USED:
                await work.delete(table)
        yield opened


async def written(database: Database, writer: RowWriter, book: Book) -> None:
    changes = book.take()
    async with database.work() as work:
        await writer.write(work, changes)
    writer.keep(changes)


async def found(database: Database, table: str, **where: Any) -> list[Row]:
    async with database.work() as work:
        return await rows_of(work, Rows(table, tuple((name, (value,)) for name, value in where.items())))


def lead(number: int) -> dict[str, Any]:
    return {"phone_number": f"72755512{number:02d}", "list_id": 101, "status": "NEW"}


# -- changes -----------------------------------------------------------------------------------------


async def test_rows_hold_the_numbers_of_others(database: Database) -> None:
    book, writer = Book(), RowWriter(database.tables, {})
    to_lead, to_call = Link("list", 7), Link("closer_log", "9.1")
    book.insert("recording_log", "9.1", lead_id=to_lead, vicidial_id=to_call, user="a")
    book.insert("closer_log", "9.1", lead_id=to_lead, uniqueid="9.1", campaign_id="LINE")
    book.insert("live_agents", "a", user="a", server_ip="x", lead_id=to_lead, callerid=Link("list", 7, "V1"))
    book.insert("list", 7, **lead(7))
    await written(database, writer, book)
    ((one,), (call,), (recording,), (agent,)) = [
        await found(database, table) for table in ("list", "closer_log", "recording_log", "live_agents")
    ]
    assert call["lead_id"] == recording["lead_id"] == agent["lead_id"] == one["lead_id"]
    assert recording["vicidial_id"] == str(call["closecallid"])
    assert agent["callerid"] == f"V1{one['lead_id']:010d}"


async def test_later_changes_find_their_rows(database: Database) -> None:
    book, writer = Book(), RowWriter(database.tables, {})
    book.insert("list", 1, **lead(1))
    book.insert("list", 2, **lead(2))
    book.insert("log", "5.1", uniqueid="5.1", lead_id=Link("list", 1), status="QUEUE")
    await written(database, writer, book)
    book.update("list", 1, status="SALE", first_name="Ann")
    book.update("log", "5.1", status="SALE", lead_id=Link("list", 2))
    book.delete("list", 1)
    book.insert("list", 1, **lead(3))
    await written(database, writer, book)
    leads = {row["phone_number"]: row for row in await found(database, "list")}
    assert leads.keys() == {"7275551202", "7275551203"}
    ((log,),) = [await found(database, "log")]
    assert (log["status"], log["lead_id"]) == ("SALE", leads["7275551202"]["lead_id"])
    book.update("list", 1, status="NI")
    await written(database, writer, book)
    assert [row["phone_number"] for row in await found(database, "list", status="NI")] == ["7275551203"]


async def test_many_ended_rows_are_written_in_their_order(database: Database) -> None:
    book, writer = Book(), RowWriter(database.tables, {})
    count = 2 * ROWS_AT_ONCE + 7
    for number in range(count):
        book.insert("agent_log", number, user="a", server_ip="x", pause_sec=number, talk_epoch=None)
        book.end("agent_log", number)
    book.insert("agent_log", "last", user="a", server_ip="x", pause_sec=count, talk_epoch=None)
    await written(database, writer, book)
    rows = sorted(await found(database, "agent_log"), key=lambda row: row["agent_log_id"])
    assert [row["pause_sec"] for row in rows] == list(range(count + 1))
    book.update("agent_log", "last", talk_sec=70_000)
    await written(database, writer, book)
    (last,) = await found(database, "agent_log", pause_sec=count)
    assert last["talk_sec"] == 65_535, "values are kept as their columns keep them"


async def test_a_work_that_failed_is_written_again_whole(database: Database) -> None:
    book, writer = Book(), RowWriter(database.tables, {})
    book.insert("list", 1, **lead(1))
    book.insert("log", "5.1", uniqueid="5.1", lead_id=Link("list", 1), status="NA")
    changes = book.take()

    async def fail_at_the_end() -> None:
        async with database.work() as work:
            await writer.write(work, changes)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_at_the_end()
    assert await found(database, "list") == []
    async with database.work() as work:
        await writer.write(work, changes)
    writer.keep(changes)
    ((one,), (log,)) = [await found(database, table) for table in ("list", "log")]
    assert log["lead_id"] == one["lead_id"]


# -- rows that stand, and rows that go ---------------------------------------------------------------


@dataclass(frozen=True)
class Shop:
    """A list that is made once."""

    table: str = "lists"
    names: tuple[tuple[str, ...], ...] = (("list_id",), ("list_name", "campaign_id"))
    mark: str = "list_description"
    values: Any = None


def shop(list_id: int) -> Shop:
    values = {"list_id": list_id, "list_name": f"L{list_id}", "campaign_id": "C", "list_description": "ours"}
    return Shop(values=values)


async def test_a_standing_row_is_made_once(database: Database) -> None:
    async with database.work() as work:
        assert await make_standing(work, [shop(1), shop(2)]) == 2
    async with database.work() as work:
        assert await make_standing(work, [shop(1), shop(2), shop(3)]) == 1
        assert await make_standing(work, [shop(1), shop(2), shop(3)]) == 0
    assert {row["list_id"] for row in await found(database, "lists")} == {1, 2, 3}


@pytest.mark.parametrize(
    "theirs",
    [
        {"list_id": 1, "list_name": "Mine", "list_description": "mine"},
        {"list_id": 9, "list_name": "L1", "campaign_id": "C", "list_description": None},
    ],
)
async def test_a_name_of_somebody_else_is_refused(database: Database, theirs: dict[str, Any]) -> None:
    async with database.work() as work:
        await work.insert("lists", **theirs)
    with pytest.raises(SettingsError, match="The table lists has a row of your own with list_id 1"):
        async with database.work() as work:
            await make_standing(work, [shop(2), shop(1)])
    assert [row["list_id"] for row in await found(database, "lists")] == [theirs["list_id"]]


async def test_rows_go_by_their_values_and_by_those_of_others(database: Database) -> None:
    async with database.work() as work:
        ours, theirs = [
            await work.insert("list", **lead(number), source_id=source)
            for number, source in ((1, "x"), (2, "y"))
        ]
        for list_id in (101, 102):
            await work.insert("lists", list_id=list_id, list_name="L", local_call_time="")
        for lead_id in (ours, theirs):
            await work.insert("log", uniqueid=f"1.{lead_id}", lead_id=lead_id)
        of_ours = Rows("list", (("source_id", ("x",)),))
        assert await remove(work, Rows("log", of=("lead_id", "lead_id", of_ours))) == 1
        assert await remove(work, of_ours) == 1
        used = (("list_id", "list", "list_id"),)
        assert await remove(work, Rows("lists", (("list_id", (101, 102)),), unless=used)) == 1
    assert [row["lead_id"] for row in await found(database, "log")] == [theirs]
    assert [row["list_id"] for row in await found(database, "lists")] == [101]
    assert await found(database, "list", source_id="x") == []
    assert len(await found(database, "list", first_name=None)) == 1, "None is looked for too"


# -- errors that pass --------------------------------------------------------------------------------


def busy() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = 5
    return error


def missing() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("no such table")
    error.sqlite_errorcode = 1
    return error


def test_errors_that_pass_are_told_from_others() -> None:
    passing = (
        *(busy(), ConnectionResetError(), TimeoutError()),
        *(asyncpg.AdminShutdownError("x"), asyncpg.DeadlockDetectedError("x"), asyncpg.InterfaceError("x")),
        *(asyncmy.errors.OperationalError(2013, "x"), asyncmy.errors.OperationalError(1205, "x")),
    )
    others = (
        *(missing(), ValueError(), KeyError("sqlite3")),
        *(asyncpg.UniqueViolationError("x"), asyncpg.UndefinedTableError("x")),
        *(asyncmy.errors.OperationalError(1054, "x"), asyncmy.errors.IntegrityError(1062, "x")),
    )
    assert [error for error in passing if not will_pass(error)] == []
    assert [error for error in others if will_pass(error)] == []
