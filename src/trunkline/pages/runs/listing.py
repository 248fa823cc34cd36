"""Runs of all datasets, newest first."""

from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import overview, runs, workers
from trunkline.errors import SettingsError
from trunkline.pages.routing import get
from trunkline.pages.visit import Visit

AT_ONCE = 50


def show(visit: Visit) -> Response:
    center = visit.rooms.center
    state, before = visit.query.get("state", ""), visit.query.get("before", "")
    if state and state not in runs.STATES:
        raise SettingsError(f"{state!r} is no state of runs.", todo=f"There are {', '.join(runs.STATES)}.")
    found = overview.of_runs(center, state=state, before=before, limit=AT_ONCE + 1)
    known: dict[str, Any] = {
        "found": found[:AT_ONCE],
        "next_before": found[AT_ONCE - 1].id if len(found) > AT_ONCE else "",
        "state": state,
        "states": runs.STATES,
        "is_empty": not found and not state and not before,
        "has_workers": bool(workers.alive(center)),
    }
    return visit.page("runs/list.html", **known)


PAGES = (get("/runs", show, Right.DATA_READ),)
