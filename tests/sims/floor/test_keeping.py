"""The floor in a database: alone, patient, marked, gone without a trace, and never in somebody else's."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dialer.replay import state
from tests.sims.floor.office import TUESDAY, ZONE, Office, office_at
from tests.store.databases import KINDS, fresh_database, settings_at
from trunkline.cli.floor_keeping import Keeper, check_own, only_floor
from trunkline.clock import SteppedClock
from trunkline.dialer.database import Row, Work
from trunkline.dialer.loading import load_state
from trunkline.dialer.sqlite_database import SqliteDatabase
from trunkline.errors import RetryLater, SettingsError
from trunkline.settings import Settings
from trunkline.sims.floor.belongings import OPEN
from trunkline.sims.floor.floor import Floor
from trunkline.sims.floor.options import FloorOptions

SMALL = FloorOptions(agents=5, zone=ZONE)
OPERATORS_LEAD = {"phone_number": "7275551212", "source_id": "crm", "status": "NEW"}


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with office_at(settings_at(tmp_path / "home"), SMALL) as found:
        yield found


async def whole(office: Office) -> dict[str, list[Row]]:
    """Every row of every table, in a stable order."""
    names = [office.database.tables.bare_name(table.name) for table in office.database.tables]
    return {name: sorted(await office.rows(name), key=repr) for name in names}


async def begun_by_another(office: Office, hours: float = 0) -> tuple[Keeper, Floor]:
    """The floor gone on with by a new process, some time later."""
    office.clock.advance(hours * 3_600)
    keeper = Keeper(office.database, SMALL, office.clock)
    return keeper, await keeper.open(14)


# -- going on ----------------------------------------------------------------------------------------


async def test_a_closed_floor_goes_on_where_it_was(office: Office) -> None:
    floor = await office.opened(days=0)
    await office.pass_time(floor, 3_600)
    await office.keeper.close(floor)
    calls, leads = len(await office.rows("log")), len(await office.rows("list"))
    keeper, second = await begun_by_another(office, hours=2)
    assert second.now == floor.now
    await keeper.fill(second, lambda _: None, lambda: False)
    assert second.now == int(office.clock.now().timestamp())
    assert len(await office.rows("log")) > 2 * calls > 0
    assert leads <= len(await office.rows("list")) < leads + 100
    assert len({row["user"] for row in await office.rows("users")}) == len(await office.rows("users"))


async def test_a_floor_left_as_it_is_is_settled_by_the_next(office: Office) -> None:
    floor = await office.opened(days=0)
    await office.pass_time(floor, 3_600)
    assert await office.rows("live_agents")
    await begun_by_another(office)
    for rows in OPEN:
        assert [
            row for row in await office.rows(rows.table) if row.get("status") in ("INCALL", "QUEUE")
        ] == []
    assert await office.rows("live_agents") == await office.rows("auto_calls") == []
    assert await office.rows("recording_log", end_epoch=None) == []


async def test_a_long_absence_is_not_filled_further_back_than_asked(office: Office) -> None:
    await office.keeper.close(await office.opened())
    office.clock.advance(40 * 86_400)
    keeper = Keeper(office.database, SMALL, office.clock)
    floor = await keeper.open(3)
    assert floor.now == keeper.now - 3 * 86_400


async def test_a_floor_ahead_of_the_clock_is_refused(office: Office) -> None:
    floor = await office.opened()
    await office.pass_time(floor, 60)
    late = Keeper(office.database, SMALL, SteppedClock(TUESDAY - timedelta(hours=1)))
    with pytest.raises(SettingsError, match="ahead of the clock: it went on until 2026-06-09 10:41:00"):
        await late.open(1)


async def test_the_same_seed_makes_the_same_rows(tmp_path: Path) -> None:
    found = []
    for home, steps in (("one", (1_800,)), ("two", (7, 600, 1_193))):
        async with office_at(settings_at(tmp_path / home), SMALL) as office:
            floor = await office.opened()
            for seconds in steps:
                await office.pass_time(floor, seconds)
            columns = ("phone_number", "call_date", "status", "user", "length_in_sec")
            rows = [*await office.rows("log"), *await office.rows("closer_log")]
            found.append(sorted(tuple(str(row[name]) for name in columns) for row in rows))
    assert found[0] == found[1] != []


# -- alone, and in its own place ---------------------------------------------------------------------


def take_and_leave(settings: Settings) -> None:
    with only_floor(settings):
        pass


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_floor_is_refused(kind: str, tmp_path: Path) -> None:
    with fresh_database(kind, tmp_path / "home") as settings:
        with only_floor(settings), pytest.raises(RetryLater, match="A floor is at work here already"):
            take_and_leave(settings)
        take_and_leave(settings)


@pytest.mark.parametrize(
    "setting",
    [{"dialer_url": "mysql://u:secret@h/asterisk"}, {"dialer_prefix": "vicidial_"}],
)
def test_a_running_dialer_is_left_alone(setting: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="The settings name a running dialer") as told:
        check_own(settings_at(tmp_path, **setting))
    assert "secret" not in str(told.value)


async def test_two_floors_that_met_all_the_same_end_one(office: Office) -> None:
    floor = await office.opened()
    other, second = await begun_by_another(office)
    await other.fill(second, lambda _: None, lambda: False)
    rows = len(await office.rows("log"))
    with pytest.raises(SettingsError, match="changed by somebody else"):
        await office.pass_time(floor, 60)
    assert len(await office.rows("log")) == rows


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("campaigns", {"campaign_id": "FLOORSAL", "campaign_name": "Carpets"}),
        ("users", {"user": "floor03", "pass": "x", "full_name": "Third floor"}),
        ("lists", {"list_id": 9_605_001, "list_name": "Mine", "local_call_time": ""}),
        ("servers", {"server_id": "mine", "server_ip": "192.0.2.60"}),
    ],
)
async def test_rows_of_somebody_else_are_never_taken(office: Office, table: str, row: dict[str, Any]) -> None:
    async with office.database.work() as work:
        await work.insert(table, **row)
    before = await whole(office)
    with pytest.raises(SettingsError, match=f"The table {table} has a row of your own"):
        await office.keeper.open(1)
    assert await office.keeper.clear() == 0
    assert await whole(office) == before


# -- gone without a trace ----------------------------------------------------------------------------


async def loaded(office: Office) -> None:
    """An operator's own floor, from the recorded state."""
    await load_state(office.database, state())


async def test_clearing_leaves_the_operators_rows_as_they_were(office: Office) -> None:
    await loaded(office)
    before = await whole(office)
    floor = await office.opened()
    await office.pass_time(floor, 1_800)
    assert len(await office.rows("log")) > len(before["log"])
    assert await office.keeper.clear() > 500
    assert await whole(office) == before
    assert await office.keeper.clear() == 0


async def own_lead(work: Work, list_id: int) -> int:
    lead = await work.insert("list", **OPERATORS_LEAD, list_id=list_id)
    await work.insert("hopper", lead_id=lead, campaign_id="FLOORSAL", list_id=list_id, source="P")
    await work.insert("callbacks", lead_id=lead, campaign_id="FLOORSAL", status="ACTIVE", list_id=list_id)
    return lead


async def test_leads_of_the_operator_on_the_floors_lists_stay(office: Office) -> None:
    floor = await office.opened()
    async with office.database.work() as work:
        lead = await own_lead(work, 9_605_001)
        await work.insert("users", user="boss", **{"pass": "x"}, user_group="FLOORSRV")
    await office.pass_time(floor, 1_800)
    await office.keeper.close(floor)
    await office.keeper.clear()
    for table in ("list", "hopper", "callbacks"):
        assert [row["lead_id"] for row in await office.rows(table)] == [lead]
    assert [row["list_id"] for row in await office.rows("lists")] == [9_605_001]
    assert [row["campaign_id"] for row in await office.rows("campaigns")] == ["FLOORSAL"]
    assert [row["user_group"] for row in await office.rows("user_groups")] == ["ADMIN", "FLOORSRV"]
    await office.opened()
    assert len(await office.rows("campaigns")) == 2


async def test_the_operator_may_take_anything_away_meanwhile(office: Office) -> None:
    floor = await office.opened()
    await office.pass_time(floor, 900)
    async with office.database.work() as work:
        for table in ("hopper", "auto_calls", "list", "callbacks", "live_agents", "phones", "log"):
            await work.delete(table)
        await work.delete("users", user="floor01")
    for _ in range(4):
        await office.pass_time(floor, 900)
    assert len(await office.rows("log")) > 10
    await office.keeper.close(floor)
    keeper, again = await begun_by_another(office, hours=1)
    await keeper.fill(again, lambda _: None, lambda: False)
    assert await office.rows("users", user="floor01")
    assert await keeper.clear() > 100
    for table in ("log", "list", "users", "agent_log"):
        assert [row for row in await office.rows(table) if row.get("user") != "asker"] == []


# -- while the database is busy or away --------------------------------------------------------------


class Freeing(SteppedClock):
    """A clock whose waits are somebody else's chance to let go."""

    def __init__(self, start: datetime, other: sqlite3.Connection, after: int) -> None:
        super().__init__(start)
        self.waits = 0
        self._other, self._after = other, after

    async def sleep(self, seconds: float) -> None:
        self.waits += 1
        if self.waits == self._after:
            self._other.rollback()
        await super().sleep(seconds)


@asynccontextmanager
async def locked_office(home: Path, after: int) -> AsyncIterator[tuple[Office, Floor, Freeing]]:
    """A floor whose file somebody else writes to, until the floor has waited so often."""
    async with office_at(settings_at(home), SMALL) as office:
        floor = await office.opened()
        assert isinstance(office.database, SqliteDatabase)
        office.database.connection.execute("PRAGMA busy_timeout = 1")
        other = sqlite3.connect(home / "store.sqlite3")
        clock = Freeing(office.clock.now(), other, after)
        office.keeper._clock = office.clock = clock
        other.execute("BEGIN IMMEDIATE")
        yield office, floor, clock
        other.close()


async def test_the_floor_waits_for_a_lock_and_loses_nothing(tmp_path: Path) -> None:
    async with locked_office(tmp_path / "home", after=3) as (office, floor, clock):
        await office.pass_time(floor, 600)
        assert clock.waits == 3
        assert len(await office.rows("log")) > 5
        await office.pass_time(floor, 600)
        await office.keeper.close(floor)
        assert await office.rows("auto_calls") == []


async def test_a_lock_that_does_not_end_is_told(tmp_path: Path) -> None:
    async with locked_office(tmp_path / "home", after=99) as (office, floor, _):
        with pytest.raises(RetryLater, match="The database takes no rows of the floor: database is locked"):
            await office.pass_time(floor, 600)


async def test_a_writing_whose_answer_was_lost_is_not_written_twice(office: Office) -> None:
    floor = await office.opened()
    work, to_lose = office.database.work, [True]

    @asynccontextmanager
    async def losing() -> AsyncIterator[Work]:
        async with work() as found:
            yield found
        if to_lose:
            to_lose.clear()
            raise ConnectionResetError("gone after the commit")

    office.database.work = losing  # type: ignore[method-assign]
    await office.pass_time(floor, 900)
    assert not to_lose
    await office.pass_time(floor, 900)
    await office.keeper.close(floor)
    logged = [row["uniqueid"] for row in await office.rows("log_extended")]
    assert len(logged) == len(set(logged)) > 10
    assert await office.rows("live_agents") == []


async def test_the_heart_of_the_floor_beats(office: Office) -> None:
    floor = await office.opened()
    await office.pass_time(floor, 60)
    await office.pass_time(floor, 1)
    seen = {agent["last_update_time"] for agent in await office.rows("live_agents")}
    assert seen == {(TUESDAY + timedelta(seconds=61)).astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")}
    assert office.clock.now().tzinfo == UTC
