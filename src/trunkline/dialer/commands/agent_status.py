"""agent_status: what one agent is doing right now."""

from collections.abc import AsyncIterator

from trunkline.dialer.agent_state import TABLES, agent_named, lead_in_hand, sub_status
from trunkline.dialer.columns import Column
from trunkline.dialer.command import Answer, Call, Command, Export, Param, error
from trunkline.dialer.floor_columns import (
    CALLS_TODAY,
    CAMPAIGN_ID,
    FULL_NAME,
    LEAD_ID,
    PAUSE_CODE,
    SESSION_ID,
    SUB_STATUS_MEANING,
    USER_GROUP,
    USER_LEVEL,
)
from trunkline.dialer.reports import FLAGS, HEADER, LEVEL, STAGE, text_logged
from trunkline.dialer.sight import sight_of

AGENT_LEAST, AGENT_MOST = 2, 20
STATUS = Export(
    (
        Column("status", "What the agent is doing: READY, QUEUE, INCALL, PAUSED, CLOSER or MQUEUE."),
        Column("call_id", "The id of the agent's call."),
        LEAD_ID,
        CAMPAIGN_ID,
        CALLS_TODAY,
        FULL_NAME,
        USER_GROUP,
        USER_LEVEL,
        PAUSE_CODE,
        Column("real_time_sub_status", SUB_STATUS_MEANING),
        Column("phone_number", "The number of the call, else that of the lead."),
        Column("vendor_lead_code", "The lead's id with its vendor."),
        SESSION_ID,
    ),
    # Today's clients get thirteen values under eight names.
    original_header=(
        "status",
        "callerid",
        "lead_id",
        "campaign_id",
        "calls_today",
        "full_name",
        "user_group",
        "user_level",
    ),
)

SHAPES = (" - {u}|{agent_user}|", ": {u}|{agent_user}")
LOG = "{u}|{agent_user}"
INVALID = error("invalid_parameters", "INVALID SEARCH PARAMETERS", *SHAPES, log=LOG, status=400)
NOT_FOUND = error("agent_not_found", "AGENT NOT FOUND", *SHAPES, log=LOG, status=404)
NOT_LOGGED_IN = error("agent_not_logged_in", "AGENT NOT LOGGED IN", *SHAPES, log=LOG, status=409)


async def agent_status(call: Call) -> AsyncIterator[Answer]:
    user = call.arg("agent_user")
    if not AGENT_LEAST <= len(user) <= AGENT_MOST:
        yield INVALID()
        return
    agent = await call.work.one(agent_named, user=user)
    sight = await sight_of(call)
    if agent is None or not sight.sees_group(str(agent["user_group"] or "")):
        yield NOT_FOUND()
        return
    if agent["live_agent_id"] is None:
        yield NOT_LOGGED_IN()
        return
    row = agent | {
        "call_id": agent["callerid"],
        "lead_id": lead_in_hand(agent),
        "real_time_sub_status": sub_status(agent),
    }
    yield STATUS.table([row], text_logged=text_logged(call, user))


COMMANDS = (
    Command(
        "agent_status",
        "Shows what one agent is doing right now.",
        agent_status,
        "USER DOES NOT HAVE PERMISSION TO GET AGENT INFO",
        level=LEVEL,
        flags=FLAGS,
        params=(
            Param("agent_user", "The agent.", required=True, least=AGENT_LEAST, most=AGENT_MOST),
            STAGE,
            HEADER,
        ),
        lines=(INVALID, NOT_FOUND, NOT_LOGGED_IN),
        exports=(STATUS,),
        tables=TABLES,
    ),
)
