"""agent_stats_export: what each agent did in a stretch of time."""

from collections.abc import AsyncIterator, Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, Integer, Select, bindparam, case, cast, func, select

from trunkline.dialer.command import Answer, Call, Command, Param, Table, error
from trunkline.dialer.database import Row
from trunkline.dialer.reports import FLAGS, HEADER, LEVEL, STAGE, success, time_asked
from trunkline.dialer.tables import Tables

MOST = 10_000_000
"""The rows of the agents' log that one export looks at."""
TIME_SIZE, AGENT_MOST = 19, 20
SUMMED = ("pause", "wait", "talk", "dispo", "dead")
READ = ("agent_log_id", "user", "lead_id", "sub_status", *(f"{name}_sec" for name in SUMMED))
COLUMNS = (
    "user",
    "full_name",
    "user_group",
    "calls",
    "login_time",
    "total_talk_time",
    "avg_talk_time",
    "avg_wait_time",
    "pct_of_queue",
    "pause_time",
    "sessions",
    "avg_session",
    "pauses",
    "avg_pause_time",
    "pause_pct",
    "pauses_per_session",
    "total_wait_time",
)

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
    yield Table(
        COLUMNS,
        _stats(agents, all_calls, TIME_FORMATS.get(call.arg("time_format"), hours)),
        lambda count: success(call, f"RECORDS FOUND: {count}", agent, first, last),
        original_header=COLUMNS[:-1],
    )


def _stats(agents: Iterable[Row], all_calls: int, shown: Callable[[int], str]) -> Iterable[Row]:
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
            "pct_of_queue": _percent(calls, all_calls),
            "pause_time": row["pause"],
            "sessions": sessions,
            "avg_session": shown(_ratio(login, sessions)),
            "pauses": pauses,
            "avg_pause_time": shown(_ratio(row["pause"], pauses)),
            "pause_pct": _percent(row["pause"], login) if pauses else "100%",
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


def _percent(part: int, whole: int) -> str:
    """One decimal, and none where it is zero: 16.7%, 25%."""
    if not whole:
        return "0%"
    rounded = (Decimal(100) * part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{rounded:f}".removesuffix(".0") + "%"


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
                "Times as hours (H, HF: 1:23:45), minutes (M: 83:45) or seconds (S: 5023).",
                choices=("H", "HF", "M", "S"),
            ),
            STAGE,
            HEADER,
        ),
        lines=(INVALID, NOT_FOUND),
        tables=("agent_log",),
    ),
)
