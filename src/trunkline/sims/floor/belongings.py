"""Which rows of the tables are the floor's: all that it looks for, and all that goes when it is cleared."""

from dataclasses import dataclass
from typing import Any

from trunkline.sims.floor.marks import (
    CAMPAIGNS,
    IN_GROUPS,
    LISTS,
    MARK,
    SERVER_ID,
    SERVER_IP,
    SOURCE,
    agent_name,
)
from trunkline.sims.floor.options import MOST_AGENTS

Wanted = tuple[tuple[str, tuple[Any, ...]], ...]


@dataclass(frozen=True)
class Belongings:
    """Rows of a table with certain values.

    `of`: a column has a value that another column has in rows of another table. `unless`: a column whose
    value no row of another table may have.
    """

    table: str
    where: Wanted = ()
    of: "tuple[str, str, Belongings] | None" = None
    unless: tuple[tuple[str, str, str], ...] = ()


_USERS = tuple(agent_name(agent) for agent in range(MOST_AGENTS))
_ON_SERVER: Wanted = (("server_ip", (SERVER_IP,)),)
_OF_CAMPAIGNS: Wanted = (("campaign_id", CAMPAIGNS),)
_OF_IN_GROUPS: Wanted = (("campaign_id", IN_GROUPS),)
_NOT_OVER = ("status", ("INCALL", "QUEUE"))
_LEADS = Belongings("list", (("source_id", (SOURCE,)),))


def _of_leads(table: str) -> Belongings:
    return Belongings(table, of=("lead_id", "lead_id", _LEADS))


SERVER = Belongings("servers", (("server_id", (SERVER_ID,)), ("server_description", (MARK,))))
LEADS = Belongings("list", (("list_id", tuple(LISTS)), ("source_id", (SOURCE,))))
PROMISES = Belongings(
    "callbacks", (*_OF_CAMPAIGNS, ("status", ("ACTIVE", "LIVE"))), of=("lead_id", "lead_id", _LEADS)
)

LIVE = (
    Belongings("live_agents", _ON_SERVER),
    Belongings("live_inbound_agents", (("user", _USERS), ("group_id", IN_GROUPS))),
    Belongings("auto_calls", _ON_SERVER),
    Belongings("parked_channels", _ON_SERVER),
    _of_leads("hopper"),
)
"""What is there only while the floor is at work."""

OPEN = (
    *LIVE,
    Belongings("agent_log", of=("agent_log_id", "agent_log_id", LIVE[0])),
    Belongings("log", (*_OF_CAMPAIGNS, _NOT_OVER)),
    Belongings("closer_log", (*_OF_IN_GROUPS, _NOT_OVER)),
    Belongings("recording_log", (*_ON_SERVER, ("end_epoch", (None,)))),
    Belongings("list", (*LEADS.where, _NOT_OVER)),
)
"""What a floor leaves that did not end: whoever goes on begins by settling it."""

EVERYTHING = (
    *LIVE,
    _of_leads("callbacks"),
    _of_leads("callbacks_archive"),
    _of_leads("list_alt_phones"),
    Belongings("log", _OF_CAMPAIGNS),
    Belongings("closer_log", _OF_IN_GROUPS),
    Belongings("log_extended", _ON_SERVER),
    Belongings("did_log", _ON_SERVER),
    Belongings("agent_log", _ON_SERVER),
    Belongings("recording_log", _ON_SERVER),
    _LEADS,
    Belongings("campaign_agents", (("user", _USERS), *_OF_CAMPAIGNS)),
    Belongings("phones", (*_ON_SERVER, ("extension", _USERS), ("phone_type", (MARK,)))),
    Belongings("conferences", _ON_SERVER),
    Belongings("users", (("user", _USERS), ("user_code", (MARK,)))),
    Belongings(
        "lists",
        (("list_id", tuple(LISTS)), ("list_description", (MARK,))),
        None,
        (("list_id", "list", "list_id"),),
    ),
    Belongings(
        "campaigns",
        (*_OF_CAMPAIGNS, ("campaign_description", (MARK,))),
        None,
        (("campaign_id", "lists", "campaign_id"),),
    ),
    Belongings("inbound_groups", (("group_id", IN_GROUPS),)),
    Belongings("user_groups", (("user_group", CAMPAIGNS),), None, (("user_group", "users", "user_group"),)),
    Belongings("servers", SERVER.where, None, (("server_ip", "phones", "server_ip"),)),
)
"""All of it, in the order in which it can go. Rows that something of the operator's hangs on stay."""
