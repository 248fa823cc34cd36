"""The one thread of a process that writes the warehouse, and lets go of it while there is nothing to do.

A DuckDB file has one writing process at a time. A run that waits an hour for its budget must not keep
everybody else out for that hour, so the warehouse is opened when a load needs it and released again.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from trunkline.errors import RetryLater, TrunklineError
from trunkline.settings import Settings
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.open import open_warehouse

T = TypeVar("T")

WORKS_AHEAD = 2


class Writer:
    """Runs functions of the warehouse one after another on one thread. Use as a context.

    One that `keeps` the warehouse has it open until its end: for a server, through which others use it.
    """

    def __init__(self, settings: Settings, *, keeps: bool = False) -> None:
        self._settings = settings
        self._keeps = keeps
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="warehouse")
        self._warehouse: Warehouse | None = None
        self._submitted = 0

    @property
    def is_behind(self) -> bool:
        """Whether works of several runs wait for their turn: who reads on now, reads only to hold rows."""
        return self._submitted > WORKS_AHEAD

    def submit(self, work: Callable[[Warehouse], T]) -> "asyncio.Future[T]":
        """The future result of `work(warehouse)`; works are done in the order they came in."""
        loop = asyncio.get_running_loop()
        self._submitted += 1
        done = loop.run_in_executor(self._thread, self._do, work)
        done.add_done_callback(self._count_done)
        return done

    def _count_done(self, _: object) -> None:
        self._submitted -= 1

    def shared(self) -> Warehouse:
        """The open warehouse, for use beside the works. Waits until it is open."""
        if self._warehouse is not None:
            return self._warehouse
        shared: Warehouse = self._thread.submit(self._do, lambda warehouse: warehouse).result()
        return shared

    def release(self) -> None:
        """Close the warehouse after the works at hand; the next work opens it again."""
        if self._keeps:
            return
        self._thread.submit(self._close)

    def make_ready(self) -> None:
        """Open the warehouse while a run makes itself ready; what fails here is told by the first work."""
        self._thread.submit(self._open_early)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _do(self, work: Callable[[Warehouse], T]) -> T:
        if self._warehouse is None:
            self._warehouse = self._opened()
        return work(self._warehouse)

    def _opened(self) -> Warehouse:
        """The warehouse, once others who look into it for a moment are done."""
        patient = Retrying(
            retry=retry_if_exception_type(RetryLater),
            stop=stop_after_delay(self._settings.number("warehouse_wait_seconds")),
            wait=wait_fixed(0.25),
            reraise=True,
        )
        return patient(open_warehouse, self._settings)

    def _open_early(self) -> None:
        with suppress(TrunklineError):
            if self._warehouse is None:
                self._warehouse = open_warehouse(self._settings)

    def _close(self) -> None:
        warehouse, self._warehouse = self._warehouse, None
        if warehouse is not None:
            warehouse.close()
