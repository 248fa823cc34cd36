"""Opening: which warehouse, and a sentence for each reason why not."""

import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.warehouse.rows import call, days, load, target
from trunkline.errors import DataError, RetryLater, SettingsError
from trunkline.settings import BY_NAME, Settings, load_settings
from trunkline.warehouse.duckdb_engine import DuckdbWarehouse
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.open import open_warehouse

HOLD = """
import sys
from pathlib import Path
from trunkline.warehouse.duckdb_engine import DuckdbWarehouse
held = DuckdbWarehouse(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_the_default_is_a_file_in_the_home_folder(duckdb_settings: Settings) -> None:
    open_warehouse(duckdb_settings).close()
    assert (duckdb_settings.home / "warehouse.duckdb").exists()


@pytest.mark.parametrize("url", ["mysql://somewhere/x", "snowflake://", "postgresql"])
def test_another_address_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="warehouse_url") as caught:
        open_warehouse(load_settings(tmp_path, {"TRUNKLINE_WAREHOUSE_URL": url}))
    assert caught.value.problems[0].field == "warehouse_url"


def test_what_was_loaded_is_there_after_opening_again(
    warehouse: Warehouse, reopen: Callable[[], Warehouse]
) -> None:
    load(warehouse, target(), days(0), [call("a")], progress="p")
    again = reopen()
    assert (again.count("calls"), again.progress("calls")) == (1, "p")


def test_the_guide_names_the_memory_that_duckdb_is_given() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "operating.md").read_text(encoding="utf-8")
    given, threads = BY_NAME["duckdb_memory_mb"].default, BY_NAME["duckdb_threads"].default
    assert threads == 1
    assert f"DuckDB is given {given} MB and one thread" in guide
    assert inspect.signature(DuckdbWarehouse).parameters["memory_mb"].default == given


@contextmanager
def held_by_another_process(path: Path) -> Iterator[int]:
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline() == b"held\n"
        yield other.pid
        other.stdin.close()


@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_in_use_names_the_process(duckdb_settings: Settings, read_only: bool) -> None:
    path = duckdb_settings.home / "warehouse.duckdb"
    with held_by_another_process(path) as pid, pytest.raises(RetryLater) as caught:
        open_warehouse(duckdb_settings, read_only=read_only)
    said = f"Another process (pid {pid}) has the warehouse {path} open: a run, or another program."
    assert str(caught.value) == said
    assert caught.value.todo.startswith("Try again when that run has ended")
    open_warehouse(duckdb_settings).close()


def test_a_foreign_file_is_told(duckdb_settings: Settings) -> None:
    duckdb_settings.home.mkdir()
    path = duckdb_settings.home / "warehouse.duckdb"
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(DataError, match="no DuckDB file"):
        open_warehouse(duckdb_settings)
    assert path.read_bytes().startswith(b"this is no database")


def test_a_damaged_file_is_told(duckdb_settings: Settings) -> None:
    warehouse = open_warehouse(duckdb_settings)
    load(warehouse, target(), days(0), [call(str(n)) for n in range(1000)])
    warehouse.close()
    path = duckdb_settings.home / "warehouse.duckdb"
    data = bytearray(path.read_bytes())
    data[4096:12288] = b"\xa5" * 8192
    path.write_bytes(bytes(data))
    with pytest.raises(DataError):
        open_warehouse(duckdb_settings)


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    ("size", "begins_with", "said"),
    [
        (0, b"", "is no DuckDB file."),
        (5_000, b"SQLite format 3\0", "is no DuckDB file."),
        (5_000, None, "is damaged and cannot be read: Could not read enough bytes"),
    ],
    ids=["empty", "SQLite", "cut"],
)
def test_a_file_that_cannot_be_read_gets_one_sentence(
    duckdb_settings: Settings, read_only: bool, size: int, begins_with: bytes | None, said: str
) -> None:
    open_warehouse(duckdb_settings).close()
    path = duckdb_settings.home / "warehouse.duckdb"
    beginning = path.read_bytes() if begins_with is None else begins_with
    path.write_bytes(beginning.ljust(size, b"\0")[:size])
    with pytest.raises(DataError) as caught:
        open_warehouse(duckdb_settings, read_only=read_only)
    assert str(caught.value).startswith(f"{path} {said}")
    assert "backup" in caught.value.todo


def test_reading_before_the_first_load(duckdb_settings: Settings) -> None:
    with pytest.raises(SettingsError, match="no warehouse yet"):
        open_warehouse(duckdb_settings, read_only=True)


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(SettingsError, match="cannot be opened"):
        open_warehouse(replace(load_settings(tmp_path, {}), home=tmp_path / "home" / "x"))


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://somebody:sekret@127.0.0.1:9/phones"
    with pytest.raises(RetryLater) as caught:
        open_warehouse(load_settings(tmp_path, {"TRUNKLINE_WAREHOUSE_URL": url}))
    told = str(caught.value) + caught.value.todo
    assert "phones at 127.0.0.1:9" in told
    assert "sekret" not in told


def test_a_database_that_is_missing(postgres_settings: Settings, tmp_path: Path) -> None:
    url = postgres_settings.text("warehouse_url") + "_missing"
    with pytest.raises(SettingsError, match="no database"):
        open_warehouse(load_settings(tmp_path, {"TRUNKLINE_WAREHOUSE_URL": url}))


def test_an_address_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no address"):
        open_warehouse(load_settings(tmp_path, {"TRUNKLINE_WAREHOUSE_URL": "postgresql://a:b:c/x"}))


def test_many_threads_load_and_read_at_once(warehouse: Warehouse) -> None:
    def work(number: int) -> int:
        name = f"set_{number % 3}"
        load(warehouse, target(dataset=name), days(0), [call(str(number))], run=f"run-{number}")
        return warehouse.count(name)

    with ThreadPoolExecutor(4) as pool:
        assert min(pool.map(work, range(12))) >= 1
    assert [t.rows for t in warehouse.tables()] == [4, 4, 4]
