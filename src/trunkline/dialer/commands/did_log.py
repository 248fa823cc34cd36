"""did_log_export: the calls that came to a number of ours (DID) on one day."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ClauseElement, bindparam, select

from trunkline.dialer.columns import Column, Holds
from trunkline.dialer.command import Answer, Call, Command, Export, Param, error
from trunkline.dialer.database import Row
from trunkline.dialer.reports import FLAGS, HEADER, LEVEL, STAGE, Lists, begun, day_bounds, success
from trunkline.dialer.tables import Tables

MOST = 100_000
DID_MOST, DATE_SIZE = 20, 10
NUMBER = Column("did_number", "The DID.")
CALL_DATE = Column("call_date", "When the call came in.", Holds.TIME)
CALLER = Column("caller_id_number", "The number of the caller.")
LENGTH = Column(
    "length_in_sec",
    "Seconds from the moment the call came in to its end; 0 where no agent's log knows it.",
    Holds.INTEGER,
)
CALLS = Export(
    (NUMBER, CALL_DATE, CALLER, LENGTH),
    original=(NUMBER, CALLER, CALL_DATE, LENGTH),
    # Its header does not follow its rows.
    original_header=("did_number", "call_date", "caller_id_number", "length_in_sec"),
)

DATA = "{u}|{phone_number}|{date}"
INVALID = error(
    "invalid_parameters", "INVALID SEARCH PARAMETERS", f" - {DATA}", f": {DATA}", log=DATA, status=400
)
NOT_FOUND = error(
    "records_not_found",
    "NO RECORDS FOUND",
    f" - {DATA}",
    " - {u}|||{date}",
    log="{u}|||{date}",
    status=404,
)


def calls_to_did(t: Tables) -> ClauseElement:
    """A day's calls to a number, each with the newest inbound call of the same uniqueid."""
    did, calls = t["did_log"], t["closer_log"]
    newest = calls.alias("newest")
    closecallid = (
        select(newest.c.closecallid)
        .where(newest.c.uniqueid == did.c.uniqueid)
        .order_by(newest.c.call_date.desc(), newest.c.closecallid.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            did.c.extension.label("did_number"),
            did.c.call_date,
            did.c.caller_id_number,
            calls.c.call_date.label("answered"),
            calls.c.length_in_sec.label("seconds"),
        )
        .select_from(did.outerjoin(calls, calls.c.closecallid == closecallid))
        .where(
            did.c.extension == bindparam("did"),
            did.c.call_date.between(bindparam("first"), bindparam("last")),
        )
        .order_by(did.c.call_date)
        .limit(MOST)
    )


async def did_log_export(call: Call) -> AsyncIterator[Answer]:
    did, date = call.arg("phone_number"), call.arg("date")
    least = 2 if call.is_documented else 1
    if not least <= len(did) <= DID_MOST or len(date) != DATE_SIZE:
        yield INVALID()
        return
    first, last = day_bounds(date)
    rows = await begun(call.work.stream(calls_to_did, did=did, first=first, last=last))
    if rows is None:
        yield NOT_FOUND()
        return
    yield CALLS.table(
        _with_lengths(rows), lambda count: success(call, f"RECORDS FOUND: {count}", "", "", date)
    )


async def _with_lengths(lists: Lists) -> AsyncIterator[Sequence[Row]]:
    async for rows in lists:
        yield [row | {"length_in_sec": _length(row)} for row in rows]


def _length(row: Row) -> int:
    """Seconds from the moment the call came in to its end; 0 where no agent's log knows it."""
    if row["answered"] is None:
        return 0
    try:
        came = datetime.fromisoformat(row["call_date"])
        answered = datetime.fromisoformat(row["answered"])
    except ValueError:
        return 0
    return int((answered + timedelta(seconds=row["seconds"] or 0) - came).total_seconds())


COMMANDS = (
    Command(
        "did_log_export",
        "Exports the calls that came to a DID on one day.",
        did_log_export,
        "USER DOES NOT HAVE PERMISSION TO GET DID INFO",
        level=LEVEL,
        flags=FLAGS,
        params=(
            Param("phone_number", "The DID.", required=True, least=2, most=20),
            Param("date", "The day of the calls, YYYY-MM-DD.", required=True, least=10, most=10),
            STAGE,
            HEADER,
        ),
        lines=(INVALID, NOT_FOUND),
        exports=(CALLS,),
        tables=("did_log", "closer_log"),
    ),
)
