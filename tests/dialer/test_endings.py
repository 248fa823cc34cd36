"""What a work writes at its end is kept in one piece, with the rest of the work or not at all."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ClauseElement, select

from tests.dialer.databases import made_database, opened_database
from tests.store.databases import KINDS
from trunkline.dialer.database import Database, Journal, Update, Work
from trunkline.dialer.tables import Tables

LEAD = {"phone_number": "7275551212", "list_id": 101}


@pytest.fixture(params=KINDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    with made_database(str(request.param), tmp_path / "home") as made:
        async with opened_database(*made) as opened:
            async with opened.work() as work:
                await work.insert("users", user="ann", **{"pass": ""}, user_level=7, failed_login_count=3)
            yield opened


def journal(*reasons: str, url: str = "a=1") -> Journal:
    rows = [{"user": "ann", "function": "x", "result": "SUCCESS", "result_reason": one} for one in reasons]
    return Journal("api_log", rows, "api_urls", "api_id", {"remote_ip": "127.0.0.1", "url": url})


def user(t: Tables) -> ClauseElement:
    users = t["users"].c
    return select(users.user_level, users.failed_login_count, users.last_ip)


def logged(t: Tables) -> ClauseElement:
    return select(t["api_log"].c.api_id, t["api_log"].c.result_reason).order_by(t["api_log"].c.api_id)


def urls(t: Tables) -> ClauseElement:
    return select(t["api_urls"].c.api_id, t["api_urls"].c.url).order_by(t["api_urls"].c.api_id)


def leads(t: Tables) -> ClauseElement:
    return select(t["list"].c.phone_number)


async def seen(database: Database) -> dict[str, Any]:
    async with database.work() as work:
        rows = await work.all(logged)
        return {
            "user": [tuple(row.values()) for row in await work.all(user)],
            "log": [row["result_reason"] for row in rows],
            "ids": [row["api_id"] for row in rows],
            "urls": [(row["api_id"], row["url"]) for row in await work.all(urls)],
            "leads": len(await work.all(leads)),
        }


def end(work: Work, *reasons: str, **updates: Any) -> None:
    if updates:
        work.endings.updates.append(Update("users", {"user": "ann"}, updates))
    if reasons:
        work.endings.journal = journal(*reasons)


async def test_each_part_and_all_parts_are_written(database: Database) -> None:
    for reasons, updates in (((), {}), (("one",), {}), ((), {"last_ip": "10.0.0.1"})):
        async with database.work() as work:
            end(work, *reasons, **updates)
    async with database.work() as work:
        end(work, "two", "three", last_ip="10.0.0.2", failed_login_count=0)
    found = await seen(database)
    assert found["user"] == [(7, 0, "10.0.0.2")]
    assert found["log"] == ["one", "two", "three"]
    assert found["urls"] == [(found["ids"][0], "a=1"), (found["ids"][2], "a=1")]


async def test_what_stands_at_the_end_is_kept_with_the_rest(database: Database) -> None:
    async with database.work() as work:
        await work.insert("list", **LEAD)
        end(work, "added", last_ip="10.0.0.3")
        assert (await work.one(user) or {})["last_ip"] != "10.0.0.3"
    found = await seen(database)
    assert (found["leads"], found["log"], found["user"][0][2]) == (1, ["added"], "10.0.0.3")


async def test_a_work_that_fails_ends_with_nothing(database: Database) -> None:
    before = await seen(database)

    async def fail() -> None:
        async with database.work() as work:
            await work.insert("list", **LEAD)
            end(work, "never", last_ip="10.0.0.4")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await seen(database) == before


@pytest.mark.parametrize("writes_before", [False, True])
async def test_an_end_that_fails_leaves_nothing(database: Database, writes_before: bool) -> None:
    async with database.work() as work:
        end(work, "first")
    taken = (await seen(database))["ids"][0] + 1
    async with database.work() as work:
        await work.insert("api_urls", api_id=taken, url="taken")
    before = await seen(database)

    async def fail() -> None:
        async with database.work() as work:
            if writes_before:
                await work.insert("list", **LEAD)
            end(work, "second", last_ip="10.0.0.5")  # its row of api_urls comes last, and is there already

    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        await fail()
    assert await seen(database) == before
    async with database.work() as work:
        await work.delete("api_urls", api_id=taken)
    async with database.work() as work:
        end(work, "third")
    assert (await seen(database))["log"] == ["first", "third"]


async def test_a_row_that_changes_twice_at_the_end_is_changed_twice(database: Database) -> None:
    async with database.work() as work:
        end(work, last_ip="10.0.0.6")
        end(work, "changed", user_level=9)
    found = await seen(database)
    assert (found["user"], found["log"]) == ([(9, 3, "10.0.0.6")], ["changed"])


async def test_values_at_the_end_are_what_columns_keep(database: Database) -> None:
    async with database.work() as work:
        work.endings.journal = journal("x" * 300, url="'; DROP TABLE x; -- %s ? $1 \\ é 日本")
    found = await seen(database)
    assert found["log"] == ["x" * 255]
    assert found["urls"][0][1] == "'; DROP TABLE x; -- %s ? $1 \\ é 日本"
