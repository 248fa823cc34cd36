"""Mistakes in SQL: the database's words, whole, and advice that fits the mistake."""

import pytest

from tests.warehouse.rows import call, days, load, query, statement, target
from trunkline.errors import SettingsError, some_of
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.mistakes import COLUMNS, ONE_STATEMENT, TABLES_ALONE, Kind, Mistake, place_in


@pytest.fixture
def two(warehouse: Warehouse) -> Warehouse:
    load(warehouse, target(), days(0), [call("a")])
    load(warehouse, target(dataset="texts"), days(0), [call("b")])
    return warehouse


def refused(warehouse: Warehouse, sql: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        query(warehouse, sql)
    assert "\n" not in str(caught.value) + caught.value.todo
    return caught.value


@pytest.mark.parametrize("name", ["calss", "datasets.calss"])
def test_a_missing_table_names_those_there_are(two: Warehouse, name: str) -> None:
    error = refused(two, statement("from_table").replace("TABLE", name))
    assert "calss" in str(error)
    assert error.todo == "Did you mean calls? Datasets: calls, texts."


def test_a_missing_table_unlike_any(two: Warehouse) -> None:
    assert refused(two, statement("from_table").replace("TABLE", "zzz")).todo == "Datasets: calls, texts."


def test_a_missing_table_of_an_empty_warehouse(warehouse: Warehouse) -> None:
    assert "No dataset is loaded yet" in refused(warehouse, statement("everything", "calls")).todo


def test_a_missing_column_names_the_nearest(two: Warehouse) -> None:
    error = refused(two, statement("near_column"))
    assert "strted_at" in str(error)
    assert "started_at" in error.todo
    assert "one statement" not in error.todo


def test_a_syntax_error_shows_the_place(two: Warehouse) -> None:
    error = refused(two, statement("slip"))
    assert 'syntax error at or near "x"' in str(error)
    assert error.todo == "Look at line 2, after the mark: FROM calls wher ▸x"


def test_a_value_that_does_not_fit_shows_the_place(two: Warehouse) -> None:
    error = refused(two, statement("wrong_value"))
    assert "checksum" in str(error)
    assert error.todo.startswith("Look at line 1, after the mark: SELECT ")
    assert "▸" in error.todo


def test_the_databases_own_advice_is_passed_on(two: Warehouse) -> None:
    error = refused(two, statement("no_function"))
    assert "foo" in str(error)
    assert "Did you mean" in error.todo or "explicit type casts" in error.todo


@pytest.mark.parametrize("name", ["write_insert", "write_update", "write_drop", "write_create"])
def test_only_writing_gets_the_advice_to_read(two: Warehouse, name: str) -> None:
    assert refused(two, statement(name)).todo == ONE_STATEMENT


def test_a_write_within_a_query(two: Warehouse) -> None:
    assert refused(two, statement("write_explained")).todo == ONE_STATEMENT


def test_a_misspelled_beginning(two: Warehouse) -> None:
    error = refused(two, statement("selct"))
    assert "selct" in str(error)
    assert "select" in error.todo.replace("▸", "") or "selct" in error.todo.replace("▸", "")
    assert ONE_STATEMENT not in error.todo


def test_nothing_is_told_as_nothing(two: Warehouse) -> None:
    assert str(refused(two, "  ")) == "The query is empty."


@pytest.mark.parametrize("settings", ["duckdb"], indirect=True)
@pytest.mark.parametrize("name", ["read_file_duckdb", "read_text_duckdb", "read_glob_duckdb"])
def test_files_are_closed_to_queries(two: Warehouse, name: str) -> None:
    assert refused(two, statement(name)).todo == TABLES_ALONE


@pytest.mark.parametrize("settings", ["duckdb"], indirect=True)
def test_two_statements_are_counted(two: Warehouse) -> None:
    assert str(refused(two, statement("two_statements"))) == "These are 2 statements, not one."


@pytest.mark.parametrize("settings", ["postgres"], indirect=True)
def test_files_of_the_server_are_closed_to_queries(two: Warehouse) -> None:
    error = refused(two, statement("read_file_postgres"))
    assert str(error).endswith("permission denied for function pg_read_file")
    assert error.todo == TABLES_ALONE


@pytest.mark.parametrize("settings", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no_operator", "operator does not exist: text = integer"),
        ("divided", "division by zero"),
        ("late_division", "division by zero"),
        ("near_column", 'column "strted_at" does not exist'),
        ("colon", 'invalid input syntax for type integer: "a: b: c"'),
    ],
)
def test_postgres_is_quoted_whole(two: Warehouse, name: str, said: str) -> None:
    assert str(refused(two, statement(name))) == f"The query cannot be run: {said}"


@pytest.mark.parametrize("settings", ["postgres"], indirect=True)
def test_the_hint_of_postgres_is_kept(two: Warehouse) -> None:
    assert refused(two, statement("near_column")).todo == (
        'Perhaps you meant to reference the column "calls.started_at".'
    )
    assert "alias" in refused(two, statement("hidden_by_alias")).todo


def test_a_column_without_a_near_one() -> None:
    assert Mistake("no x", Kind.COLUMN, "x").error().todo == COLUMNS


def test_a_long_line_is_cut_around_the_place() -> None:
    line = "a" * 100 + "x" + "b" * 100
    text = f"oops\nLINE 3: {line}\n{' ' * (len('LINE 3: ') + 100)}^"
    assert place_in(text) == f"line 3, after the mark: …{'a' * 60}▸x{'b' * 59}"


def test_many_names_are_counted() -> None:
    assert some_of(["b", "a"]) == "a, b"
    assert some_of([f"n{n:02}" for n in range(25)]).endswith("n19, … (25 in all)")
