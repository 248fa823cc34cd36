"""What stands on the floor before anybody works there: people, campaigns, lists, telephones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.sims.chance import Dice
from trunkline.sims.floor.desks import team_of
from trunkline.sims.floor.hopper import level_of
from trunkline.sims.floor.marks import (
    CALLERS,
    CAMPAIGNS,
    DIDS,
    FIRST_SESSION,
    IN_GROUPS,
    LISTS,
    MARK,
    PROSPECTS,
    SALES,
    SALES_LINE,
    SERVER_ID,
    SERVER_IP,
    SERVICE,
    SUPPORT,
    agent_name,
)
from trunkline.sims.floor.options import FloorOptions
from trunkline.sims.floor.outbound import HOURS, LINES_PER_AGENT
from trunkline.sims.floor.stamps import DAY_SECONDS, local
from trunkline.sims.names import FIRST_NAMES, LAST_NAMES

FIRST_EXTENSION = 7_001
_DID_OF = {group: did for did, group in DIDS.items()}
_NAMES = {SALES: "Floor sales", SERVICE: "Floor service", SALES_LINE: "Sales", SUPPORT: "Support"}
_LIST_NAMES = {PROSPECTS: "Floor prospects", CALLERS: "Floor callers"}


@dataclass(frozen=True)
class StandingRow:
    """A row that is made once.

    `names`: columns that together are nobody else's, one group or more; `mark`: the column that tells ours.
    """

    table: str
    names: tuple[tuple[str, ...], ...]
    mark: str
    values: Mapping[str, Any]


def standing_rows(options: FloorOptions, now: int) -> Iterator[StandingRow]:
    yield _server(options, now)
    yield from (_user_group(group) for group in CAMPAIGNS)
    yield from (_campaign(campaign, options) for campaign in CAMPAIGNS)
    yield from (_in_group(group) for group in IN_GROUPS)
    for list_id, campaign in LISTS.items():
        yield _list(list_id, campaign)
    for agent in range(options.agents):
        yield _user(agent, options.seed)
        yield from _workplace(agent)


def _server(options: FloorOptions, now: int) -> StandingRow:
    values = {
        "server_id": SERVER_ID,
        "server_description": MARK,
        "server_ip": SERVER_IP,
        "active": "Y",
        "local_gmt": _standard_offset(options, now),
        "active_asterisk_server": "N",
        "generate_vicidial_conf": "N",
        "svn_info": "",
    }
    return StandingRow("servers", (("server_id",), ("server_ip",)), "server_description", values)


def _standard_offset(options: FloorOptions, now: int) -> str:
    """Hours from GMT while no summer time is in force."""
    hours = []
    for month in range(12):
        at = local(now + month * 30 * DAY_SECONDS, options.zone)
        away = at.replace(tzinfo=options.zone).utcoffset()
        hours.append(away.total_seconds() / 3_600 if away else 0.0)
    return f"{min(hours):.2f}"


def _user_group(group: str) -> StandingRow:
    values = {
        "user_group": group,
        "group_name": f"{_NAMES[group]}, {MARK}",
        "allowed_campaigns": f" {' '.join(CAMPAIGNS)} -",
        "admin_viewable_groups": f" {' '.join(CAMPAIGNS)} ",
    }
    return StandingRow("user_groups", (("user_group",),), "group_name", values)


def _campaign(campaign: str, options: FloorOptions) -> StandingRow:
    sells = campaign == SALES
    values = {
        "campaign_id": campaign,
        "campaign_name": _NAMES[campaign],
        "campaign_description": MARK,
        "active": "Y",
        "dial_method": "RATIO" if sells else "INBOUND_MAN",
        "auto_dial_level": str(LINES_PER_AGENT) if sells else "0",
        "hopper_level": level_of(options.agents),
        "local_call_time": f"{HOURS.start}am-{HOURS.stop - 12}pm",
        "campaign_allow_inbound": "Y",
        "closer_campaigns": f" {' '.join(IN_GROUPS)} -",
        "campaign_recording": "ALLCALLS",
        "campaign_cid": _DID_OF[SALES_LINE if sells else SUPPORT],
        "user_group": campaign,
    }
    return StandingRow("campaigns", (("campaign_id",),), "campaign_description", values)


def _in_group(group: str) -> StandingRow:
    values = {"group_id": group, "group_name": f"{_NAMES[group]}, {MARK}", "active": "Y"}
    return StandingRow("inbound_groups", (("group_id",),), "group_name", values)


def _list(list_id: int, campaign: str) -> StandingRow:
    values = {
        "list_id": list_id,
        "list_name": _LIST_NAMES[list_id],
        "list_description": MARK,
        "campaign_id": campaign,
        "active": "Y",
    }
    return StandingRow("lists", (("list_id",),), "list_description", values)


def _user(agent: int, seed: int) -> StandingRow:
    """An agent, who has no password and no right, and so cannot sign in anywhere."""
    dice = Dice(seed, "agent", agent)
    values = {
        "user": agent_name(agent),
        "pass": "",
        "full_name": f"{dice.one_of(FIRST_NAMES)} {dice.one_of(LAST_NAMES)}",
        "user_level": 1,
        "user_group": team_of(agent),
        "user_code": MARK,
        "phone_login": agent_name(agent),
        "active": "Y",
        "api_allowed_functions": " ",
    }
    return StandingRow("users", (("user",),), "user_code", values)


def _workplace(agent: int) -> Iterator[StandingRow]:
    """A telephone, a room to talk in, and the agent's place in the campaign."""
    name, session = agent_name(agent), FIRST_SESSION + agent
    phone = {
        "extension": name,
        "dialplan_number": str(FIRST_EXTENSION + agent),
        "voicemail_id": str(FIRST_EXTENSION + agent),
        "server_ip": SERVER_IP,
        "login": name,
        "status": "ACTIVE",
        "active": "Y",
        "phone_type": MARK,
        "fullname": name,
        "protocol": "SIP",
        "template_id": "",
    }
    yield StandingRow("phones", (("extension", "server_ip"), ("login",)), "phone_type", phone)
    room = {"conf_exten": session, "server_ip": SERVER_IP, "extension": f"SIP/{name}"}
    yield StandingRow("conferences", (("conf_exten", "server_ip"),), "server_ip", room)
    place = {"user": name, "campaign_id": team_of(agent)}
    yield StandingRow("campaign_agents", (("user", "campaign_id"),), "user", place)
