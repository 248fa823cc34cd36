"""Further phone numbers of a lead: `number_code_note!number_code_note`, code and note optional."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from trunkline.dialer import audit
from trunkline.dialer.command import Answer, Call, Param, Plain, notice

SHORTEST = 6

LOADED = notice(
    "alt_phones_loaded",
    "MULTI-ALT-PHONE NUMBERS LOADED",
    " - {count}|{u}|{lead_id}",
    " - {count}|{lead_id}|{u}",
)
PARAM = Param(
    "multi_alt_phones",
    "Further numbers as number_code_note, with ! between them; code and note may be left out.",
    least=5,
    most=1024,
)


@dataclass(frozen=True)
class AltPhone:
    number: str
    code: str
    note: str


def alt_phones(text: str) -> list[AltPhone]:
    """The numbers in a text of this form; none where it is too short to hold one."""
    if len(text) < SHORTEST:
        return []
    parts = [[*record.split("_", 2), "", ""] for record in text.split("!")]
    return [AltPhone(number, code, note) for number, code, note, *_ in parts if number]


async def add_alt_phones(call: Call, lead_id: int) -> AsyncIterator[Answer]:
    """Store the further numbers of a new lead, and tell how many they are."""
    phones = alt_phones(call.arg("multi_alt_phones"))
    for count, phone in enumerate(phones, 1):
        values = {
            "lead_id": lead_id,
            "phone_code": phone.code or call.arg("phone_code") or "1",
            "phone_number": phone.number,
            "alt_phone_note": phone.note,
            "alt_phone_count": count,
        }
        number = await call.work.insert("list_alt_phones", **values)
        audit.changed(call, "list_alt_phones", number, after=values)
    if not phones:
        return
    if not call.is_documented:
        yield Plain("".join(f"{phone.number}|{phone.code}|{phone.note}" for phone in phones))
    yield LOADED(count=len(phones), lead_id=lead_id)
