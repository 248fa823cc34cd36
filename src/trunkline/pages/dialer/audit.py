"""What was changed through the dialer's functions: who, what, before and after."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.dialer.audit_table import Entry, Wanted, entries_of
from trunkline.dialer.commands import ALL
from trunkline.pages.console import moment_of
from trunkline.pages.routing import get
from trunkline.pages.visit import Visit

AT_ONCE = 50
FILTERS = ("user", "function", "record")


async def show(visit: Visit) -> Response:
    filters = {name: visit.query.get(name, "").strip() for name in FILTERS}
    functions = [command.name for command in ALL if command.writes]
    values: dict[str, Any] = {"filters": filters, "functions": functions}
    console = visit.rooms.console
    if not console.is_open:
        return visit.page("dialer/audit.html", state="closed", entries=[], older="", **values)
    with console.dialer() as opened:
        if not opened.service.audits:
            return visit.page("dialer/audit.html", state="no table", entries=[], older="", **values)
        before = _number(visit.query.get("before", ""))
        user, function, record = (filters[name] for name in FILTERS)
        wanted = Wanted(user, function, record, limit=AT_ONCE, before=before)
        found, following = await entries_of(opened.service.database, wanted)
        entries = [(entry, moment_of(opened, entry.at), _changes(entry)) for entry in found]
    older = f"/dialer/audit?{urlencode({**filters, 'before': following})}" if following else ""
    return visit.page("dialer/audit.html", state="", entries=entries, older=older, **values)


def _changes(entry: Entry) -> list[dict[str, Any]]:
    """What an entry tells, for the eye."""
    return [
        {
            "what": f"{change.get('table', '')}/{change.get('record', '')}" if "table" in change else "",
            "kind": _kind(change),
            "more": change.get("more", 0),
            "values": list(_values(change)),
        }
        for change in entry.changes
    ]


def _kind(change: Mapping[str, Any]) -> str:
    if "table" not in change:
        return ""
    if change.get("before") is None:
        return "new"
    return "deleted" if change.get("after") is None else "changed"


def _values(change: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Column, before, after."""
    if "unreadable" in change:
        yield "", "", str(change["unreadable"])[:500]
    old, new = change.get("before") or {}, change.get("after") or {}
    for name in dict.fromkeys((*old, *new)):
        yield name, _text(old.get(name)), _text(new.get(name))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


PAGES = (get("/dialer/audit", show, Right.AUDIT_READ),)
