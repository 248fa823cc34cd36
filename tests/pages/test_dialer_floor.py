import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.pages.conftest import NOW, Visitor
from tests.pages.dialing import dialer_open
from trunkline.access.roles import Role
from trunkline.dialer.floor_now import FloorNow
from trunkline.dialer.floor_watch import FloorWatch
from trunkline.pages.application import Pages
from trunkline.pages.console import Opened
from trunkline.pages.rooms import Rooms
from trunkline.pages.visit import SESSION

EMPTY = FloorNow(NOW, (), (), {}, 0, 0, 0)


@pytest.fixture
async def opened(rooms: Rooms) -> AsyncIterator[Opened]:
    async with dialer_open(rooms) as found:
        yield found


async def at_work(opened: Opened, user: str, status: str, **more: Any) -> None:
    since = opened.clock.now().astimezone(opened.zone) - timedelta(minutes=5)
    async with opened.service.database.work() as work:
        await work.insert("users", user=user, full_name=f"{user.title()} <b>", user_level=1, **{"pass": ""})
        row = {"user": user, "server_ip": "127.0.0.1", "status": status, "campaign_id": "FIRST", "lead_id": 0}
        await work.insert("live_agents", **row, last_state_change=f"{since:%Y-%m-%d %H:%M:%S}", **more)


async def waits(opened: Opened, queue: str, status: str = "LIVE") -> None:
    async with opened.service.database.work() as work:
        at = f"{opened.clock.now().astimezone(opened.zone):%Y-%m-%d %H:%M:%S}"
        row = {
            "server_ip": "127.0.0.1",
            "campaign_id": queue,
            "status": status,
            "lead_id": 0,
            "call_time": at,
        }
        await work.insert("auto_calls", **row)


async def test_an_empty_floor_says_how_to_fill_it(opened: Opened, visitor: Visitor) -> None:
    page = (await visitor(Role.ANALYST).get("/dialer/floor")).text
    assert "trunkline sim floor" in page
    assert "Nobody is logged in." in page


async def test_the_floor_as_it_is(opened: Opened, visitor: Visitor) -> None:
    await at_work(opened, "ann", "INCALL", calls_today=7, callerid="M1")
    await at_work(opened, "bob", "PAUSED")
    for queue in ("SALES", "SALES", "FIRST"):
        await waits(opened, queue)
    await waits(opened, "FIRST", "RINGING")
    floor = await opened.reader.read()
    assert [(one.user, one.state) for one in floor.agents] == [("ann", "caller gone"), ("bob", "paused")]
    assert [(one.id, one.calls) for one in floor.queues] == [("SALES", 2), ("FIRST", 1)]
    assert (floor.waiting, floor.ringing, floor.calls_today) == (3, 1, 7)
    since = floor.agents[0].since
    assert since is not None
    assert 290 < (opened.clock.now() - since).total_seconds() < 400
    page = (await visitor(Role.ANALYST).get("/dialer/floor")).text
    assert "Ann &lt;b&gt;" in page
    assert 'id="nobody" hidden' in page


async def test_a_time_that_is_none_is_no_fault(opened: Opened) -> None:
    await at_work(opened, "ann", "READY")
    async with opened.service.database.work() as work:
        await work.update("live_agents", {"user": "ann"}, last_state_change="0000-00-00 00:00:00")
    assert (await opened.reader.read()).agents[0].since is None


class Listening:
    """A browser's stream of events, as the server sees it."""

    def __init__(self, rooms: Rooms, session: str) -> None:
        self._gone, self.said = asyncio.Event(), asyncio.Queue[str]()
        self.status = 0
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/dialer/floor/events",
            "raw_path": b"/dialer/floor/events",
            "query_string": b"",
            "headers": [(b"cookie", f"{SESSION}={session}".encode()), (b"host", b"trunkline.test")],
            "client": ("127.0.0.1", 1),
            "server": ("trunkline.test", 80),
            "scheme": "http",
            "http_version": "1.1",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
        }
        self._is_asked = False
        self.task = asyncio.create_task(Pages(rooms)(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if not self._is_asked:
            self._is_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            await self.said.put(message["body"].decode())

    async def parts(self) -> dict[str, str]:
        """Those of the next event."""
        async with asyncio.timeout(20):
            while not (text := await self.said.get()).startswith("data: "):
                pass
        found: dict[str, str] = json.loads(text.removeprefix("data: "))["parts"]
        return found

    async def leave(self) -> None:
        self._gone.set()
        await asyncio.wait_for(self.task, 20)


async def test_viewers_share_one_reader_that_stops_with_the_last(opened: Opened, rooms: Rooms) -> None:
    user = rooms.users.add("ann@example.com", "Ann", Role.ANALYST)
    session = rooms.sessions.begin(user, "127.0.0.1", "a test").text
    opened.watch._every = 0.01
    readings = 0
    read = opened.watch._read

    async def counted() -> FloorNow:
        nonlocal readings
        readings += 1
        return await read()

    opened.watch._read = counted
    first, second = Listening(rooms, session), Listening(rooms, session)
    assert set(await first.parts()) == {"totals", "agents", "queues"}
    assert "Nobody is logged in." in (await second.parts())["agents"]
    await at_work(opened, "ann", "READY")
    for one in (first, second):
        while not (parts := await one.parts()):
            pass
        assert set(parts) == {"totals", "agents"}
        assert "Ann &lt;b&gt;" in parts["agents"]
    assert opened.watch.viewers == 2
    await first.leave()
    assert opened.watch.viewers == 1
    await second.leave()
    assert opened.watch.viewers == 0
    async with asyncio.timeout(20):
        while opened.watch.is_reading:
            await asyncio.sleep(0)
    then = readings
    await asyncio.sleep(0.05)
    assert readings == then


async def test_a_server_that_ends_lets_its_viewers_go(opened: Opened, rooms: Rooms) -> None:
    user = rooms.users.add("ann@example.com", "Ann", Role.ANALYST)
    viewer = Listening(rooms, rooms.sessions.begin(user, "127.0.0.1", "a test").text)
    await viewer.parts()
    rooms.console.close()
    await asyncio.wait_for(viewer.task, 20)
    assert viewer.status == 200


async def test_a_database_that_is_away_is_told_and_read_again() -> None:
    answers: list[FloorNow | None] = [None, EMPTY]

    async def read() -> FloorNow:
        floor = answers.pop(0) if answers else EMPTY
        if floor is None:
            raise OSError("away")
        return floor

    following = FloorWatch(read, every=0.01).follow()
    assert (await anext(following)).floor is None
    assert (await anext(following)).floor is EMPTY
    await following.aclose()
