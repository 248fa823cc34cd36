"""Server-sent events: a part of a page that is sent anew whenever it has changed."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from trunkline.errors import TrunklineError

SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_BETWEEN_SIGNS = 15.0
"""So often at least something is sent, that a browser that has gone is noticed."""
LONGEST_SECONDS = 600.0
"""Then the browser asks again by itself."""

leaving = threading.Event()
"""Set when the server is told to stop: open streams would hold it up."""


@dataclass(frozen=True)
class Seen:
    """A part as it is now; the last one ends the stream."""

    text: str
    is_last: bool = False


Look = Callable[[], Seen]


def stream(look: Look) -> Response:
    """Send what `look`, which runs in a thread, sees, each time it is something else.

    Raises what the first look raises; what a later one raises ends the stream, and the browser asks again.
    """
    first = look()
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(_events(first, look), media_type="text/event-stream", headers=headers)


async def _events(first: Seen, look: Look) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    until, sent_at, seen = loop.time() + LONGEST_SECONDS, loop.time(), first
    yield event("part", seen.text)
    while not seen.is_last and not leaving.is_set() and loop.time() < until:
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        former = seen
        try:
            seen = await run_in_threadpool(look)
        except TrunklineError:
            return
        if seen.text != former.text:
            yield event("part", seen.text)
            sent_at = loop.time()
        elif loop.time() - sent_at >= SECONDS_BETWEEN_SIGNS:
            yield ": still here\n\n"
            sent_at = loop.time()
    if seen.is_last:
        yield event("end", "")


def event(name: str, text: str) -> str:
    """One event as it is sent; a line break in the text begins a further line of data."""
    data = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {name}\n{data}\n"
