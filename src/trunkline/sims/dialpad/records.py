"""Rows of exports about single calls, as the capture of a real account of 2026-09-03 has them.

The columns of calls and recordings are known; of voicemails and dispositions only those are that public
programs read, in an order of our own; the columns of csat are our own.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from trunkline.sims.dialpad.legs import Leg

Escape = Callable[[object], str]

CALL_COLUMNS = (
    *("date_started", "call_id", "category", "direction", "external_number", "internal_number"),
    *("date_first_rang", "date_queued", "date_rang", "date_connected", "date_ended", "target_id"),
    *("target_kind", "target_type", "name", "email", "was_recorded", "entry_point_call_id"),
    *("entry_point_target_id", "entry_point_target_kind", "proxy_target_id", "voicemail", "transferred_to"),
    *("transferred_to_contact_id", "transferred_from_target_id", "office_id", "company_id", "device"),
    *("salesforce_activity_id", "timezone", "availability", "time_in_system", "callback_type", "callback_id"),
    *("master_call_id", "time_to_answer", "date_callback_connected", "date_callback_ended"),
    *("date_anonymized", "categories", "ringing_duration", "ringing_occurrences", "hold_duration"),
    *("hold_occurrences", "talk_duration", "queued_duration", "queued_occurrences", "wrapup_duration"),
    *("participant_type", "percent_ai_talk_time", "percent_ai_listen_time", "percent_ai_silent_time"),
    *("campaign_id", "is_internal"),
)
RECORDING_COLUMNS = (
    *("call_id", "target_id", "name", "email", "operator_id", "operator_name", "operator_email"),
    *("external_number", "internal_number", "date", "recording_url", "duration", "timezone"),
)
VOICEMAIL_COLUMNS = (
    *("date", "call_id", "target_id", "target_type", "name", "email", "external_number"),
    *("internal_number", "recording_url", "duration", "timezone"),
)
DISPOSITION_COLUMNS = (
    *("call_id", "disposition", "direction", "external_number", "internal_number", "operator_name"),
    *("date_started", "date_connected", "date_ended", "timezone"),
)
CSAT_COLUMNS = ("call_id", "date", "target_id", "target_type", "name", "external_number", "score", "timezone")


class LocalTimes:
    """Instants as exports write them: local to a zone, without saying which."""

    def __init__(self, zone: str) -> None:
        self.name, self._zone = zone, ZoneInfo(zone)
        # Clocks change at full quarters of an hour, so a quarter has one date and hour.
        self._quarters: dict[int, tuple[str, int]] = {}

    def _quarter(self, number: int) -> tuple[str, int]:
        begins = datetime.fromtimestamp(number * 900, UTC).astimezone(self._zone)
        found = self._quarters[number] = (begins.strftime("%Y-%m-%d %H:"), begins.minute)
        return found

    def text(self, moment: int | None) -> str:
        """YYYY-MM-DD HH:MM:SS.ffffff; a whole second has no fraction, nothing is empty."""
        if moment is None:
            return ""
        quarter, rest = divmod(moment, 900_000)
        hour, minute = self._quarters.get(quarter) or self._quarter(quarter)
        seconds, fraction = divmod(rest, 1000)
        shown = f"{hour}{minute + seconds // 60:02d}:{seconds % 60:02d}"
        return f"{shown}.{fraction:03d}000" if fraction else shown

    def whole(self, moment: int) -> str:
        """Without the fraction."""
        return self.text(moment - moment % 1000)

    def day(self, moment: int) -> str:
        return self.text(moment)[:10]


def minutes(length: int) -> str:
    """Milliseconds as decimal minutes."""
    return f"{length / 60_000:.2f}"


def _or_empty(value: object) -> str:
    return "" if value is None else str(value)


def call_fields(leg: Leg, times: LocalTimes, company_id: int, text: Escape) -> tuple[str, ...]:
    """The fields of one row of calls / records; `text` escapes what may hold a comma or a quote."""
    target, entry, is_person = leg.target, leg.entry_target, leg.target.type == "user"
    begins, at = leg.begins, times.text
    connected = leg.connected
    rang = None if leg.rang is None else at(begins + leg.rang)
    is_held, is_queued = leg.hold > 0, leg.queue > 0
    is_inbound = leg.direction == "inbound"
    return (
        at(begins + leg.started),
        str(leg.call_id),
        leg.category,
        leg.direction,
        leg.external,
        leg.internal or target.phone,
        rang or "",
        "" if leg.queued is None else at(begins + leg.queued),
        rang or "",
        "" if connected is None else at(begins + connected),
        at(leg.end),
        *(str(target.id), target.kind, target.type, text(target.name), target.email),
        _truth(leg.is_recorded),
        _or_empty(leg.entry),
        str(entry.id) if entry else "",
        entry.kind if entry else "",
        str(leg.proxy.id) if leg.proxy else "",
        _truth(bool(leg.voicemail)),
        text(leg.transferred_to),
        "",
        _or_empty(leg.transferred_from),
        str(target.office_id),
        str(company_id),
        ("native", "web", "mobile")[leg.call_id % 3] if is_person and connected is not None else "",
        "",
        *(times.name, "open", minutes(leg.ended - leg.started), "", ""),
        _or_empty(leg.master),
        minutes(connected - leg.started) if connected is not None and is_inbound else "",
        *("", "", ""),
        text(leg.categories),
        minutes(leg.ringing),
        "1" if leg.ringing else "0",
        minutes(leg.hold),
        "1" if is_held else "0",
        minutes(leg.talk),
        minutes(leg.queue),
        "1" if is_queued else "0",
        minutes(leg.wrapup),
        "operator" if entry and is_person else "",
        *("", "", "", ""),
        _truth(leg.is_internal),
    )


def _truth(value: bool) -> str:
    return "true" if value else "false"


def recording_rows(legs: Iterable[Leg], times: LocalTimes) -> Iterator[list[object]]:
    for leg in legs:
        if not leg.is_recorded or leg.connected is None:
            continue
        owner = leg.entry_target or leg.target
        person = [leg.target.id, leg.target.name, leg.target.email] if leg.entry_target else ["", "", ""]
        yield [
            *(leg.call_id, owner.id, owner.name, owner.email, *person),
            *(leg.external, leg.internal or leg.target.phone, times.whole(leg.begins + leg.connected)),
            *(f"https://dialpad.example.com/r/{leg.call_id}/call.mp3", minutes(leg.talk), times.name),
        ]


def voicemail_rows(legs: Iterable[Leg], times: LocalTimes) -> Iterator[list[object]]:
    for leg in legs:
        if leg.voicemail:
            target = leg.target
            yield [
                *(times.text(leg.start), leg.call_id, target.id, target.type, target.name, target.email),
                *(leg.external, leg.internal or target.phone),
                *(f"https://dialpad.example.com/r/{leg.call_id}/voicemail.mp3", minutes(leg.voicemail)),
                times.name,
            ]


def disposition_rows(legs: Iterable[Leg], times: LocalTimes) -> Iterator[list[object]]:
    for leg in legs:
        if leg.disposition:
            yield [
                *(leg.call_id, leg.disposition, leg.direction, leg.external),
                *(leg.internal or leg.target.phone, leg.target.name, times.text(leg.start)),
                *(times.text(leg.at(leg.connected)), times.text(leg.end), times.name),
            ]


def csat_rows(legs: Iterable[Leg], times: LocalTimes) -> Iterator[list[object]]:
    for leg in legs:
        if leg.csat:
            target = leg.target
            yield [
                *(leg.call_id, times.text(leg.end), target.id, target.type, target.name, leg.external),
                *(leg.csat, times.name),
            ]
