"""The installation, kept open for everybody: the store, the warehouse's one writer, the runs under way."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import pyarrow as pa
import sqlalchemy.orm  # noqa: F401 - whole before the engine's thread loads it: others ask the store meanwhile

from trunkline.center import datasets
from trunkline.center.room import Center, open_center
from trunkline.center.tables_of import is_made
from trunkline.center.writer import Writer
from trunkline.daemon.jobs import Jobs, starting
from trunkline.errors import RetryLater, TrunklineError
from trunkline.settings import Settings
from trunkline.warehouse.duckdb_engine import DuckdbWarehouse
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.open import DUCKDB_FILE, open_warehouse

SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_BETWEEN_TRIES = 30.0
SECONDS_FOR_RUNS = 3
"""So long runs that are due may go on when the server is told to stop; the next start goes on with them."""
ENGINE = "trunkline.center.engine"
_log = logging.getLogger("trunkline.server")


@dataclass(frozen=True)
class Room:
    """What the socket's answers work with. Use `opened`."""

    center: Center
    writer: Writer
    jobs: Jobs

    async def warehouse(self) -> Warehouse:
        """The warehouse for reading; the caller closes it. Raises SettingsError where there is none yet."""
        return await asyncio.to_thread(_warehouse_beside, self.writer, self.center.settings, read_only=True)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Room]:
    """The room; at its end runs under way are ended as cancelled. Raises what opening the store raises."""
    # Arrow's own allocator keeps what it once had
    pa.set_memory_pool(pa.system_memory_pool())
    with (
        Writer(settings, keeps=True) as writer,
        open_center(settings, open_tables=partial(_warehouse_beside, writer)) as center,
    ):
        jobs = Jobs(center, starting(center, writer))
        taking = asyncio.ensure_future(_take_warehouse(center, writer))
        working = asyncio.ensure_future(_run_what_is_due(center, writer))
        try:
            yield Room(center, writer, jobs)
        finally:
            taking.cancel()
            working.cancel()
            await asyncio.gather(taking, working, return_exceptions=True)
            await jobs.close()


async def _run_what_is_due(center: Center, writer: Writer) -> None:
    """The engine, from the moment there is a dataset: who serves the dialer alone need not load it."""
    await _until(lambda: asyncio.to_thread(_has_datasets, center), SECONDS_BETWEEN_LOOKS)
    module = await asyncio.to_thread(import_module, ENGINE)
    engine = module.Engine(center, writer)
    await _until(lambda: _has_begun(engine), SECONDS_BETWEEN_TRIES)
    try:
        await asyncio.Event().wait()
    finally:
        await engine.stop(SECONDS_FOR_RUNS)


async def _until(look: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Look again and again, so many seconds apart."""
    while True:
        if await look():
            return
        await asyncio.sleep(seconds)


async def _has_begun(engine: Any) -> bool:
    """A worker of the same home may be at it: then that one runs what is due, until it ends."""
    try:
        await engine.start()
    except TrunklineError as error:
        _log.warning("%s", error)
        return False
    return True


def _has_datasets(center: Center) -> bool:
    try:
        return bool(datasets.all_of(center))
    except TrunklineError:
        return False  # the store is away; what asks it tells so


def _warehouse_beside(writer: Writer, settings: Settings, *, read_only: bool = False) -> Warehouse:
    """The file that the writer has open: a process cannot open it once more in another way."""
    is_file = not settings.text("warehouse_url").strip()
    if not is_file or (read_only and not (settings.home / DUCKDB_FILE).exists()):
        return open_warehouse(settings, read_only=read_only)
    shared = writer.shared()
    assert isinstance(shared, DuckdbWarehouse), "without an address it is the file"
    return shared.beside()


async def _take_warehouse(center: Center, writer: Writer) -> None:
    """Open the warehouse as soon as nobody else has it open, if there is one."""
    if center.settings.text("warehouse_url") or not is_made(center):
        return
    is_told = False
    while not await _is_taken(writer, is_told):
        is_told = True
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    if is_told:
        _log.warning("The warehouse is free, and this server has it open now.")


async def _is_taken(writer: Writer, is_told: bool) -> bool:
    """Also when waiting will not help."""
    try:
        await asyncio.to_thread(writer.shared)
    except RetryLater as error:
        if not is_told:
            _log.warning("%s This server goes on without it until it is free.", error)
        return False
    except TrunklineError as error:
        _log.error("%s %s", error, error.todo)
    return True
