"""A new lead: what its row holds of the request, what is computed, and which lists it may go into."""

from decimal import Decimal
from typing import Any

from trunkline.dialer import audit
from trunkline.dialer.command import Call, Param, error, success
from trunkline.dialer.kinds import kind_of

DEFAULT_LIST = "999"
SHORTEST_LIST = 3
NEW, HELD_FOR_CALLBACK = "NEW", "CBHOLD"

_LIST_ID = kind_of("bigint(14) unsigned")

LIST_NOT_ALLOWED = error(
    "list_not_allowed", "NOT AN ALLOWED LIST ID", " - {phone_number}|{list_id}", status=403
)
ADDED = success(
    "lead_added",
    "LEAD HAS BEEN ADDED",
    " - {phone_number}|{u}|{list_id}|{lead_id}|{gmt}",
    " - {phone_number}|{list_id}|{lead_id}|{gmt}|{u}",
)

LEAD_PARAMS = (
    Param("vendor_lead_code", "The lead's id with its vendor.", least=1, most=20),
    Param("source_id", "Where the lead comes from.", least=1, most=50),
    Param("title", "The title before the name.", least=1, most=4),
    Param("first_name", "The first name.", least=1, most=30),
    Param("middle_initial", "The first letter of the middle name.", least=1, most=1),
    Param("last_name", "The last name.", least=1, most=30),
    Param("address1", "The first line of the address.", least=1, most=100),
    Param("address2", "The second line of the address.", least=1, most=100),
    Param("address3", "The third line of the address.", least=1, most=100),
    Param("city", "The city.", least=1, most=50),
    Param("state", "The state, as two letters.", least=2, most=2),
    Param("province", "The province.", least=1, most=50),
    Param("postal_code", "The postal code.", least=1, most=10),
    Param("country_code", "The country, as three letters.", least=3, most=3),
    Param("gender", "U for unknown, M or F.", choices=("U", "M", "F")),
    Param("date_of_birth", "The day of birth, as YYYY-MM-DD.", least=10, most=10),
    Param("alt_phone", "A second phone number.", least=1, most=12),
    Param("email", "The mail address.", least=1, most=70),
    Param("security_phrase", "A word that the lead knows.", least=1, most=100),
    Param("comments", "Anything else about the lead.", least=1, most=255),
    Param("rank", "The lead's rank: higher ones can be called first.", least=1, most=5),
    Param("owner", "Who owns the lead: a user, a territory or a user group.", least=1, most=20),
)
FIELDS = tuple(param.name for param in LEAD_PARAMS)
"""The columns of a lead that hold a parameter as it is, after filter and cut."""


def list_number(list_id: str) -> int:
    """A list id as the tables hold it."""
    return int(_LIST_ID.kept(list_id) or 0)


def may_use_list(call: Call, list_id: str | int) -> bool:
    """Whether the user may touch leads of this list."""
    return call.allowed_lists is None or list_number(str(list_id)) in call.allowed_lists


async def insert_lead(call: Call, list_id: int, offset: Decimal | None, status: str, **others: Any) -> int:
    """Insert the lead that the call describes; its id. `others` stand in for parameters or are added.

    modify_date is left to the database: that of a dialer sets it by itself.
    """
    get = call.params.get
    given = {name: get(name, "") for name in FIELDS}
    given["rank"] = given["rank"] or "0"
    values = {
        "entry_date": call.time,
        "last_local_call_time": call.time,
        "called_since_last_reset": "N",
        "called_count": 0,
        "status": status,
        "user": call.arg("user"),
        "list_id": list_id,
        "gmt_offset_now": offset or 0,
        "phone_number": call.arg("phone_number"),
        "phone_code": call.arg("phone_code") or "1",
        "entry_list_id": 0,
        **given,
        **others,
    }
    lead_id = await call.work.insert("list", **values)
    audit.changed(call, "list", lead_id, after=values)
    return lead_id
