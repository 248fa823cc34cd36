"""user_group_status, in_group_status: the floor right now, in one row."""

from collections.abc import AsyncIterator

from sqlalchemy import ClauseElement, bindparam, case, func, select

from trunkline.dialer.agent_state import TABLES, agents_at_work, agents_of_in_groups, counts
from trunkline.dialer.columns import Column, Holds
from trunkline.dialer.command import Answer, Call, Command, Export, Param, error
from trunkline.dialer.floor_columns import AGENTS_COUNTED, AGENTS_DEAD, AGENTS_DISPO
from trunkline.dialer.reports import FLAGS, HEADER, LEVEL, NAMES_MOST, STAGE, names_of, success
from trunkline.dialer.sight import sight_of
from trunkline.dialer.tables import Tables

GROUPS_INVALID = error(
    "invalid_parameters",
    "INVALID SEARCH PARAMETERS",
    " - {u}|{user_groups}|",
    ": {u}|{user_groups}",
    log="{u}|{user_groups}",
    status=400,
)
IN_GROUPS_INVALID = error(
    "invalid_parameters",
    "INVALID SEARCH PARAMETERS",
    " - {u}|{in_groups}|",
    ": {u}|{in_groups}",
    log="{u}|{in_groups}",
    status=400,
)

GROUPS = Export(
    (
        Column("usergroups", "The user groups asked for, with blanks between them."),
        Column("calls_waiting", "Calls that wait for an agent, of all campaigns in sight.", Holds.INTEGER),
        *AGENTS_COUNTED,
        AGENTS_DEAD,
        AGENTS_DISPO,
    )
)
IN_GROUPS = Export(
    (
        Column("ingroups", "The in-groups asked for, with blanks between them."),
        Column("total_calls", "Calls in these in-groups.", Holds.INTEGER),
        Column("calls_waiting", "Those of them that wait for an agent.", Holds.INTEGER),
        *AGENTS_COUNTED,
        AGENTS_DISPO,
    )
)


def waiting_calls(t: Tables) -> ClauseElement:
    calls = t["auto_calls"]
    return select(func.count().label("count")).select_from(calls).where(calls.c.status == "LIVE")


def waiting_calls_of_campaigns(t: Tables) -> ClauseElement:
    calls = t["auto_calls"]
    return (
        select(func.count().label("count"))
        .select_from(calls)
        .where(calls.c.status == "LIVE", calls.c.campaign_id.in_(bindparam("campaigns", expanding=True)))
    )


def in_groups_named(t: Tables) -> ClauseElement:
    groups = t["inbound_groups"]
    return select(groups.c.group_id, groups.c.user_group).where(
        groups.c.group_id.in_(bindparam("in_groups", expanding=True))
    )


def calls_of_in_groups(t: Tables) -> ClauseElement:
    calls = t["auto_calls"]
    return (
        select(
            func.count().label("total"),
            func.coalesce(func.sum(case((calls.c.status == "LIVE", 1), else_=0)), 0).label("waiting"),
        )
        .select_from(calls)
        .where(calls.c.campaign_id.in_(bindparam("in_groups", expanding=True)))
    )


async def user_group_status(call: Call) -> AsyncIterator[Answer]:
    text = call.arg("user_groups")
    names = names_of(text)
    if not 1 <= len(text) <= NAMES_MOST:
        yield GROUPS_INVALID()
        return
    sight = await sight_of(call)
    wanted = {name.casefold() for name in names if sight.sees_group(name)}
    agents = [
        agent
        for agent in await call.work.all(agents_at_work)
        if str(agent["user_group"] or "").casefold() in wanted
    ]
    found = counts(agents, tells_dead=True)
    row = {
        "usergroups": " ".join(text.split("|")),
        "calls_waiting": await _calls_waiting(call),
        "agents_logged_in": len(agents),
        **found,
    }
    yield GROUPS.table([row], lambda _: success(call, f"AGENTS FOUND: {len(agents)}", text))


async def _calls_waiting(call: Call) -> int:
    campaigns = (await sight_of(call)).campaigns
    if campaigns is None:
        row = await call.work.one(waiting_calls)
    else:
        row = await call.work.one(waiting_calls_of_campaigns, campaigns=tuple(campaigns) or ("",))
    return int((row or {"count": 0})["count"])


async def in_group_status(call: Call) -> AsyncIterator[Answer]:
    text = call.arg("in_groups")
    if not text and call.is_documented:
        # The page's own example sends the in-groups under this name.
        text = call.arg("user_groups")
    if not 1 <= len(text) <= NAMES_MOST:
        yield IN_GROUPS_INVALID()
        return
    groups = await _in_groups_in_sight(call, names_of(text))
    calls = await call.work.one(calls_of_in_groups, in_groups=groups) or {"total": 0, "waiting": 0}
    agents = await call.work.all(agents_of_in_groups, in_groups=groups)
    found = counts(agents, tells_dead=False)
    row = {
        "ingroups": " ".join(text.split("|")),
        "total_calls": calls["total"],
        "calls_waiting": int(calls["waiting"]),
        "agents_logged_in": len(agents),
        **found,
    }
    yield IN_GROUPS.table([row], lambda _: success(call, f"CALLS FOUND: {len(agents)}", text))


async def _in_groups_in_sight(call: Call, names: tuple[str, ...]) -> tuple[str, ...]:
    """The in-groups that there are and that the user may see; one name that is none where there are none."""
    sight = await sight_of(call)
    found = await call.work.all(in_groups_named, in_groups=names or ("",))
    seen = tuple(str(row["group_id"]) for row in found if sight.sees_group(str(row["user_group"] or "")))
    return seen or ("",)


COMMANDS = (
    Command(
        "user_group_status",
        "Shows in one row what the agents of one or more user groups do right now.",
        user_group_status,
        "USER DOES NOT HAVE PERMISSION TO GET USER GROUP INFO",
        level=LEVEL,
        flags=FLAGS,
        params=(
            Param(
                "user_groups",
                "User groups, with bars between them.",
                required=True,
                least=1,
                most=NAMES_MOST,
            ),
            STAGE,
            HEADER,
        ),
        lines=(GROUPS_INVALID,),
        exports=(GROUPS,),
        tables=TABLES,
    ),
    Command(
        "in_group_status",
        "Shows in one row the calls and agents of one or more in-groups right now.",
        in_group_status,
        "USER DOES NOT HAVE PERMISSION TO GET IN-GROUP INFO",
        level=LEVEL,
        flags=FLAGS,
        params=(
            Param("in_groups", "In-groups, with bars between them.", required=True, least=1, most=NAMES_MOST),
            STAGE,
            HEADER,
        ),
        lines=(IN_GROUPS_INVALID,),
        exports=(IN_GROUPS,),
        tables=(*TABLES, "inbound_groups", "live_inbound_agents"),
    ),
)
