"""The Dialer360 connector against our own service: where it answers, what it is asked, how it refuses."""

from typing import Any

import pytest

from tests.connectors.dialer360_reading import reading_a_dialer, reading_a_script
from tests.connectors.dialogtech_reading import report as answer
from tests.connectors.pretend_dialer import DOCUMENTED, LOGIN, ORIGINAL, Fault, day, june, made
from trunkline.center.accounts import needs_test
from trunkline.connectors import connector
from trunkline.connectors.dialer360 import CONNECTOR
from trunkline.connectors.dialer360.version import addresses
from trunkline.errors import DataError, KeyRefused, NotAllowed, RetryLater, SettingsError
from trunkline.options import resolve

DID = "3125551212"
EVERYTHING: dict[str, dict[str, Any]] = {
    "agent_stats": {"days_back": 2},
    "did_log": {"days_back": 2, "dids": DID},
    "phone_log": {"phone_numbers": "9998887112,7275551212"},
    "recordings": {"days_back": 2},
    "logged_in_agents": {},
    "user_group_status": {},
    "in_group_status": {"in_groups": "SALESLINE,SUPPORT"},
    "call_info": {"call_ids": "M4050908070000012345"},
}
TOLD_BY_ONE = "call_type"
"""A column that only the original dialect tells."""


def version(date: str = "2026-06-15 08:00:00", epoch: int = 1_781_524_800, more: str = "") -> bytes:
    return (
        f"VERSION: 2.14|BUILD: 170601|DATE: {date}|EPOCH: {epoch}|DST: 1|TZ: -5|TZNOW: -4|{more}\n".encode()
    )


# -- where it answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("dialer.example", "https://dialer.example"),
        ("dialer.example:8443/x/", "https://dialer.example:8443/x"),
        ("127.0.0.1:8360", "http://127.0.0.1:8360"),
        ("localhost", "http://localhost"),
        (
            "https://dialer.example/vicidial/non_agent_api.php",
            "https://dialer.example/vicidial/non_agent_api.php",
        ),
    ],
)
def test_a_host_a_folder_or_the_whole_address_will_do(base_url: str, address: str) -> None:
    assert CONNECTOR.address(resolve(CONNECTOR.account, {**LOGIN, "base_url": base_url})) == address


@pytest.mark.parametrize(
    "base_url", ["http://dialer.example", "https://u:p@dialer.example", "https://d.example/api.php?user=6"]
)
def test_an_address_a_password_must_not_go_to_is_refused(base_url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        CONNECTOR.address(resolve(CONNECTOR.account, {**LOGIN, "base_url": base_url}))
    assert caught.value.problems[0].field == "base_url"


def test_places_are_tried_from_the_likeliest_on() -> None:
    base = "https://d.example"
    assert addresses(base) == (base + DOCUMENTED, base + ORIGINAL)
    assert addresses(base + ORIGINAL) == (base + ORIGINAL,)
    assert addresses(f"{base}/vicidial")[:2] == (
        f"{base}/vicidial/api.php",
        f"{base}/vicidial/non_agent_api.php",
    )


@pytest.mark.parametrize("path", ["", "/vicidial", "/adminpanel", DOCUMENTED, ORIGINAL])
async def test_the_place_is_found_before_anybody_logs_in(path: str) -> None:
    async with reading_a_dialer(path) as (reader, dialer):
        assert (await reader.test()).state == "valid"
        asked = [(address, form) for address, _, form in dialer.came]
        assert all(form == {} for address, form in asked if address.endswith("?function=version"))
        assert asked[-1][0] in (
            f"{DOCUMENTED}?function=logged_in_agents",
            f"{ORIGINAL}?function=logged_in_agents",
        )
        assert sum("user" in form for _, form in asked) == 1


async def test_a_server_with_only_the_original_path_is_found_too() -> None:
    async with reading_a_dialer(paths=[ORIGINAL]) as (reader, dialer):
        assert len(await reader.read("logged_in_agents")) == len(dialer.rows("dialer360_live_agents"))


async def test_an_address_where_no_dialer_answers_is_told_with_what_was_tried() -> None:
    async with reading_a_dialer(paths=[]) as (reader, dialer):
        verdict = await reader.test()
        assert verdict.state == "invalid"
        assert verdict.message == (
            f"Base URL (--base-url): no Dialer360 answers there. Tried: {dialer.url}{DOCUMENTED}, "
            f"{dialer.url}{ORIGINAL}."
        )
        assert all(form == {} for _, _, form in dialer.came)


async def test_a_page_that_is_no_dialer_gets_no_password() -> None:
    async with reading_a_script() as (reader, server):
        server.says(lambda: answer(b"<html>Shop</html>", "text/html"))
        with pytest.raises(DataError, match="line 1 is no version of a dialer"):
            await reader.read("logged_in_agents")
        assert all(came.form == {} for came in server.came)


# -- the zone --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "said", "words"),
    [
        ("America/New_York", version(), ""),
        ("America/Toronto", version(), ""),
        ("America/Chicago", version(), "UTC-5:00 now, but the clock of Dialer360 is UTC-4:00"),
        ("Asia/Kolkata", version(), "UTC+5:30 now, but the clock of Dialer360 is UTC-4:00"),
        ("Asia/Kolkata", version("2026-06-15 17:30:02"), ""),
        ("Asia/Kolkata", version("2026-06-15 11:07:00"), ""),
        ("Asia/Kolkata", version("soon"), ""),
        ("Asia/Kolkata", b"VERSION: 2.0.5|BUILD: 1|\n", ""),
    ],
)
async def test_the_zone_is_held_against_the_dialers_clock(zone: str, said: bytes, words: str) -> None:
    async with reading_a_script() as (reader, server):
        reader.account["time_zone"] = zone
        nobody = b"ERROR: logged_in_agents NO LOGGED IN AGENTS\n"
        server.answering = lambda came: answer(said if "version" in came.address else nobody)
        verdict = await reader.test()
        assert (verdict.state, words in verdict.message) == ("invalid" if words else "valid", True)
        assert await reader.read("logged_in_agents") == []
        assert [words in note for note in reader.counters.notes] == ([True] if words else [])


# -- what is asked ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERYTHING)
async def test_both_dialects_give_the_same_rows(name: str) -> None:
    async with reading_a_dialer() as (reader, dialer):
        found = []
        for path in (DOCUMENTED, ORIGINAL):
            reader.url = dialer.url + path
            rows = await reader.read(name, **EVERYTHING[name])
            found.append([{k: v for k, v in row.items() if k != TOLD_BY_ONE} for row in rows])
            assert reader.counters.notes == []
        assert found[0] == found[1] != []


async def test_a_password_stands_in_no_address_and_no_header() -> None:
    async with reading_a_dialer() as (reader, dialer):
        for name, options in EVERYTHING.items():
            await reader.read(name, **options)
        assert {form["pass"] for _, _, form in dialer.came if form} == {"1234"}
        assert {form["source"] for _, _, form in dialer.came if form} == {"trunkline"}
        assert not [address for address, _, _ in dialer.came if "1234" in address or "user=" in address]
        assert not [headers for _, headers, _ in dialer.came if "Authorization" in headers]
        assert all("function=" in address for address, _, _ in dialer.came), "so that no form is logged"


async def test_each_number_and_direction_is_asked_once() -> None:
    async with reading_a_dialer() as (reader, dialer):
        both = await reader.read("phone_log", phone_numbers="(999) 888-7112, 9998887112")
        asked = [(f["phone_number"], f["type"], f["detail"]) for _, _, f in dialer.came if f]
        assert asked == [("9998887112", "OUT", "ALL"), ("9998887112", "IN", "ALL")]
        assert {row["direction"] for row in both} == {"out", "in"}
        calls = [
            *dialer.rows("dialer360_log", "phone_number = '9998887112'"),
            *dialer.rows("dialer360_closer_log", "phone_number = '9998887112'"),
        ]
        assert sorted(row["call_date"] for row in both) == sorted(row["call_date"] for row in calls)
        last = await reader.read("phone_log", phone_numbers="9998887112", direction="in", detail="last")
        assert [row["direction"] for row in last] == ["in"]


async def test_recordings_are_asked_of_those_who_were_at_work_or_of_those_chosen() -> None:
    async with reading_a_dialer() as (reader, dialer):
        found = await reader.read("recordings", days_back=2)
        assert {row["recording_id"] for row in found} == {
            str(row["recording_id"]) for row in dialer.rows("recording_log")
        }
        dialer.came.clear()
        some = await reader.read("recordings", days_back=0, agents="1000,6666")
        asked = [(f["agent_user"], f["date"]) for _, _, f in dialer.came if f]
        assert asked == [("1000", str(day(0))), ("6666", str(day(0)))]
        assert all(row["day"] == str(day(0)) for row in some)


async def test_agents_can_be_narrowed_down() -> None:
    async with reading_a_dialer() as (reader, _):
        found = await reader.read("logged_in_agents", user_groups="AGENTS", campaigns="TESTCAMP,TESTBLND")
        assert {row["user_group"] for row in found} == {"AGENTS"}
        groups = await reader.read("user_group_status", user_groups="AGENTS")
        assert [(row["usergroups"], row["agents_logged_in"]) for row in groups] == [("AGENTS", "12")]


@pytest.mark.parametrize(
    ("name", "option", "wrong"),
    [
        ("did_log", "dids", "1"),
        ("did_log", "dids", "abc"),
        ("phone_log", "phone_numbers", "123"),
        ("recordings", "agents", "x"),
        ("logged_in_agents", "campaigns", "A|B"),
        ("logged_in_agents", "user_groups", "A B"),
        ("user_group_status", "user_groups", "A|B"),
        ("in_group_status", "in_groups", "A B"),
        ("call_info", "call_ids", "M1"),
    ],
)
async def test_what_the_dialer_would_read_as_something_else_is_refused_here(
    name: str, option: str, wrong: str
) -> None:
    async with reading_a_script() as (reader, server):
        with pytest.raises(SettingsError) as caught:
            await reader.read(name, **{option: wrong})
        assert [problem.field for problem in caught.value.problems] == [option]
        assert wrong in str(caught.value)
        assert server.came == []


# -- how it refuses --------------------------------------------------------------------------------


async def test_a_wrong_password_is_refused_once_and_not_tried_again() -> None:
    async with reading_a_dialer() as (reader, dialer):
        reader.account["password"] = "wrong-word"
        verdict = await reader.test()
        assert verdict.state == "invalid"
        assert verdict.message.startswith("Dialer360 refused the user or the Password")
        assert "wrong-word" not in verdict.message + verdict.todo
        assert dialer.rows("dialer360_users", "user = '6666'")[0]["failed_login_count"] == 1
        with pytest.raises(KeyRefused):
            await reader.read("agent_stats", days_back=0)
        assert dialer.rows("dialer360_users", "user = '6666'")[0]["failed_login_count"] == 2


async def test_a_user_without_the_right_is_told_which_one_is_missing(tmp_path: Any) -> None:
    start = june()
    user = next(row for row in start["tables"]["dialer360_users"] if row["user"] == "6666")
    user["api_allowed_functions"] = " logged_in_agents did_log_export "
    await made(tmp_path / "limited.db", start)
    async with reading_a_dialer(start=tmp_path / "limited.db") as (reader, _):
        assert (await reader.test()).state == "valid"
        with pytest.raises(NotAllowed, match="does not let this user read Agent Statistics") as caught:
            await reader.read("agent_stats", days_back=0)
        assert "agent_stats_export among its allowed functions" in caught.value.todo


async def test_a_locked_user_is_not_waited_for() -> None:
    async with reading_a_dialer() as (reader, dialer):
        dialer.faults.add(Fault("locked", path_contains="function=logged_in_agents", times=None))
        begun = reader.clock.monotonic()
        with pytest.raises(RetryLater, match="has locked this user") as caught:
            await reader.read("logged_in_agents")
        assert caught.value.after_seconds == 900
        assert reader.clock.monotonic() == begun
        assert len([form for _, _, form in dialer.came if form]) == 1


async def test_a_busy_dialer_is_asked_again_and_no_row_comes_twice() -> None:
    async with reading_a_dialer() as (reader, dialer):
        wanted = await reader.read("did_log", dids=f"{DID},7735550100", days_back=2)
        for n in (1, 3):
            dialer.faults.add(Fault("busy", path_contains="did_log_export", from_request=n))
        dialer.faults.add(Fault("truncated", path_contains="did_log_export", from_request=2))
        assert await reader.read("did_log", dids=f"{DID},7735550100", days_back=2) == wanted
        assert reader.counters.retries == 3


async def test_what_the_account_lacks_is_told_by_its_flag() -> None:
    with pytest.raises(SettingsError) as caught:
        resolve(CONNECTOR.account, {"base_url": "dialer.example"})
    assert [problem.field for problem in caught.value.problems] == ["user", "password", "time_zone"]


def test_requests_are_counted_by_host() -> None:
    def budget(**account: Any) -> str:
        return CONNECTOR.budget_of(resolve(CONNECTOR.account, {**LOGIN, **account}))

    assert budget(base_url="d.example") == budget(base_url="https://D.example/vicidial", user="other")
    assert "6666" not in budget(base_url="d.example")


def test_a_changed_zone_is_tested_since_the_dialer_tells_its_own() -> None:
    assert needs_test(CONNECTOR, {"time_zone"})
    assert not needs_test(CONNECTOR, {"minute_limit"})
    assert not needs_test(connector("dialogtech"), {"time_zone"})
