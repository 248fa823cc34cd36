"""A unit of work means the same on SQLite, PostgreSQL and MariaDB."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ClauseElement, bindparam, func, select, update

from tests.dialer.databases import made_database, opened_database
from tests.store.databases import KINDS
from trunkline.dialer.custom import custom_of_lead
from trunkline.dialer.database import Database
from trunkline.dialer.login import Attempt, Refusal, Uncounted, sign_in
from trunkline.dialer.passwords import Passwords
from trunkline.dialer.tables import Tables
from trunkline.store.places import Place

LEAD = {"phone_number": "7275551212", "list_id": 101, "first_name": "Ann", "rank": 5}


Made = tuple[Place, Tables]


@pytest.fixture(scope="module", params=KINDS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with made_database(str(request.param), tmp_path_factory.mktemp("databases") / "home") as found:
        yield found


@pytest.fixture
async def database(made: Made) -> AsyncIterator[Database]:
    """The same for all tests of a kind, its leads taken away before each."""
    async with opened_database(*made) as opened:
        async with opened.work() as work:
            await work.delete("list")
        yield opened


def lead(t: Tables) -> ClauseElement:
    return select(*t["list"].c).where(t["list"].c.lead_id == bindparam("lead_id"))


def leads_named(t: Tables) -> ClauseElement:
    return select(t["list"].c.lead_id).where(t["list"].c.first_name == bindparam("name"))


def leads_like(t: Tables) -> ClauseElement:
    return select(t["list"].c.lead_id).where(t["list"].c.first_name.like(bindparam("name")))


def leads_of_lists(t: Tables) -> ClauseElement:
    leads = t["list"].c
    return (
        select(leads.lead_id)
        .where(leads.list_id.in_(bindparam("lists", expanding=True)))
        .order_by(leads.lead_id)
    )


def totals(t: Tables) -> ClauseElement:
    return select(func.count().label("leads"), func.sum(t["list"].c.rank).label("ranks")).select_from(
        t["list"]
    )


def all_leads(t: Tables) -> ClauseElement:
    return select(t["list"].c.lead_id).order_by(t["list"].c.lead_id)


def raised(t: Tables) -> ClauseElement:
    return (
        update(t["list"]).values(rank=t["list"].c.rank + 1).where(t["list"].c.list_id == bindparam("list_id"))
    )


async def test_a_row_comes_back_as_it_was_kept(database: Database) -> None:
    async with database.work() as work:
        lead_id = await work.insert("list", **LEAD, entry_date="2017-06-14 12:00:00", date_of_birth="x")
        row = await work.one(lead, lead_id=lead_id)
    assert row is not None
    kept = {name: row[name] for name in ("first_name", "list_id", "rank", "entry_date", "date_of_birth")}
    assert kept == {
        "first_name": "Ann",
        "list_id": 101,
        "rank": 5,
        "entry_date": "2017-06-14 12:00:00",
        "date_of_birth": "0000-00-00",
    }
    assert (row["gmt_offset_now"], row["called_count"], row["email"]) == ("0.00", 0, None)


async def test_texts_are_compared_without_case(database: Database) -> None:
    async with database.work() as work:
        lead_id = await work.insert("list", **LEAD)
        for statement, name in ((leads_named, "ANN"), (leads_like, "aN%")):
            assert await work.all(statement, name=name) == [{"lead_id": lead_id}]
        assert await work.all(leads_named, name="An") == []


async def test_texts_ask_for_numbers_and_numbers_for_texts(database: Database) -> None:
    async with database.work() as work:
        lead_id = await work.insert("list", **{**LEAD, "first_name": "12"})
        assert await work.one(lead, lead_id=str(lead_id))
        assert await work.one(leads_named, name=12)
        assert await work.one(lead, lead_id=10**30) is None


async def test_a_list_of_values_fills_an_in(database: Database) -> None:
    async with database.work() as work:
        ids = [await work.insert("list", **{**LEAD, "list_id": n}) for n in (101, 102, 103)]
        found = await work.all(leads_of_lists, lists=(101, 103))
        one = await work.all(leads_of_lists, lists=["102"])
        none = await work.all(leads_of_lists, lists=())
    assert [row["lead_id"] for row in found] == [ids[0], ids[2]]
    assert ([row["lead_id"] for row in one], none) == ([ids[1]], [])


async def test_sums_and_counts_are_whole_numbers(database: Database) -> None:
    async with database.work() as work:
        for _ in range(3):
            await work.insert("list", **LEAD)
        assert await work.one(totals) == {"leads": 3, "ranks": 15}


async def test_an_update_counts_the_rows_it_changes(database: Database) -> None:
    async with database.work() as work:
        lead_id = await work.insert("list", **LEAD)
        where = {"lead_id": lead_id}
        assert await work.update("list", where, first_name="Ann", rank=5) == 0
        assert await work.update("list", where, first_name="ANN") == 1
        assert await work.update("list", where, first_name=None) == 1
        assert await work.update("list", where, first_name=None) == 0
        assert await work.update("list", {"lead_id": 999}, rank=1) == 0
        assert await work.run(raised, list_id=101) == 1
        assert await work.delete("list", lead_id=lead_id) == 1
        assert await work.delete("list", lead_id=lead_id) == 0


async def test_a_failed_work_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.work() as work:
            await work.insert("list", **LEAD)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.work() as work:
        assert await work.all(all_leads) == []


async def test_a_work_after_an_error_of_the_database_is_like_any_other(database: Database) -> None:
    async def fail() -> None:
        async with database.work() as work:
            await work.insert("list", **LEAD, lead_id=1)
            await work.insert("list", **LEAD, lead_id=1)

    for _ in range(12):
        with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
            await fail()
    async with database.work() as work:
        assert await work.all(all_leads) == []
        assert await work.insert("list", **LEAD, lead_id=1) in (0, 1)


async def test_works_at_the_same_time_are_all_kept(database: Database) -> None:
    async def add(number: int) -> int:
        async with database.work() as work:
            return await work.insert("list", **{**LEAD, "list_id": number})

    ids = await asyncio.gather(*(add(n) for n in range(40)))
    assert len(set(ids)) == 40
    async with database.work() as work:
        assert {row["lead_id"] for row in await work.all(all_leads)} == set(ids)


async def test_a_stream_gives_every_row_once(database: Database) -> None:
    async with database.work() as work:
        for _ in range(2_100):
            await work.insert("list", **LEAD)
    async with database.work() as work:
        lists = [[row["lead_id"] for row in rows] async for rows in work.stream(all_leads)]
    assert len(lists) == 2
    assert [i for rows in lists for i in rows] == sorted({i for rows in lists for i in rows})
    assert sum(map(len, lists)) == 2_100


async def test_a_custom_table_is_known_from_the_database(database: Database) -> None:
    await database.create_custom(
        101, [("lead_id", "INT(9) UNSIGNED"), ("color", "VARCHAR(5)"), ("seen", "DATE")]
    )
    await database.create_custom(101, [("lead_id", "INT(9) UNSIGNED")])
    async with database.work() as work:
        custom = await work.custom(101)
        assert custom is not None
        assert custom.fields == ("color", "seen")
        assert await work.custom(102) is None
        await work.insert(custom.name, lead_id=7, color="orange'", seen="2017-06-14")
        assert await work.update(custom.name, {"lead_id": 7}, color="Orange") == 1
        row = await work.one(custom_of_lead(custom.name), lead_id=7)
    assert row == {"lead_id": 7, "color": "Orang", "seen": "2017-06-14"}


async def test_ids_go_on_after_the_highest(database: Database) -> None:
    async with database.work() as work:
        await work.insert("list", **LEAD, lead_id=500)
    await database.renumber()
    async with database.work() as work:
        assert await work.insert("list", **LEAD) == 501
        await work.delete("list", lead_id=501)
    await database.renumber()
    async with database.work() as work:
        assert await work.insert("list", **LEAD) == 501


async def test_ten_failures_lock_a_user(database: Database) -> None:
    passwords = Passwords()
    now = datetime(2017, 6, 14, 12)
    user = {"user": "lockme", "pass": "1234", "user_level": 9, "active": "Y", "user_group": "ADMIN"}
    async with database.work() as work:
        await work.delete("users")
        await work.insert("users", **user, failed_login_count=0, last_login_date="2017-01-01 00:00:00")
    said = []
    for password in [*["wrong"] * 10, "1234"]:
        async with database.work() as work:
            attempt = Attempt("lockme", password, "127.0.0.1", now)
            found = await sign_in(work, passwords, Uncounted(), {}, attempt)
        assert isinstance(found, Refusal)
        said.append("LOCK" in found.text)
    assert said == [*[False] * 10, True]


HOSTILE = ("'; DROP TABLE x; --", 'a"b\\', "%s %(x)s :y $1 ?", "é 日本 😀", "back\\'slash")


@pytest.mark.parametrize("value", HOSTILE)
async def test_no_value_is_ever_part_of_a_statement(database: Database, value: str) -> None:
    async with database.work() as work:
        lead_id = await work.insert("list", **{**LEAD, "first_name": value})
        assert await work.all(leads_named, name=value) == [{"lead_id": lead_id}]
        row = await work.one(lead, lead_id=lead_id)
    assert row is not None
    assert row["first_name"] == value


REAL = """CREATE TABLE {name} (lead_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, entry_date DATETIME,
modify_date TIMESTAMP NOT NULL DEFAULT current_timestamp(), status VARCHAR(6), gmt_offset_now DECIMAL(4,2)
DEFAULT 0, called_since_last_reset ENUM('Y','N','Y1') DEFAULT 'N', date_of_birth DATE, list_id BIGINT
UNSIGNED NOT NULL DEFAULT 0, phone_number VARCHAR(18) NOT NULL, first_name VARCHAR(30), rank SMALLINT
NOT NULL DEFAULT 0)"""


def real_lead(t: Tables) -> ClauseElement:
    names = (
        "entry_date",
        "gmt_offset_now",
        "called_since_last_reset",
        "date_of_birth",
        "rank",
        "phone_number",
    )
    return select(*(t["list"].c[name] for name in names)).where(t["list"].c.lead_id == bindparam("lead_id"))


async def test_a_dialers_own_types_come_as_the_texts_they_print(tmp_path: Path) -> None:
    """Real dates, decimals and words; zero dates and columns left out too."""
    with made_database("mariadb", tmp_path / "home", "vicidial_", REAL) as real:
        async with opened_database(*real) as database, database.work() as work:
            values: dict[str, Any] = {"gmt_offset_now": "-5", "called_since_last_reset": "no word"}
            lead_id = await work.insert("list", entry_date="2017-06-14 12:00:00", date_of_birth="x", **values)
            row = await work.one(real_lead, lead_id=lead_id)
    assert row == {
        "entry_date": "2017-06-14 12:00:00",
        "gmt_offset_now": "-5.00",
        "called_since_last_reset": "",
        "date_of_birth": "0000-00-00",
        "rank": 0,
        "phone_number": "",
    }
