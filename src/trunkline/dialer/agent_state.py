"""What an agent at work is doing right now: one row an agent, and the rules that name its state.

The reports of the floor and those of one agent go by the same rules, so they never tell two stories.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import ClauseElement, Select, String, and_, bindparam, case, cast, exists, func, select

from trunkline.dialer.database import Row
from trunkline.dialer.keeping import asked_again
from trunkline.dialer.tables import Tables

TABLES = ("live_agents", "agent_log", "auto_calls", "parked_channels", "live_chats", "chat_log")
"""What these statements read besides users and leads."""
RING_CALLERID_LEAST = 19
SHARING_LEAST = 2
LEFT_CHAT = "has left chat"
EMAIL, CHAT = "EMAIL", "CHAT"


class SubStatus(StrEnum):
    NONE = ""
    RING = "RING"
    DISPO = "DISPO"
    PREVIEW = "PREVIEW"
    THREE_WAY = "3-WAY"
    PARK = "PARK"
    DEAD = "DEAD"


class Doing(StrEnum):
    """What an agent counts as in the reports of the floor."""

    IN_CALL = "agents_in_calls"
    WAITING = "agents_waiting"
    PAUSED = "agents_paused"
    DEAD = "agents_in_dead_calls"
    DISPO = "agents_in_dispo"


_DOING = {
    "INCALL": Doing.IN_CALL,
    "QUEUE": Doing.IN_CALL,
    "PARK": Doing.IN_CALL,
    "READY": Doing.WAITING,
    "CLOSER": Doing.WAITING,
    "PAUSED": Doing.PAUSED,
}


def agents_at_work(t: Tables) -> ClauseElement:
    return _at_work(t).order_by(t["live_agents"].c.live_agent_id)


def agents_with_times(t: Tables) -> ClauseElement:
    """The same with the time since when each is in its state."""
    live = t["live_agents"].c
    return _at_work(t).add_columns(live.last_state_change, live.last_call_time).order_by(live.live_agent_id)


def agents_of_in_groups(t: Tables) -> ClauseElement:
    """The agents at work that take calls of some in-groups, each of them once."""
    inbound, live = t["live_inbound_agents"], t["live_agents"]
    takers = select(inbound.c.user).where(inbound.c.group_id.in_(bindparam("in_groups", expanding=True)))
    return _at_work(t).where(live.c.user.in_(takers)).order_by(live.c.live_agent_id)


@asked_again("users", "list", *TABLES)
def agent_named(t: Tables) -> ClauseElement:
    """A user, and at work (`live_agent_id` is there) also the lead and number in hand."""
    live, users, leads, calls = t["live_agents"], t["users"], t["list"], t["auto_calls"]
    number_of_call = (
        select(calls.c.phone_number)
        .where(calls.c.callerid == live.c.callerid, live.c.callerid != "")
        .limit(1)
        .scalar_subquery()
    )
    number = func.coalesce(func.nullif(number_of_call, ""), leads.c.phone_number)
    return (
        select(*_columns(t), number.label("phone_number"), leads.c.vendor_lead_code)
        .select_from(
            users.outerjoin(live, live.c.user == users.c.user)
            .outerjoin(t["agent_log"], t["agent_log"].c.agent_log_id == live.c.agent_log_id)
            .outerjoin(leads, leads.c.lead_id == _lead_shown(live))
        )
        .where(users.c.user == bindparam("user"))
        .order_by(live.c.live_agent_id)
        .limit(1)
    )


def _at_work(t: Tables) -> Select[Any]:
    live, users, log = t["live_agents"], t["users"], t["agent_log"]
    return select(*_columns(t)).select_from(
        live.outerjoin(users, users.c.user == live.c.user).outerjoin(
            log, log.c.agent_log_id == live.c.agent_log_id
        )
    )


def _columns(t: Tables) -> list[Any]:
    live, users = t["live_agents"].c, t["users"].c
    return [
        live.live_agent_id,
        func.coalesce(live.user, users.user).label("user"),
        live.campaign_id,
        live.conf_exten.label("session_id"),
        live.status,
        live.lead_id,
        live.preview_lead_id,
        live.callerid,
        live.calls_today,
        live.comments,
        live.on_hook_agent,
        live.ring_callerid,
        users.full_name,
        users.user_group,
        users.user_level,
        t["agent_log"].c.sub_status.label("pause_code"),
        _is_called(t).label("is_called"),
        _is_parked(t).label("is_parked"),
        _has_left_chat(t).label("has_left_chat"),
        _sharing(t).label("sharing"),
    ]


def _lead_shown(live: Any) -> Any:
    preview = and_(live.c.status == "PAUSED", live.c.preview_lead_id > 0)
    return case((preview, live.c.preview_lead_id), else_=live.c.lead_id)


def _is_called(t: Tables) -> Any:
    """Whether the agent's call is among the calls; without a call of its own, whether there is any call."""
    calls, live = t["auto_calls"], t["live_agents"]
    any_call = exists(select(calls.c.auto_call_id).correlate(None))
    this_call = exists(select(calls.c.auto_call_id).where(calls.c.callerid == live.c.callerid))
    return case((func.coalesce(live.c.callerid, "") == "", any_call), else_=this_call)


def _is_parked(t: Tables) -> Any:
    parked, live = t["parked_channels"], t["live_agents"]
    return exists(
        select(parked.c.channel).where(parked.c.channel_group == live.c.callerid, live.c.callerid != "")
    )


def _has_left_chat(t: Tables) -> Any:
    chats, lines, live = t["live_chats"], t["chat_log"], t["live_agents"]
    return exists(
        select(lines.c.message_row_id).where(
            live.c.comments == CHAT,
            chats.c.chat_creator == live.c.user,
            chats.c.lead_id == live.c.lead_id,
            lines.c.chat_id == cast(chats.c.chat_id, String(20)),
            lines.c.message.endswith(LEFT_CHAT),
        )
    )


def _sharing(t: Tables) -> Any:
    """How many agents are in a call with the same lead."""
    live = t["live_agents"]
    others = live.alias("others")
    return (
        select(func.count())
        .select_from(others)
        .where(others.c.lead_id == live.c.lead_id, others.c.status == "INCALL", live.c.lead_id > 0)
        .scalar_subquery()
    )


def _has(row: Row, name: str) -> bool:
    return int(row[name] or 0) > 0


def is_ringing(agent: Row) -> bool:
    return agent["on_hook_agent"] == "Y" and len(agent["ring_callerid"] or "") >= RING_CALLERID_LEAST


def is_dispo(agent: Row) -> bool:
    """The call is over, and the agent still has its lead."""
    return agent["status"] in ("PAUSED", "READY") and _has(agent, "lead_id")


def is_preview(agent: Row) -> bool:
    return agent["status"] == "PAUSED" and _has(agent, "preview_lead_id")


def is_three_way(agent: Row) -> bool:
    return agent["status"] == "INCALL" and int(agent["sharing"] or 0) >= SHARING_LEAST


def is_parked(agent: Row) -> bool:
    return agent["status"] == "INCALL" and bool(agent["is_parked"])


def is_dead(agent: Row) -> bool:
    """The agent is in a call whose other side is gone."""
    if agent["status"] != "INCALL" or agent["is_parked"]:
        return False
    match (agent["comments"] or "").upper():
        case "EMAIL":
            return False
        case "CHAT":
            return bool(agent["has_left_chat"])
        case _:
            return not agent["is_called"]


_RULES: tuple[tuple[SubStatus, Callable[[Row], bool]], ...] = (
    (SubStatus.RING, is_ringing),
    (SubStatus.DISPO, is_dispo),
    (SubStatus.PREVIEW, is_preview),
    (SubStatus.THREE_WAY, is_three_way),
    (SubStatus.PARK, is_parked),
    (SubStatus.DEAD, is_dead),
)


def sub_status(agent: Row) -> SubStatus:
    """The last rule that fits names the state."""
    return next((name for name, fits in reversed(_RULES) if fits(agent)), SubStatus.NONE)


def lead_in_hand(agent: Row) -> int | None:
    """The lead that the agent works on: in a preview, that one."""
    lead: int | None = agent["preview_lead_id"] if is_preview(agent) else agent["lead_id"]
    return lead


def doing(agent: Row, *, tells_dead: bool) -> Doing | None:
    if is_dispo(agent):
        return Doing.DISPO
    if tells_dead and is_dead(agent):
        return Doing.DEAD
    return _DOING.get(agent["status"])


def counts(agents: Iterable[Row], *, tells_dead: bool) -> dict[str, int]:
    """How many agents do what, by the names of the reports' columns."""
    found = dict.fromkeys([str(each) for each in Doing], 0)
    for agent in agents:
        state = doing(agent, tells_dead=tells_dead)
        if state is not None:
            found[state] += 1
    return found
