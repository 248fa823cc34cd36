"""The log of changes made by the functions that administer: who changed what, from which value to which."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.dialer import audit
from trunkline.dialer.audit import Change
from trunkline.dialer.command import Call

TABLES = {
    "USERS": "users",
    "PHONES": "phones",
    "PHONEALIASES": "phones_alias",
    "GROUPALIASES": "groups_alias",
    "LISTS": "lists",
    "CAMPAIGNS": "campaigns",
    "SERVERS": "servers",
}
"""The table that each section of the log is about."""


@dataclass(frozen=True)
class Event:
    """A kind of change, in the words of the log."""

    section: str
    kind: str
    code: str


async def record(
    call: Call,
    event: Event,
    record_id: object,
    notes: str = "",
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one change, and remember it for the audit.

    A record that is new has nothing before, a deleted one nothing after.
    """
    change = Change(TABLES[event.section], str(record_id), before, after)
    audit.changed(call, change.table, change.record, before=before, after=after)
    await call.work.insert(
        "admin_log",
        event_date=call.time,
        user=call.arg("user"),
        ip_address=call.address,
        event_section=event.section,
        event_type=event.kind,
        record_id=change.record,
        event_code=event.code,
        event_sql=changes_text(change),
        event_notes=notes,
    )


def changes_text(change: Change) -> str:
    """The columns that differ, each with its old and its new value, as JSON; empty where none does."""
    old, new = audit.differences(change)
    both = {name: [old.get(name), new.get(name)] for name in {**old, **new}}
    return audit.json_text(both) if both else ""
