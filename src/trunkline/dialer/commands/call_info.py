"""callid_info: a call by its call id."""

import re
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import ClauseElement, Select, and_, bindparam, func, select

from trunkline.dialer.columns import Column, Holds
from trunkline.dialer.command import Answer, Call, Command, Export, Param, error
from trunkline.dialer.reports import FLAGS, HEADER, LEVEL, STAGE, text_logged
from trunkline.dialer.tables import Tables

_ORIGINAL_ID = re.compile(r"(?:Y|J|V|M|DC|S|LP|VH|XL).{0,38}\Z")
_INBOUND = ("Y", "J", "LP", "VH")
LENGTHS, ORIGINAL_LENGTHS = (16, 40), (18, 39)

CALL = Export(
    (
        Column("call_id", "The call id asked for."),
        Column("custtime", "How long the customer talked, in seconds.", Holds.INTEGER),
    )
)
CALL_DATE = Column("call_date", "When the call began.", Holds.TIME)
PHONE = Column("phone", "The number of the call.")
OF_CALL = (
    Column("campaign_id", "The campaign or in-group of the call."),
    Column("list_id", "The list of the lead.", Holds.INTEGER),
    Column("status", "The status that the call ended with."),
    Column("user", "The agent."),
)
DETAIL = Export(
    (*CALL.columns, CALL_DATE, *OF_CALL, PHONE),
    original=(
        *CALL.columns,
        CALL_DATE,
        PHONE,
        Column("call_type", "INBOUND, OUTBOUND_AUTO, OUTBOUND_MANUAL or OUTBOUND_OTHER."),
        *OF_CALL,
    ),
    when="detail=YES",
)

INVALID = error(
    "invalid_parameters",
    "INVALID SEARCH PARAMETERS",
    " - {u}|{call_id}|",
    ": {u}|{call_id}",
    log="{u}|{call_id}",
    status=400,
)
NOT_FOUND = error("call_not_found", "CALL NOT FOUND", " - {u}|{call_id}|", ": {u}|", log="{u}|", status=404)
LOG_NOT_FOUND = error(
    "call_log_not_found", "CALL LOG NOT FOUND", " - {u}|{call_id}|", ": {u}|", log="{u}|", status=404
)


def call_out(t: Tables) -> ClauseElement:
    """A call by its id: as placed, as logged, and the agent's seconds with it."""
    placed, log = t["log_extended"], t["log"]
    return _call(t, log, and_(log.c.uniqueid == placed.c.uniqueid, log.c.lead_id == placed.c.lead_id))


def call_in(t: Tables) -> ClauseElement:
    placed, log = t["log_extended"], t["closer_log"]
    return _call(
        t,
        log,
        and_(
            log.c.uniqueid == placed.c.uniqueid,
            log.c.lead_id == placed.c.lead_id,
            log.c.call_date == placed.c.call_date,
        ),
    )


def _call(t: Tables, log: Any, is_same: Any) -> Select[Any]:
    placed, agents = t["log_extended"], t["agent_log"]
    is_agents = and_(
        agents.c.lead_id == log.c.lead_id,
        agents.c.uniqueid == log.c.uniqueid,
        agents.c.user == log.c.user,
    )
    seconds = func.coalesce(agents.c.talk_sec, 0) - func.coalesce(agents.c.dead_sec, 0)
    return (
        select(
            log.c.uniqueid.label("logged"),
            seconds.label("custtime"),
            log.c.call_date,
            log.c.campaign_id,
            log.c.list_id,
            log.c.status,
            log.c.user,
            log.c.phone_number.label("phone"),
        )
        .select_from(placed.outerjoin(log, is_same).outerjoin(agents, is_agents))
        .where(placed.c.caller_code == bindparam("call_id"))
        .order_by(log.c.uniqueid.is_(None), placed.c.call_date.desc(), agents.c.agent_log_id.desc())
        .limit(1)
    )


async def callid_info(call: Call) -> AsyncIterator[Answer]:
    call_id = call.arg("call_id")
    if not _is_valid(call, call_id):
        yield INVALID()
        return
    found = await call.work.one(call_in if call_id.startswith(_INBOUND) else call_out, call_id=call_id)
    if found is None:
        yield NOT_FOUND()
        return
    if found["logged"] is None:
        yield LOG_NOT_FOUND()
        return
    is_detailed = call.arg("detail") == "YES"
    shown = DETAIL if is_detailed else CALL
    row = found | {"call_id": call_id, "call_type": call_type(call_id)}
    yield shown.table([row], text_logged=text_logged(call, call_id))


def _is_valid(call: Call, call_id: str) -> bool:
    least, most = LENGTHS if call.is_documented else ORIGINAL_LENGTHS
    is_known = call.is_documented or _ORIGINAL_ID.match(call_id) is not None
    return least <= len(call_id) <= most and is_known


def call_type(call_id: str) -> str:
    if call_id.startswith(_INBOUND):
        return "INBOUND"
    return {"V": "OUTBOUND_AUTO", "M": "OUTBOUND_MANUAL"}.get(call_id[0], "OUTBOUND_OTHER")


COMMANDS = (
    Command(
        "callid_info",
        "Shows a call and how long the customer talked.",
        callid_info,
        "USER DOES NOT HAVE PERMISSION TO GET CALL INFO",
        level=LEVEL,
        flags=FLAGS,
        params=(
            Param("call_id", "The call id.", required=True, least=LENGTHS[0], most=LENGTHS[1]),
            Param("detail", "YES shows more of the call.", choices=("YES", "NO")),
            STAGE,
            HEADER,
        ),
        lines=(INVALID, NOT_FOUND, LOG_NOT_FOUND),
        exports=(CALL, DETAIL),
        tables=("log_extended", "log", "closer_log", "agent_log"),
    ),
)
