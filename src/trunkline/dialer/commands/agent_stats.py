"""agent_stats_export: what each agent did in a stretch of time."""

from collections.abc import AsyncIterator, Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, Integer, Select, bindparam, case, cast, func, select

from trunkline.dialer.columns import Column, Holds
from trunkline.dialer.command import Answer, Call, Command, Dialect, Export, Param, error
from trunkline.dialer.database import Row
from trunkline.dialer.floor_columns import FULL_NAME, USER_GROUP
from trunkline.dialer.reports import FLAGS, HEADER, LEVEL, STAGE, success, time_asked
from trunkline.dialer.tables import Tables

MOST = 10_000_000
"""The rows of the agents' log that one export looks at."""
TIME_SIZE, AGENT_MOST = 19, 20
SUMMED = ("pause", "wait", "talk", "dispo", "dead")
READ = ("agent_log_id", "user", "lead_id", "sub_status", *(f"{name}_sec" for name in SUMMED))
_COLUMNS = (
    Column("user", "The agent."),
    FULL_NAME,
    USER_GROUP,
    Column("calls", "Calls with a lead.", Holds.INTEGER),
    Column("login_time", "How long the agent was at work.", Holds.LENGTH),
    Column("total_talk_time", "All talk, without the time after the caller was gone.", Holds.LENGTH),
    Column("avg_talk_time", "total_talk_time by calls.", Holds.LENGTH),
    Column("avg_wait_time", "total_wait_time by calls.", Holds.LENGTH),
    Column("pct_of_queue", "The agent's share of the calls of all agents shown.", Holds.PERCENT),
    Column("pause_time", "All pauses, in seconds whatever the form of times.", Holds.INTEGER),
    Column("sessions", "How often the agent began to work; at least 1.", Holds.INTEGER),
    Column("avg_session", "login_time by sessions.", Holds.LENGTH),
    Column("pauses", "How many pauses there were.", Holds.INTEGER),
    Column("avg_pause_time", "pause_time by pauses.", Holds.LENGTH),
    Column("pause_pct", "The share of the pauses in login_time; 100% without pauses.", Holds.PERCENT),
    Column("pauses_per_session", "pauses by sessions, rounded.", Holds.INTEGER),
    Column("total_wait_time", "All waiting for calls.", Holds.LENGTH),
)
# Today's clients get seventeen values under sixteen names.
STATISTICS = Export(_COLUMNS, original_header=tuple(column.name for column in _COLUMNS[:-1]))

DATA = "{u}|{agent_user}|{datetime_start}|{datetime_end}"
INVALID = error(
    "invalid_parameters", "INVALID SEARCH PARAMETERS", f" - {DATA}", f": {DATA}", log=DATA, status=400
)
NOT_FOUND = error(
    "records_not_found",
    "NO RECORDS FOUND",
    f" - {DATA}",
    " - {u}|{agent_user}||",
    log="{u}|{agent_user}||",
    status=404,
)


@cache
def activity(of_one_agent: bool) -> Callable[[Tables], ClauseElement]:
    """The sums of each agent's log, with the first and the last pause of it."""

    def statement(t: Tables) -> ClauseElement:
        log, users = t["agent_log"], t["users"]
        sums = _sums(t, of_one_agent).subquery("sums")
        first, last = log.alias("first"), log.alias("last")
        return (
            select(
                *sums.c,
                users.c.full_name,
                users.c.user_group,
                first.c.pause_epoch.label("first_pause"),
                last.c.pause_epoch.label("last_pause"),
                _seconds(last).label("last_seconds"),
            )
            .select_from(
                sums.join(first, first.c.agent_log_id == sums.c.first_id)
                .join(last, last.c.agent_log_id == sums.c.last_id)
                .outerjoin(users, users.c.user == sums.c.user)
            )
            .order_by(sums.c.user)
        )

    return statement


def _sums(t: Tables, of_one_agent: bool) -> Select[Any]:
    log = t["agent_log"]
    period = log.c.event_time.between(bindparam("first"), bindparam("last"))
    agent = (log.c.user == bindparam("user"),) if of_one_agent else ()
    rows = select(*(log.c[name] for name in READ)).where(period, *agent).limit(MOST).subquery("stretch")
    return select(
        rows.c.user,
        _count(rows.c.lead_id > 0).label("calls"),
        _count(rows.c.sub_status.contains("LOGIN")).label("logins"),
        _count(rows.c.pause_sec > -1).label("pauses"),
        *(_sum(rows.c[f"{name}_sec"]).label(name) for name in SUMMED),
        func.min(rows.c.agent_log_id).label("first_id"),
        func.max(rows.c.agent_log_id).label("last_id"),
    ).group_by(rows.c.user)


def _sum(column: Any) -> Any:
    return cast(func.coalesce(func.sum(column), 0), Integer)


def _count(condition: Any) -> Any:
    return cast(func.coalesce(func.sum(case((condition, 1), else_=0)), 0), Integer)


def _seconds(row: Any) -> Any:
    return sum(
        (func.coalesce(row.c[f"{name}_sec"], 0) for name in ("wait", "talk", "dispo")),
        func.coalesce(row.c.pause_sec, 0),
    )


async def agent_stats_export(call: Call) -> AsyncIterator[Answer]:
    first, last, agent = call.arg("datetime_start"), call.arg("datetime_end"), call.arg("agent_user")
    if len(first) != TIME_SIZE or len(last) != TIME_SIZE:
        yield INVALID()
        return
    of_one_agent = 0 < len(agent) <= AGENT_MOST
    period = {"first": time_asked(first), "last": time_asked(last)}
    agents = await call.work.all(activity(of_one_agent), **period, user=agent)
    if not agents:
        yield NOT_FOUND()
        return
    all_calls = sum(row["calls"] for row in agents)
    yield STATISTICS.table(
        _stats(agents, all_calls, *_forms(call)),
        lambda count: success(call, f"RECORDS FOUND: {count}", agent, first, last),
    )


def _forms(call: Call) -> tuple[Callable[[int], Any], Callable[[Decimal], Any]]:
    """How lengths of time and percents are shown; JSON has both as numbers."""
    if call.dialect is Dialect.JSON:
        return int, float
    return TIME_FORMATS.get(call.arg("time_format"), hours), percent


def _stats(
    agents: Iterable[Row], all_calls: int, shown: Callable[[int], Any], share: Callable[[Decimal], Any]
) -> Iterable[Row]:
    for row in agents:
        calls, pauses, sessions = row["calls"], row["pauses"], max(1, row["logins"])
        login, talk = _login_seconds(row), max(0, row["talk"] - row["dead"]) if calls else 0
        yield {
            "user": row["user"],
            "full_name": row["full_name"],
            "user_group": row["user_group"],
            "calls": calls,
            "login_time": shown(login),
            "total_talk_time": shown(talk),
            "avg_talk_time": shown(_ratio(talk, calls)),
            "avg_wait_time": shown(_ratio(row["wait"], calls)),
            "pct_of_queue": share(_percent(calls, all_calls)),
            "pause_time": row["pause"],
            "sessions": sessions,
            "avg_session": shown(_ratio(login, sessions)),
            "pauses": pauses,
            "avg_pause_time": shown(_ratio(row["pause"], pauses)),
            "pause_pct": share(_percent(row["pause"], login) if pauses else Decimal(100)),
            "pauses_per_session": _ratio(pauses, sessions),
            "total_wait_time": shown(row["wait"]),
        }


def _login_seconds(row: Row) -> int:
    """The seconds of all rows, and never more than lie between the first and the end of the last."""
    worked: int = row["pause"] + row["wait"] + row["talk"] + row["dispo"]
    between = (row["last_pause"] or 0) - (row["first_pause"] or 0) + row["last_seconds"]
    return min(worked, int(between))


def _ratio(part: int, whole: int) -> int:
    """Rounded, halves up; 0 of nothing."""
    return int((Decimal(part) / whole).quantize(Decimal(1), ROUND_HALF_UP)) if whole else 0


def _percent(part: int, whole: int) -> Decimal:
    """With one decimal; 0 of nothing."""
    return (Decimal(100) * part / whole if whole else Decimal(0)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def percent(share: Decimal) -> str:
    """Without a decimal that is zero: 16.7%, 25%."""
    return f"{share:f}".removesuffix(".0") + "%"


def hours(seconds: int) -> str:
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{rest // 3600}:{rest // 60 % 60:02}:{rest % 60:02}"


def minutes(seconds: int) -> str:
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{rest // 60}:{rest % 60:02}"


TIME_FORMATS: dict[str, Callable[[int], str]] = {"HF": hours, "H": hours, "M": minutes, "S": str}

COMMANDS = (
    Command(
        "agent_stats_export",
        "Exports what each agent did in a stretch of time.",
        agent_stats_export,
        "USER DOES NOT HAVE PERMISSION TO GET AGENT INFO",
        level=LEVEL,
        flags=FLAGS,
        params=(
            Param("datetime_start", "The first second, YYYY-MM-DD HH:MM:SS.", True, least=19, most=19),
            Param("datetime_end", "The last second, YYYY-MM-DD HH:MM:SS.", True, least=19, most=19),
            Param("agent_user", "Only this agent.", least=2, most=20),
            Param(
                "time_format",
                "Times as hours (H, HF: 1:23:45), minutes (M: 83:45) or seconds (S: 5023); JSON always has "
                "seconds.",
                choices=("H", "HF", "M", "S"),
            ),
            STAGE,
            HEADER,
        ),
        lines=(INVALID, NOT_FOUND),
        exports=(STATISTICS,),
        tables=("agent_log",),
    ),
)
