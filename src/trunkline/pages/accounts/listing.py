"""The accounts that somebody may use: whether they work, who uses them, what is left of their budgets."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import accounts
from trunkline.center.accounts import Account
from trunkline.center.sharing import usable
from trunkline.connectors import connector as connector_named
from trunkline.connectors import connector_names
from trunkline.pages.accounts.meters import fullest
from trunkline.pages.new_dataset.provider import hand_of
from trunkline.pages.routing import get
from trunkline.pages.visit import Visit

MOST_METERS = 40
"""Budgets are looked up one account at a time; further down their own pages show them."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
STATES = {accounts.INVALID: 0, accounts.UNTESTED: 1, accounts.VALID: 2}
SORTS: Mapping[str, tuple[str, Callable[[Account], Any]]] = {
    "name": ("Name", lambda one: one.name.lower()),
    "connector": ("Connector", lambda one: (one.connector, one.name.lower())),
    "state": ("State", lambda one: (STATES[one.state], one.name.lower())),
    "used": ("Most used", lambda one: (-one.used_by, one.name.lower())),
    "tested": ("Last tested", lambda one: -(one.checked_at or LONG_AGO).timestamp()),
    "made": ("Newest", lambda one: -one.created_at.timestamp()),
}
WHOSE = {"": "Everybody's", "mine": "My own", "shared": "Shared with me"}


def show(visit: Visit) -> Response:
    center = visit.rooms.center
    every = usable(center, hand_of(visit))
    asked = {name: visit.query.get(name, "") for name in ("search", "connector", "state", "whose", "sort")}
    asked["sort"] = asked["sort"] if asked["sort"] in SORTS else "name"
    found = sorted((one for one in every if _fits(visit, one, asked)), key=SORTS[asked["sort"]][1])
    known: dict[str, Any] = {
        "found": found,
        "meters": {one.id: fullest(center, one) for one in found[:MOST_METERS]},
        "owners": {user.id: user.name for user in visit.rooms.users.all()},
        "labels": {name: connector_named(name).label for name in connector_names()},
        "asked": asked,
    }
    if visit.is_fragment:
        return visit.fragment("accounts/rows.html", **known)
    sorts = {name: label for name, (label, _) in SORTS.items()}
    return visit.page(
        "accounts/list.html", is_empty=not every, sorts=sorts, states=STATES, whose=WHOSE, **known
    )


def _fits(visit: Visit, one: Account, asked: Mapping[str, str]) -> bool:
    is_own = one.owner_id == visit.user.id
    return (
        asked["search"].strip().lower() in one.name.lower()
        and asked["connector"] in ("", one.connector)
        and asked["state"] in ("", one.state)
        and (asked["whose"] == "" or (asked["whose"] == "mine") == is_own)
    )


PAGES = (get("/accounts", show, Right.ACCOUNTS_USE),)
