"""The SQL page and the dashboard, as their scripts ask: results, limits, saved queries, cards, downloads."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.pages.conftest import Visitor
from tests.pages.sql_home import make_datasets
from trunkline.access.roles import Role
from trunkline.access.wrong_logins import WrongLogins
from trunkline.center import saved_queries
from trunkline.center.querying import Answer, Question
from trunkline.clock import SteppedClock
from trunkline.pages import asking
from trunkline.pages.rooms import Rooms, rooms_of
from trunkline.settings import Settings
from trunkline.warehouse.duckdb_engine import DuckdbWarehouse
from trunkline.warehouse.engine import Tables
from trunkline.warehouse.open import DUCKDB_FILE

ENDLESS = "select count(*) from range(100000000000) a"
COUNT = "select count(*) as calls from calls"


@pytest.fixture
def rooms(rooms: Rooms) -> Iterator[Rooms]:
    """The rooms with datasets, opened once as by a server, and a clock that is moved by hand."""
    make_datasets(rooms.settings.home)
    warehouse = DuckdbWarehouse(rooms.settings.home / DUCKDB_FILE, read_only=True)

    def opened(settings: Settings, *, read_only: bool = False) -> Tables:
        return warehouse.beside()

    clock = SteppedClock(rooms.clock.now())
    made = rooms_of(rooms.settings, rooms.store, clock, WrongLogins(rooms.store, clock, 100))
    yield replace(made, center=replace(made.center, open_tables=opened))
    warehouse.close()


async def ask(client: httpx.AsyncClient, sql: str) -> Any:
    return (await client.post("/sql/run", data={"sql": sql})).json()


async def saved_by(client: httpx.AsyncClient, name: str, sql: str = COUNT, **more: str) -> int:
    answer = await client.post("/sql/queries", data={"name": name, "sql": sql, **more})
    made: int = answer.json()["id"]
    return made


async def test_results_say_how_many_rows_there_are(visitor: Visitor) -> None:
    client = visitor(Role.ANALYST)
    told = await ask(client, COUNT)
    assert told["rows"] == [["900"]]
    assert told["columns"] == [{"name": "calls", "type": "int64", "kind": "number"}]
    many = await ask(client, "select * from range(3000)")
    assert (len(many["rows"]), many["counted"], many["is_all_counted"]) == (1_000, 3_000, True)


async def test_a_mistake_is_told_with_its_place(visitor: Visitor) -> None:
    answer = await visitor(Role.ANALYST).post("/sql/run", data={"sql": "select 1\nfrom calls wher x"})
    assert answer.status_code == 422
    assert "line 2, after the mark" in answer.json()["error"]["todo"]


async def test_the_columns_of_all_datasets(visitor: Visitor) -> None:
    told = (await visitor(Role.ANALYST).get("/sql/tables")).json()
    assert [table["name"] for table in told] == ["a_very_long_name_" * 3, "calls"]
    assert ["seconds", "bigint"] in told[1]["columns"]


async def test_a_link_fills_the_editor_and_runs_nothing(visitor: Visitor) -> None:
    page = await visitor(Role.ANALYST).get("/sql", params={"sql": "select '</textarea><script>'"})
    assert "&lt;/textarea&gt;&lt;script&gt;" in page.text
    assert "<script>" not in page.text
    assert (await visitor(Role.ANALYST).get("/sql?query=17")).status_code == 422


async def test_two_ask_at_once_and_each_only_so_many(visitor: Visitor) -> None:
    one, other = visitor(Role.ANALYST), visitor(Role.ADMIN)
    slow = [asyncio.ensure_future(ask(one, ENDLESS)) for _ in range(asking.AT_ONCE_PER_PERSON)]
    try:
        async with asyncio.timeout(20):
            assert (await ask(other, COUNT))["rows"] == [["900"]]
            refused = await one.post("/sql/run", data={"sql": COUNT})
            assert refused.status_code == 503
            assert "3 queries under way" in refused.json()["error"]["message"]
            assert (await one.get("/sql")).status_code == 200
    finally:
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
    async with asyncio.timeout(20):
        while "error" in (told := await ask(one, COUNT)):  # until those that were left have ended
            await asyncio.sleep(0.05)
    assert told["rows"] == [["900"]]


@pytest.mark.parametrize(
    ("format", "begins"),
    [("csv", b'"n"\n0\n'), ("jsonl", b'{"n":0}\n'), ("parquet", b"PAR1"), ("xlsx", b"PK")],
)
async def test_a_download_has_all_rows(visitor: Visitor, format: str, begins: bytes) -> None:
    data = {"sql": "select range as n from range(5000)", "format": format, "name": 'Übersicht "1" / 2'}
    answer = await visitor(Role.ANALYST).post("/sql/download", data=data)
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert re.search(
        rf"filename\*=UTF-8''%C3%9Cbersicht%20-1-%20-%202\.{format}$", answer.headers["content-disposition"]
    )
    if format == "csv":
        assert answer.content.count(b"\n") == 5_001


async def test_a_download_that_cannot_begin_is_a_page_that_says_why(visitor: Visitor) -> None:
    client = visitor(Role.ANALYST)
    wrong = await client.post("/sql/download", data={"sql": "select nothing", "format": "csv"})
    assert wrong.status_code == 422
    assert "The query cannot be run" in wrong.text
    assert "no format" in (await client.post("/sql/download", data={"sql": COUNT, "format": "exe"})).text


async def test_everybody_opens_a_saved_query_and_its_owner_changes_it(rooms: Rooms, visitor: Visitor) -> None:
    ann, admin = visitor(Role.ANALYST), visitor(Role.ADMIN)
    made = await saved_by(ann, " Calls  in all ", chart='{"kind": "bar", "x": "a", "y": ["b"]}')
    assert "Calls in all" in (await admin.get(f"/sql?query={made}")).text
    theirs = await saved_by(admin, "Theirs")
    change = {"name": "Mine now", "sql": "select 2", "description": "d"}
    for path in (f"/sql/queries/{theirs}", f"/sql/queries/{theirs}/remove", f"/sql/queries/{theirs}/place"):
        assert (await ann.post(path, data=change)).status_code == 403
    assert "Take off" not in (await ann.get(f"/sql?query={theirs}")).text
    assert (await admin.post(f"/sql/queries/{made}", data=change)).json() == {"id": made}
    saved = saved_queries.get(rooms.center, made)
    assert (saved.name, saved.sql, saved.chart.kind) == ("Mine now", "select 2", "none")
    assert (await ann.post(f"/sql/queries/{made}/remove")).status_code == 303
    assert [one.name for one in saved_queries.all_of(rooms.center)] == ["Theirs"]


async def test_what_cannot_be_saved(visitor: Visitor) -> None:
    client = visitor(Role.ANALYST)
    answer = await client.post("/sql/queries", data={"name": " ", "sql": " ", "description": "d" * 3_000})
    assert set(answer.json()["error"]["problems"]) == {"name", "sql", "description"}
    odd = await saved_by(client, "Odd chart", chart='{"kind": "line", "y": 3, "x": {}}')
    assert odd
    assert (await client.get(f"/sql?query={odd}")).status_code == 200


async def test_ten_viewers_cost_one_query(
    rooms: Rooms, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, asked, answered = visitor(Role.ANALYST), [], asking._answered

    def counted(question: Question, rows: int, characters: int | None = None) -> Answer:
        asked.append(rows)
        return answered(question, rows, characters)

    monkeypatch.setattr(asking, "_answered", counted)
    made = await saved_by(client, "Calls")
    path = f"/dashboard/cards/{made}"
    cards = await asyncio.gather(*(visitor(Role.ANALYST).get(path) for _ in range(10)))
    assert [card.json()["rows"] for card in cards] == [[["900"]]] * 10
    assert len(asked) == 1
    await client.get(f"{path}?fresh=yes")
    assert len(asked) == 1
    clock = rooms.clock
    assert isinstance(clock, SteppedClock)
    clock.advance(10)
    await client.get(path)
    assert len(asked) == 1
    await client.get(f"{path}?fresh=yes")
    assert len(asked) == 2
    clock.advance(61)
    await client.get(path)
    assert len(asked) == 3


async def test_an_error_stays_in_its_card(visitor: Visitor) -> None:
    client = visitor(Role.ANALYST)
    wrong, right = await saved_by(client, "Wrong", "select nothing"), await saved_by(client, "Right")
    for made in (wrong, right):
        await client.post(f"/sql/queries/{made}/place", data={"on": "yes"})
    assert (await client.get("/dashboard")).status_code == 200
    assert "cannot be run" in (await client.get(f"/dashboard/cards/{wrong}")).json()["error"]["message"]
    assert (await client.get(f"/dashboard/cards/{right}")).json()["rows"] == [["900"]]


async def test_cards_have_an_order(rooms: Rooms, visitor: Visitor) -> None:
    client = visitor(Role.ANALYST)
    assert "Nothing on the dashboard yet" in (await client.get("/dashboard")).text
    made = [await saved_by(client, name) for name in "abcd"]
    for one in made[:3]:
        await client.post(f"/sql/queries/{one}/place", data={"on": "yes"})

    def order() -> str:
        return "".join(one.name for one in saved_queries.on_dashboard(rooms.center))

    assert order() == "abc"
    await client.post(f"/dashboard/cards/{made[2]}/move", data={"steps": "-1"})
    assert order() == "acb"
    await client.post(f"/dashboard/cards/{made[0]}/move", data={"steps": "2"})
    assert order() == "cba"
    assert (await client.post(f"/dashboard/cards/{made[3]}/move", data={"steps": "1"})).status_code == 422
    assert (await client.post(f"/dashboard/cards/{made[0]}/move", data={"steps": "x"})).status_code == 422
    await client.post(f"/sql/queries/{made[1]}/place", data={"on": "no", "from": "dashboard"})
    await client.post(f"/sql/queries/{made[2]}/remove")
    assert order() == "a"
