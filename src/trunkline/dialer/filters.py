"""Which characters of a parameter are kept; the others are removed and the request goes on."""

import re
from collections.abc import Mapping

_SETS: tuple[tuple[str, str], ...] = (
    (
        r"0-9",
        "list_id entry_list_id phone_code session_id rank records list_id_field lead_id called_count "
        "agent_user_level hotkeys_active voicemail_id outbound_cid caller_id_number campaign_grade "
        "camp_rg_only campaign_vdad_exten hopper_level dial_timeout force_entry_list_id DB",
    ),
    (
        r"\-_0-9A-Za-z",
        "user pass function campaign_id phone_login tz_method alias_id callback_status callback_user "
        "admin_user_group duplicate_check search_method user_field agent_pass agent_user_group phone_pass "
        "extension registration_password phone_context script am_message drop_inbound_group "
        "expiration_date local_call_time dial_method field_name",
    ),
    (r"0-9A-Za-z", "format middle_initial source custom_fields protocol"),
    (r".0-9A-Za-z", "call_id"),
    (
        r"A-Z",
        "update_phone_number country_code gender dnc_check campaign_dnc_check add_to_hopper "
        "hopper_local_call_time_check insert_if_not_found search_location no_update delete_lead active "
        "reset_list delete_list delete_leads reset_lead usacan_prefix_check usacan_areacode_check "
        "nanpa_ac_prefix_check delete_phone delete_alias callback callback_type time_format delete_user "
        "show_sub_status lookup_state detail type",
    ),
    (r"NY", "reset_hopper"),
    (r"0-9,", "phone_number"),
    (r"A-Za-z", "stage"),
    (r"\-_0-9", "reset_time campaign_rank"),
    (r"\-0-9", "date_of_birth hopper_priority wrapup_seconds_override"),
    (r".0-9", "server_ip auto_dial_level adaptive_maximum_level"),
    (r"\-.0-9", "local_gmt"),
    (r"\-_.0-9", "gmt_offset_now"),
    (r"\- '_.A-Za-z0-9", "title"),
    (r"\- '+_.A-Za-z0-9", "first_name last_name alt_phone"),
    (r"\- '+.:/@_A-Za-z0-9", "address1 address2 address3 city security_phrase owner"),
    (r"\- '+.:/@_%A-Za-z0-9", "province postal_code email"),
    (r"\- A-Za-z0-9", "state"),
    (
        r"\- +.:/@_A-Za-z0-9",
        "agent_full_name custom_one custom_two custom_three custom_four custom_five alias_name "
        "callback_datetime callback_comments phone_full_name",
    ),
    (r"\- +.:/@_?&A-Za-z0-9", "list_name"),
    (r"\- +.:/@_%=?&A-Za-z0-9", "web_form_address web_form_address_two"),
    (r"\- .,_A-Za-z0-9", "campaign_name"),
    (r"\- +_A-Za-z0-9", "group_alias_name caller_id_name"),
    (r"\-|_A-Za-z0-9", "user_groups in_groups group campaigns"),
    (r"\- +:_0-9", "datetime_start datetime_end"),
    (r"\- ._A-Za-z0-9", "uniqueid"),
    (r"\-_0-9A-Za-z,", "phone_logins"),
    (r"\- +!:_A-Za-z0-9", "multi_alt_phones"),
    (r"*#A-Za-z0-9", "dialplan_number"),
)
_OF_ONE_LINE = dict.fromkeys(
    ("agent_user", "date", "group_alias_id", "header", "status", "web_form_address_three"),
    re.compile("[\x00\r\n\ud800-\udfff]"),
)
"""Without a set of their own. An answer that repeats a line break has a line that nobody said."""
_REMOVED: Mapping[str, re.Pattern[str]] = {
    **{name: re.compile(f"[^{kept}]") for kept, names in _SETS for name in names.split()},
    **dict.fromkeys(("vendor_lead_code", "source_id", "comments"), re.compile("[;#\x00\ud800-\udfff]")),
    **_OF_ONE_LINE,
}
_ALWAYS = re.compile("[\x00\ud800-\udfff]")
"""No database keeps a NUL or half a character in text. None of the sets has them."""
_ONLY_LOGIN = re.compile(r"""['"\\;#]""")
_WITH_NON_LATIN = ("user", "pass", "source")

_PLUS_IS_BLANK = frozenset(
    word
    for words in (
        "vendor_lead_code source_id first_name last_name address1 address2 address3 city province",
        "postal_code alt_phone email security_phrase comments owner multi_alt_phones datetime_start",
        "datetime_end group_alias_name caller_id_name",
    )
    for word in words.split()
)
PRIORITY_MOST = 99
BLANK = "--BLANK--"
"""The word that empties a value."""
_CAN_BE_BLANK = {
    "update_list": ("outbound_cid", "reset_time"),
    "update_lead": (
        *("gmt_offset_now", "middle_initial", "country_code", "gender", "date_of_birth"),
        *("rank", "called_count", "entry_list_id"),
    ),
}
"""Values whose filter takes letters away, and with them the word, although they can be emptied."""


def filtered(params: Mapping[str, str], *, use_non_latin: bool = False) -> dict[str, str]:
    """The parameters as every function sees them."""
    if use_non_latin:
        kept = {name: _with_non_latin(name, value) for name, value in params.items()}
    else:
        kept = {name: _REMOVED.get(name, _ALWAYS).sub("", value) for name, value in params.items()}
    for name in _PLUS_IS_BLANK & kept.keys():
        kept[name] = kept[name].replace("+", " ")
    for name in _CAN_BE_BLANK.get(kept.get("function", ""), ()):
        if params.get(name) == BLANK:
            kept[name] = BLANK
    kept["hopper_priority"] = _priority(kept.get("hopper_priority", ""))
    return kept


def _with_non_latin(name: str, value: str) -> str:
    if name == "function":
        return _REMOVED[name].sub("", value)
    value = _OF_ONE_LINE.get(name, _ALWAYS).sub("", value)
    return _ONLY_LOGIN.sub("", value) if name in _WITH_NON_LATIN else value


def _priority(text: str) -> str:
    if not text:
        return "0"
    try:
        return str(max(-PRIORITY_MOST, min(PRIORITY_MOST, int(text))))
    except ValueError:
        return "0"
