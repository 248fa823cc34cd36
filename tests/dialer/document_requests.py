"""For each line that the page was cut off before, or leaves out, the request that makes it said."""

from typing import Any

from tests.dialer.asked import Asked, Change, Table, denied, gone, now, there
from tests.dialer.lead_calls import NANPA_ROWS, PHONE
from tests.dialer.page_requests_admin import NEW_PHONE
from tests.dialer.page_requests_leads import COLOR, NO_CUSTOM_FIELDS, NO_FIELDS_IN_101, RESTRICTED

LIMITED = {"user": "8002", "pass": "8002pw"}
PHONE_101 = {"extension": "cc101", "server_ip": "10.10.10.17"}
X101 = {"alias_id": "x101"}
NEW_LIST = {"list_id": "1101", "list_name": "Test API list", "campaign_id": "TESTCAMP"}
LIST = {"list_id": "1102"}
CAMPAIGN = {"campaign_id": "TESTCAMP"}
ANY_TIME = {"phone_number": PHONE, "local_call_time": "24hours"}
INSERT = {
    "search_method": "PHONE_NUMBER",
    "phone_number": PHONE,
    "phone_code": "1",
    "insert_if_not_found": "Y",
}
NANPA = tuple(there("nanpa_prefix_codes", **row) for row in NANPA_ROWS)
OPTIONAL = "THIS IS AN OPTIONAL FIELD - <user>"


def asked(params: dict[str, str], *state: Change, **values: Any) -> Asked:
    """`values`: data of the line that is no parameter; blanks in their names are written as `_`."""
    return Asked(params, state, told={name: str(value) for name, value in values.items()})


def refused(known: dict[str, str], texts: dict[str, tuple[str, str]], start: str) -> dict[str, Asked]:
    """A line for each parameter with a value that does not fit."""
    return {
        f"{start} {text}|<{name}>": Asked({**known, name: value}) for name, (text, value) in texts.items()
    }


NEW_LEAD: dict[str, Asked] = {
    "NOTICE: update_lead MULTI-ALT-PHONE NUMBERS LOADED - <count>|<user>|<lead_id>": asked(
        {**INSERT, "list_id": "101", "multi_alt_phones": "7275551212_1_work!7275551213"},
        count=2,
        lead_id=1139741,
    ),
    "NOTICE: update_lead CUSTOM FIELDS VALUES ADDED - <phone_number>|<lead_id>|<list_id>": asked(
        {**INSERT, **COLOR, "list_id": "101"}, lead_id=1139741
    ),
    "NOTICE: update_lead CUSTOM FIELDS NOT ADDED, NO FIELDS DEFINED - <phone_number>|<lead_id>|<list_id>": (
        asked({**INSERT, **COLOR, "list_id": "101"}, NO_FIELDS_IN_101, lead_id=1139741)
    ),
    "NOTICE: update_lead CUSTOM FIELDS NOT ADDED, NO CUSTOM FIELDS DEFINED FOR THIS LIST"
    " - <phone_number>|<lead_id>|<list_id>": asked({**INSERT, **COLOR, "list_id": "8107"}, lead_id=1139741),
    "NOTICE: update_lead CUSTOM FIELDS NOT ADDED, CUSTOM FIELDS DISABLED - <phone_number>|Y|0": asked(
        {**INSERT, **COLOR, "list_id": "101"}, NO_CUSTOM_FIELDS
    ),
}

DOCUMENT: Table = {
    "sounds_list": {
        "<index>\t<name>\t<date>.\t<size>\t<epoch>": asked(
            {"format": "tab", "stage": "name"},
            index=0,
            name="alpha.wav",
            date="2017-06-01 08:00:00",
            size=1500,
            epoch=1496318400,
        )
    },
    "agent_ingroup_info": {
        line: asked(
            {"agent_user": "1000", "stage": "text"},
            now(
                "live_agents",
                {"user": "1000"},
                outbound_autodial="Y",
                manager_ingroup_set="SET",
                external_igb_set_user="6666",
            ),
            **{name: value},
        )
        for line, name, value in (
            ("SUCCESS:  - <agent_user>|text", "none", ""),
            ("SELECTED INGROUPS: <closer_campaigns>", "closer_campaigns", " SALESLINE SUPPORT -"),
            ("OUTBOUND AUTODIAL: <outbound_autodial>", "outbound_autodial", "Y"),
            ("MANAGER OVERRIDE: <manager_ingroup_set>", "manager_ingroup_set", "SET"),
            ("MANAGER: <external_igb_set_user>", "external_igb_set_user", "6666"),
        )
    },
    "user_group_status": {"ADMIN AGENTS|3|13|7|3|1|1|1": Asked({"user_groups": "ADMIN|AGENTS"})},
    "in_group_status": {
        "SALESLINE SUPPORT,3,2,6,2,2,1,1": Asked({"in_groups": "SALESLINE|SUPPORT", "stage": "csv"})
    },
    "add_lead": {
        "ERROR: add_lead PHONE NUMBER IN DNC - <phone_number>|<user>": Asked(
            {"phone_number": "7275559999", "dnc_check": "Y"}
        ),
        "ERROR: add_lead PHONE NUMBER IN CAMPAIGN DNC - <phone_number>|<campaign_id>|<user>": Asked(
            {"phone_number": "7275558888", "campaign_dnc_check": "Y", **CAMPAIGN}
        ),
    },
    "update_lead": {
        "ERROR: update_lead NOT AN ALLOWED LIST ID - <list of the lead>": asked(
            {"lead_id": "104", "last_name": "X", **RESTRICTED}, list_of_the_lead=107
        ),
        "NOTICE: update_lead SCHEDULED CALLBACK DELETED - <user>|<lead_id>|<deleted>|<archived>": asked(
            {"lead_id": "1139740", "callback": "REMOVE"}, deleted=1, archived=1
        ),
        **NEW_LEAD,
    },
    "add_phone": {
        "ERROR: add_phone PHONE LOGIN ALREADY EXISTS - <user>|<phone_login>": Asked(
            {**NEW_PHONE, "server_ip": "10.10.10.16", "phone_login": "350a"}
        ),
        "ERROR: add_phone YOU MUST USE A VALID TIMEZONE - <user>|<local_gmt>": Asked(
            {**NEW_PHONE, "server_ip": "10.10.10.16", "phone_login": "new", "local_gmt": "-99"}
        ),
        "SUCCESS: add_phone PHONE HAS BEEN ADDED"
        " - <user>|<extension>|<server_ip>|<protocol>|<dialplan_number>": Asked(
            {**NEW_PHONE, "server_ip": "10.10.10.16", "phone_login": "new"}
        ),
    },
    "update_phone": {
        "ERROR: update_phone USER DOES NOT HAVE PERMISSION TO UPDATE PHONES - <user>|0": denied(
            "ast_admin_access"
        ),
        "ERROR: update_phone YOU MUST USE ALL REQUIRED FIELDS - <user>|<extension>|<server_ip>": Asked(
            {"extension": "cc101"}
        ),
        "ERROR: update_phone SERVER DOES NOT EXIST - <user>|<server_ip>": Asked(
            {**PHONE_101, "server_ip": "10.0.9.9"}
        ),
        "ERROR: update_phone PHONE DOES NOT EXIST ON THIS SERVER - <user>|<server_ip>|<extension>": Asked(
            {**PHONE_101, "extension": "cc999"}
        ),
        "ERROR: update_phone NO UPDATES DEFINED - <user>|0": Asked(PHONE_101),
        "SUCCESS: update_phone PHONE HAS BEEN UPDATED"
        " - <user>|<extension>|<server_ip>|<protocol>|<dialplan_number>": Asked(
            {**PHONE_101, "protocol": "IAX2", "dialplan_number": "77"}
        ),
        "SUCCESS: update_phone PHONE HAS BEEN DELETED - <user>|<extension>|<server_ip>|": Asked(
            {**PHONE_101, "delete_phone": "Y"}
        ),
        "NOTICE: update_phone USER DOES NOT HAVE PERMISSION TO DELETE PHONES - <user>|<extension>": denied(
            "ast_delete_phones", **PHONE_101, delete_phone="Y"
        ),
        **refused(
            PHONE_101,
            {
                "local_gmt": ("YOU MUST USE A VALID TIMEZONE - <user>", "-99"),
                "email": ("YOU MUST USE A VALID EMAIL - <user>", "m" * 101),
                "phone_context": ("YOU MUST USE A VALID PHONE CONTEXT - <user>", "c"),
                "phone_full_name": ("YOU MUST USE A VALID PHONE NAME - <user>", "n" * 51),
                "registration_password": ("YOU MUST USE A VALID REGISTRATION PASSWORD - <user>", "p" * 21),
                "protocol": ("YOU MUST USE A VALID PROTOCOL - <user>", "H323"),
                "phone_pass": ("YOU MUST USE A VALID PHONE PASSWORD - <user>", "p" * 21),
                "phone_login": ("LOGIN ALREADY EXISTS - <user>", "350a"),
                "voicemail_id": ("YOU MUST USE A VALID VOICEMAIL NUMBER - <user>", "1" * 11),
                "dialplan_number": ("YOU MUST USE A VALID DIALPLAN NUMBER - <user>", "1" * 21),
                "active": (f"ACTIVE MUST BE Y OR N, {OPTIONAL}", "U"),
                "outbound_cid": (f"OUTBOUND CID MUST BE FROM 6 TO 18 DIGITS, {OPTIONAL}", "1" * 21),
                "admin_user_group": (f"USER GROUP MUST BE FROM 2 TO 20 CHARACTERS, {OPTIONAL}", "G"),
            },
            "ERROR: update_phone",
        ),
    },
    "add_phone_alias": {
        "ERROR: add_phone_alias USER DOES NOT HAVE PERMISSION TO ADD PHONE ALIASES - <user>|0": denied(
            "ast_admin_access"
        ),
        "ERROR: add_phone_alias YOU MUST USE ALL REQUIRED FIELDS"
        " - <user>|<alias_id>|<alias_name>|<phone_logins>|": Asked({"alias_id": "x102", "alias_name": "two"}),
        "ERROR: add_phone_alias PHONE ALIAS ALREADY EXISTS - <user>|<alias_id>": Asked(
            {**X101, "alias_name": "one", "phone_logins": "350a"}
        ),
        "ERROR: add_phone_alias PHONE DOES NOT EXIST - <user>|<first unknown login>": asked(
            {"alias_id": "x102", "alias_name": "two", "phone_logins": "350a,nobody,noone"},
            first_unknown_login="nobody",
        ),
        "SUCCESS: add_phone_alias PHONE ALIAS HAS BEEN ADDED"
        " - <user>|<alias_id>|<alias_name>|<phone_logins>": Asked(
            {"alias_id": "x102", "alias_name": "two", "phone_logins": "350a,cc101"}
        ),
    },
    "update_phone_alias": {
        "ERROR: update_phone_alias USER DOES NOT HAVE PERMISSION TO UPDATE PHONE ALIASES - <user>|0": denied(
            "ast_admin_access"
        ),
        "ERROR: update_phone_alias YOU MUST USE ALL REQUIRED FIELDS"
        " - <user>|<alias_id>|<alias_name>|<phone_logins>|": Asked({"alias_name": "one"}),
        "ERROR: update_phone_alias PHONE ALIAS DOES NOT EXIST - <user>|<alias_id>": Asked(
            {"alias_id": "x999", "alias_name": "none"}
        ),
        "ERROR: update_phone_alias YOU MUST USE A VALID ALIAS NAME - <user>|<alias_name>": Asked(
            {**X101, "alias_name": "n" * 51}
        ),
        "ERROR: update_phone_alias PHONE DOES NOT EXIST - <user>|<login>": asked(
            {**X101, "phone_logins": "350a,nobody"}, login="nobody"
        ),
        "NOTICE: update_phone_alias NO UPDATES DEFINED - <user>|": Asked({**X101, "delete_alias": "N"}),
        "NOTICE: update_phone_alias USER DOES NOT HAVE PERMISSION TO DELETE PHONE ALIASES - <user>|0": denied(
            "ast_delete_phones", **X101, delete_alias="Y"
        ),
        "SUCCESS: update_phone_alias PHONE ALIAS HAS BEEN UPDATED - <user>|<alias_id>|": Asked(
            {**X101, "alias_name": "another"}
        ),
        "SUCCESS: update_phone_alias PHONE ALIAS HAS BEEN DELETED - <user>|<alias_id>|": Asked(
            {**X101, "delete_alias": "Y"}
        ),
    },
    "server_refresh": {
        "ERROR: server_refresh USER DOES NOT HAVE PERMISSION TO REFRESH SERVERS - <user>|0": denied(
            "ast_admin_access"
        ),
        "ERROR: server_refresh YOU MUST USE ALL REQUIRED FIELDS - <user>|": Asked(),
        "SUCCESS: server_refresh SERVER REFRESH HAS BEEN TRIGGERED - <user>|<servers changed>": asked(
            {"stage": "REFRESH"}, servers_changed=3
        ),
    },
    "add_list": {
        "ERROR: add_list USER DOES NOT HAVE PERMISSION TO ADD LISTS - <user>|0": denied("modify_lists"),
        "ERROR: add_list YOU MUST USE ALL REQUIRED FIELDS - <user>|<list_id>|<list_name>|<campaign_id>": (
            Asked({**NEW_LIST, "list_name": "short"})
        ),
        "ERROR: add_list CAMPAIGN DOES NOT EXIST - <user>|<campaign_id>": Asked(
            {**NEW_LIST, "campaign_id": "NOPE"}
        ),
        "ERROR: add_list LIST ALREADY EXISTS - <user>|<list_id>": Asked({**NEW_LIST, "list_id": "101"}),
        f"ERROR: add_list SCRIPT DOES NOT EXIST, {OPTIONAL}|<script>": Asked({**NEW_LIST, "script": "NO"}),
        f"ERROR: add_list IN-GROUP DOES NOT EXIST, {OPTIONAL}|<drop_inbound_group>": Asked(
            {**NEW_LIST, "drop_inbound_group": "NO"}
        ),
        f"ERROR: add_list RESET TIME IS NOT VALID, {OPTIONAL}|<reset_time>": Asked(
            {**NEW_LIST, "reset_time": "090"}
        ),
        f"ERROR: add_list EXPIRATION DATE IS NOT VALID, {OPTIONAL}|<expiration_date>": Asked(
            {**NEW_LIST, "expiration_date": "2018"}
        ),
        "SUCCESS: add_list LIST HAS BEEN ADDED - <user>|<list_id>|<campaign_id>": Asked(NEW_LIST),
    },
    "update_list": {
        "ERROR: update_list USER DOES NOT HAVE PERMISSION TO UPDATE LISTS - <user>": denied("modify_lists"),
        "ERROR: update_list YOU MUST USE ALL REQUIRED FIELDS - <user>|<list_id>": Asked({"list_id": "1"}),
        "ERROR: update_list NOT AN ALLOWED LIST ID - <list_id>": Asked({**LIMITED, "list_id": "107"}),
        "ERROR: update_list LIST DOES NOT EXIST - <user>|<list_id>": Asked({"list_id": "1101"}),
        "NOTICE: update_list LIST DOES NOT EXIST, SENDING TO add_list FUNCTION - <user>|<list_id>": Asked(
            {**NEW_LIST, "insert_if_not_found": "Y"}
        ),
        "NOTICE: update_list NO UPDATES DEFINED - <user>|": Asked(LIST),
        "SUCCESS: update_list LIST HAS BEEN UPDATED - <user>|<list_id>": Asked({**LIST, "active": "N"}),
        "NOTICE: update_list LEADS IN LIST HAVE BEEN RESET - <user>|<list_id>|<rows changed>": asked(
            {**LIST, "reset_list": "Y"}, rows_changed=1
        ),
        "NOTICE: update_list LIST HAS BEEN DELETED - <user>|<list_id>|<rows>": asked(
            {**LIST, "delete_list": "Y"}, rows=1
        ),
        "NOTICE: update_list LEADS IN LIST HAVE BEEN DELETED - <user>|<list_id>|<rows>": asked(
            {**LIST, "delete_leads": "Y"}, rows=2
        ),
        "NOTICE: update_list USER DOES NOT HAVE PERMISSION TO DELETE LISTS - <user>|0": denied(
            "delete_lists", **LIST, delete_list="Y"
        ),
        "NOTICE: update_list USER DOES NOT HAVE PERMISSION TO DELETE LEADS - <user>|0": denied(
            "modify_leads", **LIST, delete_leads="Y"
        ),
        **refused(
            LIST,
            {
                "campaign_id": (f"CAMPAIGN DOES NOT EXIST, {OPTIONAL}", "NOPE"),
                "script": (f"SCRIPT DOES NOT EXIST, {OPTIONAL}", "NO"),
                "drop_inbound_group": (f"IN-GROUP DOES NOT EXIST, {OPTIONAL}", "NO"),
                "list_name": (f"LIST NAME MUST BE FROM 6 TO 30 CHARACTERS, {OPTIONAL}", "short"),
                "active": (f"ACTIVE MUST BE Y OR N, {OPTIONAL}", "U"),
                "outbound_cid": (f"OUTBOUND CID MUST BE FROM 6 TO 18 DIGITS, {OPTIONAL}", "12345"),
                "am_message": (f"ANSWERING MACHINE MESSAGE MUST LESS THAN 101 DIGITS, {OPTIONAL}", "m" * 101),
                "reset_time": (f"RESET TIME IS NOT VALID, {OPTIONAL}", "012"),
                "expiration_date": (f"EXPIRATION DATE IS NOT VALID, {OPTIONAL}", "2018"),
            },
            "ERROR: update_list",
        ),
    },
    "update_campaign": {
        "ERROR: update_campaign USER DOES NOT HAVE PERMISSION TO UPDATE CAMPAIGNS - <user>": denied(
            "modify_campaigns"
        ),
        "ERROR: update_campaign YOU MUST USE ALL REQUIRED FIELDS - <user>|<campaign_id>": Asked(
            {"campaign_id": "T"}
        ),
        "ERROR: update_campaign NOT AN ALLOWED CAMPAIGN ID - <campaign_id>": Asked(
            {**LIMITED, "campaign_id": "TESTOUT"}
        ),
        "ERROR: update_campaign CAMPAIGN DOES NOT EXIST - <user>|<campaign_id>": Asked(
            {"campaign_id": "NOPE"}
        ),
        "NOTICE: update_campaign NO UPDATES DEFINED - <user>|": Asked(CAMPAIGN),
        "SUCCESS: update_campaign CAMPAIGN HAS BEEN UPDATED - <user>|<campaign_id>": Asked(
            {**CAMPAIGN, "dial_timeout": "30"}
        ),
        "NOTICE: update_campaign HOPPER HAS BEEN RESET - <user>|<campaign_id>|<rows deleted>": asked(
            {**CAMPAIGN, "reset_hopper": "Y"}, rows_deleted=2
        ),
        **refused(
            CAMPAIGN,
            {
                "auto_dial_level": (f"AUTO DIAL LEVEL MUST BE FROM 0 TO 18, {OPTIONAL}", "19"),
                "dial_method": (f"DIAL METHOD IS NOT VALID, {OPTIONAL}", "RATIONAL"),
                "adaptive_maximum_level": (
                    f"ADAPT MAXIMUM DIAL LEVEL MUST BE FROM 1 TO 5 CHARACTERS, {OPTIONAL}",
                    "123456",
                ),
                "campaign_vdad_exten": (
                    f"ROUTING EXTENSION MUST BE FROM 3 TO 20 CHARACTERS, {OPTIONAL}",
                    "12",
                ),
                "hopper_level": (f"HOPPER LEVEL MUST BE FROM 1 TO 2000, {OPTIONAL}", "0"),
                "dial_timeout": (f"DIAL TIMEOUT MUST BE FROM 1 TO 120, {OPTIONAL}", "121"),
                "campaign_name": (f"CAMPAIGN NAME MUST BE FROM 6 TO 40 CHARACTERS, {OPTIONAL}", "short"),
                "active": (f"ACTIVE MUST BE Y OR N, {OPTIONAL}", "U"),
            },
            "ERROR: update_campaign",
        ),
    },
    "check_phone_number": {
        "ERROR: check_phone_number USER DOES NOT HAVE PERMISSION TO CHECK PHONE NUMBERS - |<user>|0|": denied(
            "vdc_agent_api_access"
        ),
        "ERROR: check_phone_number THIS IS NOT A VALID CALL TIME - |<user>|<local_call_time>|": Asked(
            {**ANY_TIME, "local_call_time": "never"}
        ),
        "ERROR: check_phone_number NANPA options disabled, NANPA prefix data not loaded - 0|<user>": Asked(
            {**ANY_TIME, "tz_method": "NANPA"}
        ),
        "ERROR: check_phone_number INVALID PHONE NUMBER LENGTH - <phone_number>|<user>": Asked(
            {**ANY_TIME, "phone_number": "72755"}
        ),
        "ERROR: check_phone_number INVALID PHONE NUMBER PREFIX - <phone_number>|<user>": Asked(
            {**ANY_TIME, "phone_number": "7271551212", "usacan_prefix_check": "Y"}
        ),
        "ERROR: check_phone_number INVALID PHONE NUMBER AREACODE - <phone_number>|<user>": Asked(
            {**ANY_TIME, "phone_number": "727555", "usacan_areacode_check": "Y"}
        ),
        "ERROR: check_phone_number INVALID PHONE NUMBER NANPA AREACODE PREFIX - <phone_number>|<user>": Asked(
            {**ANY_TIME, "phone_number": "7275991212", "nanpa_ac_prefix_check": "Y"}, NANPA
        ),
        "ERROR: check_phone_number PHONE NUMBER IN DNC - <phone_number>|<user>": Asked(
            {**ANY_TIME, "phone_number": "7275559999", "dnc_check": "Y"}
        ),
        "ERROR: check_phone_number PHONE NUMBER IN CAMPAIGN DNC - <phone_number>|<campaign_id>|<user>": Asked(
            {**ANY_TIME, **CAMPAIGN, "phone_number": "7275558888", "campaign_dnc_check": "Y"}
        ),
        "AREACODE: <areacode dialable>|<areacode offset>#POSTAL: <postal dialable>|<postal offset>"
        "#TZCODE: <tzcode dialable>|<tzcode offset>#NANPA: <nanpa dialable>|<nanpa offset>"
        "#PHONE: <phone_number>|<phone_code>|<postal_code>|<state>|<owner>|": asked(
            {
                "phone_number": "3125551212",
                "local_call_time": "9am-5pm",
                "phone_code": "1",
                "postal_code": "81009",
                "state": "CO",
                "owner": "EST",
                "tz_method": "AREACODE-POSTAL-TZCODE-NANPA",
            },
            *NANPA,
            areacode_dialable=1,
            areacode_offset=-5,
            postal_dialable=1,
            postal_offset=-6,
            tzcode_dialable=1,
            tzcode_offset=-4,
            nanpa_dialable=0,
            nanpa_offset=-9,
        ),
    },
    "logged_in_agents": {
        "ERROR: logged_in_agents USER DOES NOT HAVE PERMISSION TO GET AGENT INFO - <user>|0": denied(
            "view_reports"
        ),
        "ERROR: logged_in_agents NO LOGGED IN AGENTS": Asked({}, (gone("live_agents"),)),
        "user|campaign_id|session_id|status|lead_id|callerid|calls_today|full_name|user_group|user_level": (
            Asked({"header": "YES"})
        ),
        "user|campaign_id|session_id|status|lead_id|callerid|calls_today|full_name|user_group|user_level"
        "|pause_code|sub_status": Asked({"header": "YES", "show_sub_status": "YES"}),
        "6666,TESTCAMP,8600051,INCALL,1079409,M2260919190001079409,1,Admin,ADMIN,9,LOGIN,DEAD": Asked(
            {"show_sub_status": "YES", "stage": "csv"},
            (
                now(
                    "live_agents",
                    {"user": "6666"},
                    campaign_id="TESTCAMP",
                    conf_exten="8600051",
                    lead_id=1079409,
                    callerid="M2260919190001079409",
                ),
                now("agent_log", {"sub_status": "BRK2"}, sub_status="LOGIN"),
            ),
        ),
    },
}
