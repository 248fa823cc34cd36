"""Reads of a database server are made once for all who ask the same at the same time, never an older one."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from trunkline.dialer.compiling import Compiled
from trunkline.dialer.shared_reads import Found, SharedReads

LEAD = Compiled("select lead", ("id",), {}, ("name",))


class Server:
    """Answers when it is let, with how often it was asked so far."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.taken = 0
        self.let = asyncio.Semaphore(0)
        self.error: Exception | None = None

    async def take(self) -> Any:
        self.taken += 1
        return self.taken

    async def give_back(self, connection: Any) -> None:
        self.taken -= 1

    async def read(
        self, connection: Any, statement: Compiled, values: Sequence[Any], *, first: bool
    ) -> Found:
        self.asked.append((statement.sql, tuple(values), first))
        number = len(self.asked)
        await self.let.acquire()
        if self.error is not None:
            raise self.error
        return [(number,)]


async def turns(count: int = 5) -> None:
    """Let others go on until nothing more happens by itself."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_is_asked_together_is_asked_once() -> None:
    server = Server()
    reads = SharedReads(server)
    asking = [asyncio.create_task(reads.read(LEAD, [1])) for _ in range(8)]
    other = asyncio.create_task(reads.read(LEAD, [2]))
    await turns()
    assert server.asked == [("select lead", (1,), False), ("select lead", (2,), False)]
    server.let.release()
    server.let.release()
    assert {found[0][0] for found in await asyncio.gather(*asking)} == {1}
    assert (await other)[0][0] == 2
    await reads.close()
    assert server.taken == 0


async def test_what_is_on_its_way_is_too_old_for_who_asks_now() -> None:
    server = Server()
    reads = SharedReads(server)
    early = asyncio.create_task(reads.read(LEAD, [1]))
    await turns()
    late = [asyncio.create_task(reads.read(LEAD, [1])) for _ in range(3)]
    await turns()
    assert len(server.asked) == 1, "the same question is on its way once at a time"
    server.let.release()
    assert (await early)[0][0] == 1
    server.let.release()
    assert {found[0][0] for found in await asyncio.gather(*late)} == {2}


async def test_an_error_reaches_all_and_nobody_later() -> None:
    server = Server()
    server.error = OSError("gone")
    reads = SharedReads(server)
    asking = [asyncio.create_task(reads.read(LEAD, [1])) for _ in range(3)]
    await turns()
    server.let.release()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert [str(one) for one in found] == ["gone"] * 3
    server.error = None
    server.let.release()
    assert await reads.read(LEAD, [1]) == [(2,)]
    assert server.taken == 0


async def test_who_goes_away_takes_nobody_along() -> None:
    server = Server()
    reads = SharedReads(server)
    gone, stays = (asyncio.create_task(reads.read(LEAD, [1])) for _ in range(2))
    await turns()
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    server.let.release()
    assert await stays == [(1,)]


async def test_the_first_row_and_all_rows_are_two_questions() -> None:
    server = Server()
    reads = SharedReads(server)
    asking = [asyncio.create_task(reads.read(LEAD, [1], first=first)) for first in (True, False)]
    await turns()
    assert sorted(first for *_, first in server.asked) == [False, True]
    server.let.release()
    server.let.release()
    await asyncio.gather(*asking)
