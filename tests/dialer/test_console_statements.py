"""What the console reads and changes, on each of the three databases."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.dialer.databases import made_database, opened_database
from tests.store.databases import KINDS
from trunkline.clock import process_clock
from trunkline.dialer import api_users
from trunkline.dialer.api_users import Actor, Wish
from trunkline.dialer.audit_table import Wanted, entries_of
from trunkline.dialer.command import Dialect
from trunkline.dialer.commands import COMMANDS
from trunkline.dialer.database import Database
from trunkline.dialer.floor_now import FloorReader
from trunkline.dialer.rehearsal import Asked, heard_in_all
from trunkline.dialer.runner import Service
from trunkline.dialer.setting_up import make_frame

ACTOR = Actor("somebody-with-a-long-name@example.com", "127.0.0.1", "2026-06-14 12:00:00")
WISH = Wish(
    full_name="Ann",
    level="9",
    group="ADMIN",
    is_active=True,
    rights=frozenset(api_users.RIGHTS),
    is_limited=False,
    functions=["ALL_FUNCTIONS"],
    password="Secret-8",
)


@pytest.mark.parametrize("kind", KINDS)
async def test_on_every_database(kind: str, tmp_path: Path) -> None:
    with made_database(kind, tmp_path / "home") as (place, tables):
        async with opened_database(place, tables) as database:
            await users(database)
            await rehearsals(database)
            await floor(database)


async def users(database: Database) -> None:
    service = Service(database, process_clock(), ZoneInfo("UTC"))
    async with database.work() as work:
        await make_frame(work)
    await api_users.add(service, "ann", WISH, ACTOR)
    await api_users.add(service, "bob", WISH, ACTOR)
    await api_users.change(service, "ann", Wish(**{**vars(WISH), "level": "8", "password": ""}), ACTOR)
    async with database.work() as work:
        found = await work.all(api_users.some_users, after="ann", limit=10)
        assert [row["user"] for row in found] == ["bob"]
    newest, following = await entries_of(database, Wanted(function="console", limit=2))
    assert [entry.records for entry in newest] == [("users/ann",), ("users/bob",)]
    assert newest[0].user == ACTOR.who[:20]
    older, last = await entries_of(database, Wanted(function="console", limit=2, before=following))
    assert [entry.records for entry in older] == [("users/ann",)]
    assert last == 0


async def rehearsals(database: Database) -> None:
    service = Service(database, process_clock(), ZoneInfo("UTC"))
    async with database.work() as work:
        await work.insert("campaigns", campaign_id="FIRST", campaign_name="First", active="Y")
    params = {"list_id": "2002", "list_name": "Spring", "campaign_id": "FIRST"}
    asked = Asked(
        COMMANDS["add_list"], {"user": "bob", "source": "test", "function": "add_list"} | params, "", True
    )
    heard = await heard_in_all(service, asked, Dialect.ORIGINAL)
    assert [one.dialect for one in heard] == list(Dialect)
    assert all("LIST HAS BEEN ADDED" in one.text for one in heard)
    assert [one.is_kept for one in heard] == [False, True, False]
    again = await heard_in_all(service, asked, Dialect.JSON)
    assert all("LIST ALREADY EXISTS" in one.text for one in again)


async def floor(database: Database) -> None:
    async with database.work() as work:
        row = {"server_ip": "127.0.0.1", "lead_id": 0, "campaign_id": "FIRST"}
        since = "2026-06-14 11:59:00"
        await work.insert("live_agents", user="bob", status="PAUSED", **row, last_state_change=since)
        await work.insert("auto_calls", status="LIVE", call_time=since, **row)
        await work.insert("auto_calls", status="RINGING", call_time=since, **row)
    now = await FloorReader(database, process_clock(), ZoneInfo("America/New_York")).read()
    (agent,), (queue,) = now.agents, now.queues
    assert (agent.name, agent.state) == ("Ann", "paused")
    assert agent.since is not None
    assert agent.since.isoformat() == "2026-06-14T11:59:00-04:00"
    assert (queue.name, queue.calls, queue.oldest) == ("First", 1, agent.since)
    assert (now.waiting, now.ringing) == (1, 1)
