"""The functions of the API show the floor's life, and tell one story of it."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.sims.floor.office import ZONE, Office, office_at
from tests.store.databases import KINDS, fresh_database, settings_at
from trunkline.dialer.database import Row
from trunkline.sims.floor.floor import Floor
from trunkline.sims.floor.options import FloorOptions

GROUPS, IN_GROUPS = "FLOORSAL|FLOORSRV", "FLOOR_SALES|FLOOR_SUPPORT"
WAITING = ("READY", "CLOSER")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with office_at(settings_at(tmp_path / "home")) as found:
        yield found


async def check_moment(office: Office) -> list[Row]:
    """Everything that is said of one moment fits together; the agents at work."""
    agents = await office.ask("logged_in_agents", show_sub_status="YES")
    await check_groups(office, agents)
    for agent in agents:
        (said,) = await office.ask("agent_status", agent_user=agent["user"])
        for name in (
            "status",
            "lead_id",
            "campaign_id",
            "calls_today",
            "full_name",
            "session_id",
            "pause_code",
        ):
            assert said[name] == agent[name], name
        assert said["call_id"] == agent["callerid"]
        assert said["real_time_sub_status"] == agent["sub_status"]
        if said["lead_id"] != "0":
            params = {"lead_id": said["lead_id"], "field_name": "phone_number"}
            assert await office.text("lead_field_info", **params) == said["phone_number"]
        in_groups = await office.text("agent_ingroup_info", agent_user=agent["user"], stage="text")
        assert f"SELECTED INGROUPS:  {IN_GROUPS.replace('|', ' ')} -" in in_groups
    return agents


async def check_groups(office: Office, agents: list[Row]) -> None:
    (all_,) = await office.ask("user_group_status", user_groups=GROUPS)
    by_group = [(await office.ask("user_group_status", user_groups=group))[0] for group in GROUPS.split("|")]
    numbers = [name for name in all_ if name not in ("usergroups", "calls_waiting")]
    for name in numbers:
        assert int(all_[name]) == sum(int(group[name]) for group in by_group), name
    assert int(all_["agents_logged_in"]) == len(agents)
    assert sum(int(all_[name]) for name in numbers) == 2 * len(agents), "everybody does one thing"
    doing = Counter(agent["sub_status"] or agent["status"] for agent in agents)
    assert int(all_["agents_in_dead_calls"]) == doing["DEAD"]
    assert int(all_["agents_in_dispo"]) == doing["DISPO"]
    assert int(all_["agents_waiting"]) == sum(doing[status] for status in WAITING)
    (inbound,) = await office.ask("in_group_status", in_groups=IN_GROUPS)
    assert int(inbound["agents_logged_in"]) == len(agents)
    assert 0 <= int(inbound["calls_waiting"]) <= int(inbound["total_calls"])
    assert int(all_["calls_waiting"]) >= int(inbound["calls_waiting"])


async def check_call(office: Office, call: Row, agent: str) -> None:
    """A call that has ended: its id, its number, its recording tell the same."""
    (said,) = await office.ask("callid_info", call_id=call["caller_code"], detail="YES")
    assert (said["user"], said["call_date"]) == (agent, call["call_date"])
    direction = "IN" if call["caller_code"].startswith("Y") else "OUT"
    history = await office.ask("phone_number_log", phone_number=said["phone"], type=direction)
    (logged,) = [row for row in history if row["call_date"] == call["call_date"]]
    assert (logged["user"], logged["call_status"]) == (agent, said["status"])
    assert 0 <= int(said["custtime"]) <= int(logged["length_in_sec"])
    found = await office.ask("recording_lookup", lead_id=str(call["lead_id"]), uniqueid=call["uniqueid"])
    assert agent in {row["user"] for row in found}


async def calls_with(office: Office, agent: str) -> list[Row]:
    """The calls of an agent that are over, with their ids."""
    codes = {row["uniqueid"]: row for row in await office.rows("log_extended")}
    logs = await office.rows("agent_log", user=agent)
    return [codes[row["uniqueid"]] for row in logs if row["status"]]


async def moments(office: Office, floor: Floor, count: int, seconds: float) -> list[list[Row]]:
    found = []
    for _ in range(count):
        await office.pass_time(floor, seconds)
        found.append(await check_moment(office))
    return found


async def test_status_functions_show_life(office: Office) -> None:
    floor = await office.opened(days=1)
    seen = await moments(office, floor, 40, 47)
    statuses = {agent["status"] for moment in seen for agent in moment}
    assert {"READY", "INCALL", "PAUSED"} <= statuses
    assert {"DISPO", ""} <= {agent["sub_status"] for moment in seen for agent in moment}
    assert len({tuple(agent["status"] for agent in moment) for moment in seen}) > 10
    first, last = (sum(int(agent["calls_today"]) for agent in moment) for moment in (seen[0], seen[-1]))
    assert last > first > 0


async def test_ended_calls_are_found_by_every_function(office: Office) -> None:
    floor = await office.opened(days=1)
    await office.pass_time(floor, 1_200)
    calls = await calls_with(office, "floor01")
    assert len(calls) > 20
    assert {call["caller_code"][0] for call in calls} >= {"V", "Y"}
    for call in calls[::4]:
        await check_call(office, call, "floor01")
    by_day = await office.ask("recording_lookup", agent_user="floor01", date="2026-06-09")
    recorded = await office.rows("recording_log", user="floor01")
    assert len(by_day) == sum(row["start_time"].startswith("2026-06-09") for row in recorded)


async def test_a_days_stats_are_sensible(office: Office) -> None:
    await office.opened(days=2)
    period = {"datetime_start": "2026-06-08 00:00:00", "datetime_end": "2026-06-08 23:59:59"}
    stats = await office.ask("agent_stats_export", **period, time_format="S")
    assert len(stats) >= 7
    for row in stats:
        login, talk, wait = (int(row[name]) for name in ("login_time", "total_talk_time", "total_wait_time"))
        assert 3_600 < login < 9 * 3_600 + 1_800
        assert 0.15 * login < talk < login
        assert talk + wait + int(row["pause_time"]) <= login
        assert int(row["calls"]) > 10
        assert row["sessions"] in ("1", "2")
        assert abs(int(row["avg_talk_time"]) - talk / int(row["calls"])) <= 1
    assert abs(sum(float(row["pct_of_queue"].rstrip("%")) for row in stats) - 100) < 1


async def test_a_did_has_its_calls_and_their_lengths(office: Office) -> None:
    await office.opened(days=1)
    calls = [
        call
        for did in ("7735550198", "7735550199")
        for call in await office.ask("did_log_export", phone_number=did, date="2026-06-08")
    ]
    logged = await office.rows("closer_log")
    ends = {
        (
            row["phone_number"],
            datetime.fromisoformat(row["call_date"]) + timedelta(seconds=row["length_in_sec"]),
        )
        for row in logged
        if row["length_in_sec"] is not None
    }
    assert len(calls) > 50
    for call in calls:
        came, length = datetime.fromisoformat(call["call_date"]), int(call["length_in_sec"])
        assert length > 0
        assert (call["caller_id_number"], came + timedelta(seconds=length)) in ends


@pytest.mark.parametrize("kind", KINDS)
async def test_a_short_and_fast_floor_on_every_database(kind: str, tmp_path: Path) -> None:
    with fresh_database(kind, tmp_path / "home") as settings:
        async with office_at(settings, FloorOptions(agents=6, zone=ZONE)) as office:
            floor = await office.opened(speed=20)
            await moments(office, floor, 6, 30)
            calls = await calls_with(office, "floor01")
            assert calls
            await check_call(office, calls[-1], "floor01")
            stats = await office.ask(
                "agent_stats_export", datetime_start="2026-06-09 00:00:00", datetime_end="2026-06-09 23:59:59"
            )
            assert sum(int(row["calls"]) for row in stats) >= len(calls)
            await office.keeper.close(floor)
            assert "NO LOGGED IN AGENTS" in await office.text("logged_in_agents")
            assert await office.rows("auto_calls") == []
            assert await office.keeper.clear() > 100
            assert await office.rows("agent_log") == await office.rows("list") == []
