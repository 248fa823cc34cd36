"""The directories of the pretend Dialpad: who may see them, pages, filters, fixtures."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.sims.dialpad.dialpad_caller import CALLS, NOW, Caller, calling, message_of, unlimited
from trunkline.clock import SteppedClock
from trunkline.errors import SettingsError
from trunkline.sims.dialpad import DialpadSimOptions, World
from trunkline.sims.dialpad.endpoints import ENDPOINTS
from trunkline.sims.timeline import milliseconds


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling(unlimited()) as found:
        yield found


# -- who may ask -------------------------------------------------------------------------------------


async def test_the_key_comes_in_the_header_or_the_address() -> None:
    async with calling(unlimited(), key="") as caller:
        assert await caller.error("offices") == (401, "An API key is required.")
        assert await caller.error("offices", apikey="wrong") == (401, "Invalid API key.")
        assert await caller.get("offices", apikey="testkey")
        assert [seen.had_key for seen in caller.sim.requests] == [False, True, True]
    async with calling(unlimited(), key="wrong") as caller:
        assert (await caller.error("offices"))[0] == 401


async def test_a_user_level_key_sees_one_users_data_only() -> None:
    async with calling(unlimited(), key="userkey") as caller:
        me = await caller.get("users/me")
        assert not me["is_admin"]
        assert [row["id"] for row in await caller.pages("users")] == [me["id"]]
        assert [row["id"] for row in await caller.pages("offices")] == [me["office_id"]]
        groups = {details["group_id"] for details in me["group_details"]}
        assert {row["id"] for row in await caller.pages("callcenters")} <= groups
        for path in ("call", "numbers", "company", "call/12"):
            assert await caller.error(path) == (403, "This request requires a company admin API key.")
        strange = next(id_ for id_ in caller.ids("callcenters") if id_ not in groups)
        for path in (f"callcenters/{strange}", f"callcenters/{strange}/operators"):
            assert (await caller.error(path))[0] == 403
        assert (await caller.stats_error(**CALLS))[0] == 403
        mine = {**CALLS, "target_type": "user", "target_id": me["id"]}
        assert {row["target_id"] for row in await caller.table(**mine)} == {me["id"]}


async def test_me_is_nobody_to_a_company_key(caller: Caller) -> None:
    assert await caller.error("users/me") == (404, "User with id me not found.")


@pytest.mark.parametrize("path", ["offices/12", "callcenters/12", "users/12", "offices/12/callcenters"])
async def test_what_is_not_there_is_404(caller: Caller, path: str) -> None:
    status, message = await caller.error(path)
    assert status == 404
    assert "12 not found" in message


async def test_an_unknown_address_is_named(caller: Caller) -> None:
    assert await caller.error("nothing/here") == (404, "Requested URL /api/v2/nothing/here not found")


ODD = ("-1", "0", "9" * 40, "abc", "1.5", "%00", "x" * 500, "null", "true", "\u0663")


@pytest.mark.parametrize("odd", ODD)
async def test_odd_values_are_refused_and_break_nothing(odd: str) -> None:
    async with calling(unlimited(calls=20)) as caller:
        for endpoint in (endpoint for endpoint in ENDPOINTS if endpoint.method == "GET"):
            path = endpoint.path.replace("{id}", odd).replace("{office_id}", odd)
            for params in ({}, *({name: odd} for name in endpoint.parameters)):
                status, body, _ = await caller.answer(path, **params)
                assert status in (200, 400, 404), (path, params, body)
                assert status == 200 or message_of(status, body)


# -- pages -------------------------------------------------------------------------------------------


async def test_pages_follow_an_opaque_cursor_and_end_without_one() -> None:
    async with calling(unlimited(page_rows=10)) as caller:
        first = await caller.get("users", state="all")
        assert len(first["items"]) == 10
        assert not first["cursor"].isdecimal()
        rows = await caller.pages("users", state="all")
        assert [row["id"] for row in rows] == caller.ids("users")
        assert "cursor" not in await caller.get("offices")
        for cursor in ("%%%", "abc", first["cursor"][:-4]):
            assert await caller.error("users", cursor=cursor) == (400, "Invalid cursor")
        assert await caller.error("offices", cursor=first["cursor"]) == (400, "Invalid cursor")


async def test_the_last_page_can_have_an_empty_cursor() -> None:
    async with calling(unlimited(empty_cursor=True)) as caller:
        assert (await caller.get("offices"))["cursor"] == ""
        assert (await caller.get("call", started_before="1"))["cursor"] == ""


async def test_empty_values_count_as_not_given(caller: Caller) -> None:
    assert await caller.get("users", cursor="", state="", email="") == await caller.get("users")
    assert await caller.get("call", cursor="", started_after="") == await caller.get("call")


async def test_more_than_a_hundred_users_are_refused_every_fifth_time(caller: Caller) -> None:
    statuses = [(await caller.answer("users", limit="1000"))[0] for _ in range(10)]
    assert statuses == [200, 200, 200, 200, 400] * 2
    assert len((await caller.get("users", limit="5"))["items"]) == 5


async def test_strict_names_the_undocumented_parameter() -> None:
    async with calling(unlimited(strict=True)) as caller:
        status, message = await caller.error("offices", limit="5")
        assert (status, "limit" in message) == (400, True)
        await caller.get("offices", active_only="true")
        await caller.get("offices", apikey="testkey")


# -- rows --------------------------------------------------------------------------------------------


async def test_filters_of_the_lists(caller: Caller) -> None:
    office, first = caller.ids("offices")[1], (await caller.get("users"))["items"][0]
    centers = await caller.pages(f"offices/{office}/callcenters")
    assert centers == await caller.pages("callcenters", office_id=office)
    assert {row["office_id"] for row in centers} == {office}
    name = centers[0]["name"]
    assert await caller.pages("callcenters", name_search=name.lower()) == [centers[0]]
    assert await caller.pages("users", email=first["emails"][0].upper()) == [first]
    assert await caller.pages("users", number=first["phone_numbers"][0]) == [first]
    states = {row["state"] for row in await caller.pages("users", state="all")}
    assert {row["state"] for row in await caller.pages("users")} == {"active"} < states
    assert {row["status"] for row in await caller.pages("numbers", status="room")} == {"room"}
    assert (await caller.error("users", state="asleep"))[0] == 400
    assert (await caller.error("callcenters", office_id="abc"))[0] == 400


async def test_only_open_offices_on_request() -> None:
    async with calling(unlimited(offices=6)) as caller:
        assert len(await caller.pages("offices")) == 6
        assert {row["state"] for row in await caller.pages("offices", active_only="true")} == {"active"}


async def test_operators_are_users_and_rooms_not_pages(caller: Caller) -> None:
    for center in caller.ids("callcenters"):
        operators = await caller.get(f"callcenters/{center}/operators")
        assert set(operators) <= {"users", "rooms"}
        assert operators["users"]
        for user in operators["users"]:
            assert center in [details["group_id"] for details in user["group_details"]]
    first = await caller.get(f"callcenters/{caller.ids('callcenters')[0]}/operators")
    assert first["rooms"]


async def test_ids_are_text_beyond_what_a_float_keeps(caller: Caller) -> None:
    for path in ("offices", "callcenters", "users", "rooms"):
        for row in await caller.pages(path):
            assert isinstance(row["id"], str)
            assert int(float(row["id"])) != int(row["id"]) > 2**53


async def test_fields_nobody_filled_in_are_absent(caller: Caller) -> None:
    users = await caller.pages("users")
    assert {"job_title" in row for row in users} == {True, False}
    assert all(None not in row.values() for row in users)


# -- fixtures ----------------------------------------------------------------------------------------

OFFICE: dict[str, Any] = {"id": 9007199254740993, "name": "Only Office", "timezone": "Asia/Tokyo"}
USER: dict[str, Any] = {
    "id": "9007199254740995",
    "office_id": 9007199254740993,
    "first_name": "Ann",
    "last_name": 'O"Neil, B.',
}
DETAILS = [{"group_id": "9007199254740997", "group_type": "callcenter", "role": "operator"}]
CALL: dict[str, Any] = {
    "call_id": 9223372036854775807,
    "date_started": "1781600000000",
    "date_connected": 1781600010000,
    "date_ended": 1781600070500,
    "direction": "inbound",
    "duration": 60500,
    "target": {"id": "9007199254740995", "type": "user", "email": "ann@company.example"},
}


def written(folder: Path, content: Any) -> Path:
    path = folder / "fixture.json"
    path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    return path


async def test_rows_of_a_fixture_are_served_and_exported(tmp_path: Path) -> None:
    content = {
        "offices": [OFFICE],
        "users": [USER | {"group_details": DETAILS}],
        "callcenters": [{"id": 9007199254740997, "office_id": 9007199254740993, "name": "Only Center"}],
        "calls": [CALL],
        "call_labels": ["Mine"],
    }
    async with calling(unlimited(fixture=written(tmp_path, content))) as caller:
        assert await caller.pages("offices") == [OFFICE | {"id": "9007199254740993"}]
        [row] = await caller.pages("call")
        assert (row["call_id"], row["date_connected"]) == ("9223372036854775807", "1781600010000")
        assert (row["duration"], type(row["duration"])) == (60500.0, float)
        assert await caller.get("call/9223372036854775807") == row
        assert (await caller.get("calllabels"))["labels"] == ["Mine"]
        operators = await caller.get("callcenters/9007199254740997/operators")
        assert [user["id"] for user in operators["users"]] == ["9007199254740995"]
        [line] = await caller.table(**CALLS, timezone="Asia/Tokyo")
        assert (line["call_id"], line["name"]) == ("9223372036854775807", 'Ann O"Neil, B.')
        assert line["date_started"] == "2026-06-16 17:53:20"
        assert (line["talk_duration"], line["category"]) == ("1.01", "incoming")
        assert await caller.pages("rooms") == []


async def test_calls_of_a_fixture_alone_keep_the_made_directories(tmp_path: Path) -> None:
    running = CALL | {"call_id": 5, "date_ended": None, "state": "connected"}
    async with calling(unlimited(fixture=written(tmp_path, {"calls": [CALL, running]}))) as caller:
        assert len(await caller.pages("offices")) == 3
        assert [row["call_id"] for row in await caller.pages("call")] == [str(CALL["call_id"])]


def test_generated_calls_belong_to_given_directories(tmp_path: Path) -> None:
    path = written(tmp_path, {"offices": [OFFICE], "users": [USER]})
    world = World(DialpadSimOptions(fixture=path, calls=50), SteppedClock(NOW))
    legs = [leg for _, leg in world.concluded(0, milliseconds(NOW), milliseconds(NOW))]
    assert len(legs) == 50
    assert {leg.target.id for leg in legs} == {int(USER["id"])}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "is no JSON"),
        ([], "must be a JSON object"),
        ({"agents": []}, "unknown key agents"),
        ({"offices": {}}, "offices must be a list"),
        ({"offices": [1]}, r"offices\[0\] must be an object"),
        ({"users": [{"id": "abc"}]}, r"users\[0\] has no id that is a whole number, but 'abc'"),
        ({"calls": [{"call_id": 1}]}, r"calls\[0\] has no date_started"),
        ({"calls": [CALL, CALL]}, "two calls have the same call_id"),
        ({"calls": [CALL | {"target": "x"}]}, r"calls\[0\] cannot be read"),
        ({"calls": [CALL | {"date_ended": "soon"}]}, r"calls\[0\] cannot be read: ValueError .*soon"),
        ({"offices": [OFFICE | {"timezone": "Mars"}]}, "the directories cannot be read: .*Mars"),
        ({"users": [USER | {"group_details": [{}]}]}, "the directories cannot be read: KeyError"),
        ({"company": []}, "company must be an object"),
    ],
)
def test_a_wrong_fixture_is_told_in_a_sentence(tmp_path: Path, content: Any, words: str) -> None:
    options = DialpadSimOptions(fixture=written(tmp_path, content))
    with pytest.raises(SettingsError, match=words):
        World(options, SteppedClock(NOW))


def test_a_missing_fixture_is_told_in_a_sentence(tmp_path: Path) -> None:
    options = DialpadSimOptions(fixture=tmp_path / "none.json")
    with pytest.raises(SettingsError, match=r"none\.json cannot be read: No such file"):
        World(options, SteppedClock(NOW))
