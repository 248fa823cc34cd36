"""The documented lines of add_list, update_list and update_campaign."""

from typing import Any

import pytest
from sqlalchemy import ClauseElement

from tests.dialer.lead_calls import ask, ask_original, change, insert, newest
from trunkline.dialer.commands.list_fields import campaign
from trunkline.dialer.commands.lists import list_with_id
from trunkline.dialer.runner import Service
from trunkline.dialer.tables import Tables

NO_FLAGS = {"user": "8001", "pass": "8001pw"}
NO_DELETES = {"user": "8000", "pass": "8000pw"}
LIMITED = {"user": "8002", "pass": "8002pw"}
NEW = {"list_id": "1101", "list_name": "Test API list", "campaign_id": "TESTCAMP"}
OPTIONAL = "THIS IS AN OPTIONAL FIELD - 6666"
ADDED = "SUCCESS: add_list LIST HAS BEEN ADDED - 6666|1101|TESTCAMP"

LINES: list[tuple[str, dict[str, str], str]] = [
    ("add_list", {**NEW, **NO_FLAGS}, "ERROR: add_list USER DOES NOT HAVE PERMISSION TO ADD LISTS - 8001|0"),
    (
        "add_list",
        {"list_id": "1101", "list_name": "short"},
        "ERROR: add_list YOU MUST USE ALL REQUIRED FIELDS - 6666|1101|short|",
    ),
    (
        "add_list",
        {**NEW, "campaign_id": "TESTCIMP"},
        "ERROR: add_list CAMPAIGN DOES NOT EXIST - 6666|TESTCIMP",
    ),
    (
        "add_list",
        {**NEW, **LIMITED, "campaign_id": "TESTOUT"},
        "ERROR: add_list CAMPAIGN DOES NOT EXIST - 8002|TESTOUT",
    ),
    ("add_list", {**NEW, "list_id": "101"}, "ERROR: add_list LIST ALREADY EXISTS - 6666|101"),
    ("add_list", {**NEW, "script": "NONE"}, f"ERROR: add_list SCRIPT DOES NOT EXIST, {OPTIONAL}|NONE"),
    (
        "add_list",
        {**NEW, "drop_inbound_group": "NONE"},
        f"ERROR: add_list IN-GROUP DOES NOT EXIST, {OPTIONAL}|NONE",
    ),
    ("add_list", {**NEW, "reset_time": "090"}, f"ERROR: add_list RESET TIME IS NOT VALID, {OPTIONAL}|090"),
    (
        "add_list",
        {**NEW, "expiration_date": "2018-02-30"},
        f"ERROR: add_list EXPIRATION DATE IS NOT VALID, {OPTIONAL}|2018-02-30",
    ),
    ("add_list", NEW, ADDED),
    (
        "update_list",
        {"list_id": "1102", **NO_FLAGS},
        "ERROR: update_list USER DOES NOT HAVE PERMISSION TO UPDATE LISTS - 8001",
    ),
    ("update_list", {"list_id": "1"}, "ERROR: update_list YOU MUST USE ALL REQUIRED FIELDS - 6666|1"),
    ("update_list", {"list_id": "107", **LIMITED}, "ERROR: update_list NOT AN ALLOWED LIST ID - 107"),
    ("update_list", {"list_id": "1101"}, "ERROR: update_list LIST DOES NOT EXIST - 6666|1101"),
    (
        "update_list",
        {**NEW, "insert_if_not_found": "Y"},
        f"NOTICE: update_list LIST DOES NOT EXIST, SENDING TO add_list FUNCTION - 6666|1101\n{ADDED}",
    ),
    ("update_list", {"list_id": "1102"}, "NOTICE: update_list NO UPDATES DEFINED - 6666|"),
    (
        "update_list",
        {"list_id": "1102", "active": "N"},
        "SUCCESS: update_list LIST HAS BEEN UPDATED - 6666|1102",
    ),
    (
        "update_list",
        {"list_id": "101", "reset_list": "Y", "delete_list": "Y", "delete_leads": "Y", **NO_DELETES},
        "NOTICE: update_list NO UPDATES DEFINED - 8000|\n"
        "NOTICE: update_list LEADS IN LIST HAVE BEEN RESET - 8000|101|1\n"
        "NOTICE: update_list USER DOES NOT HAVE PERMISSION TO DELETE LISTS - 8000|0\n"
        "NOTICE: update_list USER DOES NOT HAVE PERMISSION TO DELETE LEADS - 8000|0",
    ),
    (
        "update_campaign",
        {"campaign_id": "TESTOUT", **NO_FLAGS},
        "ERROR: update_campaign USER DOES NOT HAVE PERMISSION TO UPDATE CAMPAIGNS - 8001",
    ),
    ("update_campaign", {}, "ERROR: update_campaign YOU MUST USE ALL REQUIRED FIELDS - 6666|"),
    (
        "update_campaign",
        {"campaign_id": "TESTOUT", **LIMITED},
        "ERROR: update_campaign NOT AN ALLOWED CAMPAIGN ID - TESTOUT",
    ),
    (
        "update_campaign",
        {"campaign_id": "TESTCIMP"},
        "ERROR: update_campaign CAMPAIGN DOES NOT EXIST - 6666|TESTCIMP",
    ),
    ("update_campaign", {"campaign_id": "TESTOUT"}, "NOTICE: update_campaign NO UPDATES DEFINED - 6666|"),
    (
        "update_campaign",
        {"campaign_id": "TESTCAMP", "dial_timeout": "30", "reset_hopper": "Y"},
        "SUCCESS: update_campaign CAMPAIGN HAS BEEN UPDATED - 6666|TESTCAMP\n"
        "NOTICE: update_campaign HOPPER HAS BEEN RESET - 6666|TESTCAMP|2",
    ),
]
REFUSED: list[tuple[str, str, str, str]] = [
    ("update_list", "campaign_id", "TESTCIMP", "CAMPAIGN DOES NOT EXIST"),
    ("update_list", "script", "NONE", "SCRIPT DOES NOT EXIST"),
    ("update_list", "drop_inbound_group", "NONE", "IN-GROUP DOES NOT EXIST"),
    ("update_list", "list_name", "five5", "LIST NAME MUST BE FROM 6 TO 30 CHARACTERS"),
    ("update_list", "list_name", "--BLANK--", "LIST NAME MUST BE FROM 6 TO 30 CHARACTERS"),
    ("update_list", "active", "U", "ACTIVE MUST BE Y OR N"),
    ("update_list", "outbound_cid", "12345", "OUTBOUND CID MUST BE FROM 6 TO 18 DIGITS"),
    ("update_list", "am_message", "m" * 101, "ANSWERING MACHINE MESSAGE MUST LESS THAN 101 DIGITS"),
    ("update_list", "reset_time", "012", "RESET TIME IS NOT VALID"),
    ("update_list", "expiration_date", "2018", "EXPIRATION DATE IS NOT VALID"),
    ("update_campaign", "auto_dial_level", "19", "AUTO DIAL LEVEL MUST BE FROM 0 TO 18"),
    ("update_campaign", "auto_dial_level", "1.2.3", "AUTO DIAL LEVEL MUST BE FROM 0 TO 18"),
    ("update_campaign", "dial_method", "RATIONAL", "DIAL METHOD IS NOT VALID"),
    (
        "update_campaign",
        "adaptive_maximum_level",
        "123456",
        "ADAPT MAXIMUM DIAL LEVEL MUST BE FROM 1 TO 5 CHARACTERS",
    ),
    ("update_campaign", "campaign_vdad_exten", "12", "ROUTING EXTENSION MUST BE FROM 3 TO 20 CHARACTERS"),
    ("update_campaign", "hopper_level", "0", "HOPPER LEVEL MUST BE FROM 1 TO 2000"),
    ("update_campaign", "dial_timeout", "121", "DIAL TIMEOUT MUST BE FROM 1 TO 120"),
    ("update_campaign", "campaign_name", "short", "CAMPAIGN NAME MUST BE FROM 6 TO 40 CHARACTERS"),
    ("update_campaign", "active", "U", "ACTIVE MUST BE Y OR N"),
]


@pytest.mark.parametrize(("function", "params", "line"), LINES)
async def test_a_documented_line(service: Service, function: str, params: dict[str, str], line: str) -> None:
    await change(service, "list", {"list_id": 101}, called_since_last_reset="N")
    await change(service, "list", {"lead_id": 1002}, called_since_last_reset="Y3")
    assert await ask(service, function, **params) == line


@pytest.mark.parametrize(("function", "name", "value", "text"), REFUSED)
async def test_a_value_that_does_not_fit(
    service: Service, function: str, name: str, value: str, text: str
) -> None:
    where = {"list_id": "1102"} if function == "update_list" else {"campaign_id": "TESTOUT"}
    answer = await ask(service, function, **where, **{name: value})
    assert answer == f"ERROR: {function} {text}, {OPTIONAL}|{value}"


async def test_lists_and_leads_are_deleted(service: Service) -> None:
    await insert(service, "list", {"list_id": 1102, "phone_number": "7275551111"})
    answer = await ask_original(service, "update_list", list_id="1102", delete_list="Y", delete_leads="Y")
    first, second, third = answer.split("\n")
    assert first == "NOTICE: update_list NO UPDATES DEFINED: |6666|"
    assert second == "NOTICE: update_list LIST HAS BEEN DELETED - 6666|1102|1"
    assert third.startswith("NOTICE: update_list LEADS IN LIST HAVE BEEN DELETED - 6666|1102|")
    assert await _list(service, 1102) is None
    assert newest(service, "dialer360_admin_log", "admin_log_id")["event_code"] == "ADMIN API DELETE LEADS"


async def test_both_dates_are_kept(service: Service) -> None:
    answer = await ask_original(
        service, "update_list", list_id="1102", reset_time="0900-1700", expiration_date="2018-01-01"
    )
    row = await _list(service, 1102)
    assert answer == "SUCCESS: update_list LIST HAS BEEN UPDATED - 6666|1102"
    assert (row["reset_time"], row["expiration_date"]) == ("0900-1700", "2018-01-01")


async def test_blank_empties_what_only_keeps_digits_too(service: Service) -> None:
    given = {
        "outbound_cid": "7275551212",
        "reset_time": "0900",
        "am_message": "8304",
        "expiration_date": "2018-01-01",
        "web_form_address": "http://a.b/c",
    }
    await ask(service, "update_list", list_id="1102", **given)
    await ask_original(service, "update_list", list_id="1102", **dict.fromkeys(given, "--BLANK--"))
    row = await _list(service, 1102)
    emptied = ("campaign_cid_override", "reset_time", "am_message_exten_override", "web_form_address")
    assert [row[name] for name in emptied] == [""] * 4
    assert row["expiration_date"] == "2099-12-31"


async def test_adding_asks_for_its_own_right(service: Service) -> None:
    await change(service, "users", {"user": "8000"}, api_allowed_functions=" update_list ")
    answer = await ask(service, "update_list", **NEW, **NO_DELETES, insert_if_not_found="Y")
    assert answer == (
        "NOTICE: update_list LIST DOES NOT EXIST, SENDING TO add_list FUNCTION - 8000|1101\n"
        "ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - 8000|add_list"
    )
    assert await _list(service, 1101) is None


async def test_each_log_row_names_the_function_that_spoke(service: Service) -> None:
    await ask(service, "update_list", **NEW, insert_if_not_found="Y")
    assert newest(service, "dialer360_api_log", "api_id")["function"] == "add_list"
    await ask(service, "update_list", list_id="1109", insert_if_not_found="Y")
    assert newest(service, "dialer360_api_log", "api_id")["result_reason"] == (
        "add_list YOU MUST USE ALL REQUIRED FIELDS"
    )


async def test_a_list_that_changes_its_campaign_leaves_the_old_hopper(service: Service) -> None:
    await ask(service, "update_list", list_id="1102", campaign_id="testcamp")
    assert await _hopper(service) == [101, 1102]
    await ask(service, "update_list", list_id="1102", campaign_id="TESTOUT")
    assert await _hopper(service) == [101]


async def test_a_list_moves_into_no_campaign_out_of_sight(service: Service) -> None:
    answer = await ask(service, "update_list", **LIMITED, list_id="1102", campaign_id="TESTOUT")
    assert answer == "ERROR: update_list CAMPAIGN DOES NOT EXIST, THIS IS AN OPTIONAL FIELD - 8002|TESTOUT"


async def test_the_original_takes_a_short_date_for_none(service: Service) -> None:
    assert await ask_original(service, "add_list", **NEW, expiration_date="2018") == (
        "SUCCESS: add_list LIST HAS BEEN ADDED - 6666|1101|Test API list|TESTCAMP"
    )
    assert (await _list(service, 1101))["expiration_date"] == "2099-12-31"


async def test_an_encoded_address_holds_no_zero_byte(service: Service) -> None:
    twice = "http%3A%2F%2Fa.b%2F%00c%22+d"
    await ask(service, "update_list", list_id="1102", web_form_address_three=twice)
    assert (await _list(service, 1102))["web_form_address_three"] == 'http://a.b/c"+d'


async def test_the_limit_of_auto_dialing_is_the_systems(service: Service) -> None:
    await change(service, "system_settings", {}, auto_dial_limit="4.5")
    answer = await ask_original(service, "update_campaign", campaign_id="TESTOUT", auto_dial_level="4.6")
    text = "AUTO DIAL LEVEL MUST BE FROM 0 TO 4.501, THIS IS AN OPTIONAL FIELD"
    assert answer == f"ERROR: update_campaign {text}: |6666|4.6"
    assert (await ask(service, "update_campaign", campaign_id="TESTOUT", auto_dial_level="4.5")).startswith(
        "S"
    )
    async with service.database.work() as work:
        row = await work.one(campaign, campaign_id="TESTOUT")
    assert row is not None
    assert row["auto_dial_level"] == "4.5"


async def test_the_original_leaves_out_how_many_were_reset(service: Service) -> None:
    answer = await ask_original(service, "update_campaign", campaign_id="TESTCAMP", reset_hopper="Y")
    assert answer == (
        "NOTICE: update_campaign NO UPDATES DEFINED: |6666|\n"
        "NOTICE: update_campaign HOPPER HAS BEEN RESET - 6666|TESTCAMP|"
    )
    assert await _hopper(service) == []


async def _list(service: Service, list_id: int) -> Any:
    async with service.database.work() as work:
        return await work.one(list_with_id, list_id=list_id)


async def _hopper(service: Service) -> list[int]:
    async with service.database.work() as work:
        return sorted(row["list_id"] for row in await work.all(waiting))


def waiting(t: Tables) -> ClauseElement:
    return t["hopper"].select()
