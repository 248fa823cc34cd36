"""What clicks came to: figures by day and by outcome, the clicks themselves, and the calls placed here."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.clickto.account import account_of
from trunkline.clickto.activity import Activity, Place
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.calls import Calls
from trunkline.clickto.figures import DayFigures, Outcome, figures, last_days, outcome_of
from trunkline.pages.routing import get
from trunkline.pages.visit import Visit

RANGES = {7: "7 days", 30: "30 days", 90: "90 days", 365: "A year"}
USUAL = 30
AT_ONCE, CALLS_AT_ONCE, MOST_BLOCKS = 50, 50, 500


def show(visit: Visit) -> Response:
    days, block_id = _days(visit), _number(visit.query.get("block", "")) or None
    rooms = visit.rooms
    account = account_of(rooms.settings)
    today = rooms.clock.now().astimezone(account.zone).date()
    selection = last_days(today, days, block_id)
    activity = Activity(rooms.store, rooms.clock, account)
    rows, before = activity.newest(selection, AT_ONCE, _place(visit.query.get("before", "")))
    by_day = figures(rooms.store, selection)
    chosen = {"range": days, **({"block": block_id} if block_id else {})}
    older = f"/clickto/activity?{urlencode({**chosen, 'before': _place_text(before)})}" if before else ""
    return visit.page(
        "clickto/activity.html",
        days=days,
        ranges=RANGES,
        block_id=block_id,
        blocks=Blocks(rooms.store, rooms.clock).some(0, MOST_BLOCKS),
        by_day=by_day,
        sums=_sums(by_day),
        talked=sum(one.talk_seconds for one in by_day),
        drawn=_drawn(by_day),
        rows=[(row, outcome_of(row["call_1_result"], row["call_2_result"])) for row in rows],
        older=older,
        is_first="before" not in visit.query,
        zone=account.zone.key,
    )


def calls(visit: Visit) -> Response:
    """Calls that were placed from here, with every number that was dialled."""
    rooms, block_id = visit.rooms, _number(visit.query.get("block", "")) or None
    before = _number(visit.query.get("before", "")) or None
    kept = Calls(rooms.store, rooms.clock, account_of(rooms.settings))
    found = kept.some(CALLS_AT_ONCE + 1, block_id, before)
    shown = found[:CALLS_AT_ONCE]
    chosen = {"block": block_id} if block_id else {}
    last = {**chosen, "before": shown[-1].activity_id} if len(found) > CALLS_AT_ONCE else {}
    older = f"/clickto/activity/calls?{urlencode(last)}" if last else ""
    return visit.page("clickto/calls.html", calls=shown, older=older, block_id=block_id)


def _sums(by_day: Sequence[DayFigures]) -> dict[Outcome, int]:
    return {outcome: sum(one.clicks[outcome] for one in by_day) for outcome in Outcome}


def _drawn(by_day: Sequence[DayFigures]) -> dict[str, Any]:
    """What the charts draw: days as seconds since 1970 at midnight UTC, for they are days and no instants."""
    return {
        "days": [int(datetime.combine(one.day, time(), UTC).timestamp()) for one in by_day],
        "outcomes": [str(outcome) for outcome in Outcome],
        "clicks": [[one.clicks[outcome] for one in by_day] for outcome in Outcome],
        "minutes": [round(one.talk_seconds / 60, 1) for one in by_day],
    }


def _days(visit: Visit) -> int:
    wanted = _number(visit.query.get("range", ""))
    return wanted if wanted in RANGES else USUAL


def _place(text: str) -> Place | None:
    minute, _, number = text.partition("-")
    found = _number(minute), _number(number)
    return found if all(found) else None


def _place_text(place: Place) -> str:
    return f"{place[0]}-{place[1]}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 17 else 0


PAGES = (
    get("/clickto/activity", show, Right.CLICKTO_READ),
    get("/clickto/activity/calls", calls, Right.CLICKTO_READ),
)
