"""What a request changes of a lead that exists: fields given, fields to be emptied, and the mark of calls."""

from typing import Any

from trunkline.dialer.command import Call, Param
from trunkline.dialer.filters import BLANK
from trunkline.dialer.new_lead import FIELDS, LEAD_PARAMS

LINE_END, LINE_END_KEPT = "\n", "!N"
"""The dialer keeps the end of a line as two characters."""

PARAMS = (
    Param("user_field", "The user of the lead.", least=1, most=20),
    Param("list_id_field", "The list that the lead goes into.", least=3, most=12),
    Param("status", "The lead's status.", least=1, most=6),
    Param("gmt_offset_now", "The hours between UTC and the lead's local time.", least=1, most=6),
    *(param for param in LEAD_PARAMS if param.name != "vendor_lead_code"),
    Param("called_count", "How often the lead was called.", least=1, most=5),
    Param(
        "entry_list_id",
        "The list whose own fields the lead has; not used together with custom_fields.",
        least=3,
        most=12,
    ),
    Param("update_phone_number", "Y writes phone_number to the lead too.", choices=("Y", "N")),
    Param("reset_lead", "Y marks the lead as not called since the last reset.", choices=("Y", "N")),
)

_COLUMNS = {"user_field": "user", "list_id_field": "list_id"}
_ALWAYS = ("user_field", "list_id_field", "status", "gmt_offset_now", *FIELDS, "called_count")


def value_of(call: Call, name: str) -> str:
    """A parameter as a lead's column stores it."""
    given = call.arg(name)
    return "" if given == BLANK else given.replace(LINE_END, LINE_END_KEPT)


def changes_of(call: Call) -> dict[str, Any]:
    """The columns that the call sets, and their values."""
    names = list(_ALWAYS)
    if not call.is_yes("custom_fields"):
        names.append("entry_list_id")
    if call.is_yes("update_phone_number"):
        names.append("phone_number")
    changes: dict[str, Any] = {
        _COLUMNS.get(name, name): value_of(call, name) for name in names if call.arg(name) != ""
    }
    if call.is_yes("reset_lead"):
        changes["called_since_last_reset"] = "N"
    return changes


def fields_of_new_lead(call: Call) -> dict[str, str]:
    """The fields of a lead that is inserted because none was found."""
    return {name: value_of(call, name) for name in FIELDS}
