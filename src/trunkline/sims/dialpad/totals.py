"""Exports with one row for many calls, or for many of the other things.

The columns of calls by date are known from a capture. Of those by user (55) all names but those that stand
there too, and all of calls by group and of the other kinds, are our own choice.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from trunkline.sims.dialpad.legs import Leg
from trunkline.sims.dialpad.records import LocalTimes, minutes

DATE_COLUMNS = (
    *("date", "all_calls", "inbound_calls", "outbound_calls", "voicemails", "missed", "abandoned"),
    *("forwarded", "cancelled", "minutes", "acd", "aht", "inbound_minutes", "outbound_minutes"),
    *("time_in_system", "service_level", "callbacks_requested", "callbacks_completed"),
    *("callbacks_cancelled", "open_inbound_calls", "open_missed_calls", "open_abandoned_calls"),
    *("callbacks_connected", "callbacks_unconnected", "missed_voicemails", "other_voicemails"),
    *("missed_transferred", "asa", "open_transferred", "short_abandoned", "handled", "answered"),
    *("answered_transferred", "message", "spam", "in_queue_voicemail", "dtmf_voicemail"),
    *("direct_to_voicemail", "transfer_voicemail", "outbound_connected", "connected_transferred"),
    *("transferred_out", "transferred_in", "dtmf_transfer", "auto_transfer", "router_transfer"),
    *("forward_transfer", "timezone", "ringing_duration", "avg_ringing_duration", "hold_duration"),
    *("avg_hold_duration", "talk_duration", "avg_talk_duration", "queued_duration"),
    *("avg_queued_duration", "wrapup_duration", "avg_wrapup_duration", "callback_agent_missed_rejected"),
    *("direct_callback_agent_missed_rejected", "direct_callback_cancelled", "scripted_ivr_transfer"),
    *("total_voicemails", "unresolved_voicemails", "resolved_voicemails"),
    *("avg_voicemail_handle_time_minutes", "avg_voicemail_assignment_time_minutes"),
    "avg_time_open_minutes",
)
_NOT_BY_USER = {
    *("open_inbound_calls", "open_missed_calls", "open_abandoned_calls", "open_transferred"),
    *("short_abandoned", "service_level", "asa", "in_queue_voicemail", "dtmf_voicemail"),
    *("router_transfer", "dtmf_transfer", "auto_transfer", "callback_agent_missed_rejected"),
    *("direct_callback_agent_missed_rejected", "direct_callback_cancelled", "scripted_ivr_transfer"),
    *("unresolved_voicemails", "resolved_voicemails", "avg_voicemail_handle_time_minutes"),
    *("avg_voicemail_assignment_time_minutes", "avg_time_open_minutes", "spam", "message"),
    "timezone",
}
USER_COLUMNS = (
    *("date", "user_id", "name", "email", "type"),
    *(name for name in DATE_COLUMNS[1:] if name not in _NOT_BY_USER),
    *("internal_calls", "rejected", "ring_no_answer", "native", "web", "mobile", "timezone"),
)
GROUP_COLUMNS = ("group_id", "name", "type", *DATE_COLUMNS[1:])
SERVICE_LEVEL_MS = 60_000

Key = tuple[str, ...]


class Totals:
    """Counts and sums of the calls of one row."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = defaultdict(int)
        self.lengths: dict[str, int] = defaultdict(int)

    def add(self, leg: Leg) -> None:
        is_inbound = leg.direction == "inbound"
        side = "inbound" if is_inbound else "outbound"
        words = set(leg.categories.split(","))
        counted = {
            "all_calls": True,
            f"{side}_calls": True,
            "voicemails": bool(leg.voicemail),
            "missed_voicemails": bool(leg.voicemail),
            "total_voicemails": bool(leg.voicemail),
            "missed": leg.category == "missed",
            "abandoned": leg.category == "abandoned",
            "forwarded": leg.category == "forwarded",
            "cancelled": leg.category == "cancelled",
            "answered": is_inbound and leg.is_answered,
            "handled": leg.is_answered,
            "outbound_connected": not is_inbound and leg.is_answered,
            "transferred_out": "transferred_out" in words,
            "transferred_in": "transferred_in" in words,
            "ring_no_answer": "ring_no_answer" in words,
            "internal_calls": leg.is_internal,
            "open_inbound_calls": is_inbound,
            "service_level": leg.is_answered and leg.queue <= SERVICE_LEVEL_MS,
        }
        for name, is_so in counted.items():
            if is_so:
                self.counts[name] += 1
        for name, length in (
            ("minutes", leg.talk),
            (f"{side}_minutes", leg.talk),
            ("time_in_system", leg.ended - leg.started),
            ("ringing_duration", leg.ringing),
            ("hold_duration", leg.hold),
            ("talk_duration", leg.talk),
            ("queued_duration", leg.queue),
            ("wrapup_duration", leg.wrapup),
        ):
            self.lengths[name] += length

    def value(self, name: str) -> str:
        """A column's text; what nobody counts here is 0."""
        if name in self.lengths:
            return minutes(self.lengths[name])
        handled = self.counts["handled"] or 1
        if name in ("acd", "avg_talk_duration"):
            return minutes(self.lengths["talk_duration"] // handled)
        if name == "aht":
            parts = ("talk_duration", "hold_duration", "wrapup_duration")
            return minutes(sum(self.lengths[part] for part in parts) // handled)
        if name == "asa":
            return minutes((self.lengths["queued_duration"] + self.lengths["ringing_duration"]) // handled)
        if name.startswith("avg_") and name[4:] in self.lengths:
            return minutes(self.lengths[name[4:]] // handled)
        return str(self.counts.get(name, 0))


def by_date(legs: Iterable[Leg], times: LocalTimes, days: Sequence[str]) -> Iterator[list[object]]:
    """One row for each day; a conversation counts once, by the leg it came in by."""
    found = {day: Totals() for day in days}
    for leg in legs:
        if leg.entry is None:
            found[times.day(leg.start)].add(leg)
    for day, totals in found.items():
        yield [_known(name, totals, {"date": day, "timezone": times.name}) for name in DATE_COLUMNS]


def by_user(legs: Iterable[Leg], times: LocalTimes) -> Iterator[list[object]]:
    """One row for each user and day with calls."""
    found: dict[tuple[str, int], Totals] = defaultdict(Totals)
    people = {}
    for leg in legs:
        if leg.target.type == "user":
            people[leg.target.id] = leg.target
            found[times.day(leg.start), leg.target.id].add(leg)
    for (day, user_id), totals in sorted(found.items(), key=lambda item: item[0]):
        user = people[user_id]
        known = {"date": day, "user_id": str(user.id), "name": user.name, "email": user.email}
        known |= {"type": "user", "timezone": times.name}
        yield [_known(name, totals, known) for name in USER_COLUMNS]


def by_group(legs: Iterable[Leg], times: LocalTimes) -> Iterator[list[object]]:
    """One row for each call center and department with calls."""
    found: dict[int, Totals] = defaultdict(Totals)
    groups = {}
    for leg in legs:
        if leg.target.type in ("call_center", "department"):
            groups[leg.target.id] = leg.target
            found[leg.target.id].add(leg)
    for group_id, totals in found.items():
        group = groups[group_id]
        known = {"group_id": str(group.id), "name": group.name, "type": group.type, "timezone": times.name}
        yield [_known(name, totals, known) for name in GROUP_COLUMNS]


def _known(name: str, totals: Totals, known: dict[str, str]) -> str:
    return known[name] if name in known else totals.value(name)


def counted(
    rows: Iterable[Sequence[object]], columns: Sequence[str], times: LocalTimes
) -> Iterator[list[object]]:
    """For the stats of the other kinds: how many of their records each day and name has."""
    date, name = columns.index("date"), columns.index("name")
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        found[str(row[date])[:10], str(row[name])] += 1
    for (day, who), count in sorted(found.items()):
        yield [day, who, count, times.name]


COUNTED_COLUMNS = ("date", "name", "count", "timezone")
