"""lead_field_info: one field of a lead."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer.columns import Column, Holds
from trunkline.dialer.command import Answer, Call, Command, Logged, Param, Plain, Result, error
from trunkline.dialer.custom import custom_of_lead
from trunkline.dialer.database import Row
from trunkline.dialer.render import value_text
from trunkline.dialer.sight import sight_of
from trunkline.dialer.tables import Tables, declared

_LEAD_ID = re.compile(r"[0-9]{1,11}\Z")
_LIST_ID = re.compile(r"[0-9]{1,14}\Z")
CAMPAIGN = "campaign of the lead's list"
"""No column has such a name."""

INVALID = error(
    "invalid_parameters",
    "INVALID SEARCH PARAMETERS",
    " - {u}|{lead_id}|{field_name}",
    ": {u}|{lead_id}|{field_name}",
    log="{u}|{lead_id}|{field_name}",
    status=400,
)
LEAD_NOT_FOUND = error(
    "lead_not_found",
    "LEAD NOT FOUND",
    " - {u}|{lead_id}|{field_name}",
    ": {u}|{lead_id}",
    log="{u}|{lead_id}",
    status=404,
)
LIST_NOT_FOUND = error(
    "list_not_found",
    "LIST NOT FOUND",
    " - {u}|{lead_id}|{field_name}",
    ": {u}|{lead_id}",
    log="{u}|{lead_id}",
    status=404,
)
FIELD_NOT_FOUND = error(
    "field_not_found",
    "LEAD FIELD NOT FOUND",
    " - {u}|{lead_id}|{field_name}",
    ": {u}|{lead_id}",
    log="{u}|{lead_id}",
    original_text="LIST FIELD NOT FOUND",
    status=404,
)
FIELDS = (
    Column("field_name", "The field asked for."),
    Column("value", "Its value.", Holds.ANY),
)


@cache
def lead_with_list(column: str) -> Callable[[Tables], ClauseElement]:
    """The statement for a column of a lead, its id, the list it came with, and its list's campaign."""
    names = dict.fromkeys(("lead_id", "entry_list_id", column))

    def statement(t: Tables) -> ClauseElement:
        leads, lists = t["list"], t["lists"]
        return (
            select(*(leads.c[name] for name in names), lists.c.campaign_id.label(CAMPAIGN))
            .select_from(leads.outerjoin(lists, lists.c.list_id == leads.c.list_id))
            .where(leads.c.lead_id == bindparam("lead_id"))
        )

    return statement


@cache
def columns_of_lead() -> Mapping[str, str]:
    """A lead's columns by their names in small letters: a field is asked for in any."""
    return {column.name.casefold(): column.name for column in declared()["list"][1]}


def campaign_of_list(t: Tables) -> ClauseElement:
    lists = t["lists"]
    return select(lists.c.campaign_id).where(lists.c.list_id == bindparam("list_id"))


async def lead_field_info(call: Call) -> AsyncIterator[Answer]:
    field = call.arg("field_name")
    if not _LEAD_ID.match(call.arg("lead_id")) or not field:
        yield INVALID()
        return
    column = columns_of_lead().get(field.casefold(), "")
    lead_id = int(call.arg("lead_id"))
    lead = await call.work.one(lead_with_list(column or "lead_id"), lead_id=lead_id)
    if lead is None:
        yield LEAD_NOT_FOUND()
        return
    sight = await sight_of(call)
    if lead[CAMPAIGN] is None or not sight.sees_campaign(str(lead[CAMPAIGN])):
        yield LIST_NOT_FOUND()
        return
    if call.is_yes("custom_fields"):
        values = await _custom_fields(call, lead)
        column = next((name for name in values if name.casefold() == field.casefold()), "")
    else:
        values = lead
    if not column:
        yield FIELD_NOT_FOUND()
        return
    value = _shown(call, values[column])
    text = value_text(value)
    yield Plain(
        text,
        Logged(Result.SUCCESS, f"lead_field_info {text}", f"{call.arg('user')}|{call.arg('lead_id')}|"),
        {"field_name": field, "value": value},
    )


async def _custom_fields(call: Call, lead: Row) -> Row:
    """The lead's row in the table of a list's own fields; nothing where there is none to be seen."""
    list_id = await _custom_list(call, lead)
    custom = await call.work.custom(list_id) if list_id else None
    if custom is None:
        return {}
    return await call.work.one(custom_of_lead(custom.name), lead_id=lead["lead_id"]) or {}


async def _custom_list(call: Call, lead: Row) -> int:
    """The list asked for, if the user may see it, else the one that the lead came with; 0: none."""
    text = call.arg("list_id")
    if not text:
        return int(lead["entry_list_id"] or 0)
    if not _LIST_ID.match(text):
        return 0
    sight = await sight_of(call)
    if sight.campaigns is None:
        return int(text)
    found = await call.work.one(campaign_of_list, list_id=int(text))
    return int(text) if found and sight.sees_campaign(str(found["campaign_id"])) else 0


def _shown(call: Call, value: Any) -> Any:
    """The value, its characters hidden from users who may not see what leads hold."""
    if call.user.get("admin_hide_lead_data") == "1":
        return "X" * len(value_text(value))
    return value


COMMANDS = (
    Command(
        "lead_field_info",
        "Gives the value of one field of a lead.",
        lead_field_info,
        "USER DOES NOT HAVE PERMISSION TO GET LEAD INFO",
        level=7,
        flags=("vdc_agent_api_access", "modify_leads"),
        params=(
            Param("lead_id", "The lead's id.", required=True, least=1, most=11),
            Param("field_name", "A column of the lead, or of its custom table.", required=True),
            Param("custom_fields", "Y looks in the custom table.", choices=("Y", "N")),
            Param("list_id", "The list whose custom table is used."),
        ),
        lines=(INVALID, LEAD_NOT_FOUND, LIST_NOT_FOUND, FIELD_NOT_FOUND),
        fields=FIELDS,
    ),
)
