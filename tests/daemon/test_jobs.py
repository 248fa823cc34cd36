"""Runs asked for through the socket: the news of them, faults of ours, and the server's end."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from trunkline.center.room import Center, open_center
from trunkline.center.runs import RUNNING, SUCCEEDED, Run, Wish
from trunkline.daemon.jobs import Batch, Jobs
from trunkline.errors import RetryLater
from trunkline.settings import load_settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    with open_center(load_settings(tmp_path / "home", {})) as opened:
        yield opened


def state(name: str, **values: Any) -> Run:
    return replace(Run(f"run of {name}", name, "manual", "merge", RUNNING, NOON), **values)


async def all_news(batch: Batch) -> list[dict[str, Any]]:
    return [news async for news in batch.news()]


async def test_news_ends_with_the_last_state_of_each_run(center: Center) -> None:
    async def start(name: str, *_: object) -> AsyncIterator[Run]:
        for rows in range(3):
            yield state(name, rows_read=rows)
        yield state(name, status=SUCCEEDED, ended_at=NOON)

    jobs = Jobs(center, start)
    batch = jobs.begin(["calls", "users"], Wish(), "manual", "me")
    last = {news["name"]: news["run"]["status"] for news in await all_news(batch)}
    assert last == {"calls": SUCCEEDED, "users": SUCCEEDED}
    assert jobs.under_way() == []


async def test_who_does_not_listen_is_owed_the_latest_state_alone(center: Center) -> None:
    async def start(name: str, *_: object) -> AsyncIterator[Run]:
        for rows in range(1000):
            yield state(name, rows_read=rows)
        yield state(name, status=SUCCEEDED, ended_at=NOON, rows_read=1000)

    batch = Jobs(center, start).begin(["calls"], Wish(), "manual", "me")
    while not batch.is_over:
        await asyncio.sleep(0)
    assert [news["run"]["rows_read"] for news in await all_news(batch)] == [1000]


async def test_what_stands_in_the_way_and_what_is_our_fault_are_told(center: Center) -> None:
    async def start(name: str, *_: object) -> AsyncIterator[Run]:
        if name == "busy":
            raise RetryLater("busy is being run.")
        yield state(name)
        raise ZeroDivisionError("secret")

    batch = Jobs(center, start).begin(["busy", "broken"], Wish(), "manual", "me")
    told = {news["name"]: news["error"] for news in await all_news(batch) if "error" in news}
    assert (told["busy"]["kind"], told["busy"]["message"]) == ("retry_later", "busy is being run.")
    assert told["broken"]["message"] == "The server met something unforeseen: ZeroDivisionError."


async def test_at_the_servers_end_runs_are_ended_and_none_begins(center: Center) -> None:
    ended: list[str] = []

    async def start(name: str, *_: object) -> AsyncIterator[Run]:
        try:
            await asyncio.Event().wait()
            yield state(name)
        finally:
            ended.append(name)

    jobs = Jobs(center, start)
    batch = jobs.begin(["calls"], Wish(), "manual", "me")
    await asyncio.sleep(0)
    await jobs.close()
    (news,) = await all_news(batch)
    assert (ended, news["error"]["kind"]) == (["calls"], "retry_later")
    with pytest.raises(RetryLater, match="just being stopped"):
        jobs.begin(["calls"], Wish(), "manual", "me")
