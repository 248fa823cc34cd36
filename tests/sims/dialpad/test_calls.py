"""The calls of the pretend Dialpad: legs that refer to each other, newest first, concluded only."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.sims.dialpad.dialpad_caller import CALLS, NOW, Caller, Json, calling, unlimited
from trunkline.clock import SteppedClock
from trunkline.sims.dialpad import DialpadSimOptions, World
from trunkline.sims.dialpad.conversations import KINDS
from trunkline.sims.timeline import milliseconds


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling(unlimited()) as found:
        yield found


async def added(caller: Caller, kind: str) -> list[Json]:
    """The legs of a new conversation of a kind, in their own order."""
    ids = caller.sim.world.add_calls(1, NOW - timedelta(hours=1), kind)
    return [await caller.get(f"call/{id_}") for id_ in ids]


def span(row: Json) -> tuple[int, int]:
    return int(row["date_connected"]), int(row["date_ended"])


# -- the list ----------------------------------------------------------------------------------------


async def test_all_calls_come_once_newest_first(caller: Caller) -> None:
    rows = await caller.pages("call")
    starts = [int(row["date_started"]) for row in rows]
    assert len({row["call_id"] for row in rows}) == len(rows) == 500
    assert [row["call_id"] for row in rows] == caller.sim.world.call_ids()
    assert starts == sorted(starts, reverse=True)
    assert max(int(row["date_ended"]) for row in rows) == milliseconds(NOW)


async def test_both_bounds_are_outside(caller: Caller) -> None:
    rows = await caller.pages("call")
    newest, oldest = rows[10]["date_started"], rows[50]["date_started"]
    found = await caller.pages("call", started_after=oldest, started_before=newest)
    assert [row["call_id"] for row in found] == [row["call_id"] for row in rows[11:50]]


async def test_calls_inserted_between_two_pages_shift_nothing(caller: Caller) -> None:
    before = [row["call_id"] for row in await caller.pages("call")]
    first = await caller.get("call")
    caller.sim.world.add_calls(5)
    rows = first["items"] + await caller.pages("call", cursor=first["cursor"])
    assert [row["call_id"] for row in rows] == before
    assert len(await caller.pages("call")) == 505


async def test_a_call_appears_when_it_has_ended(caller: Caller) -> None:
    [running] = caller.sim.world.add_calls(1, NOW)
    row = await caller.get(f"call/{running}")
    assert (row["state"], "date_ended" in row) == ("ringing", False)
    assert running not in [r["call_id"] for r in (await caller.get("call"))["items"]]
    caller.clock.advance(3600)
    row = (await caller.get("call"))["items"][0]
    assert (row["call_id"], row["state"]) == (running, "hangup")


async def test_calls_are_filtered_by_target(caller: Caller) -> None:
    everything = await caller.pages("call")
    center, user = caller.ids("callcenters")[0], everything[0]["target"]["id"]
    found = await caller.pages("call", target_id=center, target_type="callcenter")
    assert {row["target"]["type"] for row in found} == {"call_center", "user"}
    assert all(center in (row["target"]["id"], row["entry_point_target"].get("id")) for row in found)
    mine = await caller.pages("call", target_id=user, target_type="user")
    assert mine == [row for row in everything if row["target"]["id"] == user]
    assert await caller.error("call", target_id=user) == (
        400,
        "target_id and target_type must be specified together.",
    )
    assert (await caller.error("call", target_id=user, target_type="call_center"))[0] == 400
    assert (await caller.error("call", started_after="yesterday"))[0] == 400


async def test_a_single_call_is_found_by_its_exact_id(caller: Caller) -> None:
    row = (await caller.get("call"))["items"][3]
    call_id = int(row["call_id"])
    assert call_id > 2**53
    assert await caller.get(f"call/{call_id}") == row
    # A client that reads ids as floats asks for another number.
    assert int(float(call_id)) != call_id
    assert (await caller.error(f"call/{int(float(call_id))}"))[0] == 404


# -- numbers -----------------------------------------------------------------------------------------


async def test_64_bit_numbers_are_text_and_lengths_are_doubles(caller: Caller) -> None:
    for row in (await caller.get("call"))["items"]:
        assert all(isinstance(v, str) for n, v in row.items() if n.endswith("_id") or n.startswith("date_"))
        assert isinstance(row["duration"], float)
        total = int(row["date_ended"]) - int(row["date_started"])
        assert row["total_duration"] == pytest.approx(total, abs=0.1)
        assert None not in row.values()


# -- legs --------------------------------------------------------------------------------------------


async def test_a_call_center_call_has_an_entry_leg_and_an_agents_leg(caller: Caller) -> None:
    entry, agent = await added(caller, "callcenter")
    assert entry["target"]["type"] == "call_center"
    assert (entry["master_call_id"], entry["operator_call_id"]) == (entry["call_id"], agent["call_id"])
    assert agent["target"]["type"] == "user"
    assert (agent["entry_point_call_id"], agent.get("master_call_id")) == (entry["call_id"], None)
    assert agent["entry_point_target"]["id"] == entry["target"]["id"]
    assert entry["group_id"] == agent["group_id"] == f"CallCenter:{entry['target']['id']}"
    assert int(agent["date_started"]) > int(entry["date_started"])
    assert span(entry) == span(agent)
    assert entry["duration"] > agent["duration"]


async def test_a_call_over_the_main_line_has_three_legs(caller: Caller) -> None:
    office, entry, _agent = await added(caller, "main_line")
    assert office["target"]["type"] == "office"
    assert (office["is_transferred"], "date_connected" in office) == (True, False)
    assert entry["master_call_id"] == entry["entry_point_call_id"] == office["call_id"]


async def test_a_transfer_has_two_users_one_after_the_other(caller: Caller) -> None:
    first, second = await added(caller, "transfer")
    assert first["target"]["id"] != second["target"]["id"]
    assert second["master_call_id"] == first["call_id"]
    assert first["is_transferred"]
    assert second["is_transferred"]
    assert int(second["date_started"]) == int(first["date_ended"])


async def test_three_people_make_two_overlapping_rows_of_the_one_who_adds(caller: Caller) -> None:
    for _ in range(5):
        first, second, third = await added(caller, "three_way")
        assert first["target"] == second["target"] == third["contact"]
        assert (first["contact"]["type"], second["contact"]["type"]) == ("local", "user")
        (begin, end), (added_at, ended) = span(first), span(second)
        assert begin < added_at < ended <= end + 2_000


async def test_an_internal_call_has_a_leg_for_each_side(caller: Caller) -> None:
    outgoing, incoming = await added(caller, "internal")
    assert (outgoing["direction"], incoming["direction"]) == ("outbound", "inbound")
    assert outgoing["contact"] == incoming["target"]
    assert incoming["contact"] == outgoing["target"]
    assert outgoing["external_number"] == incoming["internal_number"]
    assert span(outgoing) == span(incoming)


async def test_voicemails_and_missed_calls_were_not_answered(caller: Caller) -> None:
    [missed] = await added(caller, "missed")
    [message] = await added(caller, "voicemail")
    for row in (missed, message):
        assert (row["duration"], "date_connected" in row) == (0.0, False)
    assert "recording_details" not in missed
    assert message["voicemail_share_link"]
    assert [d["recording_type"] for d in message["recording_details"]] == ["voicemail"]


async def test_every_kind_happens_and_every_link_leads_somewhere(caller: Caller) -> None:
    rows = await caller.pages("call")
    known = {row["call_id"] for row in rows}
    links = ("master_call_id", "entry_point_call_id", "operator_call_id")
    assert {row[name] for row in rows for name in links if name in row} <= known
    types = Counter(row["target"]["type"] for row in rows)
    assert set(types) == {"user", "call_center", "department", "office", "room"}
    assert sum(kind.legs * kind.often for kind in KINDS.values()) == 50


# -- when -------------------------------------------------------------------------------------------


def test_calls_cluster_in_the_office_hours_of_the_offices_own_zone() -> None:
    world = World(DialpadSimOptions(calls=4000), SteppedClock(NOW))
    zones = {int(row["id"]): row["timezone"] for row in world.lists["offices"]}
    assert set(zones.values()) == {"America/New_York", "Europe/Berlin", "Australia/Lord_Howe"}
    hours: dict[str, list[int]] = {zone: [] for zone in zones.values()}
    for _, leg in world.concluded(0, milliseconds(NOW), milliseconds(NOW)):
        zone = zones[leg.target.office_id]
        hours[zone].append(datetime.fromtimestamp(leg.start / 1000, ZoneInfo(zone)).hour)
    for found in hours.values():
        assert len(found) > 1000
        assert sum(8 <= hour < 18 for hour in found) / len(found) > 0.8


def rows_of(options: DialpadSimOptions) -> list[tuple[int, int, int, str]]:
    world = World(options, SteppedClock(NOW))
    legs = world.concluded(0, milliseconds(NOW), milliseconds(NOW))
    return [(leg.call_id, leg.start, leg.end, leg.target.name) for _, leg in legs]


def test_everything_follows_from_the_seed_and_large_worlds_contain_small_ones() -> None:
    small = DialpadSimOptions(calls=100)
    assert rows_of(small) == rows_of(small)
    assert set(rows_of(small)) < set(rows_of(replace(small, calls=400)))
    assert not {row[0] for row in rows_of(small)} & {row[0] for row in rows_of(replace(small, seed=2))}


@pytest.mark.parametrize(
    "changes",
    [
        {"calls": 1},
        {"calls": 73},
        {"users": 1},
        {"callcenters": 0},
        {"departments": 0, "rooms": 0},
        {"offices": 9},
    ],
)
def test_odd_sizes_have_as_many_calls_as_asked(changes: dict[str, int]) -> None:
    options = unlimited(**{"calls": 120, **changes})
    assert len({row[0] for row in rows_of(options)}) == options.calls


# -- changes -----------------------------------------------------------------------------------------


async def test_calls_are_added_and_changed_over_http(caller: Caller) -> None:
    ids = (await caller.control("POST", "/calls", count=2, kind="transfer"))["ids"]
    assert len(ids) == 4
    await caller.control("PATCH", f"/calls/{ids[0]}", labels=["VIP"], was_recorded=True)
    row = await caller.get(f"call/{ids[0]}")
    assert (row["labels"], row["was_recorded"]) == (["VIP"], True)
    assert row in await caller.pages("call")
    [record] = [r for r in await caller.table(**CALLS, is_today=True) if r["call_id"] == ids[0]]
    assert (record["was_recorded"], record["category"]) == ("true", "incoming")
    assert "transferred_out" in record["categories"]


async def test_new_calls_appear_as_the_clock_goes_on() -> None:
    async with calling(unlimited(calls=10, live_per_hour=12)) as caller:
        caller.clock.advance(7200)
        found = len(await caller.pages("call"))
        assert found >= 10 + 20
        await caller.pages("call")
        assert len(await caller.pages("call")) == found
