"""The pretend CallRail changes, fails and refuses on demand, and does all of it the same way twice."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
import orjson
import pytest

from tests.sims.callrail_caller import EVERYTHING, NOW, Caller, Json, calling, ids
from trunkline.clock import SteppedClock
from trunkline.errors import SettingsError
from trunkline.sims.callrail import FAULT_KINDS, CallrailSim, Fault, World, run
from trunkline.sims.callrail import CallrailSimOptions as Options
from trunkline.sims.callrail.calls import CALL_FIELDS


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as found:
        yield found


def world(options: Options) -> World:
    return World(options, SteppedClock(NOW))


# -- the same seed makes the same world --------------------------------------------------------------


def full_rows(found: World) -> dict[str, Json | None]:
    return {row_id: found.call(row_id) for row_id in found.call_ids()}


def test_everything_follows_from_the_seed() -> None:
    small = Options(calls=120)
    assert full_rows(world(small)) == full_rows(world(small))
    assert world(small).lists == world(small).lists
    assert not set(full_rows(world(small))) & set(full_rows(world(replace(small, seed=2))))


def test_a_larger_world_contains_the_smaller_one() -> None:
    small, large = full_rows(world(Options(calls=80))), full_rows(world(Options(calls=400)))
    assert {row_id: large[row_id] for row_id in small} == small
    assert len(large) == 400


def test_the_newest_call_starts_at_the_asked_instant() -> None:
    until = datetime(2026, 3, 1, 12, 0, 5, 250_000, tzinfo=NOW.tzinfo)
    newest, *_, oldest = full_rows(world(Options(until=until, days=10))).values()
    assert newest is not None
    assert oldest is not None
    assert datetime.fromisoformat(newest["start_time"]) == until
    assert until - timedelta(days=10) <= datetime.fromisoformat(oldest["start_time"])


async def test_new_calls_appear_as_the_clock_goes_on() -> None:
    seen = []
    for _ in range(2):
        async with calling(Options(calls=10, live_per_hour=6)) as caller:
            before = (await caller.get("calls.json", **EVERYTHING))["total_records"]
            caller.clock.advance(3600)
            rows = (await caller.get("calls.json", **EVERYTHING))["calls"]
            assert 5 <= len(rows) - before <= 7
            seen.append(rows)
    assert seen[0] == seen[1]


# -- changes after the fact --------------------------------------------------------------------------


async def test_calls_are_added_and_changed(caller: Caller) -> None:
    [new] = caller.sim.world.add_calls(1)
    caller.sim.world.change_call(new, tags=["VIP"], lead_status="good_lead", transcription="Hello")
    row = (await caller.get("calls.json", fields="tags,lead_status,transcription,note"))["calls"][0]
    assert (row["id"], row["tags"], row["lead_status"], row["transcription"]) == (
        new,
        ["VIP"],
        "good_lead",
        "Hello",
    )
    caller.sim.world.change_call(new, note="Later")
    assert (await caller.get(f"calls/{new}.json", fields="note"))["note"] == "Later"
    found = await caller.pages("calls.json", "calls", tags="VIP", **EVERYTHING)
    assert new in ids(found)
    assert not caller.sim.world.change_call("CALnone", note="x")


async def test_two_calls_of_one_instant_are_both_there(caller: Caller) -> None:
    added = caller.sim.world.add_calls(2, NOW - timedelta(hours=1))
    rows = (await caller.get("calls.json"))["calls"]
    assert len({row["start_time"] for row in rows if row["id"] in added}) == 1
    assert set(added) <= set(ids(rows))


async def test_a_call_without_a_start_is_delivered_last_in_every_window(caller: Caller) -> None:
    call_id = caller.sim.world.call_ids()[7]
    caller.sim.world.change_call(call_id, start_time=None)
    for window in ({"date_range": "yesterday"}, EVERYTHING):
        rows = await caller.pages("calls.json", "calls", **window)
        assert (rows[-1]["id"], rows[-1]["start_time"]) == (call_id, None)
        assert ids(rows).count(call_id) == 1


async def test_people_control_it_over_http(caller: Caller) -> None:
    url = caller.sim.url + "/_sim"
    async with caller.session.post(f"{url}/calls", json={"count": 6}) as response:
        added = (await response.json())["ids"]
    async with caller.session.patch(f"{url}/calls/{added[0]}", json={"note": "by hand"}) as response:
        assert response.status == 200
    async with caller.session.post(f"{url}/faults", json={"kind": "status", "status": 500}) as response:
        assert response.status == 200
    assert (await caller.answer("calls.json"))[0] == 500
    async with caller.session.post(f"{url}/faults", json={"kind": "flood"}) as response:
        assert response.status == 400
    async with caller.session.post(f"{url}/revoke"):
        assert (await caller.error("calls.json"))[0] == 401
    async with caller.session.delete(f"{url}/faults"):
        assert (await caller.get(f"calls/{added[0]}.json", fields="note"))["note"] == "by hand"
    overview = await caller.get("/_sim")
    assert overview["counts"]["calls"] == 506
    assert overview["statuses"] == {"500": 1, "401": 1, "200": 1}
    assert [seen.status for seen in caller.sim.requests] == [500, 401, 200]


# -- limits ------------------------------------------------------------------------------------------


async def test_the_hourly_limit_slides_with_the_clock() -> None:
    async with calling(Options(hourly=3)) as caller:
        assert (await caller.answer("calls.json"))[0] == 200
        caller.clock.advance(600)
        assert (await caller.answer("nothing.json"))[0] == 404
        assert (await caller.answer("calls.json"))[0] == 200
        status, body, headers = await caller.answer("calls.json")
        assert (status, list(body), headers["Retry-After"]) == (429, ["error"], "3000")
        caller.clock.advance(3000)
        assert (await caller.answer("calls.json"))[0] == 200
        assert (await caller.answer("calls.json"))[2]["Retry-After"] == "600"


async def test_the_daily_limit_and_the_other_forms_of_retry_after() -> None:
    async with calling(Options(daily=1, retry_after="date")) as caller:
        await caller.get("tags.json")
        status, _, headers = await caller.answer("tags.json")
        assert status == 429
        assert parsedate_to_datetime(headers["Retry-After"]) >= NOW + timedelta(days=1)
        caller.clock.advance(24 * 3600)
        await caller.get("tags.json")
    async with calling(Options(hourly=0, retry_after="none")) as caller:
        status, _, headers = await caller.answer("tags.json")
        assert (status, "Retry-After" in headers) == (429, False)


async def test_every_third_request_fails() -> None:
    async with calling(Options(fail_every=3)) as caller:
        assert [(await caller.answer("tags.json"))[0] for _ in range(6)] == [200, 200, 503, 200, 200, 503]


# -- faults ------------------------------------------------------------------------------------------


async def test_a_fault_waits_for_its_request_and_ends(caller: Caller) -> None:
    caller.sim.faults.add(Fault("status", path_contains="calls", from_request=2, times=2, status=500))
    statuses = [(await caller.answer(path))[0] for path in ("tags.json", *("calls.json",) * 4)]
    assert statuses == [200, 200, 500, 500, 200]


@pytest.mark.parametrize("status", [401, 403, 404, 422, 429, 500, 503])
async def test_any_status_with_a_text(caller: Caller, status: int) -> None:
    caller.sim.faults.add(Fault("status", status=status, retry_after="7", times=None))
    for _ in range(2):
        found, body, headers = await caller.answer("calls.json")
        assert (found, headers["Retry-After"]) == (status, "7")
        assert body["error"]


async def test_bodies_that_are_no_answer(caller: Caller) -> None:
    caller.sim.faults.add(Fault("html"))
    status, page, headers = await caller.answer("calls.json")
    assert (status, page[:9], headers["Content-Type"][:9]) == (200, b"<!DOCTYPE", "text/html")
    caller.sim.faults.add(Fault("truncated"))
    with pytest.raises(orjson.JSONDecodeError):
        await caller.answer("calls.json")
    caller.sim.faults.add(Fault("disconnect"))
    with pytest.raises(aiohttp.ClientPayloadError):
        await caller.answer("calls.json")
    assert (await caller.get("calls.json"))["calls"]


async def test_rows_that_are_not_as_declared(caller: Caller) -> None:
    async def spoilt(kind: str) -> Json:
        caller.sim.faults.add(Fault(kind))
        found: Json = await caller.get(
            "calls.json", fields="speaker_percent,call_summary", page="2", per_page="20"
        )
        return found

    good = await caller.get("calls.json", fields="speaker_percent,call_summary", page="2", per_page="20")
    assert isinstance((await spoilt("not_a_list"))["calls"], dict)
    assert [row["id"] for row in (await spoilt("null_key"))["calls"]] == [None, *ids(good["calls"])[1:]]
    assert (await spoilt("text_number"))["calls"][0]["duration"] == "n/a"
    assert all("brand_new_field" in row for row in (await spoilt("unknown_field"))["calls"])
    odd = (await spoilt("array_for_object"))["calls"]
    assert (
        {type(row["speaker_percent"]) for row in odd} == {type(row["call_summary"]) for row in odd} == {list}
    )
    assert "total_pages" not in await spoilt("no_total_pages")
    before = await caller.get("calls.json", page="1", per_page="20")
    assert ids((await spoilt("duplicate_ids"))["calls"]) == ids(before["calls"])[-3:] + ids(good["calls"])


async def test_large_slow_and_revoked(caller: Caller) -> None:
    caller.sim.faults.add(Fault("huge", size=2_000_000))
    assert len(str(await caller.get("tags.json"))) > 2_000_000
    caller.sim.faults.add(Fault("slow", seconds=5))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(caller.get("tags.json"), 0.05)
    caller.sim.faults.add(Fault("revoked"))
    assert [(await caller.error("tags.json"))[0] for _ in range(2)] == [401, 401]


async def test_calls_that_arrive_between_two_pages_shift_the_rest(caller: Caller) -> None:
    for paging in ({}, {"relative_pagination": "true"}):
        caller.sim.faults.add(Fault("insert_calls", path_contains="calls", count=2))
        first = (await caller.get("calls.json", per_page="10", **paging))["calls"]
        second = (await caller.get("calls.json", per_page="10", page="2", offset="1", **paging))["calls"]
        assert ids(second)[:2] == ids(first)[-2:]


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(SettingsError, match="flood"):
        Fault("flood")
    assert len(set(FAULT_KINDS)) == 15


# -- fixtures ----------------------------------------------------------------------------------------


async def test_a_fixture_is_delivered_as_it_is(tmp_path: Path) -> None:
    rows: list[Json] = [
        {"id": "CAL1", "start_time": "2026-06-16T10:00:00-04:00", "duration": "odd", "tags": 5, "new": {}},
        {"id": "CAL2", "start_time": None},
        {"id": "CAL3", "start_time": "2026-06-17T10:00:00-04:00", "duration": 5, "direction": "inbound"},
        {"id": "CAL4", "start_time": "soon", "duration": None},
    ]
    file = tmp_path / "rows.json"
    file.write_bytes(
        orjson.dumps({"calls": rows, "tags": [{"id": "7", "name": 3}], "caller_ids": [{"id": 1}]})
    )
    async with calling(Options(fixture=file)) as caller:
        found = (await caller.get("calls.json"))["calls"]
        assert ids(found) == ["CAL3", "CAL1", "CAL2", "CAL4"]
        assert found[1] == rows[0]
        assert ids((await caller.get("calls.json", direction="inbound"))["calls"]) == ["CAL3"]
        assert ids((await caller.get("calls.json", sort="duration"))["calls"])[:2] == ["CAL3", "CAL1"]
        assert (await caller.get("calls.json", tags="x", search="y"))["calls"] == []
        assert (await caller.get("tags.json"))["tags"] == [{"id": "7", "name": 3}]
        assert (await caller.get("caller_ids.json", company_id="COMany"))["caller_ids"] == [{"id": 1}]
        assert (await caller.get("calls/summary.json", group_by="source"))["total_results"][
            "total_calls"
        ] == 2
        assert len((await caller.get("users.json"))["users"]) == 12


@pytest.mark.parametrize(
    "content", ["", "[]", '{"cars": []}', '{"calls": {}}', '{"calls": [1]}', '{"accounts": []}']
)
def test_a_file_that_is_no_fixture_is_one_clear_sentence(tmp_path: Path, content: str) -> None:
    file = tmp_path / "rows.json"
    file.write_text(content)
    with pytest.raises(SettingsError, match="fixture"):
        world(Options(fixture=file))
    with pytest.raises(SettingsError, match="cannot be read"):
        world(Options(fixture=tmp_path / "absent.json"))


# -- running -----------------------------------------------------------------------------------------


async def test_warming_encodes_every_page_beforehand(caller: Caller) -> None:
    caller.sim.warm(fields=",".join(CALL_FIELDS), **EVERYTHING)
    assert caller.sim.requests == []
    rows = await caller.pages("calls.json", "calls", fields=",".join(CALL_FIELDS), **EVERYTHING)
    assert len(rows) == 500


def test_it_runs_until_interrupted_and_says_how_to_use_it() -> None:
    said: list[str] = []

    def announce(line: str) -> None:
        said.append(line)
        if len(said) == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    run(Options(calls=1), 0, announce)
    assert said[0].startswith("trunkline sim callrail: listening on http://127.0.0.1:")
    assert "testkey" in said[1]
    assert said[2].startswith("trunkline account add callrail ")


async def test_stopping_twice_does_no_harm() -> None:
    sim = CallrailSim(Options(calls=0), SteppedClock(NOW))
    await sim.start()
    await sim.stop()
    await sim.stop()


async def test_a_port_that_is_taken_is_named() -> None:
    async with CallrailSim() as first:
        port = int(first.url.rsplit(":", 1)[1])
        with pytest.raises(SettingsError, match=f"Port {port} of 127.0.0.1 cannot be used"):
            await CallrailSim().start(port)
