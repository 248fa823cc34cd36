"""The warehouse as one DuckDB file, whatever it is in, and back into any of them."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from trunkline.errors import RetryLater
from trunkline.keeping.store_copy import settings_beside
from trunkline.settings import Settings
from trunkline.warehouse.copying import copy_warehouse
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.open import DUCKDB_FILE, open_warehouse

WAIT_SECONDS = 600.0
SECONDS_BETWEEN_TRIES = 0.5

Say = Callable[[str], None]


def is_made(settings: Settings) -> bool:
    return bool(settings.text("warehouse_url").strip()) or (settings.home / DUCKDB_FILE).exists()


@contextmanager
def opened_patiently(settings: Settings, say: Say, wait_seconds: float) -> Iterator[Warehouse]:
    """The warehouse for reading, once nobody writes its file. `say` hears of the wait, once."""

    def tell(state: RetryCallState) -> None:
        if state.attempt_number == 1 and state.outcome is not None:
            say(f"{state.outcome.exception()} Waiting for it.")

    patient = Retrying(
        retry=retry_if_exception_type(RetryLater),
        stop=stop_after_delay(wait_seconds),
        wait=wait_fixed(SECONDS_BETWEEN_TRIES),
        before_sleep=tell,
        reraise=True,
    )
    warehouse = patient(open_warehouse, settings, read_only=True)
    try:
        yield warehouse
    finally:
        warehouse.close()


def copy_held_file(settings: Settings, folder: Path) -> None:
    """Copy the file byte for byte, its log too. This process has it open for reading: nobody writes it."""
    for name in (DUCKDB_FILE, f"{DUCKDB_FILE}.wal"):
        if (settings.home / name).exists():
            shutil.copyfile(settings.home / name, folder / name)
    fold(settings, folder)


def copy_out(warehouse: Warehouse, settings: Settings, folder: Path) -> None:
    """Write `warehouse.duckdb` into the folder: an opened warehouse at one moment, beside its loads."""
    sink = open_warehouse(settings_beside(settings, folder))
    try:
        copy_warehouse(warehouse, sink)
    finally:
        sink.close()


def fold(settings: Settings, folder: Path) -> int:
    """Open a copy and close it, which moves its log into it; how many tables it has."""
    copy = open_warehouse(settings_beside(settings, folder))
    try:
        return len(copy.tables())
    finally:
        copy.close()
