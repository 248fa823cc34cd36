"""The log of changes made by the functions that administer: who changed what, from which value to which."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.dialer.calllog import MASK
from trunkline.dialer.command import Call

SECRET_COLUMNS = frozenset(("pass", "pass_hash", "phone_pass", "conf_secret"))
LONGEST_VALUE = 1_000


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
    """Write one change. A record that is new has nothing before, a deleted one nothing after."""
    await call.work.insert(
        "admin_log",
        event_date=call.time,
        user=call.arg("user"),
        ip_address=call.address,
        event_section=event.section,
        event_type=event.kind,
        record_id=str(record_id),
        event_code=event.code,
        event_sql=changes_text(before, after),
        event_notes=notes,
    )


def changes_text(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """The changed columns with old and new value as JSON; of passwords only that they changed."""
    old, new = before or {}, after or {}
    names = new if after is not None else old
    changed = {
        name: [_shown(name, old.get(name)), _shown(name, new.get(name))]
        for name in names
        if _text(old.get(name)) != _text(new.get(name))
    }
    return json.dumps(changed, ensure_ascii=False) if changed else ""


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _shown(name: str, value: Any) -> Any:
    if name in SECRET_COLUMNS and value not in (None, ""):
        return MASK
    return value[:LONGEST_VALUE] if isinstance(value, str) else value
