"""Queries read and never write; mistakes come back in the database's own words."""

from pathlib import Path

import pytest

from tests.warehouse.rows import call, days, load, query, statement, stored, target
from trunkline.errors import SettingsError, TrunklineError
from trunkline.settings import Settings
from trunkline.warehouse import read
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.open import open_warehouse

WRITES = (
    "write_insert", "write_update", "write_delete", "write_drop", "write_create", "write_create_from",
    "write_with", "write_explained", "write_copy", "write_copy_program", "two_statements", "bracket_escape",
)  # fmt: skip
DUCKDB_WAYS_OUT = (
    "read_file_duckdb", "read_text_duckdb", "read_path_duckdb", "read_glob_duckdb", "attach_duckdb",
    "install_duckdb", "setting_duckdb", "pragma_duckdb",
)  # fmt: skip
POSTGRES_WAYS_OUT = ("read_file_postgres", "become_writer_postgres", "set_writer_postgres")


@pytest.fixture
def calls(warehouse: Warehouse) -> Warehouse:
    load(warehouse, target(), days(0), [call("a"), call("b")])
    return warehouse


@pytest.mark.parametrize("name", WRITES)
def test_a_query_cannot_write(calls: Warehouse, name: str) -> None:
    with pytest.raises(TrunklineError):
        query(calls, statement(name))
    assert stored(calls, "calls", "id", "note") == [("a", ""), ("b", "")]
    assert [t.dataset for t in calls.tables()] == ["calls"]
    assert not Path("/tmp/trunkline-written-by-a-query").exists()
    assert load(calls, target(), days(0), [call("c")]).inserted == 1


@pytest.mark.parametrize("settings", ["duckdb"], indirect=True)
@pytest.mark.parametrize("name", DUCKDB_WAYS_OUT)
def test_a_query_cannot_leave_duckdb(calls: Warehouse, name: str) -> None:
    with pytest.raises(SettingsError):
        query(calls, statement(name))


@pytest.mark.parametrize("settings", ["postgres"], indirect=True)
@pytest.mark.parametrize("name", POSTGRES_WAYS_OUT)
def test_a_query_cannot_leave_postgres(calls: Warehouse, name: str) -> None:
    with pytest.raises(SettingsError):
        query(calls, statement(name))


def test_a_mistake_is_told_in_the_databases_words(calls: Warehouse) -> None:
    with pytest.raises(SettingsError, match="nothing_of_that_name") as caught:
        query(calls, statement("mistake"))
    assert "\n" not in str(caught.value)
    assert "INVALID_ARGUMENT" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "   ", "-- nothing", "/* nothing */", ";"])
def test_nothing_is_no_query(calls: Warehouse, text: str) -> None:
    with pytest.raises(SettingsError):
        query(calls, text)


def test_comments_and_semicolons_do_no_harm(calls: Warehouse) -> None:
    for tail in ("", ";", " ; ", "\n"):
        assert query(calls, "-- a word\n/* and\nanother */ " + statement("commented") + tail) == [{"one": 1}]


def test_values_are_bound(calls: Warehouse) -> None:
    assert query(calls, statement("one_note"), ["'; --"]) == []


def test_a_long_result_comes_in_batches(calls: Warehouse) -> None:
    with calls.reader(statement("numbers")) as reader:
        rows = sum(batch.num_rows for batch in reader)
    assert rows == 10_000


def test_a_result_that_nobody_reads_to_its_end_blocks_nothing(calls: Warehouse) -> None:
    reader = calls.reader(statement("numbers"))
    reader.read_next_batch()
    assert load(calls, target(), days(0), [call("c")]).inserted == 1
    reader.close()
    calls.drop("calls")


def test_a_query_sees_one_state_while_a_load_goes_on(calls: Warehouse) -> None:
    reader = calls.reader(statement("everything", "calls"))
    load(calls, target(), days(0), [call("c")])
    assert reader.read_all().num_rows in (2, 3)


def test_reading_only(calls: Warehouse, settings: Settings) -> None:
    calls.close()
    reading = open_warehouse(settings, read_only=True)
    try:
        assert stored(reading, "calls", "id") == [("a",), ("b",)]
        assert reading.count("calls") == 2
        assert reading.progress("calls") == "{}"
    finally:
        reading.close()


def test_first_words() -> None:
    assert read.first_word("/* a */ -- b\n ((Select 1))") == "select"
    assert read.first_word("EXPLAIN x") == "explain"
    assert read.first_word("1") == ""
