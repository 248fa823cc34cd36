"""Exports over real HTTP: sent as they are read; slow, absent and failing ends are told apart."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvicorn

from tests.dialer.replay import NOW, ZONE
from tests.dialer.test_vectors_on_servers import rows_of
from tests.web.serving import STATE, run, served
from trunkline.asking import Message, Receive, Scope, Send
from trunkline.clock import FrozenWallClock
from trunkline.dialer.command import Dialect
from trunkline.dialer.database import Database
from trunkline.dialer.opening import open_dialer
from trunkline.dialer.reply import ReaderGone, Reply
from trunkline.dialer.runner import Service
from trunkline.settings import load_settings
from trunkline.web import long_answers
from trunkline.web.dialer import KIND, answer_wire
from trunkline.web.long_answers import TextReader

PATH, JSON = "/vicidial/non_agent_api.php", "/api/v1/dialer"
NUMBER = "8005550100"
LOGIN = {"source": "test", "user": "6666", "pass": "1234"}
EXPORT = {**LOGIN, "function": "phone_number_log", "phone_number": NUMBER}
CALLS = 12_000
"""A megabyte: more than the sockets between hold."""
BETWEEN = 8_192


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with the start state and many calls with one number."""
    folder = tmp_path_factory.mktemp("long") / "home"
    state = json.loads(STATE.read_text("utf-8"))
    state["tables"]["dialer360_log"] = [
        {
            "uniqueid": f"{1_700_000_000 + n}.{n}",
            "phone_number": NUMBER,
            "call_date": f"2025-{n // 1440 // 28 % 12 + 1:02}-{n // 1440 % 28 + 1:02} 10:00:00",
            "user": f"agent{n:05}" + "x" * 12,
            "status": "SALE",
            "lead_id": 1001,
            "list_id": 101,
            "campaign_id": "TESTCAMP",
            "length_in_sec": n,
        }
        for n in range(CALLS)
    ]
    file = folder.parent / "state.json"
    file.write_text(json.dumps(state), "utf-8")
    code, _, err = asyncio.run(run(folder, "dialer", "load", str(file)))
    assert (code, err) == (0, "")
    return folder


@pytest.fixture
async def url(home: Path) -> AsyncIterator[str]:
    async with served(home) as address:
        yield address


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[Database]:
    dialer = await open_dialer(load_settings(home, {}))
    try:
        yield dialer.database
    finally:
        await dialer.database.close()


async def test_an_export_comes_whole_and_in_parts(url: str) -> None:
    async with aiohttp.ClientSession(url) as http, http.get(PATH, params=EXPORT) as answer:
        assert answer.headers["transfer-encoding"] == "chunked"
        text = await answer.text()
    lines = text.split("\n")
    assert (len(lines), lines[-1]) == (CALLS + 1, "")
    assert {line.count("|") for line in lines[:-1]} == {8}


async def test_a_short_answer_tells_its_length(url: str) -> None:
    asked = {**EXPORT, "detail": "LAST"}
    async with aiohttp.ClientSession(url) as http, http.get(PATH, params=asked) as answer:
        assert int(answer.headers["content-length"]) == len(await answer.read())


async def test_rows_come_as_one_json_object(url: str, home: Path) -> None:
    _, token, _ = await run(home, "token", "add", "export", "--user", "6666")
    who = {"Authorization": f"Bearer {token.strip()}"}
    async with aiohttp.ClientSession(url, headers=who) as http:
        async with http.get(f"{JSON}/phone_number_log", params={"phone_number": NUMBER}) as answer:
            assert answer.headers["transfer-encoding"] == "chunked"
            long = json.loads(await answer.read())
        asked = {"phone_number": NUMBER, "detail": "LAST"}
        async with http.get(f"{JSON}/phone_number_log", params=asked) as answer:
            short = json.loads(await answer.read())
    assert {name: long[name] for name in long if name != "rows"} == {
        name: short[name] for name in short if name != "rows"
    }
    assert len(long["rows"]) == CALLS
    assert long["rows"][0] == short["rows"][0]


@asynccontextmanager
async def connected(
    url: str, params: dict[str, str]
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A request of somebody who has not begun to read; little fits between the two ends."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BETWEEN)
    # The segments of a loopback connection are so large that its kernel would keep megabytes.
    narrow.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1_460)
    narrow.connect((host, int(port)))
    reader, writer = await asyncio.open_connection(sock=narrow, limit=BETWEEN)
    try:
        query = "&".join(f"{name}={value}" for name, value in params.items())
        writer.write(f"GET {PATH}?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        yield reader, writer
    finally:
        writer.transport.abort()


async def test_slow_readers_hold_up_nobody(url: str) -> None:
    """Eight read nothing; others are answered; then the eight get all there is."""
    async with AsyncExitStack() as stack:
        slow = [await stack.enter_async_context(connected(url, EXPORT)) for _ in range(8)]
        async with aiohttp.ClientSession(url) as http:
            for number in range(30):
                add = {"function": "add_lead", "phone_number": f"72755500{number:02}", "list_id": "101"}
                async with asyncio.timeout(20), http.get(PATH, params={**LOGIN, **add}) as answer:
                    assert (await answer.text()).startswith("SUCCESS")
            async with asyncio.timeout(20), http.get(PATH, params={**EXPORT, "detail": "LAST"}) as answer:
                assert (await answer.text()).count("\n") == 1
        for reader, _ in slow:
            async with asyncio.timeout(60):
                body = await reader.read()
            assert body.endswith(b"\r\n0\r\n\r\n")
            assert body.count(b"agent") == CALLS


async def logged(home: Path) -> list[str]:
    async with opened(home) as database, database.work() as work:
        return [row["result_reason"] for row in await work.all(rows_of("api_log"))]


async def test_whoever_goes_away_is_logged(url: str, home: Path) -> None:
    before = await logged(home)
    async with connected(url, EXPORT) as (reader, _):
        await reader.readuntil(b"\r\n\r\n")
    async with asyncio.timeout(30):
        while len(after := await logged(home)) == len(before):
            await asyncio.sleep(0)
    (reason,) = after[len(before) :]
    assert 0 < int(reason.rpartition(" ")[2]) < CALLS


class Breaking:
    """A service that fails in the middle of an export."""

    async def answer(self, *_: Any, reader: TextReader, **__: Any) -> Reply:
        for _part in range(3):
            await reader.take(Reply(pieces=["some|row\n" * 10_000]))
        raise ConnectionError("the server has gone away")


@asynccontextmanager
async def serving(service: Any) -> AsyncIterator[str]:
    """A real server over a service of the test."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer_wire(service, Dialect.ORIGINAL, scope, receive, send)

    config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    (port,) = (s.getsockname()[1] for one in server.servers for s in one.sockets)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running


async def test_an_error_in_the_middle_cuts_the_answer_off(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(Breaking()) as address, aiohttp.ClientSession(address) as http:
        with caplog.at_level(logging.ERROR):
            async with http.get(PATH, params=EXPORT) as answer:
                assert answer.status == 200
                with pytest.raises(aiohttp.ClientPayloadError):
                    await answer.read()
    assert "A call of phone_number_log failed: the server has gone away" in caplog.text
    assert "Traceback" not in caplog.text


async def test_an_error_at_once_is_told_in_words() -> None:
    class Failing:
        async def answer(self, *_: Any, **__: Any) -> Reply:
            raise ConnectionError

    async with (
        serving(Failing()) as address,
        aiohttp.ClientSession(address) as http,
        http.get(PATH, params=EXPORT) as answer,
    ):
        assert (answer.status, (await answer.text())[:5]) == (503, "ERROR")


async def test_a_reader_that_takes_nothing_is_given_up(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(long_answers, "STALL_SECONDS", 0.2)
    async with opened(home) as database:
        service = Service(database, FrozenWallClock(NOW), ZONE)
        async with serving(service) as address:
            with caplog.at_level(logging.WARNING, "trunkline.dialer"):
                async with connected(address, EXPORT), asyncio.timeout(30):
                    while "was given up" not in caplog.text:
                        await asyncio.sleep(0.01)
    reasons = await logged(home)
    assert 0 < int(reasons[-1].rpartition(" ")[2]) < CALLS


async def test_nothing_is_sent_to_one_who_was_given_up() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    reader = TextReader(receive, send, KIND)
    await reader.take(Reply(pieces=["a"]))
    await asyncio.sleep(0)
    with pytest.raises(ReaderGone):
        await reader.take(Reply(pieces=["b"]))
    reader.close()
    assert [message.get("body") for message in sent] == [None, b"a", b"b"]
