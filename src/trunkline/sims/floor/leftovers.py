"""What a floor left open that was not closed: a process was killed, or left it to be looked at.

Everything ends at the last second that floor wrote down.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from trunkline.sims.floor.book import Book, Key, RowKey
from trunkline.sims.floor.calls import FIRST_CALL, Call, CallRows, Kind, location_of
from trunkline.sims.floor.known import Known, Row
from trunkline.sims.floor.leads import Lead
from trunkline.sims.floor.marks import AUTO_DIALER, QUEUE
from trunkline.sims.floor.options import FloorOptions
from trunkline.sims.floor.stamps import text

CUT = "ERI"
"""The status of a call that ended with its agent's screen."""
_STATUS = {"QUEUE": "DROP", "INCALL": CUT}
_NUMBERS = {
    "live_agents": "live_agent_id",
    "auto_calls": "auto_call_id",
    "agent_log": "agent_log_id",
    "closer_log": "closecallid",
    "recording_log": "recording_id",
    "hopper": "hopper_id",
    "list": "lead_id",
}
_KEYS = {"live_inbound_agents": ("user", "group_id"), "parked_channels": ("channel",), "log": ("uniqueid",)}

Open = Mapping[str, Iterable[Row]]
"""Rows by table."""


class Leftovers:
    """Settles open rows in a book. `numbers` are those of the rows it writes of."""

    def __init__(self, options: FloorOptions, known: Known, until: int) -> None:
        self.book = Book()
        self.numbers: dict[RowKey, int] = dict(known.numbers)
        self._rows = CallRows(self.book, options)
        self._leads = {known.numbers["list", lead.number]: lead for lead in known.leads}
        self._until, self._zone = until, options.zone

    def settle(self, rows: Open) -> None:
        waiting = {str(r["user"]) for r in rows["live_agents"] if r["status"] in ("READY", "CLOSER", "QUEUE")}
        for row in rows["agent_log"]:
            self._update("agent_log", row, **self._agent_cut(row, str(row["user"]) in waiting))
        for table in ("log", "closer_log"):
            for row in rows[table]:
                self._update(table, row, **self._call_cut(row))
        for row in rows["recording_log"]:
            self._update("recording_log", row, **self._recording_cut(row))
        logged = {row["uniqueid"] for table in ("log", "closer_log") for row in rows[table]}
        for row in rows["auto_calls"]:
            self._end_call(row, str(row["uniqueid"]) in logged)
        for table in ("live_agents", "live_inbound_agents", "parked_channels", "hopper"):
            for row in rows[table]:
                self.book.delete(table, self._key(table, row))
        self._free_leads(rows["list"])

    def _agent_cut(self, row: Row, is_waiting: bool) -> dict[str, Any]:
        until = self._until
        if row["dispo_epoch"]:
            return {"dispo_sec": until - row["dispo_epoch"], "status": CUT}
        if row["talk_epoch"]:
            dead = {"dead_sec": until - row["dead_epoch"]} if row["dead_epoch"] else {}
            cut = {"talk_sec": until - row["talk_epoch"], "dispo_epoch": until, "status": CUT}
            return {**cut, **dead}
        if is_waiting:
            return {"wait_sec": until - row["wait_epoch"]}
        return {"pause_sec": until - row["pause_epoch"], "wait_epoch": until}

    def _call_cut(self, row: Row) -> dict[str, Any]:
        cut: dict[str, Any] = {"status": _STATUS[row["status"]]}
        if row["end_epoch"] is None:
            length = self._until - row["start_epoch"]
            cut |= {"end_epoch": self._until, "length_in_sec": length, "term_reason": "NONE"}
            if row["status"] == "QUEUE" and "queue_seconds" in row:
                cut["queue_seconds"] = length
        return cut

    def _recording_cut(self, row: Row) -> dict[str, Any]:
        length = self._until - row["start_epoch"]
        return {
            "end_time": text(self._until, self._zone),
            "end_epoch": self._until,
            "length_in_sec": length,
            "length_in_min": f"{length / 60:.2f}",
            "location": location_of(row["filename"]),
        }

    def _end_call(self, row: Row, is_logged: bool) -> None:
        """A call that rang, or heard the menu, has no log yet."""
        lead = self._leads.get(row["lead_id"])
        if is_logged or lead is None:
            self.book.delete("auto_calls", self._key("auto_calls", row))
            return
        call = _call_of(row, lead)
        self.numbers["auto_calls", call.uniqueid] = row["auto_call_id"]
        if call.is_inbound:
            call.logged_from = call.queued_at = self._until
            self._rows.queued(call, 1)
            self._over(call, "DROP", "ABANDON", QUEUE)
        else:
            self._over(call, "NA", "NONE", AUTO_DIALER)

    def _over(self, call: Call, status: str, reason: str, user: str) -> None:
        self._rows.hung_up(call, self._until, status, reason)
        self._rows.over(call, self._until, status, user)
        call.lead.status = status

    def _free_leads(self, rows: Iterable[Row]) -> None:
        """Leads whose call was cut."""
        for row in rows:
            lead = self._leads.get(row["lead_id"])
            if lead is not None and lead.status in _STATUS:
                lead.status = _STATUS[lead.status]
                self.book.update("list", lead.number, status=lead.status)

    def _update(self, table: str, row: Row, **values: Any) -> None:
        self.book.update(table, self._key(table, row), **values)

    def _key(self, table: str, row: Row) -> Key:
        """The key of a row that is there: its own columns, or its number."""
        if names := _KEYS.get(table):
            found = tuple(str(row[name]) for name in names)
            return found if len(found) > 1 else found[0]
        number = int(row[_NUMBERS[table]])
        self.numbers[table, number] = number
        return number


def _call_of(row: Row, lead: Lead) -> Call:
    began, _, number = str(row["uniqueid"]).partition(".")
    kind = Kind.INBOUND if row["call_type"] == "IN" else Kind(str(row["callerid"])[0])
    return Call(
        int(number) - FIRST_CALL, kind, lead, str(row["campaign_id"]), int(began), str(row["extension"])
    )
