"""agent_ingroup_info: the in-groups an agent at work takes calls of."""

from collections.abc import AsyncIterator
from html import escape

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer.chooser_page import page
from trunkline.dialer.columns import Column
from trunkline.dialer.command import Answer, Call, Command, Logged, Param, Plain, Result, error, success
from trunkline.dialer.database import Row
from trunkline.dialer.floor_columns import CAMPAIGN_ID
from trunkline.dialer.render import value_text
from trunkline.dialer.sight import sight_of
from trunkline.dialer.tables import Tables

LEAST_NAME, MOST_NAME = 2, 20
INFO, CHANGE, TEXT = "info", "change", "text"
NO_GROUP = "-"

USER_INVALID = error(
    "invalid_user",
    "INVALID USER ID",
    " - {agent_user}|{u}",
    log="{agent_user}",
    status=404,
)
SHOWN = success("shown", "", " - {agent_user}|text", log="{agent_user}|text", named=False)

FIELDS = (
    Column("user", "The agent."),
    CAMPAIGN_ID,
    Column("closer_campaigns", "The in-groups that the agent takes calls of, with blanks between them."),
    Column("outbound_autodial", "Y: calls out come to the agent by themselves."),
    Column("manager_ingroup_set", "Whether a manager has chosen the in-groups."),
    Column("external_igb_set_user", "The manager."),
)


def agent_at_work(t: Tables) -> ClauseElement:
    agents = t["live_agents"]
    return select(
        agents.c.user,
        agents.c.campaign_id,
        agents.c.closer_campaigns,
        agents.c.outbound_autodial,
        agents.c.manager_ingroup_set,
        agents.c.external_igb_set_user,
    ).where(agents.c.user == bindparam("user"))


def campaign_of_agent(t: Tables) -> ClauseElement:
    campaigns = t["campaigns"]
    return select(
        campaigns.c.campaign_allow_inbound, campaigns.c.dial_method, campaigns.c.closer_campaigns
    ).where(campaigns.c.campaign_id == bindparam("campaign_id"))


def in_group_names(t: Tables) -> ClauseElement:
    groups = t["inbound_groups"]
    return select(groups.c.group_id, groups.c.group_name).where(
        groups.c.group_id.in_(bindparam("groups", expanding=True))
    )


async def agent_ingroup_info(call: Call) -> AsyncIterator[Answer]:
    agent = await _agent(call)
    if agent is None:
        yield USER_INVALID()
        return
    facts = _facts(agent)
    if call.arg("stage") == TEXT:
        yield SHOWN(**agent)
        yield Plain("".join(f"{name}: {value}\n" for name, value in facts.items()) + "\n", fields=agent)
        return
    may_change = call.arg("stage") == CHANGE and call.user.get("change_agent_campaign") == "1"
    stage = CHANGE if may_change else INFO
    rows = "\n".join(f"<tr><th>{escape(n)}</th><td>{escape(v)}</td></tr>" for n, v in facts.items())
    body = f"<table>\n{rows}\n</table>" + (await _choice(call, agent) if may_change else "")
    logged = Logged(Result.SUCCESS, "", f"{call.arg('agent_user')}|{stage}")
    title = f"In-groups of agent {value_text(agent['user'])}"
    yield Plain(page(title, body), logged, agent, is_html=True)


async def _agent(call: Call) -> Row | None:
    if not LEAST_NAME <= len(call.arg("agent_user")) <= MOST_NAME:
        return None
    agent = await call.work.one(agent_at_work, user=call.arg("agent_user"))
    if agent is None or not (await sight_of(call)).sees_campaign(value_text(agent["campaign_id"])):
        return None
    return agent


def _facts(agent: Row) -> dict[str, str]:
    return {
        "SELECTED INGROUPS": value_text(agent["closer_campaigns"]),
        "OUTBOUND AUTODIAL": value_text(agent["outbound_autodial"]),
        "MANAGER OVERRIDE": value_text(agent["manager_ingroup_set"]),
        "MANAGER": value_text(agent["external_igb_set_user"]),
    }


async def _choice(call: Call, agent: Row) -> str:
    """The fields of a change; the page around this one sends them."""
    groups = await _groups_to_choose(call, value_text(agent["campaign_id"]))
    selected = value_text(agent["closer_campaigns"]).split()
    options = "\n".join(_option(group, name, group in selected) for group, name in groups.items())
    is_dialing = " checked" if agent["outbound_autodial"] == "Y" else ""
    return (
        f'\n<form data-agent="{escape(value_text(agent["user"]))}">\n'
        f'<select name="ingroup_choices" multiple>\n{options}\n</select>\n'
        '<select name="value"><option>CHANGE</option><option>REMOVE</option><option>ADD</option></select>\n'
        f'<label><input type="checkbox" name="blended"{is_dialing}> Outbound autodial</label>\n'
        "</form>"
    )


def _option(group: str, name: str, is_selected: bool) -> str:
    chosen = " selected" if is_selected else ""
    return f'<option value="{escape(group)}"{chosen}>{escape(group)} - {escape(name)}</option>'


async def _groups_to_choose(call: Call, campaign_id: str) -> dict[str, str]:
    """The in-groups the agent's campaign allows, with their names."""
    campaign = await call.work.one(campaign_of_agent, campaign_id=campaign_id) or {}
    if campaign.get("campaign_allow_inbound") != "Y" or campaign.get("dial_method") == "MANUAL":
        return {}
    groups = [group for group in value_text(campaign["closer_campaigns"]).split() if group != NO_GROUP]
    rows = await call.work.all(in_group_names, groups=tuple(groups)) if groups else []
    names = {str(row["group_id"]): value_text(row["group_name"]) for row in rows}
    return {group: names.get(group, "") for group in groups}


COMMANDS = (
    Command(
        "agent_ingroup_info",
        "Shows the in-groups and the outbound setting of an agent at work.",
        agent_ingroup_info,
        "USER DOES NOT HAVE PERMISSION TO GET AGENT INFO",
        level=7,
        flags=("vdc_agent_api_access",),
        params=(
            Param("agent_user", "The agent.", required=True, least=LEAST_NAME, most=MOST_NAME),
            Param(
                "stage",
                "info shows a page, change a page with the choice of in-groups, text plain lines.",
                choices=(INFO, CHANGE, TEXT),
            ),
        ),
        lines=(USER_INVALID, SHOWN),
        fields=FIELDS,
        tables=("live_agents",),
    ),
)
