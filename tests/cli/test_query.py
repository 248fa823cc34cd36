"""`trunkline query` as it prints: tables, and values that Python spells its own way."""

import csv
import json

import duckdb
import pytest

from tests.cli.conftest import Terminal
from trunkline.cli import _is_interruption

INTERVAL = "interval '1 month 2 days 03:00:00'"


@pytest.fixture
def loaded(terminal: Terminal) -> Terminal:
    """A home whose warehouse was loaded before."""
    terminal.make_home()
    with duckdb.connect(str(terminal.home / "warehouse.duckdb")) as file:
        file.execute("create schema datasets")
        file.execute("create table datasets.calls as select 'a' as id, now() as started_at, 60 as seconds")
    return terminal


async def test_values_that_json_has_no_word_for(loaded: Terminal) -> None:
    sql = f"select {INTERVAL} as i, 'nan'::double as n, '-infinity'::double as f, 1 as a, 2 as a"
    said = {"i": "P1M2DT3H", "n": "NaN", "f": "-Infinity", "a": 1, "a_2": 2}
    assert (await loaded.type("query", sql, "--format", "json")).json == [said]
    assert json.loads((await loaded.type("query", sql, "--format", "jsonl")).out) == said
    rows = csv.reader((await loaded.type("query", sql, "--format", "csv")).out.splitlines())
    assert list(rows) == [list(said), ["P1M2DT3H", "nan", "-inf", "1", "2"]]


async def test_a_table_for_people(loaded: Terminal) -> None:
    sql = (
        f"select {INTERVAL} as i, sum(seconds * 100) as s, 1 as a, 2 as a, timestamp '2026-01-01 12:00' as t"
        " from calls"
    )
    table = await loaded.type("query", sql, "--format", "table")
    assert [line.split() for line in table.out.splitlines()] == [
        ["i", "s", "a", "a", "t"],
        [*table.out.splitlines()[1].split()],
        ["P1M2DT3H", "6000", "1", "2", "2026-01-01T12:00:00"],
    ]


def test_a_query_that_is_interrupted_is_a_stop_and_nothing_unforeseen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _is_interruption(RuntimeError("Query interrupted"))
    assert capsys.readouterr().err == "Stopped.\n"
    assert not _is_interruption(RuntimeError("another thing"))
