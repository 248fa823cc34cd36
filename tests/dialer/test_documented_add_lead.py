"""The lines of the published page: each one is said, in its words and its order."""

from typing import Any

import pytest

from tests.dialer.lead_calls import NANPA_ROWS, PHONE, ask, ask_original, change, insert, newest
from trunkline.dialer.runner import Service

LEAD = 1139741
"""The id of the first lead that is added to the start state."""
ADDED = f"SUCCESS: add_lead LEAD HAS BEEN ADDED - {PHONE}|6666|999|{LEAD}|-4"
TWIN = {"phone_number": "7275551002", "first_name": "bob", "last_name": "SMITH"}
TITLED = {"phone_number": PHONE, "title": "Dr", "alt_phone": "7275559002"}
CALLBACK = {"callback": "Y", "campaign_id": "TESTCAMP", "callback_datetime": "2017-09-29 12:00:01"}
FOR_ONE = {**CALLBACK, "callback_type": "USERONLY", "callback_user": "1028"}

ALONE: list[tuple[dict[str, str], str]] = [
    ({"phone_number": "72755"}, "ERROR: add_lead INVALID PHONE NUMBER LENGTH - 72755|6666"),
    (
        {"phone_number": "7271551212", "usacan_prefix_check": "Y"},
        "ERROR: add_lead INVALID PHONE NUMBER PREFIX - 7271551212|6666",
    ),
    (
        {"phone_number": "727555121", "usacan_areacode_check": "Y"},
        "ERROR: add_lead INVALID PHONE NUMBER AREACODE - 727555121|6666",
    ),
    (
        {"phone_number": "72755512123", "usacan_areacode_check": "Y"},
        "ERROR: add_lead INVALID PHONE NUMBER AREACODE - 72755512123|6666",
    ),
    (
        {"phone_number": "7275559999", "dnc_check": "Y"},
        "ERROR: add_lead PHONE NUMBER IN DNC - 7275559999|6666",
    ),
    (
        {"phone_number": "7275558888", "campaign_dnc_check": "Y", "campaign_id": "TESTCAMP"},
        "ERROR: add_lead PHONE NUMBER IN CAMPAIGN DNC - 7275558888|TESTCAMP|6666",
    ),
    (
        {"user": "7000", "pass": "7000pw"},
        "ERROR: add_lead USER DOES NOT HAVE PERMISSION TO ADD LEADS TO THE SYSTEM - 7000|0",
    ),
    (
        {"user": "8003", "pass": "8003pw"},
        "ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - 8003|add_lead",
    ),
    (
        {"user": "8002", "pass": "8002pw", "list_id": "107"},
        f"ERROR: add_lead NOT AN ALLOWED LIST ID - {PHONE}|107",
    ),
    ({"user": "8002", "pass": "8002pw"}, f"ERROR: add_lead NOT AN ALLOWED LIST ID - {PHONE}|"),
    (
        {**TWIN, "list_id": "101", "duplicate_check": "duplist"},
        "ERROR: add_lead DUPLICATE PHONE NUMBER IN LIST - 7275551002|101|1002",
    ),
    (
        {**TWIN, "list_id": "8107", "duplicate_check": "DUPLIST-DUPCAMP"},
        "ERROR: add_lead DUPLICATE PHONE NUMBER IN CAMPAIGN LISTS - 7275551002|8107|1002|101",
    ),
    (
        {**TWIN, "list_id": "107", "duplicate_check": "DUPLIST-DUPCAMP-DUPSYS"},
        "ERROR: add_lead DUPLICATE PHONE NUMBER IN SYSTEM - 7275551002|107|1002|101",
    ),
    (
        {**TITLED, "list_id": "101", "duplicate_check": "DUPTITLEALTPHONELIST"},
        "ERROR: add_lead DUPLICATE TITLE ALT_PHONE IN LIST - Dr|7275559002|101|1002",
    ),
    (
        {**TITLED, "list_id": "8107", "duplicate_check": "DUPTITLEALTPHONECAMP"},
        "ERROR: add_lead DUPLICATE TITLE ALT_PHONE IN CAMPAIGN LISTS - Dr|7275559002|8107|1002|101",
    ),
    (
        {**TITLED, "list_id": "107", "duplicate_check": "DUPTITLEALTPHONESYS"},
        "ERROR: add_lead DUPLICATE TITLE ALT_PHONE IN SYSTEM - Dr|7275559002|107|1002|101",
    ),
    (
        {**TWIN, "list_id": "101", "duplicate_check": "DUPNAMEPHONELIST"},
        "ERROR: add_lead DUPLICATE NAME PHONE IN LIST - bob|SMITH|7275551002|101|1002|101",
    ),
    (
        {**TWIN, "list_id": "8107", "duplicate_check": "DUPNAMEPHONECAMP"},
        "ERROR: add_lead DUPLICATE NAME PHONE IN CAMPAIGN LISTS - bob|SMITH|7275551002|8107|1002|101",
    ),
    (
        {**TWIN, "list_id": "107", "duplicate_check": "DUPNAMEPHONESYS"},
        "ERROR: add_lead DUPLICATE NAME PHONE IN SYSTEM - bob|SMITH|7275551002|107|1002|101",
    ),
]

AFTER_THE_LEAD: list[tuple[dict[str, str], str]] = [
    ({"add_to_hopper": "Y"}, f"NOTICE: add_lead ADDED TO HOPPER - {PHONE}|6666|{LEAD}|3"),
    (
        {"custom_fields": "Y", "favorite_color": "blue"},
        f"NOTICE: add_lead CUSTOM FIELDS VALUES ADDED - {PHONE}|{LEAD}|999",
    ),
    (
        {"multi_alt_phones": "7275551212_1_work!7275551213_1_sister+house!1234567890_1_neighbor"},
        f"NOTICE: add_lead MULTI-ALT-PHONE NUMBERS LOADED - 3|6666|{LEAD}",
    ),
    (
        FOR_ONE,
        "NOTICE: add_lead SCHEDULED CALLBACK ADDED - "
        f"{LEAD}|2017-09-29 12:00:01|TESTCAMP|1028|USERONLY|CALLBK",
    ),
    (
        {**FOR_ONE, "callback_datetime": "NOW", "callback_type": "", "callback_status": "CBX"},
        f"NOTICE: add_lead SCHEDULED CALLBACK ADDED - {LEAD}|2017-06-14 12:00:00|TESTCAMP||ANYONE|CBX",
    ),
    (
        {**FOR_ONE, "callback_user": "6"},
        f"NOTICE: add_lead SCHEDULED CALLBACK NOT ADDED, USER NOT VALID - {LEAD}|TESTCAMP|6|",
    ),
    (
        {**FOR_ONE, "campaign_id": "XYZ"},
        f"NOTICE: add_lead SCHEDULED CALLBACK NOT ADDED, CAMPAIGN NOT VALID - {LEAD}|XYZ",
    ),
]


@pytest.mark.parametrize(("params", "line"), ALONE)
async def test_a_lead_that_is_refused(service: Service, params: dict[str, str], line: str) -> None:
    assert await ask(service, "add_lead", **{"phone_number": PHONE, **params}) == line
    assert newest(service, "dialer360_list", "lead_id")["lead_id"] < LEAD


@pytest.mark.parametrize(("params", "line"), AFTER_THE_LEAD)
async def test_a_lead_with_further_parts(service: Service, params: dict[str, str], line: str) -> None:
    assert await ask(service, "add_lead", phone_number=PHONE, **params) == f"{ADDED}\n{line}"


@pytest.mark.parametrize(
    ("list_id", "line"),
    [
        ("8107", f"CUSTOM FIELDS NOT ADDED, NO CUSTOM FIELDS DEFINED FOR THIS LIST - {PHONE}|{LEAD}|8107"),
        ("107", f"CUSTOM FIELDS NOT ADDED, NO FIELDS DEFINED - {PHONE}|{LEAD}|107"),
    ],
)
async def test_a_list_without_own_fields(service: Service, list_id: str, line: str) -> None:
    answer = await ask(service, "add_lead", phone_number=PHONE, list_id=list_id, custom_fields="Y")
    assert answer.splitlines()[1] == f"NOTICE: add_lead {line}"


async def test_own_fields_that_are_disabled(service: Service) -> None:
    await change(service, "system_settings", {}, custom_fields_enabled="0")
    line = f"{ADDED}\nNOTICE: add_lead CUSTOM FIELDS NOT ADDED, CUSTOM FIELDS DISABLED - {PHONE}|Y|0"
    assert await ask(service, "add_lead", phone_number=PHONE, custom_fields="Y") == line


async def test_own_fields_that_are_disabled_in_the_original_order(service: Service) -> None:
    await change(service, "system_settings", {}, custom_fields_enabled="0")
    answer = await ask_original(service, "add_lead", phone_number=PHONE, custom_fields="Y")
    assert answer.endswith(f"CUSTOM FIELDS DISABLED - {PHONE}|{LEAD}|Y|0")


async def test_a_lead_outside_of_its_local_time(service: Service) -> None:
    answer = await ask(
        service,
        "add_lead",
        phone_number=PHONE,
        list_id="200",
        add_to_hopper="Y",
        hopper_local_call_time_check="Y",
    )
    line = f"NOTICE: add_lead NOT ADDED TO HOPPER, OUTSIDE OF LOCAL TIME - {PHONE}|6666|{LEAD}|-4|0"
    assert answer.splitlines()[1] == line


async def test_nanpa_without_its_data(service: Service) -> None:
    answer = await ask(service, "add_lead", phone_number=PHONE, nanpa_ac_prefix_check="Y")
    notice = "NOTICE: add_lead NANPA options disabled, NANPA prefix data not loaded - 0|6666"
    assert answer == f"{notice}\n{ADDED}"


async def test_a_prefix_that_nanpa_does_not_have(service: Service) -> None:
    await insert(service, "nanpa_prefix_codes", *NANPA_ROWS)
    answer = await ask(service, "add_lead", phone_number="7275991212", nanpa_ac_prefix_check="Y")
    assert answer == "ERROR: add_lead INVALID PHONE NUMBER NANPA AREACODE PREFIX - 7275991212|6666"


async def test_a_callback_holds_its_lead(service: Service) -> None:
    await ask(service, "add_lead", phone_number=PHONE, callback_comments="Comments go here", **FOR_ONE)
    assert newest(service, "dialer360_list", "lead_id")["status"] == "CBHOLD"
    stored = newest(service, "dialer360_callbacks", "callback_id")
    wanted: dict[str, Any] = {
        "lead_id": LEAD,
        "list_id": 999,
        "campaign_id": "TESTCAMP",
        "status": "ACTIVE",
        "callback_time": "2017-09-29 12:00:01",
        "user": "1028",
        "recipient": "USERONLY",
        "user_group": "AGENTS",
        "comments": "Comments go here",
        "lead_status": "CALLBK",
    }
    assert {name: stored[name] for name in wanted} == wanted


async def test_a_callback_in_the_original_order(service: Service) -> None:
    answer = await ask_original(service, "add_lead", phone_number=PHONE, **CALLBACK)
    assert answer.endswith(f"SCHEDULED CALLBACK ADDED - {LEAD}|TESTCAMP|2017-09-29 12:00:01|||CALLBK")
    answer = await ask_original(service, "add_lead", phone_number=PHONE, **{**FOR_ONE, "callback_user": "6"})
    assert answer.endswith(f"USER NOT VALID - {LEAD + 1}|TESTCAMP|6|USERONLY")


async def test_quotes_are_data(service: Service) -> None:
    await ask(service, "add_lead", phone_number=PHONE, comments='say "hi"', vendor_lead_code="a'b\\")
    stored = newest(service, "dialer360_list", "lead_id")
    assert (stored["comments"], stored["vendor_lead_code"]) == ('say "hi"', "a'b\\")


async def test_own_fields_take_no_column_that_is_none(service: Service) -> None:
    """A field whose column is missing, or is one of every lead, is passed over."""
    await insert(
        service,
        "lists_fields",
        {"list_id": 999, "field_label": "not_a_column", "field_type": "TEXT"},
        {"list_id": 999, "field_label": "lead_id", "field_type": "TEXT"},
    )
    params = {"not_a_column": "x", "lead_id": "1", "favorite_color": 'a";b+c', "custom_fields": "Y"}
    answer = await ask(service, "add_lead", phone_number=PHONE, **params)
    assert answer.endswith(f"CUSTOM FIELDS VALUES ADDED - {PHONE}|{LEAD}|999")
    stored = newest(service, "custom_999", "lead_id")
    assert stored == {"lead_id": LEAD, "favorite_color": "ab c"}


async def test_a_list_id_too_great_for_any_list(service: Service) -> None:
    answer = await ask(
        service,
        "add_lead",
        phone_number=PHONE,
        list_id="9" * 40,
        duplicate_check="DUPLIST-DUPCAMP",
        custom_fields="Y",
        add_to_hopper="Y",
    )
    assert answer.startswith(f"SUCCESS: add_lead LEAD HAS BEEN ADDED - {PHONE}|6666|{'9' * 40}|{LEAD}|")
