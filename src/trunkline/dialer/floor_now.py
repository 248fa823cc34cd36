"""The floor at one moment: the agents at work, the calls that wait, and the sums of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ClauseElement, bindparam, func, select

from trunkline.clock import Clock
from trunkline.dialer.agent_state import Doing, agents_with_times, doing, sub_status
from trunkline.dialer.database import Database, Row
from trunkline.dialer.tables import Tables

NEEDED = "logged_in_agents"
"""A function that reads the same tables: where it is switched off, there is no floor to see."""
WAITS, RINGS = "LIVE", ("SENT", "RINGING")
_STATES: Mapping[Doing | None, str] = {
    Doing.DEAD: "caller gone",
    Doing.IN_CALL: "in call",
    Doing.DISPO: "wrapping up",
    Doing.PAUSED: "paused",
    Doing.WAITING: "ready",
    None: "at work",
}
_ORDER = tuple(_STATES)
"""Whom one looks for first."""


@dataclass(frozen=True)
class AgentNow:
    user: str
    name: str
    group: str
    campaign: str
    state: str
    more: str
    """What the agent is doing more exactly, such as RING; empty where there is nothing more to say."""
    since: datetime | None
    calls_today: int
    pause_code: str


@dataclass(frozen=True)
class QueueNow:
    """Calls that wait for an agent, by in-group or campaign. `oldest`: since when the first one waits."""

    id: str
    name: str
    calls: int
    oldest: datetime | None


@dataclass(frozen=True)
class FloorNow:
    at: datetime
    agents: tuple[AgentNow, ...]
    queues: tuple[QueueNow, ...]
    states: Mapping[str, int]
    """How many agents are in which state."""
    waiting: int
    ringing: int
    calls_today: int


def calls_by_queue(t: Tables) -> ClauseElement:
    calls = t["auto_calls"].c
    return (
        select(
            calls.campaign_id,
            calls.status,
            func.count().label("calls"),
            func.min(calls.call_time).label("oldest"),
        )
        .where(calls.status.in_(bindparam("statuses", expanding=True)))
        .group_by(calls.campaign_id, calls.status)
        .order_by(calls.campaign_id)
    )


def names_of_campaigns(t: Tables) -> ClauseElement:
    campaigns = t["campaigns"].c
    return select(campaigns.campaign_id.label("id"), campaigns.campaign_name.label("name")).where(
        campaigns.campaign_id.in_(bindparam("ids", expanding=True))
    )


def names_of_in_groups(t: Tables) -> ClauseElement:
    groups = t["inbound_groups"].c
    return select(groups.group_id.label("id"), groups.group_name.label("name")).where(
        groups.group_id.in_(bindparam("ids", expanding=True))
    )


@dataclass(frozen=True)
class FloorReader:
    """Reads the floor. `with_in_groups`: whether the dialer has a table of them."""

    database: Database
    clock: Clock
    zone: ZoneInfo
    with_in_groups: bool = True

    async def read(self) -> FloorNow:
        async with self.database.work() as work:
            agents = [self._agent(row) for row in await work.all(agents_with_times)]
            calls = await work.all(calls_by_queue, statuses=(WAITS, *RINGS))
            waiting = [row for row in calls if row["status"] == WAITS]
            ids = tuple(str(row["campaign_id"] or "") for row in waiting) or ("",)
            names = {
                str(row["id"]): str(row["name"] or "") for row in await work.all(names_of_campaigns, ids=ids)
            }
            if self.with_in_groups:
                found = await work.all(names_of_in_groups, ids=ids)
                names |= {str(row["id"]): str(row["name"] or "") for row in found}
        queues = [self._queue(row, names) for row in waiting]
        states = [agent.state for agent in agents]
        return FloorNow(
            self.clock.now(),
            tuple(sorted(agents, key=_place)),
            tuple(sorted(queues, key=lambda queue: (-queue.calls, queue.id))),
            {state: states.count(state) for state in _STATES.values() if state in states},
            sum(queue.calls for queue in queues),
            sum(int(row["calls"]) for row in calls if row["status"] in RINGS),
            sum(agent.calls_today for agent in agents),
        )

    def _agent(self, row: Row) -> AgentNow:
        state = doing(row, tells_dead=True)
        return AgentNow(
            str(row["user"] or ""),
            str(row["full_name"] or ""),
            str(row["user_group"] or ""),
            str(row["campaign_id"] or ""),
            _STATES[state],
            str(sub_status(row)),
            self._instant(row["last_state_change"] or row["last_call_time"]),
            int(row["calls_today"] or 0),
            str(row["pause_code"] or "") if state is Doing.PAUSED else "",
        )

    def _queue(self, row: Row, names: Mapping[str, str]) -> QueueNow:
        queue = str(row["campaign_id"] or "")
        return QueueNow(queue, names.get(queue, ""), int(row["calls"]), self._instant(row["oldest"]))

    def _instant(self, value: Any) -> datetime | None:
        """A time of the dialer, which has no zone."""
        try:
            local = datetime.fromisoformat(str(value)) if value else None
        except ValueError:  # such as 0000-00-00 00:00:00
            return None
        return local.replace(tzinfo=self.zone) if local else None


def _place(agent: AgentNow) -> tuple[int, str, str]:
    order = [_STATES[one] for one in _ORDER]
    return order.index(agent.state), agent.campaign, agent.user
