"""The areas of the pages, in the order of the bar at their top."""

from collections.abc import Sequence
from dataclasses import dataclass

from trunkline.access.roles import Right
from trunkline.access.users import User


@dataclass(frozen=True)
class Place:
    """A page that the bar leads to."""

    label: str
    path: str
    right: Right


@dataclass(frozen=True)
class Area:
    """Places that belong together. Its own path is that of the first the user may see."""

    label: str
    places: Sequence[Place]


@dataclass(frozen=True)
class Shown:
    """An area, or a place of it, as one user sees it."""

    label: str
    path: str
    is_here: bool
    places: "Sequence[Shown]" = ()


AREAS: tuple[Area, ...] = (
    Area(
        "Data Center",
        (
            Place("Cloud App", "/connectors", Right.ACCOUNTS_USE),
            Place("Accounts", "/accounts", Right.ACCOUNTS_USE),
            Place("Datasets", "/datasets", Right.DATA_READ),
            Place("Runs", "/runs", Right.DATA_READ),
        ),
    ),
    Area(
        "SQL", (Place("Queries", "/sql", Right.DATA_READ), Place("Dashboard", "/dashboard", Right.DATA_READ))
    ),
    Area(
        "Dialer",
        (
            Place("Functions", "/dialer", Right.DIALER_READ),
            Place("Floor", "/dialer/floor", Right.DIALER_READ),
            Place("API users", "/dialer/users", Right.DIALER_WRITE),
            Place("Audit", "/dialer/audit", Right.AUDIT_READ),
        ),
    ),
    Area(
        "Click-to",
        (
            Place("Blocks", "/clickto", Right.CLICKTO_READ),
            Place("Activity", "/clickto/activity", Right.CLICKTO_READ),
            Place("Keys", "/clickto/keys", Right.CLICKTO_WRITE),
        ),
    ),
    Area(
        "Admin",
        (
            Place("People", "/users", Right.USERS_WRITE),
            Place("Audit", "/audit", Right.AUDIT_READ),
            Place("System", "/system", Right.SYSTEM_READ),
        ),
    ),
)


def areas_for(user: User | None, path: str) -> list[Shown]:
    """The areas with what the user may see of them, and where in them the user is."""
    if user is None:
        return []
    here = _place_of(path)
    found = []
    for area in AREAS:
        places = [
            Shown(place.label, place.path, place is here) for place in area.places if user.may(place.right)
        ]
        if places:
            found.append(Shown(area.label, places[0].path, here in area.places, places))
    return found


def _place_of(path: str) -> Place | None:
    """The place whose path is the longest beginning of this one."""
    fits = [
        place
        for area in AREAS
        for place in area.places
        if path == place.path or path.startswith(f"{place.path}/")
    ]
    return max(fits, key=lambda place: len(place.path), default=None)
