"""The pages of datasets and runs, over an installation that has read from a pretend CallRail."""

import csv
import io
import re
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.center.conftest import ACCOUNT_ID
from tests.pages.conftest import NOW, Visitor
from trunkline.access.roles import Role
from trunkline.center import accounts, datasets, orders, overview, runs, timetables
from trunkline.center.order_queries import WAITING
from trunkline.center.room import Center
from trunkline.center.running import run
from trunkline.center.runs import Run
from trunkline.center.writer import Writer
from trunkline.pages.rooms import Rooms
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions

SECRET = "a-key-that-nobody-sees"


@pytest.fixture
async def sim(rooms: Rooms) -> AsyncIterator[CallrailSim]:
    options = replace(CallrailSimOptions(), until=NOW, calls=120, api_key=SECRET)
    async with CallrailSim(options, rooms.clock) as opened:
        values: dict[str, Any] = {"api_key": SECRET, "account_id": ACCOUNT_ID, "base_url": opened.url}
        accounts.add(rooms.center, "callrail", "main", values, accounts.Verdict(accounts.VALID))
        yield opened


async def read(center: Center, name: str = "calls") -> Run:
    if name not in {one.name for one in datasets.all_of(center)}:
        await datasets.add(center, name, "main", "calls", {})
    with Writer(center.settings) as writer:
        return await run(center, writer, name)


async def test_an_empty_installation_says_how_to_begin(visitor: Visitor) -> None:
    client = visitor(Role.OWNER)
    assert "No dataset yet" in (await client.get("/datasets")).text
    assert "No run yet" in (await client.get("/runs")).text


async def test_the_list_shows_state_rows_and_times(rooms: Rooms, sim: CallrailSim, visitor: Visitor) -> None:
    await read(rooms.center)
    await datasets.add(rooms.center, "never", "main", "users", {})
    page = (await visitor(Role.ANALYST).get("/datasets")).text
    assert re.search(r'calls</a>.*?succeeded.*?<td class="n">120</td>', page, re.DOTALL)
    assert re.search(r"never</a>.*?never run", page, re.DOTALL)
    assert SECRET not in page
    found = (await visitor(Role.ANALYST).get("/datasets?search=NEV", headers={"hx-request": "true"})).text
    assert "never</a>" in found
    assert "calls</a>" not in found
    assert "<html" not in found


async def test_every_tab_of_a_dataset(rooms: Rooms, sim: CallrailSim, visitor: Visitor) -> None:
    await datasets.add(rooms.center, "calls", "main", "calls", {})
    client = visitor(Role.ANALYST)
    tabs = ("", "/rows", "/columns", "/history", "/exports", "/settings")
    for tab in tabs:  # before the first run there is nothing to show, and no error
        assert (await client.get(f"/datasets/calls{tab}")).status_code == 200
    await read(rooms.center)
    pages = {tab: (await client.get(f"/datasets/calls{tab}")).text for tab in tabs}
    assert "120" in pages[""]
    assert pages["/rows"].count("<tr>") == 51
    assert "The call&#39;s id" in pages["/columns"]
    assert "The first version." in pages["/columns"]
    assert "succeeded" in pages["/history"]
    assert not [tab for tab, text in pages.items() if SECRET in text]
    shares = (await client.get("/datasets/calls/columns/shares")).text
    assert '<li data-name="id">0.0 %</li>' in shares
    assert "Most frequent" in (await client.get("/datasets/calls/rows/direction")).text


async def test_all_rows_are_reached_page_by_page(rooms: Rooms, sim: CallrailSim, visitor: Visitor) -> None:
    await read(rooms.center)
    client, path, ids = visitor(Role.ANALYST), "/datasets/calls/rows?sort=id&order=up", list[str]()
    while path:
        page = (await client.get(path)).text
        ids += re.findall(r">(CAL[0-9a-f]{32})<", page)
        following = re.search(r'href="([^"]*)">Next rows', page)
        path = "/datasets/calls/rows" + following[1].replace("&amp;", "&") if following else ""
    assert len(ids) == 120
    assert ids == sorted(set(ids))


async def test_rows_are_filtered(rooms: Rooms, sim: CallrailSim, visitor: Visitor) -> None:
    await read(rooms.center)
    client = visitor(Role.ANALYST)
    path = "/datasets/calls/rows?sort=duration&order=up&column=duration&is=from&value=300"
    page = (await client.get(path)).text
    assert "duration from 300" in page
    assert "CAST(&#39;300&#39; AS BIGINT)" in page  # as SQL to copy
    wrong = await client.get(path.replace("300", "long"))
    assert wrong.status_code in (422, 502)
    assert "That did not work" in wrong.text


async def test_a_dataset_is_downloaded_whole(rooms: Rooms, sim: CallrailSim, visitor: Visitor) -> None:
    await read(rooms.center)
    client = visitor(Role.ANALYST)
    answer = await client.get("/datasets/calls/download?format=csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="calls.csv"'
    assert len(list(csv.reader(io.StringIO(answer.text)))) == 121
    parquet = await client.get("/datasets/calls/download?format=parquet")
    assert parquet.content.startswith(b"PAR1")
    sheet = zipfile.ZipFile(io.BytesIO((await client.get("/datasets/calls/download?format=xlsx")).content))
    assert sheet.read("xl/worksheets/sheet1.xml").count(b"<row ") == 121
    assert (await client.get("/datasets/calls/download?format=exe")).status_code == 422


async def test_run_now_orders_a_run_once(rooms: Rooms, sim: CallrailSim, visitor: Visitor) -> None:
    await datasets.add(rooms.center, "calls", "main", "calls", {})
    client = visitor(Role.ANALYST)
    assert (await client.post("/datasets/calls/run")).status_code == 303
    (order,) = orders.to_give(rooms.center)
    assert (order.dataset, order.started_by, order.state) == ("calls", "analyst@example.com", WAITING)
    page = (await client.get("/datasets/calls")).text
    assert "about to begin" in page
    assert (await client.post("/datasets/calls/run")).status_code == 503
    assert len(orders.to_give(rooms.center)) == 1


async def test_some_days_are_read_again(rooms: Rooms, sim: CallrailSim, visitor: Visitor) -> None:
    await read(rooms.center)
    client = visitor(Role.ANALYST)
    await client.post("/datasets/calls/run", data={"since": "2026-11-01", "until": "2026-11-02"})
    (order,) = orders.to_give(rooms.center)
    assert (order.wish.since, order.wish.until) == ("2026-11-01", "2026-11-02")


async def test_pausing_emptying_and_removing(rooms: Rooms, sim: CallrailSim, visitor: Visitor) -> None:
    await read(rooms.center)
    dataset = datasets.get(rooms.center, "calls")
    timetables.set_schedule(rooms.center, dataset, "every", "15m")
    client = visitor(Role.ANALYST)
    await client.post("/datasets/calls/pause")
    assert timetables.of(rooms.center, dataset).is_paused
    await client.post("/datasets/calls/resume")
    assert not timetables.of(rooms.center, dataset).is_paused
    await client.post("/datasets/calls/reset")
    assert "120 rows are gone" in (await client.get("/datasets/calls")).text
    await client.post("/datasets/calls/remove")
    assert overview.of_datasets(rooms.center) == []
    assert (await client.post("/datasets/calls/remove")).status_code == 422  # which is not noted
    done = [(one.action, one.subject, one.who) for one in rooms.audit.page(None, 10)]
    words = ("removed", "emptied", "resumed", "paused")
    assert done == [(f"dataset.{word}", "calls", "analyst@example.com") for word in words]


async def test_a_failed_run_says_what_helps_and_is_tried_again(
    rooms: Rooms, sim: CallrailSim, visitor: Visitor
) -> None:
    await datasets.add(rooms.center, "calls", "main", "calls", {})
    accounts.edit(rooms.center, "main", {"api_key": "wrong-key-of-somebody"})
    failed = await read(rooms.center)
    assert failed.status == runs.FAILED
    client = visitor(Role.ANALYST)
    page = (await client.get(f"/runs/{failed.id}")).text
    for text in (
        "What helps",
        "Is the account still valid?",
        "Try again",
        failed.error[:40],
        "Edit its choices",
    ):
        assert text in page
    assert "wrong-key-of-somebody" not in page
    assert 'action="/datasets/calls/run"' in page
    assert "/accounts/main/test" not in page
    owners = (await visitor(Role.OWNER).get(f"/runs/{failed.id}")).text
    assert 'action="/accounts/main/test"' in owners
    assert failed.id in (await client.get("/runs?state=failed")).text
    assert failed.id not in (await client.get("/runs?state=succeeded")).text
    assert (await client.post(f"/runs/{failed.id}/retry")).status_code == 303
    (order,) = orders.to_give(rooms.center)
    assert order.retry_of == failed.id


async def test_runs_are_paged(rooms: Rooms, sim: CallrailSim, visitor: Visitor) -> None:
    made = sorted([(await read(rooms.center)).id for _ in range(3)])  # the clock stands still
    assert [one.id for one in overview.of_runs(rooms.center, limit=2)] == made[:0:-1]
    assert [one.id for one in overview.of_runs(rooms.center, before=made[1])] == made[:1]
    for state in ("", "succeeded"):
        older = overview.of_runs(rooms.center, state=state, before=made[2], limit=5)
        assert [one.id for one in older] == made[1::-1]
    assert (await visitor(Role.ANALYST).get("/runs?before=nonsense")).status_code == 422


async def test_the_stream_of_a_run_ends_with_it(rooms: Rooms, sim: CallrailSim, visitor: Visitor) -> None:
    done = await read(rooms.center)
    answer = await visitor(Role.ANALYST).get(f"/runs/{done.id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "event: part\n" in answer.text
    assert answer.text.endswith("event: end\ndata: \n\n")
    assert SECRET not in answer.text
