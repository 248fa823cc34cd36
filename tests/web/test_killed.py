"""A server killed at any moment: every lead that was answered with SUCCESS is there, and no half one."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from tests.dialer.databases import opened_database
from tests.dialer.test_vectors_on_servers import rows_of
from tests.store.databases import KINDS, fresh_database
from tests.web.serving import ENV, LISTENING, STATE, run
from trunkline.dialer.tables import Tables
from trunkline.settings import Settings
from trunkline.store.places import place_of

PATH = "/adminpanel/api.php"
CLIENTS = 12
ADDED = "SUCCESS: add_lead LEAD HAS BEEN ADDED"


@dataclass
class Told:
    """What clients were told until the server was gone: the numbers of leads by their ids."""

    leads: dict[int, str] = field(default_factory=dict)
    asked: int = 0


@asynccontextmanager
async def server(
    home: Path, *flags: str, **env: str
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    command = [sys.executable, "-m", "trunkline", "serve", "--port", "0", "--home", str(home), *flags]
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **ENV, **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        yield line.removeprefix(LISTENING).decode().strip(), process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def adds(http: aiohttp.ClientSession, client: int, told: Told) -> None:
    """Add leads until the server is gone."""
    while True:
        told.asked += 1
        number = f"727{told.asked:07}"
        params = {"source": "test", "user": "6666", "pass": "1234", "function": "add_lead"}
        params |= {"phone_number": number, "list_id": "101", "first_name": f"client{client}"}
        try:
            async with http.get(PATH, params=params) as answer:
                text = await answer.text()
        except (aiohttp.ClientError, OSError):
            return
        assert text.startswith(ADDED), text
        told.leads[int(text.split("|")[3])] = number


async def killed(settings: Settings, told: Told, answers: int) -> None:
    """A server that is killed once it has given so many more answers."""
    env = {"TRUNKLINE_STORE_URL": settings.text("store_url")}
    wanted = len(told.leads) + answers
    async with (
        server(settings.home, **env) as (url, process),
        aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=CLIENTS)) as http,
    ):
        clients = [asyncio.create_task(adds(http, n, told)) for n in range(CLIENTS)]
        async with asyncio.timeout(120):
            while len(told.leads) < wanted:
                await asyncio.sleep(0)
        process.send_signal(signal.SIGKILL)
        await asyncio.gather(*clients)


async def check(settings: Settings, told: Told) -> None:
    async with opened_database(place_of(settings), Tables()) as database, database.work() as work:
        leads = {row["lead_id"]: row["phone_number"] for row in await work.all(rows_of("list"))}
        log = await work.all(rows_of("api_log"))
        urls = {row["api_id"] for row in await work.all(rows_of("api_urls"))}
    assert {lead_id: leads.get(lead_id) for lead_id in told.leads} == told.leads
    added = [row for row in log if row["result_reason"] == "add_lead LEAD HAS BEEN ADDED"]
    # What was kept was kept whole: each lead has its log row, and that its request.
    ours = {lead_id for lead_id, number in leads.items() if number.startswith("7270")}
    assert len(added) == len(ours)
    assert {row["api_id"] for row in added} <= urls


async def survives(kind: str, folder: Path, kills: int, answers: int) -> None:
    with fresh_database(kind, folder / "home") as settings:
        code, _, err = await run(
            settings.home, "dialer", "load", str(STATE), TRUNKLINE_STORE_URL=settings.text("store_url")
        )
        assert (code, err) == (0, "")
        told = Told()
        for kill in range(kills):
            await killed(settings, told, answers + 7 * kill)
            await check(settings, told)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_answered_is_there_after_a_kill(kind: str, tmp_path: Path) -> None:
    await survives(kind, tmp_path, kills=2, answers=60)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_answered_is_there_after_many_kills(kind: str, tmp_path: Path) -> None:
    await survives(kind, tmp_path, kills=20, answers=300)


async def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    code, _, err = await run(tmp_path / "home", "dialer", "load", str(STATE))
    assert (code, err) == (0, "")
    async with server(tmp_path / "home", "--workers", "2") as (url, process):
        port = int(url.rpartition(":")[2])
        process.send_signal(signal.SIGKILL)
        await process.wait()
        async with asyncio.timeout(60):
            while await answers(port):
                await asyncio.sleep(0.05)


async def answers(port: int) -> bool:
    """Whether anybody takes connections on a port."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
