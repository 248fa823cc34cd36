"""`trunkline query` as it prints: tables, and values that Python spells its own way."""

import asyncio
import csv
import json
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import duckdb
import psycopg
import pytest

from tests.cli.conftest import Terminal
from tests.store.databases import fresh_database
from trunkline.cli import _is_interruption

UnderWay = Callable[[asyncio.subprocess.Process], Awaitable[None]]
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


FINDS_NOTHING_MORE = "select x from range(1000000000000) t(x) where x < 10000"
"""Ten thousand rows at once, and an hour for the answer that there are no more."""
FINDS_NOTHING_MORE_THERE = "select x from generate_series(1, 1000000000000) x where x < 100000"


async def stopped(loaded: Terminal, sql: str, under_way: UnderWay) -> tuple[int | None, str]:
    """Exit code and words of a query that somebody ends once it is under way."""
    process = await loaded.start("query", sql, "--format", "csv", "--home", str(loaded.home))
    try:
        await asyncio.wait_for(under_way(process), 60)
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, err.decode().strip()


async def has_printed(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    assert await process.stdout.readline() == b'"x"\n'


async def test_ctrl_c_ends_a_query_that_finds_nothing_more(loaded: Terminal) -> None:
    assert await stopped(loaded, FINDS_NOTHING_MORE, has_printed) == (130, "Stopped.")


async def test_ctrl_c_ends_a_query_on_a_server(loaded: Terminal, tmp_path: Path) -> None:
    """The driver hands rows on by the megabyte: the server tells that it is at work."""
    with fresh_database("postgresql", tmp_path) as settings:
        url = settings.text("store_url")
        loaded.env["TRUNKLINE_WAREHOUSE_URL"] = url

        async def is_active(process: asyncio.subprocess.Process) -> None:
            ending = asyncio.ensure_future(process.wait())
            active = "select 1 from pg_stat_activity where state = 'active' and query like %s"
            with psycopg.connect(url, autocommit=True) as server:
                while not server.execute(active, ["%x < 100000%"]).fetchone():
                    assert not ending.done()
                    await asyncio.wait({ending}, timeout=0.01)
            ending.cancel()

        assert await stopped(loaded, FINDS_NOTHING_MORE_THERE, is_active) == (130, "Stopped.")
