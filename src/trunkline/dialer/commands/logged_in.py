"""logged_in_agents: the agents at work that the user may see."""

from collections.abc import AsyncIterator

from trunkline.dialer.agent_state import TABLES, agents_at_work, lead_in_hand, sub_status
from trunkline.dialer.columns import Column
from trunkline.dialer.command import Answer, Call, Command, Export, Param, error
from trunkline.dialer.database import Row
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
from trunkline.dialer.reports import FLAGS, HEADER, LEVEL, NAMES_MOST, STAGE, names_of, text_logged
from trunkline.dialer.sight import sight_of

AGENTS = Export(
    (
        Column("user", "The agent."),
        CAMPAIGN_ID,
        SESSION_ID,
        Column("status", "What the agent is doing: READY, QUEUE, INCALL, PAUSED, CLOSER or MQUEUE."),
        LEAD_ID,
        Column("callerid", "The id of the agent's call."),
        CALLS_TODAY,
        FULL_NAME,
        USER_GROUP,
        USER_LEVEL,
    )
)
WITH_SUB_STATUS = Export(
    (*AGENTS.columns, PAUSE_CODE, Column("sub_status", SUB_STATUS_MEANING)), when="show_sub_status=YES"
)

NOBODY = error("no_agents", "NO LOGGED IN AGENTS", "", ": {u}|", log="{u}|", status=404)


async def logged_in_agents(call: Call) -> AsyncIterator[Answer]:
    agents = await _agents_in_sight(call)
    if not agents:
        yield NOBODY()
        return
    logged = text_logged(call, str(len(agents)))
    if call.arg("show_sub_status") != "YES":
        yield AGENTS.table(agents, text_logged=logged)
        return
    rows = [agent | {"lead_id": lead_in_hand(agent), "sub_status": sub_status(agent)} for agent in agents]
    yield WITH_SUB_STATUS.table(rows, text_logged=logged)


async def _agents_in_sight(call: Call) -> list[Row]:
    sight = await sight_of(call)
    campaigns, groups = _wanted(call, "campaigns"), _wanted(call, "user_groups")

    def is_wanted(agent: Row) -> bool:
        campaign, group = str(agent["campaign_id"] or ""), str(agent["user_group"] or "")
        return (
            sight.sees_campaign(campaign)
            and sight.sees_group(group)
            and (campaigns is None or campaign.casefold() in campaigns)
            and (groups is None or group.casefold() in groups)
        )

    return [agent for agent in await call.work.all(agents_at_work) if is_wanted(agent)]


def _wanted(call: Call, name: str) -> frozenset[str] | None:
    """The names asked for; None: all."""
    names = names_of(call.arg(name))
    return frozenset(each.casefold() for each in names) if names else None


COMMANDS = (
    Command(
        "logged_in_agents",
        "Lists the agents at work.",
        logged_in_agents,
        "USER DOES NOT HAVE PERMISSION TO GET AGENT INFO",
        level=LEVEL,
        flags=FLAGS,
        params=(
            Param("campaigns", "Only these campaigns, with bars between them.", most=NAMES_MOST),
            Param("user_groups", "Only these user groups, with bars between them.", most=NAMES_MOST),
            Param(
                "show_sub_status",
                "YES shows the pause code and what the agent is doing more exactly.",
                choices=("YES", "NO"),
            ),
            STAGE,
            HEADER,
        ),
        lines=(NOBODY,),
        exports=(AGENTS, WITH_SUB_STATUS),
        tables=TABLES,
    ),
)
