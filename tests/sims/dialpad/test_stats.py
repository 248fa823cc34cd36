"""Stats requests of the pretend Dialpad: checked, processed, cached, gone; and the files they end in."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from tests.sims.dialpad.dialpad_caller import CALLS, NOW, Caller, calling, message_of, table_of, unlimited
from trunkline.sims.dialpad import Fault

ALL = {**CALLS, "days_ago_end": 90}


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling(unlimited()) as found:
        yield found


# -- what can be asked -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"export_type": "records"}, "stat_type is required"),
        ({"stat_type": "calls"}, "export_type is required"),
        ({**CALLS, "stat_type": "surveys"}, "Invalid value for stat_type: surveys"),
        ({**CALLS, "export_type": "csv"}, "Invalid value for export_type"),
        ({**CALLS, "target_type": "call_center", "target_id": 1}, "Invalid value for target_type"),
        ({**CALLS, "target_type": "user"}, "target_id and target_type must be specified together"),
        ({**CALLS, "target_id": "abc", "target_type": "user"}, "Invalid value for target_id: abc"),
        ({**CALLS, "days_ago_start": "soon"}, "Invalid value for days_ago_start"),
        ({**CALLS, "days_ago_start": -1}, "must not be negative"),
        ({**CALLS, "days_ago_end": 10**12}, "must not be more than"),
        ({**CALLS, "days_ago_end": 1.5}, "Invalid value for days_ago_end: 1.5"),
        ({**CALLS, "days_ago_end": True}, "Invalid value for days_ago_end"),
        ({**CALLS, "stat_type": ["calls"]}, "Invalid value for stat_type"),
        ({**CALLS, "timezone": {"a": 1}}, "Invalid timezone name"),
        ({**CALLS, "timezone": "America"}, "Invalid timezone name"),
        ({**CALLS, "timezone": "x" * 300}, "Invalid timezone name"),
        ({**CALLS, "is_today": []}, "Invalid value for is_today"),
        ({**CALLS, "is_today": "maybe"}, "Invalid value for is_today"),
        ({**CALLS, "timezone": "Mars/Olympus"}, "Invalid timezone name"),
        ({"stat_type": "csat", "export_type": "records"}, "must be specified for stat_type csat"),
        (
            {"stat_type": "dispositions", "export_type": "stats", "target_id": 1, "target_type": "user"},
            "Only export_type records",
        ),
        ({"stat_type": "texts", "export_type": "stats", "group_by": "date"}, "group_by is only applicable"),
    ],
)
async def test_wrong_bodies_are_refused(caller: Caller, body: dict[str, Any], words: str) -> None:
    status, message = await caller.stats_error(**body)
    assert (status, words in message) == (400, True), message


async def test_bodies_come_as_json_or_as_a_form_and_polls_in_two_ways(caller: Caller) -> None:
    _, begun = await caller.begin(**ALL)
    _, same = await caller.begin(True, **{name: str(value) for name, value in ALL.items()})
    assert same == {"already_started": True, "request_id": begun["request_id"]}
    assert (await caller.get("stats", id=begun["request_id"]))["status"] == "processing"
    assert (await caller.get(f"stats/{begun['request_id']}"))["status"] == "complete"
    async with caller.session.post(f"{caller.sim.url}/api/v2/stats", data=b"{", headers={}) as response:
        assert message_of(400, await response.json()) == "The request body is not valid JSON."


# -- the life of a request ---------------------------------------------------------------------------


async def test_it_is_processed_for_so_many_polls_and_so_long() -> None:
    async with calling(unlimited(processing_polls=2, processing_seconds=60)) as caller:
        _, begun = await caller.begin(**CALLS)
        path = f"stats/{begun['request_id']}"
        for _ in range(4):
            assert await caller.get(path) == {"status": "processing"}
        caller.clock.advance(60)
        done = await caller.get(path)
        assert set(done) == {"status", "download_url", "file_type"}


@pytest.mark.parametrize(("body", "kept"), [({"is_today": True}, 30 * 60), ({}, 3 * 3600)])
async def test_repeats_are_known_while_results_are_kept(body: dict[str, Any], kept: float) -> None:
    async with calling(unlimited(expiry_seconds=86_400)) as caller:
        _, first = await caller.begin(**CALLS, **body)
        assert not first["already_started"]
        caller.clock.advance(kept - 1)
        assert (await caller.begin(**CALLS, **body))[1] == {**first, "already_started": True}
        assert not (await caller.begin(**CALLS, **body, timezone="Asia/Tokyo"))[1]["already_started"]
        caller.clock.advance(1)
        _, later = await caller.begin(**CALLS, **body)
        assert (later["already_started"], later["request_id"] == first["request_id"]) == (False, False)


async def test_an_expired_request_is_gone_with_its_file(caller: Caller) -> None:
    _, begun = await caller.begin(**CALLS)
    for _ in range(2):
        polled = await caller.get(f"stats/{begun['request_id']}")
    caller.clock.advance(3600)
    gone = (404, f"Request with id {begun['request_id']} not found.")
    assert await caller.error(f"stats/{begun['request_id']}") == gone
    async with caller.session.get(polled["download_url"]) as response:
        assert response.status == 404
    assert not (await caller.begin(**CALLS))[1]["already_started"]


async def test_it_fails_and_expires_on_demand(caller: Caller) -> None:
    for kind, answer in (("stats_failed", (200, {"status": "failed"})), ("stats_expired", (404, None))):
        _, begun = await caller.begin(**CALLS)
        assert not begun["already_started"]
        caller.sim.faults.add(Fault(kind, path_contains="/stats/"))
        status, body, _ = await caller.answer(f"stats/{begun['request_id']}")
        assert (status, body if status == 200 else None) == answer


async def test_a_new_day_is_a_new_request(caller: Caller) -> None:
    _, first = await caller.begin(**CALLS, timezone="Asia/Tokyo", days_ago_end=1)
    # 18:30 UTC is 03:30 in Tokyo; New York's midnight is hours away.
    _, other = await caller.begin(**CALLS, timezone="America/New_York", days_ago_end=1)
    caller.clock.advance(2 * 3600)
    assert (await caller.begin(**CALLS, timezone="Asia/Tokyo", days_ago_end=1))[1]["already_started"] is False
    assert first["request_id"] != other["request_id"]


# -- files -------------------------------------------------------------------------------------------


def local(row: dict[str, str], name: str) -> datetime | None:
    return datetime.fromisoformat(row[name]) if row[name] else None


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Australia/Lord_Howe"])
async def test_calls_records_are_the_calls_of_the_list(caller: Caller, zone: str) -> None:
    tz = ZoneInfo(zone)
    midnight = NOW.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0)
    before = str(round(midnight.timestamp() * 1000))
    table = await caller.table(**ALL, timezone=zone)
    listed = {row["call_id"]: row for row in await caller.pages("call", started_before=before)}
    assert len(table) == len(listed)
    assert len(next(iter(table))) == 54
    for row in table:
        call = listed[row["call_id"]]
        for name in ("date_started", "date_connected", "date_ended", "date_rang"):
            instant = int(call[name]) / 1000 if name in call else None
            shown = local(row, name)
            assert (shown and shown.replace(tzinfo=tz).timestamp()) == (instant and pytest.approx(instant))
        assert row["timezone"] == zone
        assert (row["target_id"], row["target_type"]) == (call["target"]["id"], call["target"]["type"])
        assert row["entry_point_call_id"] == call.get("entry_point_call_id", "")
        assert row["master_call_id"] == call.get("master_call_id", "")
        assert row["is_internal"] == str(call["contact"]["type"] == "user").lower()


async def test_lengths_are_minutes_and_add_up(caller: Caller) -> None:
    for row in await caller.table(**ALL):
        connected, ended = local(row, "date_connected"), local(row, "date_ended")
        spoken = (float(row["talk_duration"]) + float(row["hold_duration"])) * 60
        between = (ended - connected).total_seconds() if connected and ended else 0
        assert spoken == pytest.approx(between, abs=0.7)


async def test_a_whole_second_has_no_fraction(caller: Caller) -> None:
    [id_] = caller.sim.world.add_calls(1, NOW - timedelta(days=1))
    row = next(row for row in await caller.table(**ALL) if row["call_id"] == id_)
    assert row["date_started"] == "2026-06-16 18:30:00"
    assert any("." in row["date_ended"] for row in await caller.table(**ALL, timezone="Asia/Tokyo"))


async def test_group_calls_have_two_rows(caller: Caller) -> None:
    rows = {row["call_id"]: row for row in await caller.table(**ALL)}
    agents = [row for row in rows.values() if row["participant_type"] == "operator"]
    assert agents
    for row in agents:
        entry = rows[row["entry_point_call_id"]]
        assert (row["target_kind"], row["entry_point_target_kind"]) == ("UserProfile", entry["target_kind"])
        assert (entry["email"], bool(row["email"])) == ("", True)
        assert row["entry_point_target_id"] == entry["target_id"]


async def test_today_and_history_join_without_gap_or_overlap(caller: Caller) -> None:
    caller.sim.world.add_calls(3)
    [running] = caller.sim.world.add_calls(1, NOW - timedelta(seconds=1))
    zone = {"timezone": "Europe/Berlin"}
    history = [row["call_id"] for row in await caller.table(**ALL, **zone)]
    today = [row["call_id"] for row in await caller.table(**CALLS, **zone, is_today=True)]
    assert len(today) >= 3
    assert not set(history) & set(today)
    assert running not in today
    assert set(history + today) == {row["call_id"] for row in await caller.pages("call")}


async def test_a_target_overrides_an_office(caller: Caller) -> None:
    office, center = caller.ids("offices")[0], caller.ids("callcenters")[1]
    everything = await caller.table(**ALL)
    below = await caller.table(**ALL, office_id=office)
    assert {row["office_id"] for row in below} == {office}
    assert 0 < len(below) < len(everything)
    own = await caller.table(**ALL, target_type="office", target_id=office)
    assert {row["target_kind"] for row in own} == {"Office"}
    both = await caller.table(**ALL, office_id=office, target_type="callcenter", target_id=center)
    assert both == [row for row in everything if center in (row["target_id"], row["entry_point_target_id"])]


async def test_days_from_far_to_near_hold_nothing_unless_swapped(caller: Caller) -> None:
    reversed_days = {**CALLS, "days_ago_start": 30, "days_ago_end": 1}
    assert await caller.table(**reversed_days) == []
    async with calling(unlimited(swap_reversed_days=True)) as other:
        assert await other.table(**reversed_days) == await other.table(**CALLS)


KNOWN = {
    ("calls", "records"): (54, "date_started"),
    ("onduty", "records"): (14, "date"),
    ("texts", "records"): (14, "date"),
    ("recordings", "records"): (13, "call_id"),
    ("voicemails", "records"): (11, "date"),
    ("screenshare", "records"): (9, "date"),
    ("dispositions", "records"): (10, "call_id"),
    ("csat", "records"): (8, "call_id"),
    ("onduty", "stats"): (4, "date"),
    ("texts", "stats"): (4, "date"),
    ("voicemails", "stats"): (4, "date"),
    ("recordings", "stats"): (4, "date"),
    ("screenshare", "stats"): (4, "date"),
}


@pytest.mark.parametrize(("kind", "shape"), KNOWN.items())
async def test_every_export_has_its_columns_and_rows(
    caller: Caller, kind: tuple[str, str], shape: tuple[int, str]
) -> None:
    caller.sim.world.add_calls(60, NOW - timedelta(days=2), "callcenter")
    body: dict[str, Any] = {"stat_type": kind[0], "export_type": kind[1], "days_ago_end": 90}
    if kind[0] in ("csat", "dispositions"):
        office = caller.sim.world.lists["callcenters"]
        body |= {"target_type": "callcenter", "target_id": str(office[0]["id"])}
    rows = await caller.table(**body)
    assert rows
    assert (len(rows[0]), next(iter(rows[0])), rows[0]["timezone"]) == (*shape, "UTC")


@pytest.mark.parametrize(("group_by", "columns"), [("date", 68), ("user", 55), (None, 55), ("group", 70)])
async def test_totals_count_what_the_records_hold(caller: Caller, group_by: str | None, columns: int) -> None:
    grouped = {"group_by": group_by} if group_by else {}
    totals = await caller.table(stat_type="calls", export_type="stats", **grouped)
    records = await caller.table(**CALLS)
    assert len(totals[0]) == columns
    kinds = {"group": ("CallCenter", "Department"), "date": ()}.get(group_by or "", ("UserProfile",))
    for name in ("missed", "abandoned"):
        counted = sum(
            row["category"] == name
            and (row["target_kind"] in kinds if kinds else not row["entry_point_call_id"])
            for row in records
        )
        assert sum(int(row[name]) for row in totals) == counted
    if group_by == "date":
        assert len(totals) == 30


async def test_a_file_can_have_a_mark_quotes_and_unknown_columns() -> None:
    async with calling(unlimited(bom=True, quoted=True, extra_columns=2)) as caller:
        file = await caller.export(**CALLS)
        assert file.startswith(b'\xef\xbb\xbf"date_started","call_id"')
        lines = file.decode().splitlines()
        assert all(line.endswith('"') for line in lines)
        assert lines[1].endswith(',"x","x"')
        quoted = table_of(file)
        assert len(quoted[0]) == 56
    async with calling(unlimited()) as caller:
        plain = await caller.table(**CALLS)
    assert [{name: row[name] for name in plain[0]} for row in quoted] == plain


# -- where they lie ----------------------------------------------------------------------------------


async def test_exports_can_lie_elsewhere_where_no_key_belongs() -> None:
    async with calling(unlimited(separate_downloads=True, refuse_key_on_download=True)) as caller:
        _, begun = await caller.begin(**CALLS)
        for _ in range(2):
            polled = await caller.get(f"stats/{begun['request_id']}")
        url = polled["download_url"]
        assert url.startswith(caller.sim.downloads_url)
        assert caller.sim.downloads_url != caller.sim.url
        async with caller.session.get(url) as response:
            assert (response.status, caller.sim.requests[-1].had_key) == (400, True)
        async with aiohttp.ClientSession() as plain, plain.get(url) as response:
            assert (response.status, caller.sim.requests[-1].had_key) == (200, False)
        async with caller.session.get(url.replace(caller.sim.downloads_url, caller.sim.url)) as response:
            assert response.status == 404
        async with caller.session.get(f"{caller.sim.downloads_url}/api/v2/offices") as response:
            assert response.status == 400
