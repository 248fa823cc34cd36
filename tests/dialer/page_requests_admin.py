"""For each example line of the page the request that makes it said: users, group aliases and phones."""

from tests.dialer.asked import Asked, Table, denied, gone, now, there

NEW_USER = {
    "agent_user": "1000",
    "agent_pass": "1234",
    "agent_user_level": "8",
    "agent_full_name": "Testing+Person",
    "agent_user_group": "AGENTS",
}
NEW_PHONE = {
    "extension": "cc101",
    "dialplan_number": "101",
    "voicemail_id": "101",
    "phone_login": "cc102",
    "phone_pass": "test",
    "server_ip": "10.0.9.8",
    "protocol": "SIP",
    "registration_password": "test",
    "phone_full_name": "Phone cc101",
    "local_gmt": "-5.00",
    "outbound_cid": "7275551212",
}
OF_7878 = {"agent_user": "7878"}
LEVEL_8 = now("users", {"user": "6666"}, user_level=8)
_USER = "ERROR: update_user YOU MUST USE A VALID"
_OPTIONAL = "THIS IS AN OPTIONAL FIELD - 6666"
LONG = "x" * 101


def value(name: str, given: str, other: dict[int, str] | None = None) -> Asked:
    """A value of user 7878 that does not fit."""
    return Asked({**OF_7878, name: given}, other=other or {})


ADMIN: Table = {
    "add_user": {
        "ERROR: add_user USER DOES NOT HAVE PERMISSION TO ADD USERS - 6666|0": denied("modify_users"),
        "ERROR: add_user YOU MUST USE ALL REQUIRED FIELDS - 6666|1000||||": Asked({"agent_user": "1000"}),
        "ERROR: add_user USER DOES NOT HAVE PERMISSION TO ADD USERS IN THIS USER LEVEL - 6666|8": Asked(
            NEW_USER, (LEVEL_8, now("users", {"user": "6666"}, modify_same_user_level="0"))
        ),
        "ERROR: add_user USER GROUP DOES NOT EXIST - 6666|ADFHR": Asked(
            {**NEW_USER, "agent_user_group": "ADFHR"}
        ),
        "ERROR: add_user USER ALREADY EXISTS - 6666|6666": Asked({**NEW_USER, "agent_user": "6666"}),
        "SUCCESS: add_user USER HAS BEEN ADDED - 6666|1000|1234|8|Testing+Person|AGENTS": Asked(
            NEW_USER, (gone("users", user="1000"),)
        ),
    },
    "update_user": {
        "ERROR: update_user USER DOES NOT HAVE PERMISSION TO UPDATE USERS - 6666|0": denied("modify_users"),
        "ERROR: update_user USER DOES NOT HAVE PERMISSION TO DELETE USERS - 6666|7878": denied(
            "delete_users", **OF_7878, delete_user="Y"
        ),
        "ERROR: update_user YOU MUST USE ALL REQUIRED FIELDS - 6666||": Asked(),
        "ERROR: update_user USER DOES NOT EXIST - 6666|78789": Asked({"agent_user": "78789"}),
        "ERROR: update_user USER DOES NOT HAVE PERMISSION TO UPDATE THIS USER - 6666|7878": Asked(
            OF_7878, (LEVEL_8, now("users", {"user": "7878"}, user_level=9))
        ),
        # A value that is empty, or a password of one character, is none that is refused.
        f"{_USER} FULL NAME, {_OPTIONAL}|": value("agent_full_name", LONG, {1: LONG}),
        f"{_USER} USER LEVEL, {_OPTIONAL}|0|9|1": value("agent_user_level", "0"),
        f"{_USER} USER GROUP, {_OPTIONAL}|FAKEGROUP|0": value("agent_user_group", "FAKEGROUP"),
        f"{_USER} PHONE LOGIN, {_OPTIONAL}|fakephone|0|0": value("phone_login", "fakephone"),
        f"{_USER} PHONE PASSWORD, {_OPTIONAL}|0": value("phone_pass", LONG, {1: LONG}),
        f"{_USER} HOTKEYS SETTING, {_OPTIONAL}|2": value("hotkeys_active", "2"),
        f"{_USER} VOICEMAIL ID, {_OPTIONAL}": value("voicemail_id", "12345678901"),
        f"{_USER} EMAIL, {_OPTIONAL}": value("email", LONG),
        f"{_USER} CUSTOM ONE, {_OPTIONAL}": value("custom_one", LONG),
        f"{_USER} CUSTOM TWO, {_OPTIONAL}": value("custom_two", LONG),
        f"{_USER} CUSTOM THREE, {_OPTIONAL}": value("custom_three", LONG),
        f"{_USER} CUSTOM FOUR, {_OPTIONAL}": value("custom_four", LONG),
        f"{_USER} CUSTOM FIVE, {_OPTIONAL}": value("custom_five", LONG),
        f"ERROR: update_user ACTIVE MUST BE Y OR N, {_OPTIONAL}": value("active", "U"),
        "ERROR: update_user wrapup_seconds_override MUST BE A VALID DIGIT BETWEEN -1 AND 9999, "
        f"{_OPTIONAL}|-2": value("wrapup_seconds_override", "-2"),
        # 0 is a good rank.
        f"{_USER} CAMPAIGN RANK, {_OPTIONAL}|0": value("campaign_rank", "10", {1: "10"}),
        f"{_USER} CAMPAIGN GRADE, {_OPTIONAL}|0": value("campaign_grade", "0"),
        "ERROR: update_user NO UPDATES DEFINED - 6666|0": Asked(OF_7878),
        "NOTICE: update_user USER CAMPAIGN RANKS HAVE BEEN UPDATED - 6666|9|10": Asked(
            {**OF_7878, "campaign_rank": "9", "campaign_grade": "10"}
        ),
        "NOTICE: update_user USER CAMPAIGN RANKS HAVE BEEN UPDATED - 6666|9|10|TESTCAMP|1": Asked(
            {
                **OF_7878,
                "campaign_rank": "9",
                "campaign_grade": "10",
                "campaign_id": "TESTCAMP",
                "camp_rg_only": "1",
            }
        ),
        "SUCCESS: update_user USER HAS BEEN UPDATED - 6666|7878": value("agent_full_name", "Testing"),
        "SUCCESS: update_user USER HAS BEEN DELETED - 6666|7878": value("delete_user", "Y"),
    },
    "add_group_alias": {
        "ERROR: add_group_alias USER DOES NOT HAVE PERMISSION TO ADD GROUP ALIASES - 6666|0": denied(
            "ast_admin_access"
        ),
        "ERROR: add_group_alias YOU MUST USE ALL REQUIRED FIELDS - 6666|||1000": Asked(
            {"caller_id_number": "1000"}
        ),
        "ERROR: add_group_alias GROUP ALIAS ALREADY EXISTS - 6666|7275551212": Asked(
            {"caller_id_number": "7275551212"}, (there("groups_alias", group_alias_id="7275551212"),)
        ),
        "SUCCESS: add_group_alias GROUP ALIAS HAS BEEN ADDED"
        " - 6666|7275551212|test_group_alias|test group alias": Asked(
            {
                "caller_id_number": "7275551212",
                "group_alias_id": "test_group_alias",
                "group_alias_name": "test group alias",
            }
        ),
    },
    "add_phone": {
        "ERROR: add_phone USER DOES NOT HAVE PERMISSION TO ADD PHONES - 6666|0": denied("ast_admin_access"),
        "ERROR: add_phone YOU MUST USE ALL REQUIRED FIELDS - 6666|1000|||||||||||": Asked(
            {"extension": "1000"}
        ),
        "ERROR: add_phone SERVER DOES NOT EXIST - 6666|10.0.9.9": Asked(
            {**NEW_PHONE, "server_ip": "10.0.9.9"}
        ),
        "ERROR: add_phone PHONE ALREADY EXISTS ON THIS SERVER - 6666|10.0.9.8|cc101": Asked(
            NEW_PHONE,
            (
                there("servers", server_id="NINE", server_ip="10.0.9.8"),
                now("phones", {"extension": "cc101"}, server_ip="10.0.9.8"),
            ),
        ),
    },
}
