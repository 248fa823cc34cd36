"""recording_lookup: recordings of an agent, a lead, a day or a call."""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import cache, partial
from typing import Any

from sqlalchemy import ClauseElement, String, bindparam, cast, select, union

from trunkline.dialer.columns import Column, Holds
from trunkline.dialer.command import Answer, Call, Command, Export, Logged, Param, Result, error
from trunkline.dialer.reports import FLAGS, HEADER, LEVEL, STAGE, begun, day_bounds
from trunkline.dialer.tables import Tables

MOST = 100_000
POINTS_NEEDED = 2
AGENT_MOST, LEAD_MOST, DATE_SIZE, UNIQUEID_LEAST, UNIQUEID_MOST = 20, 10, 10, 9, 20
POINTS = {"user": 1, "day": 1, "lead": 2, "call": 2}
"""What each part of a search weighs: an agent or a day alone is too little."""
RECORDINGS = Export(
    (
        Column("start_time", "When the recording began.", Holds.TIME),
        Column("user", "The agent."),
        Column("recording_id", "The recording's id.", Holds.INTEGER),
        Column("lead_id", "The lead's id.", Holds.INTEGER),
        Column("location", "Where the recording can be fetched."),
    )
)

DATA = "{u}|{agent_user}|{lead_id}|{date}|{uniqueid}"
INVALID = error(
    "invalid_parameters", "INVALID SEARCH PARAMETERS", f" - {DATA}", f": {DATA}", log=DATA, status=400
)
NOT_FOUND = error("recordings_not_found", "NO RECORDINGS FOUND", f" - {DATA}", log=DATA, status=404)


def ids_of_call(t: Tables) -> ClauseElement:
    """The ids under which recordings of a call stand: its uniqueid, and its number as an inbound call."""
    out, inbound = t["log"], t["closer_log"]

    def is_call(table: Any) -> Any:
        uniqueid = table.c.uniqueid
        return (uniqueid >= bindparam("least")) & (uniqueid < bindparam("beyond"))

    return union(
        select(out.c.uniqueid.label("id")).where(is_call(out)),
        select(inbound.c.uniqueid).where(is_call(inbound)),
        select(cast(inbound.c.closecallid, String(20))).where(is_call(inbound)),
    )


@cache
def recordings(parts: frozenset[str]) -> Callable[[Tables], ClauseElement]:
    """The statement for these parts of a search."""

    def statement(t: Tables) -> ClauseElement:
        log = t["recording_log"]
        matches = {
            "user": log.c.user == bindparam("user"),
            "lead": log.c.lead_id == bindparam("lead"),
            "day": log.c.start_time.between(bindparam("first"), bindparam("last")),
            "call": log.c.vicidial_id.in_(bindparam("ids", expanding=True)),
        }
        return (
            select(log.c.start_time, log.c.user, log.c.recording_id, log.c.lead_id, log.c.location)
            .where(*(matches[part] for part in sorted(parts)))
            .order_by(log.c.start_time, log.c.recording_id)
            .limit(MOST)
        )

    return statement


async def recording_lookup(call: Call) -> AsyncIterator[Answer]:
    parts = await _parts(call)
    if sum(POINTS[part] for part in parts) < POINTS_NEEDED:
        yield INVALID()
        return
    values = {name: value for given in parts.values() for name, value in given.items()}
    rows = await begun(call.work.stream(recordings(frozenset(parts)), **values))
    if rows is None:
        yield NOT_FOUND()
        return
    yield RECORDINGS.table(rows, partial(_logged, call))


async def _parts(call: Call) -> dict[str, dict[str, Any]]:
    """The parts of the search that count, each with its values."""
    parts: dict[str, dict[str, Any]] = {}
    agent_least = 2 if call.is_documented else 3
    if agent_least <= len(call.arg("agent_user")) <= AGENT_MOST:
        parts["user"] = {"user": call.arg("agent_user")}
    if 1 <= len(call.arg("lead_id")) <= LEAD_MOST and call.arg("lead_id").isdecimal():
        parts["lead"] = {"lead": int(call.arg("lead_id"))}
    if len(call.arg("date")) == DATE_SIZE:
        first, last = day_bounds(call.arg("date"))
        parts["day"] = {"first": first, "last": last}
    ids = await _ids(call)
    if ids:
        parts["call"] = {"ids": ids}
    return parts


async def _ids(call: Call) -> Sequence[str]:
    uniqueid = call.arg("uniqueid")
    if not UNIQUEID_LEAST <= len(uniqueid) <= UNIQUEID_MOST:
        return ()
    least, beyond = _range(uniqueid)
    return [str(row["id"]) for row in await call.work.all(ids_of_call, least=least, beyond=beyond)]


def _range(uniqueid: str) -> tuple[str, str]:
    """The uniqueids that share the part before the dot, as a range that an index knows.

    That part is a second of the clock: the texts from it up to the next second.
    """
    second = uniqueid.partition(".")[0]
    if not second.isdecimal():
        return uniqueid, uniqueid + "0"
    return second, str(int(second) + 1).zfill(len(second))


def _logged(call: Call, count: int) -> Logged:
    data = "|".join(call.arg(name) for name in ("user", "agent_user", "lead_id", "date", "uniqueid", "stage"))
    return Logged(Result.SUCCESS, f"recording_lookup RECORDINGS FOUND: {count}", data)


COMMANDS = (
    Command(
        "recording_lookup",
        "Finds the recordings of an agent, a lead, a day or a call.",
        recording_lookup,
        "USER DOES NOT HAVE PERMISSION TO GET RECORDING INFO",
        level=LEVEL,
        flags=FLAGS,
        params=(
            Param("agent_user", "The agent; with a date, or with one of the others.", least=2, most=20),
            Param("lead_id", "The lead's id; enough alone.", least=1, most=10),
            Param("date", "The day of the calls, YYYY-MM-DD.", least=10, most=10),
            Param("uniqueid", "The uniqueid of the call; enough alone where the call is known.", least=9),
            STAGE,
            HEADER,
        ),
        lines=(INVALID, NOT_FOUND),
        exports=(RECORDINGS,),
        tables=("recording_log", "log", "closer_log"),
    ),
)
