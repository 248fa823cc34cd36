"""The audit: for each request that changed something a row with every value before and after.

Functions that change rows say so with `changed`; the row is written with the rest of the request's work.
Some changes of the dialer's own keeping stand in it as well, such as a server told to write its files anew.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from trunkline.dialer.database import NewRow
from trunkline.dialer.kinds import ColumnKind, Kind
from trunkline.dialer.tables import declared

if TYPE_CHECKING:
    from trunkline.dialer.command import Call

TABLE = "audit_log"
MASK = "***"
SECRET_COLUMNS = frozenset(
    ("pass", "pass_hash", "phone_pass", "conf_secret", "login_pass", "DBX_pass", "DBY_pass")
)
LONGEST_VALUE = 1_000
MOST_CHANGES = 100
MOST_TEXT = 50_000
"""The changes of one request as text; the column holds 65,535 bytes on MariaDB."""
MOST_IDS = 1_000
"""So many rows that went together are named; all are counted."""

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """A row before and after. One that is new has nothing before, a deleted one nothing after."""

    table: str
    record: str
    before: Values | None
    after: Values | None


Shown = tuple[Change, tuple[Values, Values]]
"""A change and the values before and after that the audit tells of it."""


def changed(
    call: "Call", table: str, record: object, *, before: Values | None = None, after: Values | None = None
) -> None:
    """Remember a change. Of a row that was there and is, only what differs of `after` is kept."""
    if before is not None or after is not None:
        call.changes.append(Change(table, str(record), before, after))


def gone(what: str, count: int, ids: Iterable[int] = ()) -> tuple[Values, Values]:
    """Rows that went or changed together, before and after: how many, and the ids of the first of them."""
    return {what: count, "ids": list(ids)}, {what: 0, "ids": []}


def keep(call: "Call") -> None:
    """Have the audit of a request written at the end of its work, where it changed anything."""
    if not call.changes:
        return
    found = [(one, shown) for one in call.changes if any(shown := differences(one))]
    if found:
        row = entry(call.time, call.arg("user"), call.address, call.function, found)
        call.work.endings.inserts.append(NewRow(TABLE, row))


def entry(at: str, user: str, address: str, function: str, found: Sequence[Shown]) -> dict[str, Any]:
    """A row of the audit. `at` is in the dialer's own time."""
    return {
        "audit_date": at,
        "user": user,
        "ip_address": address,
        "function": function,
        "records": records_text(one for one, _ in found),
        "changes": _as_text([_as_json(one, *shown) for one, shown in found]),
    }


def differences(change: Change) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns that differ, before and after, as the table keeps them; of passwords only that they do."""
    if change.before is None:
        return {}, _new_row(change.table, change.after or {})
    kinds = _kinds(change.table)
    old = change.before
    new = {name: _kept(kinds, name, value) for name, value in (change.after or {}).items()}
    names = [name for name in (old if change.after is None else new) if _differ(old.get(name), new.get(name))]
    return (
        {name: _shown(name, old[name]) for name in names if old.get(name) not in (None, "")},
        {name: _shown(name, new.get(name)) for name in names if new.get(name) is not None or name in old},
    )


def _new_row(table: str, values: Values) -> dict[str, Any]:
    """What a new row holds; most columns of a lead are empty."""
    kinds, texts = _kinds(table), _texts(table)
    given = [
        (n, value) for n, value in values.items() if value is not None and (value != "" or n not in texts)
    ]
    kept = {name: _kept(kinds, name, value) for name, value in given}
    return {name: _shown(name, value) for name, value in kept.items() if value is not None and value != ""}


def records_text(changes: Iterable[Change]) -> str:
    """The rows that were changed, to be found by: ` list/27 callbacks/3 `."""
    names = dict.fromkeys([f"{one.table}/{one.record.replace(' ', '+')}" for one in changes])
    return f" {' '.join(list(names)[:MOST_CHANGES])} "


def _as_json(change: Change, before: Values, after: Values) -> dict[str, Any]:
    return {
        "table": change.table,
        "record": change.record,
        "before": None if change.before is None else before,
        "after": None if change.after is None else after,
    }


def _as_text(changes: list[dict[str, Any]]) -> str:
    """A JSON list. Where it would be too long its last entry says how many more there were."""
    texts: list[str] = []
    room = MOST_TEXT
    for change in changes[:MOST_CHANGES]:
        text = json_text(change)
        room -= len(text.encode()) + 1
        if room < 0:
            break
        texts.append(text)
    if len(texts) < len(changes):
        texts.append(json_text({"more": len(changes) - len(texts)}))
    return f"[{','.join(texts)}]"


def json_text(value: Any) -> str:
    try:
        return orjson.dumps(value, default=str).decode()
    except TypeError:  # a number of more than 64 bits
        return json.dumps(value, default=str)


@cache
def _kinds(table: str) -> Mapping[str, ColumnKind]:
    """Those of the dialer's own tables; lists' own tables take what they are given."""
    return {column.name: column.kind for column in declared()[table][1]} if table in declared() else {}


@cache
def _texts(table: str) -> frozenset[str]:
    """The columns of text: one that is empty needs no look at what the table makes of it."""
    return frozenset(name for name, kind in _kinds(table).items() if kind.kind is Kind.TEXT)


def _differ(old: Any, new: Any) -> bool:
    return old != new and _text(old) != _text(new)


def _kept(kinds: Mapping[str, ColumnKind], name: str, value: Any) -> Any:
    kind = kinds.get(name)
    return value if kind is None or value is None or isinstance(value, list) else kind.kept(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _shown(name: str, value: Any) -> Any:
    if name in SECRET_COLUMNS and value not in (None, ""):
        return MASK
    return value[:LONGEST_VALUE] if isinstance(value, str) and len(value) > LONGEST_VALUE else value
