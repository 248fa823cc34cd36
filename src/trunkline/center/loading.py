"""From pages to committed windows: rows become batches here, and a thread loads them while the next
window is being read.
"""

import asyncio
import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from trunkline.center.writer import Writer
from trunkline.dates import DaySpan
from trunkline.fetch.source import Source, SourceWindow
from trunkline.warehouse.batches import Batcher
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.target import Loaded

ROWS_HELD = 40_000
BYTES_HELD = 16_000_000
ROWS_AHEAD = 10_000
"""So many rows may wait for the loading thread, beside the batch it works on."""

Load = Callable[[Warehouse, SourceWindow, Iterator[pa.RecordBatch]], Loaded]
"""Puts one window's batches into the warehouse in one transaction, with the progress noted down."""


@dataclass(frozen=True)
class Listener:
    """Whom to tell what happens: rows read, a window begun, a window committed.

    `on_loaded` is called on the loading thread, at once after the commit.
    """

    on_rows: Callable[[int], None]
    on_window: Callable[[SourceWindow], None]
    on_loaded: Callable[[Loaded], None]


class _Broken(Exception):
    """Reading the window failed: its load must be undone."""


class _Room:
    """How many rows may be under way to the loading thread; a larger batch goes alone."""

    def __init__(self, rows: int) -> None:
        self._free = rows
        self._given_back = asyncio.Event()

    async def take(self, rows: int) -> None:
        while self._free <= 0:
            self._given_back.clear()
            await self._given_back.wait()
        self._free -= rows

    def give_back(self, rows: int) -> None:
        self._free += rows
        self._given_back.set()


class WindowFeed:
    """One window's batches on their way to the loading thread.

    The load begins when the window is complete, so that a run that has to wait for its budget in the
    middle of a window holds nothing open. A window too large to hold is handed over as it comes.
    """

    def __init__(self, start: Callable[[Iterator[pa.RecordBatch]], "asyncio.Future[Loaded]"]) -> None:
        self._start = start
        self._queue: queue.SimpleQueue[pa.RecordBatch | _Broken | None] = queue.SimpleQueue()
        self._room = _Room(ROWS_AHEAD)
        self._loop = asyncio.get_running_loop()
        self._held: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0
        self._loading: asyncio.Future[Loaded] | None = None

    async def put(self, batch: pa.RecordBatch) -> None:
        """Take a batch; waits for room where it is handed on. Raises what the load raised."""
        if self._loading is not None:
            await self._hand_on(batch, self._loading)
            return
        self._held.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows > ROWS_HELD or self._bytes > BYTES_HELD:
            held, self._held = self._held, []
            self._loading = self._start(self._streamed())
            for one in held:
                await self._hand_on(one, self._loading)

    def finish(self) -> "asyncio.Future[Loaded]":
        """The window is complete: its load."""
        if self._loading is None:
            held, self._held = self._held, []
            return self._start(iter(held))
        self._queue.put(None)
        return self._loading

    async def give_up(self) -> None:
        """The window cannot be completed: undo what of it was handed on."""
        if self._loading is not None:
            self._queue.put(_Broken())
            await asyncio.gather(self._loading, return_exceptions=True)

    async def _hand_on(self, batch: pa.RecordBatch, loading: "asyncio.Future[Loaded]") -> None:
        room = asyncio.ensure_future(self._room.take(batch.num_rows))
        try:
            either: set[asyncio.Future[Any]] = {room, loading}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not room.done():
                room.cancel()
        if loading.done():
            loading.result()
            raise RuntimeError("a load ended before its window was read")
        self._queue.put(batch)

    def _streamed(self) -> Iterator[pa.RecordBatch]:
        """For the loading thread: the batches as they come."""
        while (item := self._queue.get()) is not None:
            if isinstance(item, _Broken):
                raise item
            self._loop.call_soon_threadsafe(self._room.give_back, item.num_rows)
            yield item


async def load_windows(
    source: Source, span: DaySpan | None, batcher: Batcher, writer: Writer, load: Load, tell: Listener
) -> None:
    """Read every window of a span and load each in one transaction, one behind the reading.

    Where many runs wait for the loading thread, each waits for its own window before it reads the next:
    one more would be in memory, and nothing would be loaded sooner.

    Raises what reading or loading raised; windows loaded before stay. No load goes on after its end.
    """
    in_turn = _InTurn(load, tell)
    loads: list[asyncio.Future[Loaded]] = []
    try:
        async for window in source.windows(span, batcher.page):
            tell.on_window(window)
            loads.append(await _load_window(window, writer, in_turn, tell))
            while len(loads) > (0 if writer.is_behind else 1):
                await _end_first(loads)
        while loads:
            await _end_first(loads)
    except BaseException:
        await asyncio.gather(*loads, return_exceptions=True)
        raise


async def _end_first(loads: "list[asyncio.Future[Loaded]]") -> None:
    """Wait for a load. Cancelling this does not cancel the load, since its thread would not notice."""
    await asyncio.wait({loads[0]})
    loads.pop(0).result()


class _InTurn:
    """Loads windows one after another, on the loading thread; after one that failed, none.

    The progress that goes with a window says that all before it are there.
    """

    def __init__(self, load: Load, tell: Listener) -> None:
        self._load = load
        self._tell = tell
        self._failure: BaseException | None = None

    def __call__(
        self, warehouse: Warehouse, window: SourceWindow, batches: Iterator[pa.RecordBatch]
    ) -> Loaded:
        if self._failure is not None:
            raise self._failure
        try:
            loaded = self._load(warehouse, window, batches)
        except BaseException as error:
            self._failure = error
            raise
        self._tell.on_loaded(loaded)
        return loaded


async def _load_window(
    window: SourceWindow, writer: Writer, load: Load, tell: Listener
) -> "asyncio.Future[Loaded]":
    """Read every row of a window and return its load while that goes on."""
    feed = WindowFeed(lambda batches: writer.submit(lambda warehouse: load(warehouse, window, batches)))
    try:
        async for batch in window.pages:
            await feed.put(batch)
            tell.on_rows(batch.num_rows)
    except BaseException:
        await feed.give_up()
        raise
    return feed.finish()
