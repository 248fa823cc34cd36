"""The floor as it is: drawn once as a page, and kept fresh by events from one reader for all."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing

from starlette.responses import Response, StreamingResponse

from trunkline.access.roles import Right
from trunkline.dialer.floor_now import FloorNow
from trunkline.pages.console import Opened
from trunkline.pages.routing import get
from trunkline.pages.streams import leaving
from trunkline.pages.visit import Visit

LIFE_SECONDS = 300.0
"""So long one stream of events lasts; the browser asks for the next, and is asked who it is."""
PARTS = ("totals", "agents", "queues")


async def show(visit: Visit) -> Response:
    console = visit.rooms.console
    if not console.is_open:
        return visit.page("dialer/no_floor.html", lacking=(), is_open=False)
    with console.dialer() as opened:
        if not opened.has_floor:
            return visit.page("dialer/no_floor.html", lacking=opened.off["logged_in_agents"], is_open=True)
        floor = await opened.reader.read()
    return visit.page("dialer/floor.html", floor=floor, is_own=opened.is_own)


async def events(visit: Visit) -> Response:
    """What changes on the floor, as long as somebody looks."""
    with visit.rooms.console.dialer() as opened:
        kind = "text/event-stream"
        return StreamingResponse(_told(visit, opened), media_type=kind, headers={"X-Accel-Buffering": "no"})


async def _told(visit: Visit, opened: Opened) -> AsyncIterator[str]:
    sent: dict[str, str] = {}
    ends = opened.clock.monotonic() + LIFE_SECONDS
    yield "retry: 1000\n\n"
    async with aclosing(opened.watch.follow()) as following:
        async for seen in following:
            if leaving.is_set() or opened.clock.monotonic() > ends:
                return
            if seen.floor is None:
                yield "event: away\ndata: {}\n\n"
                continue
            parts = _drawn(visit, opened, seen.floor)
            changed = {name: text for name, text in parts.items() if sent.get(name) != text}
            sent |= changed
            yield f"data: {json.dumps({'parts': changed})}\n\n"


def _drawn(visit: Visit, opened: Opened, floor: FloorNow) -> dict[str, str]:
    """The parts of the page; drawn once for all who look, since nothing in them is anybody's own."""
    return opened.drawn_once(floor, lambda: {name: _part(visit, name, floor) for name in PARTS})


def _part(visit: Visit, name: str, floor: FloorNow) -> str:
    return visit.drawing.draw(f"dialer/floor_{name}.html", visit, {"floor": floor})


PAGES = (
    get("/dialer/floor", show, Right.DIALER_READ),
    get("/dialer/floor/events", events, Right.DIALER_READ),
)
