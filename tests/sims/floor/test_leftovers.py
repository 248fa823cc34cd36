"""A floor that was not closed: whoever goes on settles what it left, and the story has no hole."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.sims.floor.ledger import Ledger, Row
from tests.sims.floor.test_floor import BERLIN, WEDNESDAY, begins, floors, moved, quietly, speeds, steps
from tests.sims.floor.truths import check_closed, check_logs, check_now
from trunkline.sims.floor.floor import Floor
from trunkline.sims.floor.known import Known, known_from
from trunkline.sims.floor.leftovers import Leftovers
from trunkline.sims.floor.options import FloorOptions

NUMBERS = {
    "live_agents": "live_agent_id",
    "auto_calls": "auto_call_id",
    "agent_log": "agent_log_id",
    "closer_log": "closecallid",
    "recording_log": "recording_id",
    "hopper": "hopper_id",
    "list": "lead_id",
    "callbacks": "callback_id",
}
LIVE = ("live_agents", "live_inbound_agents", "auto_calls", "parked_channels", "hopper")
NOT_OVER = ("INCALL", "QUEUE")


def as_stored(ledger: Ledger, table: str) -> list[Row]:
    """Rows as the database has them, their numbers in their own columns."""
    number = NUMBERS.get(table)
    return [{**row, number: row["#"]} if number else row for row in ledger.rows(table)]


def open_rows(ledger: Ledger) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {table: as_stored(ledger, table) for table in LIVE}
    at_work = {agent["agent_log_id"] for agent in ledger.rows("live_agents")}
    found["agent_log"] = [row for row in as_stored(ledger, "agent_log") if row["#"] in at_work]
    for table in ("log", "closer_log", "list"):
        found[table] = [row for row in as_stored(ledger, table) if row["status"] in NOT_OVER]
    found["recording_log"] = [r for r in as_stored(ledger, "recording_log") if r["end_epoch"] is None]
    return found


def known_of(ledger: Ledger, floor: Floor, options: FloorOptions) -> Known:
    callbacks = [row for row in as_stored(ledger, "callbacks") if row["status"] in ("ACTIVE", "LIVE")]
    leads = [{"state": "GA", **row} for row in as_stored(ledger, "list")]
    return known_from(leads, callbacks, floor.counts, options.zone)


def settled(ledger: Ledger, floor: Floor, options: FloorOptions) -> Known:
    """Settle what is open, as somebody does who has the tables alone."""
    known = known_of(ledger, floor, options)
    leftovers = Leftovers(options, known, floor.now)
    leftovers.settle(open_rows(ledger))
    rekey(ledger, leftovers.numbers)
    ledger.apply(leftovers.book.take())
    return known


def rekey(ledger: Ledger, numbers: dict[Any, int]) -> None:
    """Let rows go by the keys that somebody new gives them; the others are known to nobody any more."""
    by_number = {(table, number): key for (table, key), number in numbers.items()}
    for table in NUMBERS:
        rows = ledger.rows(table)
        ledger.tables[table] = {by_number.get((table, row["#"]), ("old", row["#"])): row for row in rows}
    ledger.numbers = dict(numbers)


@quietly
@given(floors, begins, speeds, steps, st.integers(1, 30_000))
def test_a_floor_goes_on_where_another_was_cut(
    options: FloorOptions, begins: int, speed: float, steps: list[int], away: int
) -> None:
    first = Floor(options, begins)
    first.speed = speed
    ledger = moved(first, steps)
    known = settled(ledger, first, options)
    check_closed(ledger)
    check_logs(ledger, options.zone)
    second = Floor(options, first.now + away, known)
    for step in (1, 20, 300, 3_000):
        second.advance(second.now + step)
        ledger.follow(second)
        check_now(ledger)
    check_logs(ledger, options.zone)
    second.close()
    ledger.follow(second)
    check_closed(ledger)
    check_logs(ledger, options.zone)


def test_every_moment_of_a_call_can_be_cut() -> None:
    floor, ledger = Floor(BERLIN, WEDNESDAY + 3_600), Ledger()
    cut: set[tuple[str, str]] = set()
    for _ in range(240):
        floor.advance(floor.now + 15)
        ledger.follow(floor)
        now = open_rows(ledger)
        cut |= {("call", row["status"]) for row in now["auto_calls"]}
        cut |= {("agent", row["status"]) for row in now["live_agents"]}
        cut |= {("parked", "") for _ in now["parked_channels"]}
        leftovers = Leftovers(BERLIN, known_of(ledger, floor, BERLIN), floor.now)
        leftovers.settle(now)
        changes = leftovers.book.take()
        statuses = {
            row.values["status"] for row in (*changes.inserts, *changes.updates) if "status" in row.values
        }
        assert statuses <= {"NA", "DROP", "ERI"}
        assert len(changes.deletes) == sum(len(now[table]) for table in LIVE)
    assert cut >= {
        *(("call", status) for status in ("SENT", "RINGING", "LIVE", "IVR", "XFER", "CLOSER")),
        *(("agent", status) for status in ("READY", "CLOSER", "QUEUE", "INCALL", "PAUSED")),
        ("parked", ""),
    }


def test_callbacks_and_leads_are_known_again() -> None:
    floor = Floor(BERLIN, WEDNESDAY + 3_600)
    ledger = moved(floor, [1_800] * 8)
    known = known_of(ledger, floor, BERLIN)
    assert {lead.number for lead in known.leads} == ledger.tables["list"].keys()
    promised = [row for row in ledger.rows("callbacks") if row["status"] in ("ACTIVE", "LIVE")]
    assert len(known.promises) == len(promised) > 0
    assert {promise.user for promise in known.promises} == {row["user"] for row in promised}
    assert known.counts == floor.counts
    theirs = [{**as_stored(ledger, "list")[0], "vendor_lead_code": "my own code", "state": ""}]
    assert known_from(theirs, [], {}, BERLIN.zone).leads == []
