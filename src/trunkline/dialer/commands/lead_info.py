"""lead_field_info: one field of a lead."""

import re
from collections.abc import AsyncIterator

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer.command import Answer, Call, Command, Logged, Param, Plain, Result, error
from trunkline.dialer.sight import sight_of
from trunkline.dialer.tables import Tables

_LEAD_ID = re.compile(r"\d{1,11}\Z")

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


def lead_with_list(t: Tables) -> ClauseElement:
    leads, lists = t["list"], t["lists"]
    return (
        select(*leads.c, lists.c.campaign_id.label("_campaign"))
        .select_from(leads.outerjoin(lists, lists.c.list_id == leads.c.list_id))
        .where(leads.c.lead_id == bindparam("lead_id"))
    )


async def lead_field_info(call: Call) -> AsyncIterator[Answer]:
    field = call.arg("field_name")
    if not _LEAD_ID.match(call.arg("lead_id")) or not field:
        yield INVALID()
        return
    lead = await call.work.one(lead_with_list, lead_id=int(call.arg("lead_id")))
    if lead is None:
        yield LEAD_NOT_FOUND()
        return
    sight = await sight_of(call)
    if lead["_campaign"] is None or not sight.sees_campaign(str(lead["_campaign"])):
        yield LIST_NOT_FOUND()
        return
    value = lead.get(field) if not field.startswith("_") else None
    if field not in lead or field.startswith("_"):
        yield FIELD_NOT_FOUND()
        return
    text = "" if value is None else str(value)
    yield Plain(
        text,
        Logged(Result.SUCCESS, f"lead_field_info {text}", f"{call.arg('user')}|{call.arg('lead_id')}|"),
        {field: value},
    )


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
    ),
)
