"""Checks for a lead that is there already: by number, by title and second number, by name and number."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, String, bindparam, func, select

from trunkline.dialer.command import Call, Line, Said, error
from trunkline.dialer.database import Statement
from trunkline.dialer.kinds import ZERO_TIME
from trunkline.dialer.locks import digits_of
from trunkline.dialer.tables import Tables

RECENT_WORD = "90DAY"
RECENT_DAYS = 90
PHONE, ALT_PHONE = "phone_number", "alt_phone"

Condition = Callable[[Tables], list[ColumnElement[bool]]]


@dataclass(frozen=True)
class Check:
    """A word of duplicate_check, what it looks for, and what is said where that is found."""

    word: str
    line: Line
    statement: Statement
    key: str
    """The parameter that both leads of a pair of duplicates have alike, whatever else they must have."""


def _same_phone(t: Tables) -> list[ColumnElement[bool]]:
    return [t["list"].c.phone_number == bindparam("phone_number")]


def _same_title(t: Tables) -> list[ColumnElement[bool]]:
    leads = t["list"]
    return [leads.c.title == bindparam("title"), leads.c.alt_phone == bindparam("alt_phone")]


def _same_name(t: Tables) -> list[ColumnElement[bool]]:
    leads = t["list"]
    given = {name: func.lower(bindparam(name, type_=String())) for name in ("first_name", "last_name")}
    return [*_same_phone(t), *(func.lower(leads.c[name]) == value for name, value in given.items())]


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


def _found(same: Condition, where: Condition) -> Statement:
    def statement(t: Tables) -> ClauseElement:
        leads = t["list"]
        # Leads without a title and a second number may be most of them: the index gives the first at once.
        order = (leads.c.list_id, leads.c.lead_id) if same is _same_title else (leads.c.lead_id,)
        entered = func.coalesce(leads.c.entry_date, ZERO_TIME) >= bindparam("since")
        return (
            select(leads.c.lead_id, leads.c.list_id)
            .where(*same(t), *where(t), entered)
            .order_by(*order)
            .limit(1)
        )

    return statement


def _line(code: str, text: str, data: str, original: str = "") -> Line:
    return error(
        f"duplicate_{code}", f"DUPLICATE {text}", f" - {data}", original and f" - {original}", status=409
    )


_PHONE = "{phone_number}|{list_id}|{found_lead}"
_TITLE = "{title}|{alt_phone}|{list_id}|{found_lead}"
_NAME = "{first_name}|{last_name}|{phone_number}|{list_id}|{found_lead}"
_LIST = "|{found_list}"

PHONE_IN_LIST = _line("phone_in_list", "PHONE NUMBER IN LIST", _PHONE)
PHONE_IN_CAMPAIGN = _line("phone_in_campaign", "PHONE NUMBER IN CAMPAIGN LISTS", _PHONE + _LIST)
PHONE_IN_SYSTEM = _line("phone_in_system", "PHONE NUMBER IN SYSTEM", _PHONE + _LIST)
TITLE_IN_LIST = _line("title_in_list", "TITLE ALT_PHONE IN LIST", _TITLE)
TITLE_IN_CAMPAIGN = _line("title_in_campaign", "TITLE ALT_PHONE IN CAMPAIGN LISTS", _TITLE + _LIST)
TITLE_IN_SYSTEM = _line("title_in_system", "TITLE ALT_PHONE IN SYSTEM", _TITLE + _LIST)
NAME_IN_LIST = _line("name_in_list", "NAME PHONE IN LIST", _NAME + _LIST, _NAME)
NAME_IN_CAMPAIGN = _line("name_in_campaign", "NAME PHONE IN CAMPAIGN LISTS", _NAME + _LIST)
NAME_IN_SYSTEM = _line("name_in_system", "NAME PHONE IN SYSTEM", _NAME + _LIST)

CHECKS = (
    Check("DUPLIST", PHONE_IN_LIST, _found(_same_phone, _in_list), PHONE),
    Check("DUPCAMP", PHONE_IN_CAMPAIGN, _found(_same_phone, _in_campaign), PHONE),
    Check("DUPSYS", PHONE_IN_SYSTEM, _found(_same_phone, _anywhere), PHONE),
    Check("DUPTITLEALTPHONELIST", TITLE_IN_LIST, _found(_same_title, _in_list), ALT_PHONE),
    Check("DUPTITLEALTPHONECAMP", TITLE_IN_CAMPAIGN, _found(_same_title, _in_campaign), ALT_PHONE),
    Check("DUPTITLEALTPHONESYS", TITLE_IN_SYSTEM, _found(_same_title, _anywhere), ALT_PHONE),
    Check("DUPNAMEPHONELIST", NAME_IN_LIST, _found(_same_name, _in_list), PHONE),
    Check("DUPNAMEPHONECAMP", NAME_IN_CAMPAIGN, _found(_same_name, _in_campaign), PHONE),
    Check("DUPNAMEPHONESYS", NAME_IN_SYSTEM, _found(_same_name, _anywhere), PHONE),
)
"""In their order: the first that finds a lead ends the call."""
LINES = tuple(check.line for check in CHECKS)


async def duplicate(call: Call, list_text: str, list_id: int) -> Said | None:
    """The first duplicate that the call's words look for; `list_text` is the list as it is told.

    Where there is none nobody else adds one until this call's lead is kept: the keys are locked.
    """
    words = call.arg("duplicate_check").upper()
    asked = [check for check in CHECKS if check.word in words]
    if not asked:
        return None
    await lock_keys(call, {check.key for check in asked})
    values = _values(call, list_id, RECENT_WORD in words)
    for check in asked:
        found = await call.work.one(check.statement, **values)
        if found is not None:
            return check.line(list_id=list_text, found_lead=found["lead_id"], found_list=found["list_id"])
    return None


async def lock_keys(call: Call, keys: Collection[str]) -> None:
    """Lock what the call gives for some keys of a lead, so that whoever else asks for it waits."""
    await call.work.lock(*(f"{key} {digits_of(call.arg(key))}" for key in keys))


def _values(call: Call, list_id: int, is_recent: bool) -> dict[str, Any]:
    since = (call.now - timedelta(days=RECENT_DAYS)).strftime("%Y-%m-%d %H:%M:%S") if is_recent else ZERO_TIME
    names = ("phone_number", "title", "alt_phone", "first_name", "last_name")
    return {"list_id": list_id, "since": since} | {name: call.arg(name) for name in names}
