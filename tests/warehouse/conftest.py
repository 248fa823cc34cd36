"""Warehouses on every engine, and rows to load into them."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as postgres
import pytest

from tests.warehouse.rows import statement
from trunkline.settings import Settings, load_settings
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.open import open_warehouse

ADDRESS = os.environ.get("TEST_POSTGRES_URL", "postgresql://root@127.0.0.1:5432/test")


@pytest.fixture
def duckdb_settings(tmp_path: Path) -> Settings:
    return load_settings(tmp_path / "home", {})


@pytest.fixture
def postgres_settings(tmp_path: Path) -> Iterator[Settings]:
    name = "wh_" + uuid.uuid4().hex[:16]
    try:
        server = postgres.connect(ADDRESS, autocommit=True)
    except adbc_driver_manager.Error as error:
        reason = f"PostgreSQL does not answer at {ADDRESS}: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with closing(server), server.cursor() as cursor:
        cursor.execute(statement("make_database", name))
        url = ADDRESS.rsplit("/", 1)[0] + "/" + name
        yield load_settings(tmp_path / "home", {"TRUNKLINE_WAREHOUSE_URL": url})
        cursor.execute(statement("drop_database", name))


@pytest.fixture(params=["duckdb", "postgres"])
def settings(request: pytest.FixtureRequest) -> Settings:
    found: Settings = request.getfixturevalue(f"{request.param}_settings")
    return found


@pytest.fixture
def reopen(settings: Settings) -> Iterator[Callable[[], Warehouse]]:
    """Opens the test's warehouse, closing the one before."""
    opened: list[Warehouse] = []

    def again() -> Warehouse:
        for warehouse in opened:
            warehouse.close()
        opened[:] = [open_warehouse(settings)]
        return opened[0]

    yield again
    for warehouse in opened:
        warehouse.close()


@pytest.fixture
def warehouse(reopen: Callable[[], Warehouse]) -> Warehouse:
    return reopen()
