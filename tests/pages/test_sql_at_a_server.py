"""At a real server: who goes away frees the place, and a million rows pass through without staying."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.pages.serving import Served, served_pages
from tests.pages.sql_home import make_datasets
from trunkline.access.sessions import Sessions
from trunkline.clock import SystemClock
from trunkline.settings import load_settings
from trunkline.store.connection import open_store

MILLION = "select range as n, 'text ' || range as text, repeat('x', 50) as x from range(1000000)"
TRIES = 5
"""More than one person may have at once."""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    home = tmp_path / "home"
    make_datasets(home)
    with served_pages(home) as served:
        headers = {"x-form-token": form_token(served)}
        cookies = {"trunkline_session": served.session}
        with httpx.Client(base_url=served.address, cookies=cookies, headers=headers, timeout=60) as client:
            yield client


def form_token(served: Served) -> str:
    store = open_store(load_settings(served.home, {}))
    session = Sessions(store, SystemClock()).find(served.session)
    store.close()
    assert session is not None
    return session.form_token


def ask(client: httpx.Client, sql: str = "select 41 + 1 as sum") -> object:
    return client.post("/sql/run", data={"sql": sql}).json().get("rows")


def test_who_goes_away_stops_the_query(client: httpx.Client) -> None:
    for _ in range(TRIES):
        with pytest.raises(httpx.ReadTimeout):
            client.post("/sql/run", data={"sql": "select count(*) from range(100000000000)"}, timeout=0.7)
    assert ask(client) == [["42"]]


def test_a_download_that_is_left_ends(client: httpx.Client) -> None:
    sql = MILLION.replace("1000000", "1000000000")
    for format in ("csv", "parquet", "jsonl", "csv"):
        with client.stream("POST", "/sql/download", data={"sql": sql, "format": format}) as answer:
            next(answer.iter_raw())
    with pytest.raises(httpx.ReadTimeout):  # a spreadsheet comes when it is whole
        client.post("/sql/download", data={"sql": sql, "format": "xlsx"}, timeout=1.5)
    assert ask(client) == [["42"]]


def test_a_download_that_fails_seems_not_whole(client: httpx.Client) -> None:
    sql = "select 1 / (case when range = 900000 then error('late') else 1 end) as n from range(1000000)"
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/sql/download", data={"sql": sql, "format": "csv"})
    assert ask(client) == [["42"]]


def test_a_million_rows_pass_through(client: httpx.Client) -> None:
    server = next(one for one in psutil.Process().children() if "serve" in one.cmdline())
    client.post("/sql/download", data={"sql": MILLION + " limit 10000", "format": "csv"})
    before = server.memory_info().rss
    largest = size = 0
    with client.stream("POST", "/sql/download", data={"sql": MILLION, "format": "csv"}) as answer:
        for part in answer.iter_raw():
            size += len(part)
            largest = max(largest, server.memory_info().rss)
    assert size > 60_000_000
    assert largest - before < 120_000_000
