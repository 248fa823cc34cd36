"""Log rows of many requests are written together on a server; each has its own number and its own failure."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.dialer.databases import made_database, opened_database
from tests.dialer.test_endings import journal, seen
from trunkline.dialer.database import Database
from trunkline.dialer.pooled_database import PooledDatabase


@pytest.fixture(params=("postgresql", "mariadb"))
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    with made_database(str(request.param), tmp_path / "home") as made:
        async with opened_database(*made) as opened:
            yield opened


async def keep(database: Database, *reasons: str, url: str) -> None:
    async with database.work() as work:
        work.endings.journal = journal(*reasons, url=url)


async def test_each_url_has_the_number_of_its_own_last_row(
    database: PooledDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    write = database.write_journals

    async def counted(connection: Any, journals: Any) -> None:
        written.append(len(journals))
        await write(connection, journals)

    monkeypatch.setattr(database, "write_journals", counted)
    works = [keep(database, *(f"{n}.{part}" for part in range(n % 3 + 1)), url=str(n)) for n in range(30)]
    await asyncio.gather(*works)
    assert sum(written) == 30
    assert len(written) < 30, "they went together"
    found = await seen(database)
    reasons = dict(zip(found["ids"], found["log"], strict=True))
    assert {url: reasons[number] for number, url in found["urls"]} == {
        str(n): f"{n}.{n % 3}" for n in range(30)
    }
    await keep(database, "one", "more", url="last")
    after = await seen(database)
    assert after["urls"][-1] == (max(after["ids"]), "last")


async def test_one_that_is_refused_is_refused_alone(
    database: PooledDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = database.write_journals

    async def picky(connection: Any, journals: Any) -> None:
        if any(one.other_row["url"] == "bad" for one in journals):
            raise ValueError("refused")
        await write(connection, journals)

    monkeypatch.setattr(database, "write_journals", picky)
    works = [keep(database, "x", url="bad" if n == 2 else "good") for n in range(5)]
    done = await asyncio.gather(*works, return_exceptions=True)
    assert [type(one).__name__ for one in done if one] == ["ValueError"]
    assert [url for _, url in (await seen(database))["urls"]] == ["good"] * 4
