"""Opens the warehouse that the settings name."""

from typing import Protocol

from trunkline.errors import Problem, SettingsError
from trunkline.settings import Settings
from trunkline.warehouse.engine import Tables, Warehouse

DUCKDB_FILE = "warehouse.duckdb"


class OpenTables(Protocol):
    """Opens the tables that settings name."""

    def __call__(self, settings: Settings, *, read_only: bool = False) -> Tables: ...


def open_warehouse(settings: Settings, *, read_only: bool = False) -> Warehouse:
    """The DuckDB file of the home folder, or the PostgreSQL database of `warehouse_url`.

    Raises SettingsError for another address, RetryLater when it is in use or does not answer.
    """
    url = settings.text("warehouse_url").strip()
    if not url:
        from trunkline.warehouse.duckdb_engine import DuckdbWarehouse

        return DuckdbWarehouse(
            settings.home / DUCKDB_FILE,
            memory_mb=settings.number("duckdb_memory_mb"),
            threads=settings.number("duckdb_threads"),
            read_only=read_only,
        )
    if url.startswith(("postgresql://", "postgres://")):
        from trunkline.warehouse.postgres_engine import PostgresWarehouse

        return PostgresWarehouse(
            url, read_only=read_only, lock_seconds=settings.number("warehouse_wait_seconds")
        )
    raise SettingsError(
        problems=[Problem("warehouse_url", "warehouse_url must begin with postgresql:// or be empty.")],
        todo="Write postgresql://user@host/database, or leave it empty for a DuckDB file.",
    )
