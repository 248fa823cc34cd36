"""From pages to committed windows: rows become batches here, and a thread loads them while the next
window is being read.
"""

import asyncio
import queue
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from trunkline.center.writer import Writer
from trunkline.dates import DaySpan
from trunkline.declare import Row
from trunkline.fetch.source import Source, SourceWindow
from trunkline.warehouse.batches import Batcher
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.target import Loaded

ROWS_PER_BATCH = 1_000
BATCHES_AHEAD = 48

Load = Callable[[Warehouse, SourceWindow, Iterator[pa.RecordBatch]], Loaded]
"""Puts one window's batches into the warehouse in one transaction, with the progress noted down."""


@dataclass(frozen=True)
class Listener:
    """Whom to tell what happens: rows read, a window begun, a window committed."""

    on_rows: Callable[[int], None]
    on_window: Callable[[SourceWindow], None]
    on_loaded: Callable[[Loaded], None]


class _Broken(Exception):
    """Reading the window failed: its load must be undone."""


class BatchFeed:
    """Batches on their way from the reading loop to the loading thread; at most so many wait."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[pa.RecordBatch | _Broken | None] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(BATCHES_AHEAD)
        self._loop = asyncio.get_running_loop()

    async def put(self, batch: pa.RecordBatch, loading: "asyncio.Future[Loaded]") -> None:
        """Hand over a batch; waits for room. Raises what the load raised, when it has failed."""
        if self._room.locked() or loading.done():
            await self._wait_for_room(loading)
        else:
            await self._room.acquire()
        self._queue.put(batch)

    async def _wait_for_room(self, loading: "asyncio.Future[Loaded]") -> None:
        room = asyncio.ensure_future(self._room.acquire())
        try:
            await asyncio.wait({room, loading}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not room.done():
                room.cancel()
        if loading.done():
            loading.result()
            raise RuntimeError("a load ended before its window was read")

    def finish(self) -> None:
        self._queue.put(None)

    def fail(self) -> None:
        self._queue.put(_Broken())

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        while (item := self._queue.get()) is not None:
            if isinstance(item, _Broken):
                raise item
            self._loop.call_soon_threadsafe(self._room.release)
            yield item


async def load_windows(
    source: Source, span: DaySpan | None, batcher: Batcher, writer: Writer, load: Load, tell: Listener
) -> None:
    """Read every window of a span and load each in one transaction, one behind the reading.

    Raises what reading or loading raised; windows loaded before stay.
    """
    earlier: asyncio.Future[Loaded] | None = None
    try:
        async for window in source.windows(span):
            tell.on_window(window)
            current = await _load_window(window, batcher, writer, load, tell)
            if earlier is not None:
                tell.on_loaded(await earlier)
            earlier = current
    except BaseException:
        if earlier is not None:
            await asyncio.gather(earlier, return_exceptions=True)
            if not earlier.cancelled() and earlier.exception() is None:
                tell.on_loaded(earlier.result())
        raise
    if earlier is not None:
        tell.on_loaded(await earlier)


async def _load_window(
    window: SourceWindow, batcher: Batcher, writer: Writer, load: Load, tell: Listener
) -> "asyncio.Future[Loaded]":
    """Start the load, feed it every row of the window, and return it while it finishes."""
    feed = BatchFeed()
    loading = writer.submit(lambda warehouse: load(warehouse, window, iter(feed)))
    try:
        async for rows in _in_batches(window.rows):
            await feed.put(batcher.batch(rows), loading)
            tell.on_rows(len(rows))
    except BaseException:
        feed.fail()
        await asyncio.gather(loading, return_exceptions=True)
        raise
    feed.finish()
    return loading


async def _in_batches(pages: AsyncIterator[list[Row]]) -> AsyncIterator[list[Row]]:
    """Pages put together to batches worth converting at once."""
    held: list[Row] = []
    async for rows in pages:
        held += rows
        if len(held) >= ROWS_PER_BATCH:
            yield held
            held = []
    if held:
        yield held
