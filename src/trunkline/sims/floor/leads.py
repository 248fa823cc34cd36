"""The people on the lists: their numbers, who may be called next, who is on the line just now."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from trunkline.sims.chance import Dice
from trunkline.sims.floor.marks import PROSPECTS, SOURCE
from trunkline.sims.floor.outcomes import CALLBACK, FINAL
from trunkline.sims.names import FIRST_NAMES, LAST_NAMES, PLACES, Place, phone

LINES_OF_AREA = 100
NUMBERS = len(PLACES) * LINES_OF_AREA
"""So many fictional numbers there are; leads beyond them share numbers with others."""
MOST = 20_000
"""So many leads a floor keeps; then it calls them over again."""
AGAIN_AFTER = {"NA": 4 * 3_600, "AA": 4 * 3_600, "B": 900, "DROP": 3_600}
LATER = 20 * 3_600
"""When somebody may be called again, by how the last call ended."""
_CODE = "floor-"
_ZONES = {
    **dict.fromkeys(("IL", "TN", "MN", "WI", "MO", "TX"), "America/Chicago"),
    **dict.fromkeys(("CO", "NM", "UT", "ID"), "America/Denver"),
    **dict.fromkeys(("NV", "CA", "OR", "WA"), "America/Los_Angeles"),
    "AZ": "America/Phoenix",
    "AK": "America/Anchorage",
    "HI": "Pacific/Honolulu",
}
_STREETS = ("Oak Street", "Maple Avenue", "Cedar Lane", "Park Road", "Hill Street", "Lake Drive")


@dataclass(slots=True)
class Lead:
    """A person on a list; `number` is the floor's own."""

    number: int
    phone: str
    list_id: int
    state: str
    offset: str
    status: str = "NEW"
    calls: int = 0
    again_at: int = 0
    is_busy: bool = False
    """On the line, or in the hopper."""

    @property
    def code(self) -> str:
        return code_of(self.number)

    def may_be_called(self, at: int) -> bool:
        """By the dialer's own choice: who wants to be called back is called then."""
        return self.again_at <= at and self.status not in FINAL and self.status != CALLBACK


def code_of(number: int) -> str:
    """The vendor's code of a lead, by which the floor knows it again."""
    return f"{_CODE}{number:06d}"


def number_of(code: str) -> int | None:
    """The number in a vendor's code; None where it is no code of the floor."""
    digits = code.removeprefix(_CODE)
    return int(digits) if code.startswith(_CODE) and digits.isdecimal() else None


def home(number: int) -> tuple[Place, str]:
    """Where the lead with this number lives, and the ten digits of the phone."""
    line, area = divmod(number % NUMBERS, len(PLACES))
    return PLACES[area], phone(PLACES[area].area, line).removeprefix("+1")


def made(number: int, list_id: int, at: int) -> Lead:
    place, digits = home(number)
    return Lead(number, digits, list_id, place.state, _offset(place.state, at))


def row_of(lead: Lead, seed: int, entered: str) -> dict[str, Any]:
    """The columns of a new lead."""
    dice = Dice(seed, "lead", lead.number)
    place, _ = home(lead.number)
    first, last = dice.one_of(FIRST_NAMES), dice.one_of(LAST_NAMES)
    return {
        "entry_date": entered,
        "modify_date": entered,
        "status": lead.status,
        "user": "",
        "vendor_lead_code": lead.code,
        "source_id": SOURCE,
        "list_id": lead.list_id,
        "gmt_offset_now": lead.offset,
        "called_since_last_reset": "N",
        "phone_code": "1",
        "phone_number": lead.phone,
        "first_name": first,
        "last_name": last,
        "address1": f"{dice.between(1, 999)} {dice.one_of(_STREETS)}",
        "city": place.city,
        "state": place.state,
        "postal_code": place.zip_code,
        "country_code": "USA",
        "email": f"{first}.{last}{lead.number}@example.com".lower(),
        "called_count": 0,
        "last_local_call_time": None,
        "entry_list_id": 0,
    }


def _offset(state: str, at: int) -> str:
    zone = ZoneInfo(_ZONES.get(state, "America/New_York"))
    away = datetime.fromtimestamp(at, zone).utcoffset()
    assert away is not None, "a zone has an offset"
    return f"{away.total_seconds() / 3600:.2f}"


class LeadBook:
    """All leads of the floor, and those whose turn it may be."""

    def __init__(self, known: Iterable[Lead] = (), next_number: int = 0) -> None:
        self.all: list[Lead] = list(known)
        self.next_number = max([next_number, *(lead.number + 1 for lead in self.all)])
        self._line: deque[Lead] = deque(lead for lead in self.all if lead.list_id == PROSPECTS)

    def new(self, list_id: int, at: int) -> Lead:
        lead = made(self.next_number, list_id, at)
        self.next_number += 1
        self.all.append(lead)
        if list_id == PROSPECTS:
            self._line.append(lead)
        return lead

    def to_call(self, at: int) -> Lead | None:
        """The next lead that may be called; those on the line, called lately or done with are passed over.

        Once there are as many leads as a floor keeps, whoever waited longest is called again.
        """
        is_full = len(self.all) >= MOST
        for _ in range(len(self._line)):
            lead = self._line.popleft()
            self._line.append(lead)
            if not lead.is_busy and (is_full or lead.may_be_called(at)):
                return lead
        return None

    def somebody(self, dice: Dice) -> Lead | None:
        """Any lead who is not on the line."""
        for _ in range(5):
            if self.all and not (lead := dice.one_of(self.all)).is_busy:
                return lead
        return None

    def called(self, lead: Lead, status: str, at: int, speed: float) -> None:
        """The lead's call is over."""
        lead.status = status
        lead.is_busy = False
        lead.again_at = again_at(status, at, speed)


def again_at(status: str, at: int, speed: float = 1.0) -> int:
    """When somebody whose call ended so at that time may be called again."""
    return at + round(AGAIN_AFTER.get(status, LATER) / speed)
