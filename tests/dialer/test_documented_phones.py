"""The documented lines of add_phone, update_phone and of phone aliases and group aliases."""

import json

import pytest

from tests.dialer.lead_calls import ask, ask_original, newest
from trunkline.dialer.commands.phones import phone
from trunkline.dialer.database import Row
from trunkline.dialer.runner import Service

NO_FLAGS = {"user": "8001", "pass": "8001pw"}
NO_DELETES = {"user": "8000", "pass": "8000pw"}
NEW = {
    "extension": "55000",
    "dialplan_number": "55000",
    "voicemail_id": "55000",
    "phone_login": "55000",
    "phone_pass": "test",
    "server_ip": "192.168.198.5",
    "protocol": "SIP",
    "registration_password": "test",
    "phone_full_name": "Extension 55000",
    "local_gmt": "-5.00",
    "outbound_cid": "7275551212",
}
OLD = {"extension": "cc101", "server_ip": "10.10.10.17"}
OPTIONAL = "THIS IS AN OPTIONAL FIELD"

LINES: list[tuple[str, dict[str, str], str]] = [
    (
        "add_phone",
        {**NEW, **NO_FLAGS},
        "ERROR: add_phone USER DOES NOT HAVE PERMISSION TO ADD PHONES - 8001|0",
    ),
    (
        "add_phone",
        {"extension": "1000"},
        "ERROR: add_phone YOU MUST USE ALL REQUIRED FIELDS - 6666|1000|||||||||||",
    ),
    (
        "add_phone",
        {**NEW, "protocol": "H323"},
        "ERROR: add_phone YOU MUST USE ALL REQUIRED FIELDS - 6666|55000|55000|55000|55000|test|192.168.198.5"
        "|H323|test|Extension 55000|-5.00|7275551212|",
    ),
    ("add_phone", {**NEW, "server_ip": "10.0.9.9"}, "ERROR: add_phone SERVER DOES NOT EXIST - 6666|10.0.9.9"),
    (
        "add_phone",
        {**NEW, **OLD},
        "ERROR: add_phone PHONE ALREADY EXISTS ON THIS SERVER - 6666|10.10.10.17|cc101",
    ),
    (
        "add_phone",
        {**NEW, "phone_login": "cc101"},
        "ERROR: add_phone PHONE LOGIN ALREADY EXISTS - 6666|cc101",
    ),
    ("add_phone", {**NEW, "local_gmt": "-99"}, "ERROR: add_phone YOU MUST USE A VALID TIMEZONE - 6666|-99"),
    (
        "add_phone",
        {**NEW, "local_gmt": "-5", "dialplan_number": "5"},
        "SUCCESS: add_phone PHONE HAS BEEN ADDED - 6666|55000|192.168.198.5|SIP|5",
    ),
    (
        "update_phone",
        {**OLD, **NO_FLAGS},
        "ERROR: update_phone USER DOES NOT HAVE PERMISSION TO UPDATE PHONES - 8001|0",
    ),
    (
        "update_phone",
        {"extension": "cc101"},
        "ERROR: update_phone YOU MUST USE ALL REQUIRED FIELDS - 6666|cc101|",
    ),
    (
        "update_phone",
        {**OLD, "server_ip": "10.0.9.9"},
        "ERROR: update_phone SERVER DOES NOT EXIST - 6666|10.0.9.9",
    ),
    (
        "update_phone",
        {**OLD, "extension": "cc109"},
        "ERROR: update_phone PHONE DOES NOT EXIST ON THIS SERVER - 6666|10.10.10.17|cc109",
    ),
    ("update_phone", OLD, "ERROR: update_phone NO UPDATES DEFINED - 6666|0"),
    (
        "update_phone",
        {**OLD, "dialplan_number": "7"},
        "SUCCESS: update_phone PHONE HAS BEEN UPDATED - 6666|cc101|10.10.10.17|SIP|7",
    ),
    (
        "update_phone",
        {**OLD, "delete_phone": "Y"},
        "SUCCESS: update_phone PHONE HAS BEEN DELETED - 6666|cc101|10.10.10.17|",
    ),
    (
        "update_phone",
        {**OLD, **NO_DELETES, "delete_phone": "Y"},
        "NOTICE: update_phone USER DOES NOT HAVE PERMISSION TO DELETE PHONES - 8000|cc101",
    ),
    (
        "add_phone_alias",
        NO_FLAGS,
        "ERROR: add_phone_alias USER DOES NOT HAVE PERMISSION TO ADD PHONE ALIASES - 8001|0",
    ),
    (
        "add_phone_alias",
        {"alias_id": "xyz100"},
        "ERROR: add_phone_alias YOU MUST USE ALL REQUIRED FIELDS - 6666|xyz100|||",
    ),
    (
        "add_phone_alias",
        {"alias_id": "x101", "alias_name": "X", "phone_logins": "350a"},
        "ERROR: add_phone_alias PHONE ALIAS ALREADY EXISTS - 6666|x101",
    ),
    (
        "add_phone_alias",
        {"alias_id": "xyz100", "alias_name": "X", "phone_logins": "350a,cc100,cc109"},
        "ERROR: add_phone_alias PHONE DOES NOT EXIST - 6666|cc100",
    ),
    (
        "add_phone_alias",
        {"alias_id": "xyz100", "alias_name": "XYZ testing", "phone_logins": "350a,cc101"},
        "SUCCESS: add_phone_alias PHONE ALIAS HAS BEEN ADDED - 6666|xyz100|XYZ testing|350a,cc101",
    ),
    (
        "update_phone_alias",
        NO_FLAGS,
        "ERROR: update_phone_alias USER DOES NOT HAVE PERMISSION TO UPDATE PHONE ALIASES - 8001|0",
    ),
    (
        "update_phone_alias",
        {"alias_id": "x101"},
        "ERROR: update_phone_alias YOU MUST USE ALL REQUIRED FIELDS - 6666|x101|||",
    ),
    (
        "update_phone_alias",
        {"alias_id": "x109", "alias_name": "new name"},
        "ERROR: update_phone_alias PHONE ALIAS DOES NOT EXIST - 6666|x109",
    ),
    (
        "update_phone_alias",
        {"alias_id": "x101", "alias_name": "n", "phone_logins": "350a"},
        "ERROR: update_phone_alias YOU MUST USE A VALID ALIAS NAME - 6666|n",
    ),
    (
        "update_phone_alias",
        {"alias_id": "x101", "phone_logins": "cc109"},
        "ERROR: update_phone_alias PHONE DOES NOT EXIST - 6666|cc109",
    ),
    (
        "update_phone_alias",
        {"alias_id": "x101", "delete_alias": "N"},
        "NOTICE: update_phone_alias NO UPDATES DEFINED - 6666|",
    ),
    (
        "update_phone_alias",
        {**NO_DELETES, "alias_id": "x101", "delete_alias": "Y"},
        "NOTICE: update_phone_alias USER DOES NOT HAVE PERMISSION TO DELETE PHONE ALIASES - 8000|0",
    ),
    (
        "update_phone_alias",
        {"alias_id": "x101", "alias_name": "new alias name"},
        "SUCCESS: update_phone_alias PHONE ALIAS HAS BEEN UPDATED - 6666|x101|",
    ),
    (
        "update_phone_alias",
        {"alias_id": "x101", "delete_alias": "Y"},
        "SUCCESS: update_phone_alias PHONE ALIAS HAS BEEN DELETED - 6666|x101|",
    ),
    (
        "add_group_alias",
        NO_FLAGS,
        "ERROR: add_group_alias USER DOES NOT HAVE PERMISSION TO ADD GROUP ALIASES - 8001|0",
    ),
    (
        "add_group_alias",
        {"caller_id_number": "1000"},
        "ERROR: add_group_alias YOU MUST USE ALL REQUIRED FIELDS - 6666|||1000",
    ),
    (
        "add_group_alias",
        {"caller_id_number": "9995551212"},
        "ERROR: add_group_alias GROUP ALIAS ALREADY EXISTS - 6666|9995551212",
    ),
    (
        "add_group_alias",
        {
            "caller_id_number": "7275551212",
            "group_alias_id": "test_group_alias",
            "group_alias_name": "test group alias",
        },
        "SUCCESS: add_group_alias GROUP ALIAS HAS BEEN ADDED"
        " - 6666|7275551212|test_group_alias|test group alias",
    ),
]
REFUSED: list[tuple[str, str, str]] = [
    ("local_gmt", "-99", "YOU MUST USE A VALID TIMEZONE"),
    ("email", "e" * 101, "YOU MUST USE A VALID EMAIL"),
    ("phone_context", "c", "YOU MUST USE A VALID PHONE CONTEXT"),
    ("phone_full_name", "n" * 51, "YOU MUST USE A VALID PHONE NAME"),
    ("registration_password", "r" * 21, "YOU MUST USE A VALID REGISTRATION PASSWORD"),
    ("protocol", "H323", "YOU MUST USE A VALID PROTOCOL"),
    ("phone_pass", "p" * 21, "YOU MUST USE A VALID PHONE PASSWORD"),
    ("phone_login", "350a", "LOGIN ALREADY EXISTS"),
    ("voicemail_id", "1" * 11, "YOU MUST USE A VALID VOICEMAIL NUMBER"),
    ("dialplan_number", "1" * 21, "YOU MUST USE A VALID DIALPLAN NUMBER"),
    ("active", "X", f"ACTIVE MUST BE Y OR N, {OPTIONAL}"),
    ("outbound_cid", "1" * 21, f"OUTBOUND CID MUST BE FROM 6 TO 18 DIGITS, {OPTIONAL}"),
    ("admin_user_group", "X", f"USER GROUP MUST BE FROM 2 TO 20 CHARACTERS, {OPTIONAL}"),
]


@pytest.mark.parametrize(("function", "params", "line"), LINES)
async def test_a_documented_line(service: Service, function: str, params: dict[str, str], line: str) -> None:
    assert await ask(service, function, **params) == line


@pytest.mark.parametrize(("name", "value", "text"), REFUSED)
async def test_a_value_that_does_not_fit(service: Service, name: str, value: str, text: str) -> None:
    answer = await ask(service, "update_phone", **OLD, **{name: value})
    assert answer == f"ERROR: update_phone {text} - 6666|{value}"


async def test_blank_empties_what_may_be_empty(service: Service) -> None:
    blank = dict.fromkeys(("email", "phone_context", "phone_full_name", "registration_password"), "--BLANK--")
    assert (await ask(service, "update_phone", **OLD, **blank)).startswith("SUCCESS")
    row = await _row(service, OLD)
    assert row is not None
    assert [row[name] for name in ("email", "phone_context", "fullname", "conf_secret")] == [""] * 4
    assert (await ask(service, "update_phone", **OLD, phone_pass="--BLANK--")).startswith("ERROR")


async def test_a_phone_out_of_sight_does_not_exist(service: Service) -> None:
    await ask(service, "update_phone", **OLD, admin_user_group="ADMIN")
    answer = await ask(service, "update_phone", **OLD, user="8002", **{"pass": "8002pw"}, active="N")
    assert answer == "ERROR: update_phone PHONE DOES NOT EXIST ON THIS SERVER - 8002|10.10.10.17|cc101"


async def test_a_deleted_phone_is_gone_and_its_server_told(service: Service) -> None:
    await ask(service, "update_phone", **OLD, delete_phone="Y")
    entry = newest(service, "dialer360_admin_log", "admin_log_id")
    assert await _row(service, OLD) is None
    assert (entry["event_type"], entry["event_code"]) == ("DELETE", "ADMIN API DELETE PHONE")
    assert entry["event_notes"] == "phone: cc101|10.10.10.17"
    assert json.loads(entry["event_sql"])["pass"] == ["***", None]


async def test_the_original_has_its_own_lines(service: Service) -> None:
    assert await ask_original(service, "update_phone", **OLD) == (
        "NOTICE: update_phone NO UPDATES DEFINED: |6666|"
    )
    assert await ask_original(service, "update_phone", **OLD, **NO_DELETES, delete_phone="Y") == (
        "NOTICE: update_phone USER DOES NOT HAVE PERMISSION TO DELETE PHONES: |8000|0"
    )
    assert await ask_original(service, "update_phone_alias", alias_id="x101", delete_alias="Y") == (
        "SUCCESS: update_phone_alias PHONE ALIAS HAS BEEN DELETED - 6666|x101"
    )


async def test_too_long_an_id_is_refused_and_not_cut_to_another(service: Service) -> None:
    long = "a" * 31
    answer = await ask(service, "add_group_alias", caller_id_number="7275551212", group_alias_id=long)
    assert answer == f"ERROR: add_group_alias YOU MUST USE ALL REQUIRED FIELDS - 6666|{long}||7275551212"


async def _row(service: Service, place: dict[str, str]) -> Row | None:
    async with service.database.work() as work:
        return await work.one(phone, **place)
