"""What a floor finds that went on before: its people, promised callbacks, how far its numbers are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from trunkline.sims.floor.book import Key, RowKey
from trunkline.sims.floor.leads import Lead, again_at, number_of

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Promise:
    """A callback that is still to be made; without a user anybody may make it."""

    key: Key
    lead: Lead
    due_at: int
    user: str


@dataclass
class Known:
    """What went before; nothing for a new floor. `numbers`: the numbers of rows in the database."""

    leads: list[Lead] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    next_call: int = 0
    next_lead: int = 0
    next_callback: int = 0
    numbers: dict[RowKey, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "next_call": self.next_call,
            "next_lead": self.next_lead,
            "next_callback": self.next_callback,
        }


def known_from(
    leads: Iterable[Row], callbacks: Iterable[Row], counts: Mapping[str, int], zone: ZoneInfo
) -> Known:
    """What rows of the tables tell. Leads whose code is not the floor's any more are left out."""
    known = Known(
        next_call=counts.get("next_call", 0),
        next_lead=counts.get("next_lead", 0),
        next_callback=counts.get("next_callback", 0),
    )
    by_id: dict[int, Lead] = {}
    for row in leads:
        lead = _lead(row, zone)
        if lead is not None and ("list", lead.number) not in known.numbers:
            known.leads.append(lead)
            known.numbers["list", lead.number] = int(row["lead_id"])
            by_id[int(row["lead_id"])] = lead
    for row in callbacks:
        if lead := by_id.get(int(row["lead_id"] or 0)):
            _add_promise(known, row, lead, zone)
    return known


def _add_promise(known: Known, row: Row, lead: Lead, zone: ZoneInfo) -> None:
    key = "kept", int(row["callback_id"])
    user = str(row["user"] or "") if row["recipient"] == "USERONLY" else ""
    known.promises.append(Promise(key, lead, epoch_of(row["callback_time"], zone), user))
    known.numbers["callbacks", key] = int(row["callback_id"])


def _lead(row: Row, zone: ZoneInfo) -> Lead | None:
    number = number_of(str(row["vendor_lead_code"] or ""))
    if number is None:
        return None
    status, called = str(row["status"] or ""), row["last_local_call_time"]
    return Lead(
        number,
        str(row["phone_number"]),
        int(row["list_id"]),
        str(row["state"] or ""),
        str(row["gmt_offset_now"]),
        status,
        int(row["called_count"] or 0),
        again_at(status, epoch_of(called, zone)) if called else 0,
    )


def epoch_of(text: str | None, zone: ZoneInfo) -> int:
    """Seconds since 1970 of a local time of the tables; 0 where it is none."""
    try:
        return int(datetime.fromisoformat(text or "").replace(tzinfo=zone).timestamp())
    except ValueError:
        return 0
