"""Large reports: early, in pieces, however slow the reader; from SQLite, PostgreSQL and MariaDB."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from urllib.parse import urlencode, urlsplit

import aiohttp
import psutil
import pytest

from tests.clickto.reports import bring_in, csv_file, row, xml_file
from tests.store.databases import KINDS, fresh_database
from tests.web.serving import served_for_many
from trunkline.clickto.keys import Keys
from trunkline.clock import SystemClock
from trunkline.settings import Settings
from trunkline.store.connection import open_store
from trunkline.web.clickto import MOST_AT_ONCE

PATH = "/ibp_api.php"
ROWS = [
    row(f"Mar {1 + n // 1000:02} 2017 1:00 PM", ref=str(n), page="https://x.example/" * 40)
    for n in range(8_000)
]
WHOLE = {"csv": csv_file(ROWS), "xml": xml_file(ROWS)}
OPEN_AT_MOST = 50
"""Files and sockets of a server at rest, and some more; fewer than so many readers would leave."""
Asked = dict[str, str]


@pytest.fixture(scope="module", params=KINDS)
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with fresh_database(str(request.param), tmp_path_factory.mktemp("streaming") / "home") as made:
        store = open_store(made)
        bring_in(store, WHOLE["csv"])
        store.close()
        yield made


@pytest.fixture(scope="module")
def asked(settings: Settings) -> Asked:
    store = open_store(settings)
    made, secret = Keys(store, SystemClock()).add("streaming")
    store.close()
    key = {"access_key": made.access_key, "secret_access_key": secret}
    return {"action": "report.clickto", **key, "start_date": "20170101", "end_date": "20171231"}


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[str]:
    with served_for_many(settings.home, TRUNKLINE_STORE_URL=settings.text("store_url")) as url:
        yield url


@asynccontextmanager
async def begun(server: str, asked: Asked) -> AsyncIterator[asyncio.StreamReader]:
    """A reader that has its first bytes, and takes no more than a small buffer holds."""
    parts = urlsplit(server)
    with socket.socket() as small:
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        small.setblocking(False)
        await asyncio.get_running_loop().sock_connect(small, (parts.hostname, parts.port))
        reader, writer = await asyncio.open_connection(sock=small, limit=1_000)
        writer.write(
            f"GET {PATH}?{urlencode(asked)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        try:
            assert (await reader.readline()).startswith(b"HTTP/1.1 ")
            yield reader
        finally:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()


@pytest.mark.parametrize("form", ["csv", "xml"])
async def test_large_reports_come_whole(server: str, asked: Asked, form: str) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        async with aiohttp.ClientSession(server, headers=headers) as http:
            assert await told(http, {**asked, "format": form}) == WHOLE[form]


async def told(http: aiohttp.ClientSession, asked: Asked) -> bytes:
    async with http.get(PATH, params=asked) as answer:
        return await answer.read()


@pytest.mark.parametrize("form", ["csv", "xml"])
async def test_slow_readers_keep_nobody_waiting(server: str, asked: Asked, form: str) -> None:
    """Eight of them that take nothing; a ninth reads all, and small requests are answered."""
    async with AsyncExitStack() as stack, asyncio.timeout(120):
        readers = [
            await stack.enter_async_context(begun(server, {**asked, "format": form})) for _ in range(8)
        ]
        http = await stack.enter_async_context(aiohttp.ClientSession(server))
        for _ in range(5):
            async with http.get("/healthz") as answer:
                assert answer.status == 200
        assert await told(http, {**asked, "format": form}) == WHOLE[form]
        for reader in readers:  # and they get theirs when they come to it
            assert (await reader.read()).endswith(b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("form", ["csv", "xml"])
async def test_readers_that_go_away_leave_nothing_open(server: str, asked: Asked, form: str) -> None:
    """Connections to the database are given back: more readers come and go than there may be at once."""
    process = served_by(server)
    for _ in range(MOST_AT_ONCE + 8):
        async with begun(server, {**asked, "format": form}):
            pass
    async with aiohttp.ClientSession(server) as http, asyncio.timeout(60):
        while process.num_fds() > OPEN_AT_MOST:
            await told(http, {**asked, "end_date": "20170102"})
        assert await told(http, {**asked, "format": form}) == WHOLE[form]


async def test_more_readers_than_are_served_at_once_are_told(server: str, asked: Asked) -> None:
    async with AsyncExitStack() as stack, asyncio.timeout(120):
        for _ in range(MOST_AT_ONCE):
            await stack.enter_async_context(begun(server, {**asked, "format": "xml"}))
        http = await stack.enter_async_context(aiohttp.ClientSession(server))
        async with http.get(PATH, params=asked) as answer:
            assert (answer.status, b"Too many reports" in await answer.read()) == (503, True)


def served_by(server: str) -> psutil.Process:
    """The server's process: a child of ours that listens at its address."""
    port = urlsplit(server).port
    children = psutil.Process().children(recursive=True)
    return next(p for p in children if any(c.laddr.port == port for c in p.net_connections()))
