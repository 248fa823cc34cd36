"""The published page's lines of add_user and update_user, and what they leave in the tables."""

import json
from typing import Any

import pytest
from sqlalchemy import ClauseElement

from tests.dialer.lead_calls import ask, ask_original, change, newest
from trunkline.dialer.login import user_named
from trunkline.dialer.runner import Service
from trunkline.dialer.tables import Tables

NEW = {
    "agent_user": "1100",
    "agent_pass": "9999",
    "agent_user_level": "1",
    "agent_full_name": "Testing Person",
    "agent_user_group": "AGENTS",
}
NO_FLAGS = {"user": "8001", "pass": "8001pw"}
EIGHT = {"user": "8000", "pass": "8000pw"}
NINE_NOT_SAME = {"user": "8008", "pass": "8008pw"}
LIMITED = {"user": "8002", "pass": "8002pw"}
OPTIONAL = "THIS IS AN OPTIONAL FIELD - 6666"
LONG = "c" * 101

LINES: list[tuple[str, dict[str, str], str]] = [
    ("add_user", {**NEW, **NO_FLAGS}, "ERROR: add_user USER DOES NOT HAVE PERMISSION TO ADD USERS - 8001|0"),
    (
        "add_user",
        {"agent_user": "1000"},
        "ERROR: add_user YOU MUST USE ALL REQUIRED FIELDS - 6666|1000||||",
    ),
    (
        "add_user",
        {**NEW, "agent_user_level": "10"},
        "ERROR: add_user YOU MUST USE ALL REQUIRED FIELDS - 6666|1100|9999|10|Testing Person|AGENTS",
    ),
    (
        "add_user",
        {**NEW, "agent_user_level": "0"},
        "ERROR: add_user YOU MUST USE ALL REQUIRED FIELDS - 6666|1100|9999|0|Testing Person|AGENTS",
    ),
    (
        "add_user",
        {**NEW, **EIGHT, "agent_user_level": "8"},
        "ERROR: add_user USER DOES NOT HAVE PERMISSION TO ADD USERS IN THIS USER LEVEL - 8000|8",
    ),
    (
        "add_user",
        {**NEW, **NINE_NOT_SAME, "agent_user_level": "9"},
        "ERROR: add_user USER DOES NOT HAVE PERMISSION TO ADD USERS IN THIS USER LEVEL - 8008|9",
    ),
    (
        "add_user",
        {**NEW, "agent_user_level": "9"},
        "SUCCESS: add_user USER HAS BEEN ADDED - 6666|1100|9999|9|Testing Person|AGENTS",
    ),
    (
        "add_user",
        {**NEW, "agent_user_group": "ADFHR"},
        "ERROR: add_user USER GROUP DOES NOT EXIST - 6666|ADFHR",
    ),
    (
        "add_user",
        {**NEW, **LIMITED, "agent_user_group": "ADMIN"},
        "ERROR: add_user USER GROUP DOES NOT EXIST - 8002|ADMIN",
    ),
    ("add_user", {**NEW, "agent_user": "6666"}, "ERROR: add_user USER ALREADY EXISTS - 6666|6666"),
    (
        "add_user",
        {**NEW, "agent_pass": "9", "agent_full_name": "Testing+Person"},
        "SUCCESS: add_user USER HAS BEEN ADDED - 6666|1100|9|1|Testing+Person|AGENTS",
    ),
    ("update_user", NO_FLAGS, "ERROR: update_user USER DOES NOT HAVE PERMISSION TO UPDATE USERS - 8001|0"),
    (
        "update_user",
        {**EIGHT, "agent_user": "7878", "delete_user": "Y"},
        "ERROR: update_user USER DOES NOT HAVE PERMISSION TO DELETE USERS - 8000|7878",
    ),
    ("update_user", {}, "ERROR: update_user YOU MUST USE ALL REQUIRED FIELDS - 6666||"),
    ("update_user", {"agent_user": "78789"}, "ERROR: update_user USER DOES NOT EXIST - 6666|78789"),
    (
        "update_user",
        {**EIGHT, "agent_user": "6666"},
        "ERROR: update_user USER DOES NOT HAVE PERMISSION TO UPDATE THIS USER - 8000|6666",
    ),
    (
        "update_user",
        {**LIMITED, "agent_user": "1029"},
        "ERROR: update_user USER DOES NOT HAVE PERMISSION TO UPDATE THIS USER - 8002|1029",
    ),
    ("update_user", {"agent_user": "7878"}, "ERROR: update_user NO UPDATES DEFINED - 6666|0"),
    (
        "update_user",
        {"agent_user": "7878", "campaign_rank": "9", "campaign_grade": "10"},
        "NOTICE: update_user USER CAMPAIGN RANKS HAVE BEEN UPDATED - 6666|9|10",
    ),
    (
        "update_user",
        {
            "agent_user": "7878",
            "campaign_rank": "9",
            "campaign_grade": "10",
            "camp_rg_only": "1",
            "campaign_id": "TESTCAMP",
        },
        "NOTICE: update_user USER CAMPAIGN RANKS HAVE BEEN UPDATED - 6666|9|10|TESTCAMP|1",
    ),
    (
        "update_user",
        {"agent_user": "7878", "active": "N"},
        "SUCCESS: update_user USER HAS BEEN UPDATED - 6666|7878",
    ),
    (
        "update_user",
        {"agent_user": "7878", "delete_user": "Y"},
        "SUCCESS: update_user USER HAS BEEN DELETED - 6666|7878",
    ),
]
REFUSED: list[tuple[dict[str, str], str]] = [
    ({"agent_full_name": "x" * 51}, f"YOU MUST USE A VALID FULL NAME, {OPTIONAL}|{'x' * 51}"),
    ({"agent_user_level": "0"}, f"YOU MUST USE A VALID USER LEVEL, {OPTIONAL}|0|9|1"),
    ({"agent_user_group": "FAKEGROUP"}, f"YOU MUST USE A VALID USER GROUP, {OPTIONAL}|FAKEGROUP|0"),
    ({"phone_login": "fakephone"}, f"YOU MUST USE A VALID PHONE LOGIN, {OPTIONAL}|fakephone|0|0"),
    ({"phone_pass": "p" * 21}, f"YOU MUST USE A VALID PHONE PASSWORD, {OPTIONAL}|{'p' * 21}"),
    ({"hotkeys_active": "2"}, f"YOU MUST USE A VALID HOTKEYS SETTING, {OPTIONAL}|2"),
    ({"voicemail_id": "1" * 11}, f"YOU MUST USE A VALID VOICEMAIL ID, {OPTIONAL}"),
    ({"email": LONG}, f"YOU MUST USE A VALID EMAIL, {OPTIONAL}"),
    ({"custom_one": LONG}, f"YOU MUST USE A VALID CUSTOM ONE, {OPTIONAL}"),
    ({"custom_two": LONG}, f"YOU MUST USE A VALID CUSTOM TWO, {OPTIONAL}"),
    ({"custom_three": LONG}, f"YOU MUST USE A VALID CUSTOM THREE, {OPTIONAL}"),
    ({"custom_four": LONG}, f"YOU MUST USE A VALID CUSTOM FOUR, {OPTIONAL}"),
    ({"custom_five": LONG}, f"YOU MUST USE A VALID CUSTOM FIVE, {OPTIONAL}"),
    ({"active": "X"}, f"ACTIVE MUST BE Y OR N, {OPTIONAL}"),
    (
        {"wrapup_seconds_override": "-2"},
        f"wrapup_seconds_override MUST BE A VALID DIGIT BETWEEN -1 AND 9999, {OPTIONAL}|-2",
    ),
    ({"campaign_rank": "10"}, f"YOU MUST USE A VALID CAMPAIGN RANK, {OPTIONAL}|10"),
    ({"campaign_grade": "0"}, f"YOU MUST USE A VALID CAMPAIGN GRADE, {OPTIONAL}|0"),
]


@pytest.mark.parametrize(("function", "params", "line"), LINES)
async def test_a_line_of_the_page(service: Service, function: str, params: dict[str, str], line: str) -> None:
    assert await ask(service, function, **params) == line


@pytest.mark.parametrize(("params", "line"), REFUSED)
async def test_a_value_that_does_not_fit_changes_nothing(
    service: Service, params: dict[str, str], line: str
) -> None:
    answer = await ask(service, "update_user", agent_user="2424", agent_pass="9876", **params)
    assert answer == f"ERROR: update_user {line}"
    assert (await _user(service, "2424"))["pass"] == "2424pw"


async def test_the_original_says_the_rule_and_the_level(service: Service) -> None:
    answer = await ask_original(service, "update_user", **EIGHT, agent_user="6666")
    line = "USER DOES NOT HAVE PERMISSION TO UPDATE THIS USER"
    assert answer == f"ERROR: update_user {line}: |8000|6666|<|8\n"


async def test_the_original_denies_updates_after_ranks(service: Service) -> None:
    answer = await ask_original(service, "update_user", agent_user="2424", campaign_rank="3")
    assert answer == (
        "NOTICE: update_user USER CAMPAIGN RANKS HAVE BEEN UPDATED - 6666|2424|3|\n"
        "ERROR: update_user NO UPDATES DEFINED: |6666|"
    )


async def test_ranks_are_written_for_all_campaigns(service: Service) -> None:
    answer = await ask(
        service, "update_user", agent_user="2424", campaign_rank="3", campaign_grade="4", active="N"
    )
    assert answer.splitlines()[1] == "SUCCESS: update_user USER HAS BEEN UPDATED - 6666|2424"
    ranks = await _ranks(service, "2424")
    assert len(ranks) == 6
    assert {(r["campaign_rank"], r["campaign_weight"], r["campaign_grade"]) for r in ranks} == {(3, 3, 4)}


async def test_ranks_of_one_campaign_leave_the_others(service: Service) -> None:
    await ask(
        service,
        "update_user",
        agent_user="2424",
        campaign_grade="4",
        camp_rg_only="1",
        campaign_id="TESTOUT",
    )
    ranks = {
        r["campaign_id"]: (r["campaign_rank"], r["campaign_grade"]) for r in await _ranks(service, "2424")
    }
    assert ranks == {"TESTCAMP": (1, 1), "TESTOUT": (0, 4)}


async def test_blank_empties_what_may_be_empty(service: Service) -> None:
    await ask(service, "update_user", agent_user="2424", custom_one="c1", phone_login="350a")
    answer = await ask(
        service, "update_user", agent_user="2424", custom_one="--BLANK--", phone_login="--BLANK--"
    )
    user = await _user(service, "2424")
    assert answer.startswith("SUCCESS")
    assert (user["custom_one"], user["phone_login"]) == ("", "")


async def test_an_update_unlocks_the_user(service: Service) -> None:
    await change(service, "users", {"user": "2424"}, failed_login_count=9)
    await ask(service, "update_user", agent_user="2424", agent_full_name="Free")
    assert (await _user(service, "2424"))["failed_login_count"] == 0


async def test_the_log_of_changes_tells_before_and_after_but_no_password(service: Service) -> None:
    await ask(service, "update_user", agent_user="2424", agent_pass="s3cret", agent_full_name="New")
    entry = newest(service, "dialer360_admin_log", "admin_log_id")
    changed = json.loads(entry["event_sql"])
    assert changed["full_name"] == ["To Be Updated", "New"]
    assert {text for name in ("pass", "pass_hash") for text in changed[name]} <= {"***", "", None}
    assert "s3cret" not in str(newest(service, "dialer360_api_urls", "api_id"))
    await ask(service, "update_user", agent_user="7878", delete_user="Y")
    entry = newest(service, "dialer360_admin_log", "admin_log_id")
    assert json.loads(entry["event_sql"])["full_name"] == ["To Be Deleted", None]
    assert "7878pw" not in entry["event_sql"]


async def test_hashed_passwords_are_not_said_and_let_in(service: Service) -> None:
    await change(service, "system_settings", {}, pass_key="abcdefghijklmnop", pass_cost=4)
    await change(service, "users", {"user": "6666"}, pass_hash="uTpfxUqSKSbGH6FhoDfMWL1iFXhpekW")
    await change(service, "system_settings", {}, pass_hash_enabled="1")
    answer = await ask(service, "add_user", **{**NEW, "agent_user_level": "9"})
    assert answer == "SUCCESS: add_user USER HAS BEEN ADDED - 6666|1100||9|Testing Person|AGENTS"
    assert (await _user(service, "1100"))["pass"] == ""
    assert await ask(service, "no_such", user="1100", **{"pass": "9999"}) == "ERROR: NO FUNCTION SPECIFIED"


async def test_automatic_numbers_go_on_by_seven(service: Service) -> None:
    await ask(service, "add_user", **{**NEW, "agent_user": "1101"})
    answer = await ask(service, "add_user", **{**NEW, "agent_user": "AUTOGENERATED"})
    assert answer == "SUCCESS: add_user USER HAS BEEN ADDED - 6666|1108|9999|1|Testing Person|AGENTS"
    assert newest(service, "dialer360_api_log", "api_id")["agent_user"] == "1108"


async def _user(service: Service, name: str) -> dict[str, Any]:
    async with service.database.work() as work:
        found = await work.one(user_named, user=name)
    assert found is not None
    return found


async def _ranks(service: Service, name: str) -> list[dict[str, Any]]:
    async with service.database.work() as work:
        return [row for row in await work.all(all_ranks) if row["user"] == name]


def all_ranks(t: Tables) -> ClauseElement:
    return t["campaign_agents"].select()
