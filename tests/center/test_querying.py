"""A person's SQL on both engines: what it cannot reach, how it ends, and how little memory it takes."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.store.databases import fresh_database
from tests.warehouse.rows import call, days, load, target
from trunkline.center.querying import DOWNLOAD_SECONDS, Answer, Question, all_columns
from trunkline.center.room import Center, open_center
from trunkline.errors import Cancelled, SettingsError, TrunklineError
from trunkline.settings import Settings, load_settings
from trunkline.warehouse.duckdb_engine import DuckdbWarehouse
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.export import pieces
from trunkline.warehouse.open import OpenTables, open_warehouse

MILLION = "select n, 'text ' || n as text from generate_series(1, 1000000) as t(n)"
ENDLESS = "select count(*) from generate_series(1, 100000000000) as t(n) where n < 0"
HOSTILE = (
    "insert into calls (id) values ('x')",
    "delete from datasets.calls",
    "drop table datasets.calls",
    "create table datasets.mine as select 1 as one",
    "select 1; drop table datasets.calls",
    "select 1) to stdout; drop table datasets.calls; copy (select 1",
    "with gone as (delete from calls returning id) select * from gone",
    "explain analyze delete from calls",
    "copy (select 1) to '/tmp/trunkline-written-by-a-page'",
    "copy (select 1) to program 'touch /tmp/trunkline-written-by-a-page'",
    "copy calls from '/etc/passwd'",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from '/etc/passwd'",
    "attach '/tmp/trunkline-written-by-a-page' as other",
    "install httpfs",
    "load httpfs",
    "pragma enable_external_access",
    "set enable_external_access = true",
    "set transaction read write",
    "begin",
    "vacuum",
    "call pragma_version(); select 1",
    "export database '/tmp/trunkline-written-by-a-page'",
    "",
    "-- nothing",
)
POSTGRES_HOSTILE = (
    "select * from users",
    "select * from public.users",
    "table public.users",
    "select (select password from public.users limit 1)",
    "select count(*) from calls where exists (select 1 from public.users where password like '$argon2%')",
    "select rolname, rolpassword from pg_authid",
    "select query from pg_stat_activity",
    "select most_common_vals from pg_stats",
    "select query_to_xml('select * from public.users', true, true, '')",
    "select U&\"\\0071uery_to_xml\"('select 1', true, true, '')",
    "select table_to_xml('public.users', true, true, '')",
    "select * from ts_stat('select to_tsvector(password) from public.users')",
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('/')",
    "select lo_import('/etc/passwd')",
    "select set_config('role', 'root', false)",
    "select set_config('transaction_read_only', 'off', true)",
    "select pg_advisory_lock(1)",
    "select pg_terminate_backend(1)",
    "select * from calls, lateral (select pg_cancel_backend(1)) as stop",
    "select nextval('runs_id_seq')",
    "explain analyze select set_config('role', 'root', false)",
    "show all",
)


@pytest.fixture(params=["duckdb", "postgres"])
def center(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Center]:
    """An installation with one loaded dataset; on PostgreSQL the store lies in the same database."""
    kind = "postgresql" if request.param == "postgres" else "sqlite"
    with fresh_database(kind, tmp_path / "home") as settings:
        url = settings.text("store_url")
        env = {"TRUNKLINE_STORE_URL": url, "TRUNKLINE_WAREHOUSE_URL": url}
        both = load_settings(tmp_path / "home", {name: url for name in env if url})
        warehouse = open_warehouse(both)
        load(warehouse, target(), days(0), [call("a"), call("b", note="x" * 20_000)])
        with open_center(both) as opened:
            yield replace(opened, open_tables=beside(warehouse))
        warehouse.close()


def beside(warehouse: Warehouse) -> OpenTables:
    """As a server opens the tables: the file that is open already, or another connection."""

    def opened(settings: Settings, *, read_only: bool = False) -> Warehouse:
        if isinstance(warehouse, DuckdbWarehouse):
            return warehouse.beside()
        return open_warehouse(settings, read_only=read_only)

    return opened


def is_postgres(center: Center) -> bool:
    return bool(center.settings.text("warehouse_url"))


def ask(center: Center, sql: str, most: int = 1_000) -> Answer:
    with Question(center, sql) as question:
        return question.answer(most)


def test_an_answer(center: Center) -> None:
    answer = ask(center, "select id, seconds, note, started_at, null as nothing from calls order by id")
    assert [column.kind for column in answer.columns][:4] == ["text", "number", "text", "instant"]
    assert [(row[0], row[1], row[4]) for row in answer.rows] == [("a", "60", None), ("b", "60", None)]
    assert str(answer.rows[1][2]).endswith("… (20,000 characters in all; the download has them)")
    assert (answer.counted, answer.is_all_counted) == (2, True)
    assert {"id", "seconds", "note"} <= {name for name, _ in all_columns(center)["calls"]}


def test_nothing_is_written_and_nothing_else_is_read(center: Center) -> None:
    for sql in HOSTILE:
        with pytest.raises(TrunklineError):
            ask(center, sql)
    assert not Path("/tmp/trunkline-written-by-a-page").exists()
    assert ask(center, "select count(*) from calls").rows == [["2"]]


def test_no_other_table_of_the_database_is_read(center: Center) -> None:
    if not is_postgres(center):
        pytest.skip("a file has no other tables")
    for sql in POSTGRES_HOSTILE:
        with pytest.raises(SettingsError):
            ask(center, sql)
    assert ask(center, "with c as (select * from datasets.calls) select count(*) from c").rows == [["2"]]


def test_a_mistake_names_its_place(center: Center) -> None:
    with pytest.raises(SettingsError) as caught:
        ask(center, "select 1\nfrom calls wher x")
    assert "line 2, after the mark: from calls wher ▸x" in caught.value.todo


def test_an_endless_query_ends_in_time(center: Center) -> None:
    began = time.monotonic()
    with pytest.raises(SettingsError, match="took more than"), Question(center, ENDLESS, 1) as question:
        question.answer(10)
    assert time.monotonic() - began < 10


def test_a_query_that_nobody_waits_for_is_stopped(center: Center) -> None:
    question = Question(center, ENDLESS)
    threading.Timer(0.5, question.stop).start()
    with pytest.raises(Cancelled), question:
        question.answer(10)
    early = Question(center, ENDLESS)
    early.stop()
    with pytest.raises(Cancelled), early:
        early.answer(10)


def test_a_slow_query_holds_up_no_other(center: Center) -> None:
    slow = Question(center, ENDLESS)
    ended: list[TrunklineError] = []

    def wait() -> None:
        try:
            with slow:
                slow.answer(10)
        except TrunklineError as error:
            ended.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    for _ in range(3):
        assert ask(center, "select count(*) from calls").rows == [["2"]]
    assert waiting.is_alive()
    slow.stop()
    waiting.join(20)
    assert [type(error) for error in ended] == [Cancelled]


def test_a_million_rows_take_no_more_memory_than_a_few(center: Center) -> None:
    few = ask(center, MILLION, 10)
    assert (len(few.rows), few.counted > 10) == (10, True)
    if not few.is_all_counted:
        assert few.counted < 1_000_000
    process = psutil.Process()
    sizes = []
    for format, least in (("csv", 15_000_000), ("jsonl", 25_000_000), ("parquet", 3_000_000)):
        with Question(center, MILLION, DOWNLOAD_SECONDS) as question:
            reader = question.reader()
            sent = 0
            for part in pieces(reader.schema, question.batches(reader), format):
                sent += len(part)
                sizes.append(process.memory_info().rss)
        assert sent > least
    assert max(sizes) - sizes[0] < 150_000_000
