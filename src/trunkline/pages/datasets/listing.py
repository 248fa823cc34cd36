"""All datasets: what state each is in, how much it holds, when it is read next."""

from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import accounts, overview
from trunkline.center.overview import Overview
from trunkline.center.tables_of import browsing
from trunkline.errors import TrunklineError
from trunkline.pages.routing import get
from trunkline.pages.visit import Visit

AT_ONCE = 100


def show(visit: Visit) -> Response:
    """The list, by name; a part of it where the search changed."""
    center = visit.rooms.center
    search, account, after = (visit.query.get(name, "").strip() for name in ("search", "account", "after"))
    found = overview.of_datasets(center, after=after, search=search, account=account, limit=AT_ONCE + 1)
    known: dict[str, Any] = {
        "found": found[:AT_ONCE],
        "next_after": found[AT_ONCE - 1].name if len(found) > AT_ONCE else "",
        "rows": _row_counts(visit),
        "owners": {user.id: user.name for user in visit.rooms.users.all()},
        "search": search,
        "account": account,
    }
    if visit.is_fragment:
        return visit.fragment("datasets/rows_of_list.html", **known)
    names = [one.name for one in accounts.all_of(center)]
    is_empty = not found and not search and not account and not after
    return visit.page(
        "datasets/list.html", accounts=names, is_empty=is_empty, late=_late(visit, found), **known
    )


def _row_counts(visit: Visit) -> dict[str, int]:
    """Rows by dataset, as far as the warehouse can be asked just now."""
    try:
        with browsing(visit.rooms.center) as browser:
            return browser.sizes() if browser else {}
    except TrunklineError:
        return {}


def _late(visit: Visit, found: list[Overview]) -> list[Overview]:
    """Those whose time has passed by more than a little, while nothing is under way."""
    now = visit.rooms.clock.now()
    return [
        one
        for one in found
        if one.next_due_at is not None
        and not one.is_paused
        and one.under_way is None
        and (now - one.next_due_at).total_seconds() > 300
    ]


PAGES = (get("/datasets", show, Right.DATA_READ),)
