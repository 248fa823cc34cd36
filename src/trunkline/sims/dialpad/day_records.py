"""Rows of exports that are not about calls: texts, duty changes, shared screens.

The columns of texts and onduty are known from captures; those of screenshare are our own. Their rows are
invented for each person and day, whatever calls there are.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from trunkline.sims.chance import Dice, hex_of
from trunkline.sims.dialpad.cast import Cast, Target
from trunkline.sims.dialpad.conversations import outside
from trunkline.sims.dialpad.records import LocalTimes

TEXT_COLUMNS = (
    *("date", "message_id", "name", "email", "target_type", "target_id", "sender_id", "direction"),
    *("to_phone", "from_phone", "encrypted_text", "encrypted_aes_text", "mms", "timezone"),
)
DUTY_COLUMNS = (
    *("date", "record_id", "target_id", "availability_status", "on_duty_status", "reason", "name", "email"),
    *("target_type", "call_center_id", "setter_name", "setter_email", "setter_role", "timezone"),
)
SCREEN_COLUMNS = (
    *("date", "record_id", "target_id", "target_type", "name", "email", "participants"),
    *("duration", "timezone"),
)
_DAY_MS = 86_400_000


class Event(NamedTuple):
    """Something that a person did at an instant."""

    at: int
    person: Target
    dice: Dice
    id: int


def events(
    seed: int, label: str, people: Sequence[Target], span: tuple[int, int], most: int
) -> Iterator[Event]:
    """Up to `most` events for each person and UTC day within the span, oldest first."""
    low, high = span
    found = []
    for day in range(low // _DAY_MS, -(-high // _DAY_MS)):
        for person in people:
            count = Dice(seed, label, day, person.id).below(most + 1)
            for n in range(count):
                dice = Dice(seed, label, day, person.id, n)
                at = day * _DAY_MS + dice.below(_DAY_MS)
                if low <= at < high:
                    ref = int(hex_of(seed, label, day, person.id, n, digits=14), 16)
                    found.append(Event(at, person, dice, (1 << 60) + ref))
    return iter(sorted(found, key=lambda event: event.at))


def text_rows(found: Iterator[Event], times: LocalTimes, _cast: Cast) -> Iterator[list[object]]:
    for at, person, dice, record in found:
        other, is_out = outside(dice.below(2400)), dice.percent(50)
        ends = (other, person.phone) if is_out else (person.phone, other)
        yield [
            *(times.text(at), record, person.name, person.email, person.type, person.id),
            *(person.id if is_out else "", "outbound" if is_out else "inbound", *ends),
            *("", "", "true" if dice.percent(10) else "false", times.name),
        ]


def duty_rows(found: Iterator[Event], times: LocalTimes, cast: Cast) -> Iterator[list[object]]:
    centers = {i for home in cast.homes for group in home.callcenters for i in [group.target.id]}
    for at, person, dice, record in found:
        own = sorted(i for i in centers if person.id in cast.members[i])
        status = dice.one_of(("available", "busy", "occupied", "unavailable", "wrapup"))
        yield [
            *(times.text(at), record, person.id, "open", status),
            *("Lunch" if status == "unavailable" else "", person.name, person.email, person.type),
            *(own[0] if own else "", person.name, person.email, "operator", times.name),
        ]


def screen_rows(found: Iterator[Event], times: LocalTimes, _cast: Cast) -> Iterator[list[object]]:
    for at, person, dice, record in found:
        yield [
            *(times.text(at), record, person.id, person.type, person.name, person.email),
            *(dice.between(2, 5), f"{dice.between(30, 5400) / 60:.2f}", times.name),
        ]


def days_between(low: int, high: int, times: LocalTimes) -> list[str]:
    """The local days that have a part in the span, oldest first."""
    if high <= low:
        return []
    first, last = (date.fromisoformat(times.day(moment)) for moment in (low, high - 1))
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
