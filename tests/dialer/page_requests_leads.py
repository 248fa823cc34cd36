"""For each example line of the page the request that makes it said: leads that are added and changed."""

from typing import Any

from tests.dialer.asked import Asked, Change, Table, denied, gone, now, there
from tests.dialer.lead_calls import NANPA_ROWS, PHONE

RESTRICTED = {"user": "8002", "pass": "8002pw"}
COLOR = {"custom_fields": "Y", "favorite_color": "blue"}
HOPPER = {"add_to_hopper": "Y"}
IN_TIME = {**HOPPER, "hopper_local_call_time_check": "Y"}
NUMBER = {"phone_number": PHONE}
IN_101 = {**NUMBER, "list_id": "101"}
CALLBACK = {
    "callback": "Y",
    "campaign_id": "TESTCAMP",
    "callback_datetime": "2011-09-29 12:00:01",
    "callback_type": "USERONLY",
    "callback_user": "6666",
    "callback_status": "CALLBK",
}
BOB = {"first_name": "Bob", "last_name": "Smith", "phone_number": "7275551113", "list_id": "101"}
TITLED = {"title": "1234", "alt_phone": PHONE, "phone_number": "7275550000", "list_id": "101"}
NO_CUSTOM_FIELDS = now("system_settings", {}, custom_fields_enabled="0")
NO_FIELDS_IN_101 = gone("lists_fields", list_id=101)
LAST_IN_HOPPER = there("hopper", hopper_id=1677921, lead_id=1, list_id=101, campaign_id="TESTCAMP")


def next_lead(lead_id: int) -> tuple[Change, ...]:
    """Nothing but a lead before the one that will be added."""
    return (gone("list"), there("list", lead_id=lead_id - 1, list_id=101, phone_number="7275550001"))


def lead(lead_id: int, list_id: int = 999, gmt: str = "-4.00", **values: Any) -> Change:
    """A lead of the page."""
    others = {"phone_number": PHONE, **values}
    return there("list", lead_id=lead_id, list_id=list_id, gmt_offset_now=gmt, **others)


def added(line: str, lead_id: int, *state: Change, other: Any = None, **params: str) -> Any:
    """A line and the addition of a lead, which gets this id, that makes it."""
    return line, Asked({**NUMBER, **params}, (*next_lead(lead_id), *state), other or {})


def refused(line: str, *state: Change, other: Any = None, **params: str) -> Any:
    return line, Asked({**NUMBER, **params}, state, other or {})


def found(line: str, lead_id: int, *state: Change, other: Any = None, **params: str) -> Any:
    """A line and the change of the lead with this id that makes it."""
    return line, Asked({"lead_id": str(lead_id), **params}, state, other or {})


TWIN = lead(8765444, 101)
TITLED_TWIN = lead(8765444, 101, phone_number="7275550009", title="1234", alt_phone=PHONE)
NAMED_TWIN = lead(8765444, 101, phone_number="7275551113", first_name="Bob", last_name="Smith")
_ADD = "ERROR: add_lead DUPLICATE"
_NOT_ADDED = "NOTICE: add_lead CUSTOM FIELDS NOT ADDED"
_NOT_UPDATED = "NOTICE: update_lead CUSTOM FIELDS NOT UPDATED"
_NO_HOPPER = "NOTICE: update_lead NOT ADDED TO HOPPER"

ADDED = dict(
    [
        added("SUCCESS: add_lead LEAD HAS BEEN ADDED - 7275551111|6666|999|193715|-4", 193715),
        added(
            "NOTICE: add_lead ADDED TO HOPPER - 7275551111|6666|193715|1677922",
            193715,
            LAST_IN_HOPPER,
            **HOPPER,
        ),
        added("SUCCESS: add_lead LEAD HAS BEEN ADDED - 7275551111|6666|999|193716|-4", 193716, list_id="999"),
        added(
            "NOTICE: add_lead CUSTOM FIELDS VALUES ADDED - 7275551111|1234|101",
            1234,
            **IN_101,
            **COLOR,
        ),
        added(f"{_NOT_ADDED}, CUSTOM FIELDS DISABLED - 7275551111|Y|0", 1234, NO_CUSTOM_FIELDS, **COLOR),
        # The start state's list 101 has fields of its own; 8107 has none.
        added(
            f"{_NOT_ADDED}, NO CUSTOM FIELDS DEFINED FOR THIS LIST - 7275551111|1234|101",
            1234,
            other={2: "8107"},
            list_id="8107",
            **COLOR,
        ),
        added(
            f"{_NOT_ADDED}, NO FIELDS DEFINED - 7275551111|1234|101",
            1234,
            NO_FIELDS_IN_101,
            **IN_101,
            **COLOR,
        ),
        added(
            "NOTICE: add_lead MULTI-ALT-PHONE NUMBERS LOADED - 3|6666|193716",
            193716,
            multi_alt_phones="7275551212_1_work!7275551213_1_sister+house!1234567890_1_neighbor",
        ),
        added(
            "NOTICE: add_lead NOT ADDED TO HOPPER, OUTSIDE OF LOCAL TIME - 7275551111|6666|193716|-4|0",
            193716,
            list_id="200",
            **IN_TIME,
        ),
        added(
            "NOTICE: add_lead SCHEDULED CALLBACK ADDED"
            " - 1234|2011-09-29 12:00:01|TESTCAMP|6666|USERONLY|CALLBK",
            1234,
            **CALLBACK,
        ),
        added(
            "NOTICE: add_lead SCHEDULED CALLBACK NOT ADDED, USER NOT VALID - 1234|TESTCAMP|6|",
            1234,
            **{**CALLBACK, "callback_user": "6"},
        ),
        added(
            "NOTICE: add_lead SCHEDULED CALLBACK NOT ADDED, CAMPAIGN NOT VALID - 1234|XYZ",
            1234,
            **{**CALLBACK, "campaign_id": "XYZ"},
        ),
        refused(
            "NOTICE: add_lead NANPA options disabled, NANPA prefix data not loaded - 0|6666",
            nanpa_ac_prefix_check="Y",
        ),
        refused("ERROR: add_lead INVALID PHONE NUMBER LENGTH - 72755|6666", phone_number="72755"),
        # Five digits are refused for their number before anything else.
        refused(
            "ERROR: add_lead INVALID PHONE NUMBER PREFIX - 72755|6666",
            other={0: "7271551212"},
            phone_number="7271551212",
            usacan_prefix_check="Y",
        ),
        refused(
            "ERROR: add_lead INVALID PHONE NUMBER AREACODE - 72755|6666",
            other={0: "727555"},
            phone_number="727555",
            usacan_areacode_check="Y",
        ),
        refused(
            "ERROR: add_lead INVALID PHONE NUMBER NANPA AREACODE PREFIX - 7275551212|6666",
            *(there("nanpa_prefix_codes", **row) for row in NANPA_ROWS if row["prefix"] != "555"),
            *(
                there("nanpa_prefix_codes", **row | {"prefix": f"99{n}"})
                for n, row in enumerate(NANPA_ROWS[:3])
            ),
            phone_number="7275551212",
            nanpa_ac_prefix_check="Y",
        ),
        (
            "ERROR: add_lead USER DOES NOT HAVE PERMISSION TO ADD LEADS TO THE SYSTEM - 6666|0",
            denied("modify_leads"),
        ),
        refused(
            "ERROR: add_lead NOT AN ALLOWED LIST ID - 7275551212|98762",
            phone_number="7275551212",
            list_id="98762",
            **RESTRICTED,
        ),
        ("ERROR: NO FUNCTION SPECIFIED", Asked(function="add_leads")),
        refused(
            f"{_ADD} PHONE NUMBER IN LIST - 7275551111|101|8765444",
            TWIN,
            list_id="101",
            duplicate_check="DUPLIST",
        ),
        refused(
            f"{_ADD} PHONE NUMBER IN CAMPAIGN LISTS - 7275551111|101|8765444|101",
            TWIN,
            list_id="101",
            duplicate_check="DUPCAMP",
        ),
        refused(
            f"{_ADD} PHONE NUMBER IN SYSTEM - 7275551111|101|8765444|101",
            TWIN,
            list_id="101",
            duplicate_check="DUPSYS",
        ),
        refused(
            f"{_ADD} TITLE ALT_PHONE IN LIST - 1234|7275551111|101|8765444",
            TITLED_TWIN,
            **TITLED,
            duplicate_check="DUPTITLEALTPHONELIST",
        ),
        refused(
            f"{_ADD} TITLE ALT_PHONE IN CAMPAIGN LISTS - 1234|7275551111|101|8765444|101",
            TITLED_TWIN,
            **TITLED,
            duplicate_check="DUPTITLEALTPHONECAMP",
        ),
        refused(
            f"{_ADD} TITLE ALT_PHONE IN SYSTEM - 1234|7275551111|101|8765444|101",
            TITLED_TWIN,
            **TITLED,
            duplicate_check="DUPTITLEALTPHONESYS",
        ),
        refused(
            f"{_ADD} NAME PHONE IN LIST - Bob|Smith|7275551113|101|8765444|101",
            NAMED_TWIN,
            **BOB,
            duplicate_check="DUPNAMEPHONELIST",
        ),
        refused(
            f"{_ADD} NAME PHONE IN CAMPAIGN LISTS - Bob|Smith|7275551113|101|8765444|101",
            NAMED_TWIN,
            **BOB,
            duplicate_check="DUPNAMEPHONECAMP",
        ),
        refused(
            f"{_ADD} NAME PHONE IN SYSTEM - Bob|Smith|7275551113|101|8765444|101",
            NAMED_TWIN,
            **BOB,
            duplicate_check="DUPNAMEPHONESYS",
        ),
    ]
)

CHANGED = dict(
    [
        found(
            "SUCCESS: update_lead LEAD HAS BEEN UPDATED - 6666|193716",
            193716,
            lead(193716),
            last_name="SMITH",
        ),
        found(
            "NOTICE: update_lead CUSTOM FIELDS VALUES UPDATED - 7275551111|1234|101",
            1234,
            lead(1234, 101),
            **COLOR,
        ),
        found(
            f"{_NOT_UPDATED}, CUSTOM FIELDS DISABLED - 7275551111|Y|0",
            1234,
            lead(1234, 101),
            NO_CUSTOM_FIELDS,
            **COLOR,
        ),
        found(
            f"{_NOT_UPDATED}, NO CUSTOM FIELDS DEFINED FOR THIS LIST - 7275551111|1234|101",
            1234,
            lead(1234, 8107),
            other={2: "8107"},
            **COLOR,
        ),
        found(
            f"{_NOT_UPDATED}, NO FIELDS DEFINED - 7275551111|1234|101",
            1234,
            lead(1234, 101),
            NO_FIELDS_IN_101,
            **COLOR,
        ),
        found(
            "NOTICE: update_lead SCHEDULED CALLBACK UPDATED"
            " - 1234|2011-09-29 12:00:01|TESTCAMP|6666|USERONLY|CALLBK",
            1234,
            lead(1234),
            there("callbacks", lead_id=1234, campaign_id="TESTCAMP", status="LIVE"),
            **CALLBACK,
        ),
        found(
            "NOTICE: update_lead SCHEDULED CALLBACK NOT UPDATED, NO FIELDS SPECIFIED - 1234|",
            1234,
            lead(1234),
            there("callbacks", lead_id=1234, campaign_id="TESTCAMP", status="LIVE"),
            callback="Y",
        ),
        found(
            "NOTICE: update_lead SCHEDULED CALLBACK ADDED"
            " - 1234|2011-09-29 12:00:01|TESTCAMP|6666|USERONLY|CALLBK",
            1234,
            lead(1234),
            **CALLBACK,
        ),
        found(
            "NOTICE: update_lead SCHEDULED CALLBACK NOT ADDED, USER NOT VALID - 1234|TESTCAMP|6|",
            1234,
            lead(1234),
            **{**CALLBACK, "callback_user": "6"},
        ),
        found(
            "NOTICE: update_lead SCHEDULED CALLBACK NOT ADDED, CAMPAIGN NOT VALID - 1234|XYZ",
            1234,
            lead(1234),
            **{**CALLBACK, "campaign_id": "XYZ"},
        ),
        found(
            "NOTICE: update_lead NO MATCHES FOUND IN THE SYSTEM - 6666|4567|897654327|7275551212",
            4567,
            vendor_lead_code="897654327",
            phone_number="7275551212",
            no_update="Y",
        ),
        (
            "SUCCESS: update_lead LEAD HAS BEEN ADDED - 7275551111|6666|999|193716|-4",
            Asked(
                {
                    **NUMBER,
                    "search_method": "PHONE_NUMBER",
                    "phone_code": "1",
                    "list_id": "999",
                    "insert_if_not_found": "Y",
                },
                next_lead(193716),
            ),
        ),
        found(
            "SUCCESS: update_lead LEAD HAS BEEN DELETED - 7275551111|6666|999|193716|-4",
            193716,
            lead(193716),
            delete_lead="Y",
        ),
        found(
            "NOTICE: update_lead CUSTOM FIELDS ENTRY DELETED 1 - 7275551111|6666|999|193716|-4",
            193716,
            lead(193716),
            there("custom_999", lead_id=193716, favorite_color="blue"),
            delete_lead="Y",
            custom_fields="Y",
        ),
        found(
            "NOTICE: update_lead LEADS FOUND IN THE SYSTEM:"
            " |6666|1010542|12345678901234|9998887112|3333444|0",
            1010542,
            now("list", {"lead_id": 1010542}, list_id=3333444),
            no_update="Y",
        ),
        found(
            "NOTICE: update_lead ADDED TO HOPPER - 7275551111|6666|193715|1677922",
            193715,
            lead(193715),
            LAST_IN_HOPPER,
            **HOPPER,
        ),
        found(
            f"{_NO_HOPPER}, OUTSIDE OF LOCAL TIME - 7275551111|193715|-5|0|6666",
            193715,
            lead(193715, 200, "-5.00"),
            **IN_TIME,
        ),
        found(
            f"{_NO_HOPPER}, LEAD NOT FOUND - 7275551111|193715|6666",
            193715,
            lead(193715),
            delete_lead="Y",
            **HOPPER,
        ),
        found(
            f"{_NO_HOPPER}, LEAD IS ALREADY IN THE HOPPER - 7275551111|193715|6666",
            193715,
            lead(193715),
            there("hopper", lead_id=193715, list_id=999, campaign_id="TESTCAMP"),
            **HOPPER,
        ),
        found(
            "ERROR: update_lead INVALID DATA FOR LEAD INSERTION - 6666|||",
            4567,
            insert_if_not_found="Y",
        ),
        # Without any key there is no way to search: that is another line.
        found("ERROR: update_lead NO MATCHES FOUND IN THE SYSTEM - 6666|||", 4567, other={1: "4567"}),
        (
            "ERROR: update_lead NO VALID SEARCH METHOD - 6666|SYSTEM|||",
            Asked({"search_method": "SYSTEM"}),
        ),
        (
            "ERROR: update_lead USER DOES NOT HAVE PERMISSION TO UPDATE LEADS IN THE SYSTEM - 6666|0",
            denied("modify_leads"),
        ),
        found(
            "ERROR: update_lead NOT AN ALLOWED LIST ID - 7275551212|98762",
            4567,
            phone_number="7275551212",
            list_id="98762",
            **RESTRICTED,
        ),
    ]
)

LEADS: Table = {"add_lead": ADDED, "update_lead": CHANGED}
