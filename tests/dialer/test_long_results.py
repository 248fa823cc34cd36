"""Long results are given as they are read; they hold up nobody, and who goes away leaves nothing open."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import ClauseElement, literal, select

from tests.dialer.databases import made_database, opened_database
from tests.dialer.lead_calls import LOGIN, ask, insert, newest
from tests.store.databases import KINDS
from trunkline.dialer import pooled_database, reply, sqlite_reading, taking_turns
from trunkline.dialer.command import Dialect
from trunkline.dialer.database import Database, Rows
from trunkline.dialer.reply import ReaderGone, Reply
from trunkline.dialer.runner import Service
from trunkline.dialer.tables import Tables
from trunkline.errors import RetryLater

NUMBER = "8005550100"
EXPORT = {**LOGIN, "function": "phone_number_log", "phone_number": NUMBER, "stage": "csv", "header": "YES"}
CALLS = 3_000


def calls(count: int) -> list[dict[str, Any]]:
    return [
        {
            "uniqueid": f"{1_700_000_000 + n}.{n}",
            "phone_number": NUMBER,
            "call_date": f"2025-01-{n // 1440 + 1:02} {n // 60 % 24:02}:{n % 60:02}:00",
            "lead_id": 1001,
            "list_id": 101,
            "campaign_id": "TESTCAMP",
            "user": f"agent{n}",
            "status": "SALE",
            "length_in_sec": n,
        }
        for n in range(count)
    ]


class Parts:
    """A reader that keeps what it takes, and may go away after so many parts."""

    def __init__(self, most: int = 1_000_000) -> None:
        self.texts: list[str] = []
        self.rows: list[dict[str, Any]] = []
        self.sizes: list[int] = []
        self._most = most

    async def take(self, so_far: Reply) -> None:
        if len(self.sizes) >= self._most:
            raise ReaderGone
        rows, text = so_far.rows_taken(), so_far.taken()
        self.texts.append(text)
        self.rows += rows
        self.sizes.append(len(rows) or text.count("\n"))
        await asyncio.sleep(0)


@pytest.fixture
async def filled(service: Service) -> Service:
    await insert(service, "log", *calls(CALLS))
    return service


async def answered(service: Service, dialect: Dialect, parts: Parts | None) -> Reply:
    return await service.answer(EXPORT, dialect, "127.0.0.1", reader=parts)


@pytest.mark.parametrize("dialect", [Dialect.DOCUMENTED, Dialect.ORIGINAL])
async def test_the_parts_are_the_whole(filled: Service, dialect: Dialect) -> None:
    whole = (await answered(filled, dialect, None)).text
    parts = Parts()
    rest = (await answered(filled, dialect, parts)).text
    assert "".join(parts.texts) + rest == whole
    assert whole.count("\n") == CALLS + 1
    assert len(parts.sizes) >= 2
    assert newest(filled, "dialer360_api_log", "api_id")["result_reason"].endswith(f"FOUND: {CALLS}")


async def test_rows_come_in_parts_too(filled: Service) -> None:
    whole = (await answered(filled, Dialect.JSON, None)).rows
    parts = Parts()
    rest = await answered(filled, Dialect.JSON, parts)
    assert parts.rows + rest.rows == whole
    assert (len(whole), rest.pieces) == (CALLS, [])
    assert max(parts.sizes) <= sqlite_reading.ROWS_AT_ONCE


async def test_a_short_answer_is_given_whole(filled: Service) -> None:
    parts = Parts()
    for function in ("logged_in_agents", "version"):
        found = await filled.answer(
            {**EXPORT, "function": function}, Dialect.DOCUMENTED, "127.0.0.1", reader=parts
        )
        assert found.text
    assert parts.sizes == []


async def test_whoever_goes_away_is_logged_with_what_was_read(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "LONG_TEXT", 1)
    await answered(filled, Dialect.DOCUMENTED, Parts(most=0))
    row = newest(filled, "dialer360_api_log", "api_id")
    assert (row["result"], row["function"]) == ("SUCCESS", "phone_number_log")
    count = int(row["result_reason"].rpartition(" ")[2])
    assert 0 < count < CALLS
    assert await ask(filled, "version")


async def test_others_go_on_while_somebody_reads(filled: Service) -> None:
    """Each part of the export waits for a lead that somebody else adds."""
    added: list[str] = []

    class Slow(Parts):
        async def take(self, so_far: Reply) -> None:
            await super().take(so_far)
            added.append(await ask(filled, "add_lead", phone_number="7275551111", list_id="101"))

    slow = Slow()
    rest = await answered(filled, Dialect.DOCUMENTED, slow)
    assert sum(slow.sizes) + rest.text.count("\n") == CALLS + 1
    assert len(added) >= 2
    assert all(answer.startswith("SUCCESS") for answer in added)


async def test_an_error_in_the_middle_is_no_end(filled: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply, "LONG_TEXT", 1)

    class Broken(Parts):
        async def take(self, so_far: Reply) -> None:
            await super().take(so_far)
            raise ZeroDivisionError

    await ask(filled, "version")
    before = newest(filled, "dialer360_api_log", "api_id")
    with pytest.raises(ZeroDivisionError):
        await answered(filled, Dialect.DOCUMENTED, Broken())
    assert newest(filled, "dialer360_api_log", "api_id") == before


@pytest.fixture(params=KINDS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    with made_database(str(request.param), tmp_path / "home") as made:
        async with opened_database(*made) as opened:
            async with opened.work() as work:
                for call in calls(5_000):
                    await work.insert("log", **call)
            yield opened


def users(t: Tables) -> ClauseElement:
    return select(t["log"].c.user, t["log"].c.length_in_sec).order_by(t["log"].c.length_in_sec)


def wrong(t: Tables) -> ClauseElement:
    """Fails where it is run."""
    return select(t["log"].c.user).where(literal(1) == t["log"].c.user.op("no such operator")(1))


async def test_a_result_comes_in_lists_of_rows(database: Database) -> None:
    async with database.work() as work:
        lists = [rows async for rows in work.stream(users)]
    assert [len(rows) for rows in lists] == [2_000, 2_000, 1_000]
    assert [row["length_in_sec"] for rows in lists for row in rows] == list(range(5_000))
    assert lists[0][1] == {"user": "agent1", "length_in_sec": 1}
    assert list(lists[2][-2:]) == [{"user": f"agent{n}", "length_in_sec": n} for n in (4_998, 4_999)]


async def test_a_result_that_is_left_early_leaves_nothing_open(database: Database) -> None:
    for _ in range(12):  # more often than there are connections
        async with database.work() as work:
            async for rows in work.stream(users):
                assert len(rows) == 2_000
                break
    async with database.work() as work:
        await work.insert("log", **{**calls(1)[0], "uniqueid": "other"})


async def test_after_a_write_a_work_reads_what_it_wrote(database: Database) -> None:
    async with database.work() as work:
        await work.delete("log", length_in_sec=0)
        count = sum([len(rows) async for rows in work.stream(users)])
    assert count == 4_999


async def test_a_statement_that_fails_fails_alone(database: Database) -> None:
    async def read() -> None:
        async with database.work() as work:
            async for _ in work.stream(wrong):
                pass

    for _ in range(10):
        with pytest.raises(Exception, match=r"(?i)syntax|operator"):
            await read()
    async with database.work() as work:
        assert len([rows async for rows in work.stream(users)]) == 3


async def test_a_reader_who_is_cancelled_leaves_nothing_open(database: Database) -> None:
    async def read() -> None:
        async with database.work() as work:
            async for _ in work.stream(users):
                pass

    for steps in range(12):
        reading = asyncio.create_task(read())
        for _ in range(steps):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    async with database.work() as work:
        assert len([rows async for rows in work.stream(users)]) == 3


async def begun(work: Any) -> AsyncGenerator[Rows, None]:
    """A stream whose first rows have come."""
    stream = cast("AsyncGenerator[Rows, None]", work.stream(users))
    assert len(await anext(stream)) == 2_000
    return stream


async def test_slow_readers_leave_connections_to_the_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = sqlite_reading.MOST_RESULTS
    if isinstance(database, pooled_database.PooledDatabase):
        most = pooled_database.MOST_LONG_RESULTS
    opened = AsyncExitStack()
    streams = [await begun(await opened.enter_async_context(database.work())) for _ in range(most)]

    async def add(number: int) -> int:
        async with database.work() as work:
            return await work.insert("list", phone_number=f"727555{number:04}", list_id=101)

    async with asyncio.timeout(30):
        assert len(set(await asyncio.gather(*(add(n) for n in range(40))))) == 40
    monkeypatch.setattr(taking_turns, "WAIT_SECONDS", 0.01)
    with pytest.raises(RetryLater, match="Too many long answers"):
        async with database.work() as work:
            await begun(work)
    for stream in streams:
        assert sum([len(rows) async for rows in stream]) == 3_000
    await opened.aclose()
    async with database.work() as work:
        await begun(work)
