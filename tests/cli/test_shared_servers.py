"""Two servers of one home folder, where the databases are on servers of their own."""

from tests.cli.conftest import Terminal
from tests.cli.test_stopping import DAYS
from tests.cli.test_through_server import serving
from tests.store.databases import fresh_database


async def test_on_postgresql_a_second_server_serves_too(terminal: Terminal) -> None:
    with (
        fresh_database("postgresql", terminal.home) as store,
        fresh_database("postgresql", terminal.home) as warehouse,
    ):
        terminal.env["TRUNKLINE_STORE_URL"] = store.text("store_url")
        terminal.env["TRUNKLINE_WAREHOUSE_URL"] = warehouse.text("store_url")
        await terminal.with_calls(*DAYS)
        async with serving(terminal), serving(terminal):
            ran = await terminal.type("run", "calls", "--json")
            assert (ran.code, ran.json["rows_inserted"]) == (0, 900)
            counted = await terminal.type("query", "select count(*) as n from calls", "--format", "json")
            assert counted.json == [{"n": 900}]


async def test_on_mariadb_there_is_one_server(terminal: Terminal) -> None:
    with fresh_database("mariadb", terminal.home) as store:
        terminal.env["TRUNKLINE_STORE_URL"] = store.text("store_url")
        terminal.make_home()
        async with serving(terminal):
            second = await terminal.type("serve", "--port", "0")
        assert second.code == 1
        assert "is running already" in second.err
        assert "Several servers need a PostgreSQL store and warehouse." in second.err
