"""The published page's lines of one call and one lead: callid_info, lead_field_info, update_log_entry."""

from typing import Any

import pytest

from tests.dialer.lead_calls import ask, ask_original, change, insert, newest
from trunkline.dialer.runner import Service

CALL = "M4050908070000012345"
NO_FLAGS = {"user": "7001", "pass": "7001pw"}
NO_FLAGS_8 = {"user": "8001", "pass": "8001pw"}
LIMITED = {"user": "8002", "pass": "8002pw"}
HIDES = {"user": "8006", "pass": "8006pw"}
OWN_FIELD = {"field_name": "cc_value", "custom_fields": "Y"}
ENTRY = {"group": "TESTCAMP", "call_id": "M9131554060000426264", "status": "SALEX"}

LINES: list[tuple[str, dict[str, str], str]] = [
    (
        "callid_info",
        {"call_id": CALL, **NO_FLAGS},
        "ERROR: callid_info USER DOES NOT HAVE PERMISSION TO GET CALL INFO - 7001|0",
    ),
    ("callid_info", {}, "ERROR: callid_info INVALID SEARCH PARAMETERS - 6666||"),
    (
        "callid_info",
        {"call_id": "M40509080700000"},
        "ERROR: callid_info INVALID SEARCH PARAMETERS - 6666|M40509080700000|",
    ),
    (
        "callid_info",
        {"call_id": "Z4050908070000012345"},
        "ERROR: callid_info CALL NOT FOUND - 6666|Z4050908070000012345|",
    ),
    (
        "callid_info",
        {"call_id": "V5100911000000001003"},
        "ERROR: callid_info CALL LOG NOT FOUND - 6666|V5100911000000001003|",
    ),
    (
        "callid_info",
        {"call_id": CALL, "stage": "csv", "header": "YES"},
        f"call_id,custtime\n{CALL},725",
    ),
    (
        "callid_info",
        {"call_id": CALL, "stage": "csv", "header": "YES", "detail": "YES"},
        "call_id,custtime,call_date,campaign_id,list_id,status,user,phone\n"
        f"{CALL},725,2014-01-24 09:26:09,TESTCAMP,999,A,6666,3125551212",
    ),
    (
        "lead_field_info",
        {"lead_id": "1001", "field_name": "first_name", **NO_FLAGS},
        "ERROR: lead_field_info USER DOES NOT HAVE PERMISSION TO GET LEAD INFO - 7001|0",
    ),
    ("lead_field_info", {}, "ERROR: lead_field_info INVALID SEARCH PARAMETERS - 6666||"),
    (
        "lead_field_info",
        {"lead_id": "1013", "field_name": "first_name"},
        "ERROR: lead_field_info LIST NOT FOUND - 6666|1013|first_name",
    ),
    (
        "lead_field_info",
        {"lead_id": "99", "field_name": "first_name"},
        "ERROR: lead_field_info LEAD NOT FOUND - 6666|99|first_name",
    ),
    (
        "lead_field_info",
        {"lead_id": "1001", "field_name": "shoe_size"},
        "ERROR: lead_field_info LEAD FIELD NOT FOUND - 6666|1001|shoe_size",
    ),
    (
        "lead_field_info",
        {"lead_id": "1139739", "list_id": "999888999777", **OWN_FIELD},
        "1234567890",
    ),
    (
        "update_log_entry",
        {**ENTRY, **NO_FLAGS_8},
        "ERROR: update_log_entry USER DOES NOT HAVE PERMISSION TO UPDATE LOGS - 8001|0",
    ),
    ("update_log_entry", {}, "ERROR: update_log_entry INVALID SEARCH PARAMETERS - 6666||"),
    (
        "update_log_entry",
        {**ENTRY, "status": "TOOLONGS"},
        "ERROR: update_log_entry INVALID SEARCH PARAMETERS - 6666|TESTCAMP|M9131554060000426264",
    ),
    ("update_log_entry", {**ENTRY, "group": "NOPE"}, "ERROR: update_log_entry GROUP NOT FOUND - 6666|NOPE|"),
    (
        "update_log_entry",
        {**ENTRY, "call_id": "M9131554060000999999"},
        "ERROR: update_log_entry NO RECORDS FOUND - 6666|TESTCAMP|M9131554060000999999|SALEX|",
    ),
    (
        "update_log_entry",
        {**ENTRY, "status": "WN"},
        "ERROR: update_log_entry NO RECORDS UPDATED - "
        "6666|TESTCAMP|M9131554060000426264|WN|WN|1347566056.399",
    ),
    (
        "update_log_entry",
        ENTRY,
        "SUCCESS: update_log_entry RECORD HAS BEEN UPDATED - "
        "6666|6666|TESTCAMP|M9131554060000426264|SALEX|WN|1347566056.399|",
    ),
    (
        "update_log_entry",
        {"group": "SALESLINE", "call_id": "Y2010309520000000234", "status": "SALEX"},
        "SUCCESS: update_log_entry RECORD HAS BEEN UPDATED - "
        "6666|6666|SALESLINE|Y2010309520000000234|SALEX|NI|3|",
    ),
    (
        "update_log_entry",
        {**ENTRY, "call_id": "1347566056.399"},
        "SUCCESS: update_log_entry RECORD HAS BEEN UPDATED - "
        "6666|6666|TESTCAMP|1347566056.399|SALEX|WN|1347566056.399|",
    ),
]


@pytest.mark.parametrize(("function", "params", "line"), LINES)
async def test_a_line_of_the_page(service: Service, function: str, params: dict[str, str], line: str) -> None:
    assert await ask(service, function, **params) == line


@pytest.mark.parametrize(
    ("call_id", "is_good"),
    [
        ("Z4050908070000012345", False),
        ("V" + "1" * 16, False),
        ("V" + "1" * 17, True),
        ("V" + "1" * 38, True),
        ("V" + "1" * 39, False),
    ],
)
async def test_original_clients_send_ids_of_known_beginnings(
    service: Service, call_id: str, is_good: bool
) -> None:
    answer = await ask_original(service, "callid_info", call_id=call_id)
    text = "CALL NOT FOUND: 6666|" if is_good else f"INVALID SEARCH PARAMETERS: 6666|{call_id}"
    assert answer == f"ERROR: callid_info {text}"


async def test_original_clients_meet_a_call_without_its_log(service: Service) -> None:
    answer = await ask_original(service, "callid_info", call_id="V5100911000000001003")
    assert answer == "ERROR: callid_info CALL LOG NOT FOUND: 6666|"


@pytest.mark.parametrize(
    ("params", "answer"),
    [
        ({"lead_id": "1001", **OWN_FIELD}, "4111"),
        ({"lead_id": "1001", "field_name": "CC_Value", "custom_fields": "Y"}, "4111"),
        ({"lead_id": "1001", "field_name": "First_Name"}, "Custom"),
        ({"lead_id": "1001", "field_name": "middle_initial"}, ""),
        ({"lead_id": "1002", **OWN_FIELD}, None),
        ({"lead_id": "1001", "list_id": "999", **OWN_FIELD}, None),
        ({"lead_id": "1001", "list_id": "123456", **OWN_FIELD}, None),
        ({"lead_id": "1001", "list_id": "1" * 5000, **OWN_FIELD}, None),
        ({"lead_id": "1001", "field_name": "cc_value"}, None),
    ],
)
async def test_a_field_is_the_leads_or_its_lists_own(
    service: Service, params: dict[str, str], answer: str | None
) -> None:
    unknown = f"ERROR: lead_field_info LEAD FIELD NOT FOUND - 6666|{params['lead_id']}|cc_value"
    assert await ask(service, "lead_field_info", **params) == (unknown if answer is None else answer)


async def test_original_clients_are_told_of_a_list_field(service: Service) -> None:
    answer = await ask_original(service, "lead_field_info", lead_id="1001", field_name="shoe_size")
    assert answer == "ERROR: lead_field_info LIST FIELD NOT FOUND: 6666|1001"


@pytest.mark.parametrize("params", [{"field_name": "first_name"}, OWN_FIELD])
async def test_a_user_who_may_not_see_leads_data_sees_how_long_it_is(
    service: Service, params: dict[str, str]
) -> None:
    answer = await ask(service, "lead_field_info", lead_id="1001", **params, **HIDES)
    assert answer == ("XXXX" if params is OWN_FIELD else "XXXXXX")
    assert newest(service, "dialer360_api_log", "api_id")["result_reason"] == f"lead_field_info {answer}"


async def test_fields_of_a_list_out_of_sight_are_as_fields_that_are_not(service: Service) -> None:
    await change(service, "lists", {"list_id": 999888999777}, campaign_id="TESTOUT")
    params = {"lead_id": "1001", "list_id": "999888999777", "field_name": "cc_value", "custom_fields": "Y"}
    await change(service, "users", {"user": "8002"}, modify_leads="1", vdc_agent_api_access="1")
    answer = await ask(service, "lead_field_info", **params, **LIMITED)
    assert answer == "ERROR: lead_field_info LEAD FIELD NOT FOUND - 8002|1001|cc_value"


async def test_a_status_is_never_emptied(service: Service) -> None:
    params = {"group": "TESTCAMP", "call_id": "M9131554060000426264"}
    documented = await ask(service, "update_log_entry", **params)
    original = await ask_original(service, "update_log_entry", **params)
    assert documented == (
        "ERROR: update_log_entry INVALID SEARCH PARAMETERS - 6666|TESTCAMP|M9131554060000426264"
    )
    assert original == (
        "ERROR: update_log_entry INVALID SEARCH PARAMETERS: 6666|TESTCAMP|M9131554060000426264|"
    )


async def test_a_status_of_seven_characters_is_cut_where_it_is_stored(service: Service) -> None:
    params = {"group": "SUPPORT", "call_id": "Y1234567890000876409", "status": "SEVENTH"}
    first = await ask(service, "update_log_entry", **params)
    again = await ask(service, "update_log_entry", **params)
    assert first == (
        "SUCCESS: update_log_entry RECORD HAS BEEN UPDATED - "
        "6666|6666|SUPPORT|Y1234567890000876409|SEVENTH|DROP|5|"
    )
    assert again == (
        "ERROR: update_log_entry NO RECORDS UPDATED - 6666|SUPPORT|Y1234567890000876409|SEVENTH|SEVENT|5"
    )


async def test_a_status_is_data_whatever_it_holds(service: Service) -> None:
    row: dict[str, Any] = {"lead_id": 4242, "campaign_id": "SUPPORT", "call_date": "2017-01-01 00:00:00"}
    await insert(service, "closer_log", {**row, "closecallid": 4242, "status": "A"})
    params = {"group": "SUPPORT", "call_id": "Y0000000000000004242", "status": "a'b\"c"}
    assert "RECORD HAS BEEN UPDATED" in await ask(service, "update_log_entry", **params)
    assert newest(service, "dialer360_closer_log", "closecallid")["status"] == "a'b\"c"


@pytest.mark.parametrize("group", ["TESTBLND", "SUPPORT"])
async def test_a_group_out_of_sight_is_as_one_that_is_not(service: Service, group: str) -> None:
    await change(service, "inbound_groups", {"group_id": "SUPPORT"}, user_group="ADMIN")
    await change(service, "users", {"user": "8002"}, modify_leads="1", vdc_agent_api_access="1")
    answer = await ask(service, "update_log_entry", **(ENTRY | {"group": group}), **LIMITED)
    assert answer == f"ERROR: update_log_entry GROUP NOT FOUND - 8002|{group}|"
