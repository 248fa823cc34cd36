"""phone_number_log: the calls with one or more phone numbers, in either direction."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, Select, bindparam, case, literal, select

from trunkline.dialer.columns import Column, Holds
from trunkline.dialer.command import Answer, Call, Command, Export, Logged, Param, error, notice
from trunkline.dialer.database import Row, Statement
from trunkline.dialer.reports import FLAGS, HEADER, LEVEL, STAGE, begun, success
from trunkline.dialer.tables import Tables

MOST = 100_000
NUMBER_LEAST = 4
CALLS = Export(
    (
        Column("phone_number", "The number."),
        Column("call_date", "When the call began.", Holds.TIME),
        Column("list_id", "The list of the lead when it was called.", Holds.INTEGER),
        Column("length_in_sec", "The length of the call in seconds.", Holds.INTEGER),
        Column("lead_status", "The lead's status now; without its lead a call out shows its own."),
        Column("hangup_reason", "Who or what ended the call."),
        Column("call_status", "The status that the call ended with."),
        Column("source_id", "Where the lead comes from."),
        Column("user", "The agent."),
    )
)

DATA = "{u}|{phone_number}|{date}"
NO_NUMBERS = error(
    "no_valid_numbers", "NO VALID PHONE NUMBERS DEFINED", f" - {DATA}", f": {DATA}", log=DATA, status=400
)
NOT_FOUND = error("records_not_found", "NO RECORDS FOUND", f" - {DATA}", log=DATA, status=404)
NOT_FOUND_ORIGINAL = notice(
    "records_not_found",
    "NO RECORDS FOUND FOR THIS PHONE NUMBER",
    " - {u}|{phone_number}||",
    log="{u}|{phone_number}||",
    status=404,
)


def calls_out(t: Tables) -> ClauseElement:
    log = t["log"]
    return _calls(t, log, without_lead=log.c.status).order_by(log.c.call_date.desc(), log.c.uniqueid.desc())


def calls_in(t: Tables) -> ClauseElement:
    log = t["closer_log"]
    return _calls(t, log, without_lead=literal("")).order_by(log.c.call_date.desc(), log.c.closecallid.desc())


def _calls(t: Tables, log: Any, without_lead: Any) -> Select[Any]:
    """The calls of a log with what their leads are now."""
    leads = t["list"]
    return (
        select(
            log.c.phone_number,
            log.c.call_date,
            log.c.list_id,
            log.c.length_in_sec,
            case((leads.c.lead_id.is_(None), without_lead), else_=leads.c.status).label("lead_status"),
            log.c.term_reason.label("hangup_reason"),
            log.c.status.label("call_status"),
            leads.c.source_id,
            log.c.user,
        )
        .select_from(log.outerjoin(leads, leads.c.lead_id == log.c.lead_id))
        .where(log.c.phone_number == bindparam("phone_number"))
        .limit(bindparam("most"))
    )


DIRECTIONS: dict[str, tuple[Statement, ...]] = {
    "OUT": (calls_out,),
    "IN": (calls_in,),
    "ALL": (calls_out, calls_in),
}


@dataclass
class History:
    """The calls asked for: number by number, and each number's directions one after the other."""

    call: Call
    numbers: Sequence[str]
    last_count: int = 0
    """The rows of the number and direction that were found last."""

    async def lists(self) -> AsyncIterator[Sequence[Row]]:
        directions = DIRECTIONS.get(self.call.arg("type"), DIRECTIONS["OUT"])
        most = 1 if self.call.arg("detail") == "LAST" else MOST
        for number in self.numbers:
            for statement in directions:
                count = 0
                async for rows in self.call.work.stream(statement, phone_number=number, most=most):
                    count += len(rows)
                    self.last_count = count
                    yield rows

    def logged(self, count: int) -> Logged:
        """The log of today's clients counts the last direction alone."""
        shown = count if self.call.is_documented else self.last_count
        return success(self.call, f"RECORDS FOUND: {shown}", "", "", "")


async def phone_number_log(call: Call) -> AsyncIterator[Answer]:
    numbers = [n for n in call.arg("phone_number").split(",") if len(n) >= NUMBER_LEAST]
    if not numbers:
        yield NO_NUMBERS()
        return
    history = History(call, numbers)
    rows = await begun(history.lists())
    if rows is None:
        yield NOT_FOUND() if call.is_documented else NOT_FOUND_ORIGINAL()
        return
    yield CALLS.table(rows, history.logged)


COMMANDS = (
    Command(
        "phone_number_log",
        "Exports the calls with one or more phone numbers.",
        phone_number_log,
        "USER DOES NOT HAVE PERMISSION TO GET CALL LOG INFO",
        level=LEVEL,
        flags=FLAGS,
        params=(
            Param("phone_number", "One or more numbers, with commas between them.", required=True, least=4),
            Param("type", "Calls IN, OUT, or ALL; OUT where it is left out.", choices=("IN", "OUT", "ALL")),
            Param("detail", "ALL calls, or only the LAST of each number.", choices=("ALL", "LAST")),
            STAGE,
            HEADER,
        ),
        lines=(NO_NUMBERS, NOT_FOUND, NOT_FOUND_ORIGINAL),
        exports=(CALLS,),
        tables=("log", "closer_log"),
    ),
)
