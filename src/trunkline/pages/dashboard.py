"""The dashboard: saved queries, each with its chart, its first rows or its one number."""

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import saved_queries
from trunkline.errors import SettingsError, TrunklineError
from trunkline.pages.routing import get, post
from trunkline.pages.sql import as_json, may_change, refused
from trunkline.pages.visit import Visit

MINUTES = (1, 5, 15, 60)
"""How often the page may ask anew by itself."""


def show(visit: Visit) -> Response:
    shown = saved_queries.on_dashboard(visit.rooms.center)
    has_saved = bool(shown) or bool(saved_queries.all_of(visit.rooms.center))
    mine = {saved.id for saved in shown if may_change(visit, saved)}
    return visit.page("dashboard/page.html", shown=shown, has_saved=has_saved, mine=mine, minutes=MINUTES)


async def card(visit: Visit) -> Response:
    """What stands in one card. An error is told in it, and nowhere else."""
    center = visit.rooms.center
    try:
        saved = await run_in_threadpool(saved_queries.get, center, visit.part("query_id"))
        is_fresh = visit.query.get("fresh") == "yes"
        answer = await visit.rooms.asking.card(center, saved, is_fresh=is_fresh)
    except TrunklineError as error:
        return refused(error)
    return await run_in_threadpool(as_json, {**answer.to_json(), "chart": saved.chart.to_json()})


def move(visit: Visit) -> Response:
    """So many places earlier or later: by buttons one, by dragging any number."""
    query = saved_queries.get(visit.rooms.center, visit.part("query_id"))
    try:
        steps = int(visit.text("steps"))
    except ValueError:
        raise SettingsError("Where to is not said.") from None
    saved_queries.move(visit.rooms.center, query.id, max(-1_000, min(1_000, steps)))
    return visit.go("/dashboard")


PAGES = (
    get("/dashboard", show, Right.DATA_READ),
    get("/dashboard/cards/{query_id}", card, Right.DATA_READ),
    post("/dashboard/cards/{query_id}/move", move, Right.DATA_READ),
)
