"""The lines of the published page about changed leads: each one is said, in its words and its order."""

from typing import Any

import pytest

from tests.dialer.lead_calls import ask, ask_original, change, insert, newest
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase

NEW_LEAD = 1139741
"""The id of the first lead that is added to the start state."""
NEW = {"search_method": "PHONE_NUMBER", "phone_number": "9999000029", "insert_if_not_found": "Y"}
COMPLETE = {**NEW, "phone_code": "1", "list_id": "999"}
NONE_YET = "NOTICE: update_lead NO MATCHES FOUND IN THE SYSTEM - 6666|||9999000029"
ADDED = f"SUCCESS: update_lead LEAD HAS BEEN ADDED - 9999000029|6666|999|{NEW_LEAD}|-5"
LIMITED = {"user": "8002", "pass": "8002pw"}
CALLBACK = {"callback": "Y", "campaign_id": "TESTCAMP", "callback_datetime": "2017-09-29 12:00:01"}
FOR_ONE = {**CALLBACK, "callback_type": "USERONLY", "callback_user": "1028"}
OWN_FIELD = {"custom_fields": "Y", "favorite_color": "blue"}
HOPPER = {"add_to_hopper": "Y", "no_update": "Y"}

LINES: list[tuple[dict[str, str], str]] = [
    ({"lead_id": "27", "last_name": "SMITH"}, "SUCCESS: LEAD HAS BEEN UPDATED - 6666|27"),
    (
        {"user": "7000", "pass": "7000pw", "lead_id": "27"},
        "ERROR: USER DOES NOT HAVE PERMISSION TO UPDATE LEADS IN THE SYSTEM - 7000|0",
    ),
    ({}, "ERROR: NO VALID SEARCH METHOD - 6666|LEAD_ID|||"),
    ({"search_method": "SYSTEM"}, "ERROR: NO VALID SEARCH METHOD - 6666|SYSTEM|||"),
    (
        {"search_method": "PHONE_NUMBER", "phone_number": "72755"},
        "ERROR: NO VALID SEARCH METHOD - 6666|PHONE_NUMBER|||72755",
    ),
    (
        {**LIMITED, "lead_id": "27", "phone_number": "7275551212", "list_id": "98762"},
        "ERROR: NOT AN ALLOWED LIST ID - 7275551212|98762",
    ),
    ({**LIMITED, "lead_id": "105", "city": "X"}, "ERROR: NOT AN ALLOWED LIST ID - 107"),
    ({"lead_id": "4567"}, "ERROR: NO MATCHES FOUND IN THE SYSTEM - 6666|4567||"),
    (
        {"lead_id": "4567", "no_update": "Y", "vendor_lead_code": "8976", "phone_number": "7275551212"},
        "NOTICE: NO MATCHES FOUND IN THE SYSTEM - 6666|4567|8976|7275551212",
    ),
    (
        {"search_method": "PHONE_NUMBER", "phone_number": "9998887112", "no_update": "Y"},
        "NOTICE: LEADS FOUND IN THE SYSTEM: |6666|1010542|12345678901234|9998887112|101|0",
    ),
    (
        {"lead_id": "27", "delete_lead": "Y"},
        "SUCCESS: LEAD HAS BEEN DELETED - 7275551027|6666|101|27|-4",
    ),
    ({"lead_id": "1001", **OWN_FIELD}, "NOTICE: CUSTOM FIELDS VALUES UPDATED - 7275551001|1001|101"),
    (
        {"lead_id": "1004", **OWN_FIELD},
        "NOTICE: CUSTOM FIELDS NOT UPDATED, NO CUSTOM FIELDS DEFINED FOR THIS LIST - 9999000019|1004|8107",
    ),
    (
        {"lead_id": "105", **OWN_FIELD},
        "NOTICE: CUSTOM FIELDS NOT UPDATED, NO FIELDS DEFINED - 9545551212|105|107",
    ),
    (
        {"lead_id": "1139740", **FOR_ONE, "callback_status": "CBX"},
        "NOTICE: SCHEDULED CALLBACK UPDATED - 1139740|2017-09-29 12:00:01|TESTCAMP|1028|USERONLY|CBX",
    ),
    (
        {"lead_id": "1139740", "callback": "Y"},
        "NOTICE: SCHEDULED CALLBACK NOT UPDATED, NO FIELDS SPECIFIED - 1139740|",
    ),
    (
        {"lead_id": "1139740", "callback": "REMOVE"},
        "NOTICE: SCHEDULED CALLBACK DELETED - 6666|1139740|1|1",
    ),
    (
        {"lead_id": "27", **FOR_ONE},
        "NOTICE: SCHEDULED CALLBACK ADDED - 27|2017-09-29 12:00:01|TESTCAMP|1028|USERONLY|CALLBK",
    ),
    (
        {"lead_id": "27", **CALLBACK, "callback_datetime": "NOW"},
        "NOTICE: SCHEDULED CALLBACK ADDED - 27|2017-06-14 12:00:00|TESTCAMP||ANYONE|CALLBK",
    ),
    (
        {"lead_id": "27", **FOR_ONE, "callback_user": "6"},
        "NOTICE: SCHEDULED CALLBACK NOT ADDED, USER NOT VALID - 27|TESTCAMP|6|",
    ),
    (
        {"lead_id": "27", **FOR_ONE, "campaign_id": "XYZ"},
        "NOTICE: SCHEDULED CALLBACK NOT ADDED, CAMPAIGN NOT VALID - 27|XYZ",
    ),
]

IN_THE_HOPPER: list[tuple[dict[str, str], str]] = [
    ({"lead_id": "27", **HOPPER}, "ADDED TO HOPPER - 7275551027|6666|27|3"),
    (
        {"lead_id": "1008", **HOPPER, "hopper_local_call_time_check": "Y"},
        "NOT ADDED TO HOPPER, OUTSIDE OF LOCAL TIME - 3125550200|1008|-5|0|6666",
    ),
    (
        {"lead_id": "27", "add_to_hopper": "Y", "delete_lead": "Y"},
        "NOT ADDED TO HOPPER, LEAD NOT FOUND - 7275551027|27|6666",
    ),
    (
        {"lead_id": "1002", **HOPPER},
        "NOT ADDED TO HOPPER, LEAD IS ALREADY IN THE HOPPER - 7275551002|1002|6666",
    ),
]

INSERTED: list[tuple[dict[str, str], str]] = [
    (OWN_FIELD, f"CUSTOM FIELDS VALUES ADDED - 9999000029|{NEW_LEAD}|999"),
    (
        {"multi_alt_phones": "7275551212_1_work!7275551213"},
        f"MULTI-ALT-PHONE NUMBERS LOADED - 2|6666|{NEW_LEAD}",
    ),
]


async def update(service: Service, **params: str) -> str:
    return await ask(service, "update_lead", **params)


def row(service: Service, table: str, column: str, value: Any) -> dict[str, Any] | None:
    database = service.database
    assert isinstance(database, SqliteDatabase)
    cursor = database.connection.execute(f'select * from "{table}" where {column} = ?', (value,))
    names = [entry[0] for entry in cursor.description]
    found = cursor.fetchone()
    return None if found is None else dict(zip(names, found, strict=True))


def lead(service: Service, lead_id: int) -> dict[str, Any]:
    found = row(service, "dialer360_list", "lead_id", lead_id)
    assert found is not None
    return found


@pytest.mark.parametrize(("params", "line"), LINES)
async def test_a_line_of_the_page(service: Service, params: dict[str, str], line: str) -> None:
    result, text = line.split(": ", 1)
    assert await update(service, **params) == f"{result}: update_lead {text}"


@pytest.mark.parametrize(("params", "line"), IN_THE_HOPPER)
async def test_a_lead_on_its_way_into_the_hopper(service: Service, params: dict[str, str], line: str) -> None:
    assert (await update(service, **params)).splitlines()[-1] == f"NOTICE: update_lead {line}"


@pytest.mark.parametrize(("params", "line"), INSERTED)
async def test_a_lead_that_is_added(service: Service, params: dict[str, str], line: str) -> None:
    assert await update(service, **COMPLETE, **params) == f"{NONE_YET}\n{ADDED}\nNOTICE: update_lead {line}"


@pytest.mark.parametrize("lacking", ["phone_code", "list_id"])
async def test_a_lead_that_lacks_something_is_not_added(service: Service, lacking: str) -> None:
    params = {name: value for name, value in COMPLETE.items() if name != lacking}
    told = "|".join(params.get(name, "") for name in ("phone_number", "phone_code", "list_id"))
    line = f"ERROR: update_lead INVALID DATA FOR LEAD INSERTION - 6666|{told}"
    assert await update(service, **params) == f"{NONE_YET}\n{line}"


async def test_own_fields_go_with_the_lead(service: Service) -> None:
    answer = await update(service, lead_id="1001", delete_lead="Y", custom_fields="Y")
    own = "NOTICE: update_lead CUSTOM FIELDS ENTRY DELETED 1 - 7275551001|6666|101|1001|-4"
    assert answer == f"SUCCESS: update_lead LEAD HAS BEEN DELETED - 7275551001|6666|101|1001|-4\n{own}"
    assert row(service, "custom_101", "lead_id", 1001) is None


async def test_own_fields_that_are_disabled(service: Service) -> None:
    await change(service, "system_settings", {}, custom_fields_enabled="0")
    line = "NOTICE: update_lead CUSTOM FIELDS NOT UPDATED, CUSTOM FIELDS DISABLED - 7275551001|Y|0"
    assert await update(service, lead_id="1001", **OWN_FIELD) == line
    added = (await update(service, **COMPLETE, **OWN_FIELD)).splitlines()[2]
    assert added == "NOTICE: update_lead CUSTOM FIELDS NOT ADDED, CUSTOM FIELDS DISABLED - 9999000029|Y|0"


async def test_own_fields_that_are_not_given_stay(service: Service) -> None:
    await update(service, lead_id="1001", **OWN_FIELD)
    wanted = {"lead_id": 1001, "favorite_color": "blue", "cc_value": "4111", "appointment": "2017-07-01"}
    assert row(service, "custom_101", "lead_id", 1001) == wanted
    await update(service, lead_id="1001", custom_fields="Y", favorite_color="--BLANK--")
    assert row(service, "custom_101", "lead_id", 1001) == {**wanted, "favorite_color": ""}


async def test_own_fields_of_a_lead_that_had_none(service: Service) -> None:
    answer = await ask_original(service, "update_lead", lead_id="27", city="Chicago", **OWN_FIELD)
    assert answer.splitlines()[1] == "NOTICE: update_lead CUSTOM FIELDS VALUES UPDATED - |27|101|0|101|1"
    stored = row(service, "custom_101", "lead_id", 27)
    assert stored == {"lead_id": 27, "favorite_color": "blue", "cc_value": "", "appointment": "0000-00-00"}
    assert lead(service, 27)["entry_list_id"] == 101


async def test_an_own_field_may_have_any_name(service: Service) -> None:
    """Also one that a call of ours gives to its own first words."""
    names = ("self", "table", "where")
    columns = [("lead_id", "INT"), *((name, "VARCHAR(20)") for name in names)]
    await service.database.create_custom(8107, columns)
    rows = [{"list_id": 8107, "field_label": name, "field_type": "TEXT"} for name in names]
    await insert(service, "lists_fields", *rows)
    for value in ("a", "b"):
        own = dict.fromkeys(names, value)
        answer = await update(service, lead_id="1004", custom_fields="Y", **own)
        assert answer == "NOTICE: update_lead CUSTOM FIELDS VALUES UPDATED - 9999000019|1004|8107"
        assert row(service, "custom_8107", "lead_id", 1004) == {"lead_id": 1004, **own}


async def test_own_fields_of_another_list(service: Service) -> None:
    params = {"lead_id": "1001", "force_entry_list_id": "999", **OWN_FIELD}
    answer = await update(service, **params)
    assert answer == "NOTICE: update_lead CUSTOM FIELDS VALUES UPDATED - 7275551001|1001|999"
    assert row(service, "custom_999", "lead_id", 1001) == {"lead_id": 1001, "favorite_color": "blue"}
    assert lead(service, 1001)["entry_list_id"] == 999


async def test_the_original_is_silent_about_a_list_without_own_fields(service: Service) -> None:
    assert await ask_original(service, "update_lead", lead_id="105", **OWN_FIELD) == ""
    answer = await ask_original(service, "update_lead", lead_id="1004", **OWN_FIELD)
    line = "CUSTOM FIELDS NOT ADDED, NO CUSTOM FIELDS DEFINED FOR THIS LIST - |1004|8107"
    assert answer == f"NOTICE: update_lead {line}"


@pytest.mark.parametrize("ask_in", [ask, ask_original])
async def test_blank_empties_a_field(service: Service, ask_in: Any) -> None:
    names = ("title", "last_name", "country_code", "gender", "date_of_birth", "middle_initial", "email")
    params = {"lead_id": "1001", **dict.fromkeys(names, "--BLANK--")}
    await ask_in(service, "update_lead", **params)
    stored = lead(service, 1001)
    assert {stored[name] for name in names} == {"", "0000-00-00"}
    await ask_in(service, "update_lead", lead_id="1001", rank="--BLANK--", gmt_offset_now="--BLANK--")
    assert (lead(service, 1001)["rank"], lead(service, 1001)["gmt_offset_now"]) == (0, "0.00")
    assert (stored["first_name"], stored["postal_code"]) == ("Custom", "33701")


async def test_nothing_asked_is_nothing_told(service: Service) -> None:
    assert await update(service, lead_id="27") == ""
    assert row(service, "dialer360_api_log", "function", "update_lead") is None


async def test_line_ends_and_quotes_are_data(service: Service) -> None:
    answer = await ask_original(service, "update_lead", lead_id="27", comments='say "hi"\nit\'s')
    assert answer == "SUCCESS: update_lead LEAD HAS BEEN UPDATED - 6666|27|1"
    assert lead(service, 27)["comments"] == 'say "hi"!Nit\'s'


@pytest.mark.parametrize(
    ("location", "found"), [("LIST", "1006"), ("CAMPAIGN", "1006"), ("SYSTEM", "9001"), ("", "9001")]
)
async def test_a_search_is_where_it_is_asked_for(service: Service, location: str, found: str) -> None:
    newer = {"lead_id": 9001, "list_id": 107, "phone_number": "9999000019"}
    await insert(service, "list", {**newer, "entry_date": "2017-06-01 00:00:00"})
    params = {"search_method": "PHONE_NUMBER", "phone_number": "9999000019", "list_id": "8107"}
    answer = await update(service, **params, search_location=location, no_update="Y")
    assert answer.split("|")[2] == found


async def test_a_search_in_a_campaign_passes_over_unknown_lists(service: Service) -> None:
    params = {"search_location": "CAMPAIGN", "list_id": "54321", "lead_id": "27"}
    assert "NO MATCHES" in await update(service, **params)


async def test_restricted_users_add_leads_to_their_lists_alone(service: Service) -> None:
    assert (await update(service, **COMPLETE, **LIMITED)).splitlines()[1] == ADDED.replace("6666", "8002")
    refused = await update(
        service, **{**COMPLETE, "phone_number": "9999000030", "list_id_field": "107"}, **LIMITED
    )
    assert refused == "ERROR: update_lead NOT AN ALLOWED LIST ID - 9999000030|107"


async def test_restricted_users_learn_nothing_of_other_leads(service: Service) -> None:
    answer = await update(service, lead_id="105", no_update="Y", add_to_hopper="Y", **LIMITED)
    assert answer == "NOTICE: update_lead NO MATCHES FOUND IN THE SYSTEM - 8002|105||"
    answer = await update(service, lead_id="105", add_to_hopper="Y", delete_lead="Y", **LIMITED)
    assert answer == "ERROR: update_lead NOT AN ALLOWED LIST ID - 107"
    assert lead(service, 105)["list_id"] == 107


async def test_a_callback_goes_along_into_another_list(service: Service) -> None:
    await update(service, lead_id="1139740", callback="Y", list_id_field="107", callback_type="ANYONE")
    stored = newest(service, "dialer360_callbacks", "callback_id")
    assert (stored["list_id"], stored["recipient"], stored["user"]) == (107, "ANYONE", "")
    assert lead(service, 1139740)["list_id"] == 107
    assert lead(service, 1139740)["status"] == "CBHOLD"


async def test_the_hopper_is_told_in_the_original_order(service: Service) -> None:
    answer = await ask_original(service, "update_lead", lead_id="27", **HOPPER, hopper_priority="99")
    assert answer.splitlines()[1] == "NOTICE: update_lead ADDED TO HOPPER - |27|3|6666"
    assert newest(service, "dialer360_hopper", "hopper_id")["priority"] == 99
    params = {"lead_id": "1008", **HOPPER, "hopper_local_call_time_check": "Y"}
    line = (await ask_original(service, "update_lead", **params)).splitlines()[1]
    assert line == "NOTICE: update_lead NOT ADDED TO HOPPER, OUTSIDE OF LOCAL TIME - |1008|-5.00|0|6666"
