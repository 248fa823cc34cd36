"""How leads are found: by id, by the vendor's code or by number, in a list, a campaign or everywhere."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, Integer, bindparam, func, select

from trunkline.dialer.command import Call, Param
from trunkline.dialer.database import Row, Statement
from trunkline.dialer.fitting import whole
from trunkline.dialer.kinds import ZERO_TIME
from trunkline.dialer.tables import Tables

BY_LEAD_ID, BY_VENDOR_CODE, BY_PHONE = "LEAD_ID", "VENDOR_LEAD_CODE", "PHONE_NUMBER"
KEYS = {BY_LEAD_ID: "lead_id", BY_VENDOR_CODE: "vendor_lead_code", BY_PHONE: "phone_number"}
"""Words of search_method and the columns they look at, in the order they are tried."""
SHORTEST_METHOD = 6
SYSTEM, CAMPAIGN, LIST = "SYSTEM", "CAMPAIGN", "LIST"
SHORTEST_LOCATION = 4
LEAST_LIST = 99
SHORTEST_PHONE, LONGEST_PHONE = 6, 18
MOST_LEADS = 2**31 - 1

PARAMS = (
    Param("lead_id", "The lead's id, for the search by LEAD_ID.", least=1, most=9),
    Param(
        "vendor_lead_code",
        "The vendor's code, for the search by VENDOR_LEAD_CODE; also written to the leads found.",
        least=1,
        most=20,
    ),
    Param(
        "phone_number",
        "The number, for the search by PHONE_NUMBER and for a new lead.",
        least=SHORTEST_PHONE,
        most=LONGEST_PHONE,
    ),
    Param(
        "search_method",
        "Any of LEAD_ID, VENDOR_LEAD_CODE and PHONE_NUMBER, tried in this order until a lead is found; "
        "LEAD_ID where none is given.",
    ),
    Param(
        "search_location",
        "Where to search: in the list of list_id, in all lists of its campaign, or everywhere.",
        choices=(SYSTEM, LIST, CAMPAIGN),
    ),
    Param("list_id", "The list of search_location, and that of a new lead.", least=3, most=12),
    Param("records", "How many leads to take of those found, the newest first; 1 where nothing is given."),
)

Condition = Callable[[Tables], list[ColumnElement[bool]]]


def _in_list(t: Tables) -> list[ColumnElement[bool]]:
    return [t["list"].c.list_id == bindparam("list_id")]


def _in_campaign(t: Tables) -> list[ColumnElement[bool]]:
    """In all lists of the given list's campaign; an unknown list has none."""
    lists = t["lists"]
    campaign = select(lists.c.campaign_id).where(lists.c.list_id == bindparam("list_id"))
    siblings = select(lists.c.list_id).where(lists.c.campaign_id.in_(campaign))
    return [t["list"].c.list_id.in_(siblings)]


def _anywhere(_: Tables) -> list[ColumnElement[bool]]:
    return []


_PLACES: dict[str, Condition] = {SYSTEM: _anywhere, LIST: _in_list, CAMPAIGN: _in_campaign}


def _found(key: str, place: Condition, for_update: bool) -> Statement:
    def statement(t: Tables) -> ClauseElement:
        leads = t["list"]
        found = (
            select(*leads.c)
            .where(leads.c[key] == bindparam(key), *place(t))
            .order_by(func.coalesce(leads.c.entry_date, ZERO_TIME).desc(), leads.c.lead_id.desc())
            .limit(bindparam("records", type_=Integer()))
        )
        return found.with_for_update() if for_update else found

    return statement


_STATEMENTS = {
    (method, place, for_update): _found(key, condition, for_update)
    for method, key in KEYS.items()
    for place, condition in _PLACES.items()
    for for_update in (False, True)
}


def lead_of_id(t: Tables) -> ClauseElement:
    """A lead as it is now."""
    return select(*t["list"].c).where(t["list"].c.lead_id == bindparam("lead_id"))


def method_of(call: Call) -> str:
    """The search methods asked for; what is too short to name one is LEAD_ID."""
    given = call.arg("search_method")
    return given if len(given) >= SHORTEST_METHOD else BY_LEAD_ID


def methods_usable(call: Call, method: str) -> list[str]:
    """The methods asked for whose key is given."""
    return [word for word in KEYS if word in method and _has_key(call, word)]


async def find_leads(call: Call, methods: list[str], *, for_update: bool = False) -> list[Row]:
    """The leads of the first method that finds any.

    `for_update`: no other work changes them before this one ends; its transaction must have begun.
    """
    place = place_of_search(call)
    values: dict[str, Any] = {"records": _records(call)}
    if place != SYSTEM:
        values["list_id"] = whole(call.arg("list_id"))
    for method in methods:
        key = KEYS[method]
        given = call.arg(key)
        found = await call.work.all(
            _STATEMENTS[method, place, for_update],
            **values,
            **{key: whole(given) if method == BY_LEAD_ID else given},
        )
        if found:
            return found
    return []


def place_of_search(call: Call) -> str:
    """Where to search; without a list it is everywhere."""
    given = call.arg("search_location")
    if len(given) < SHORTEST_LOCATION or whole(call.arg("list_id")) < LEAST_LIST:
        return SYSTEM
    return next((place for place in (LIST, CAMPAIGN) if place in given), SYSTEM)


def phone_told(call: Call, lead: Row) -> str:
    """The number that an answer names: the lead's, for the original the one that was given."""
    return str(lead["phone_number"]) if call.is_documented else call.arg("phone_number")


def is_phone(number: str) -> bool:
    return SHORTEST_PHONE <= len(number) <= LONGEST_PHONE


def _has_key(call: Call, method: str) -> bool:
    given = call.arg(KEYS[method])
    return is_phone(given) if method == BY_PHONE else given != ""


def _records(call: Call) -> int:
    given = call.arg("records")
    return max(0, min(MOST_LEADS, whole(given))) if given else 1
