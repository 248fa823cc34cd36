"""For whom a request comes: the one who sent it, unless a proxy that the settings name says otherwise."""

import asyncio
import sqlite3
from pathlib import Path

import aiohttp
import pytest

from tests.web.serving import STATE, run, served

PATH = "/vicidial/non_agent_api.php"
LOGIN = {"source": "test", "user": "6666", "pass": "1234", "function": "lead_field_info"}
OTHER = "203.0.113.9"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("proxies") / "home"
    assert asyncio.run(run(folder, "dialer", "load", str(STATE)))[0] == 0
    return folder


async def seen(home: Path, forwarded: str, *flags: str, **env: str) -> str:
    """The address that a request with this X-Forwarded-For is logged with."""
    async with served(home, *flags, **env) as url, aiohttp.ClientSession(url) as http:
        answer = await http.get(PATH, params=LOGIN, headers={"X-Forwarded-For": forwarded})
        assert (await answer.text()).startswith("ERROR: lead_field_info")
    with sqlite3.connect(home / "store.sqlite3") as db:
        (address,) = db.execute(
            "select remote_ip from dialer360_api_urls order by api_id desc limit 1"
        ).fetchone()
    return str(address)


async def test_nobody_is_believed_by_itself(home: Path) -> None:
    assert await seen(home, OTHER, FORWARDED_ALLOW_IPS="*") == "127.0.0.1"


async def test_another_proxy_is_not_believed(home: Path) -> None:
    assert await seen(home, OTHER, TRUNKLINE_TRUSTED_PROXIES="10.0.0.0/8") == "127.0.0.1"


async def test_what_stands_before_the_nearest_stranger_is_hearsay(home: Path) -> None:
    chain = f"198.51.100.1, {OTHER}, 127.0.0.2"
    assert await seen(home, chain, TRUNKLINE_TRUSTED_PROXIES="10.0.0.0/8, 127.0.0.0/8") == OTHER


async def test_workers_believe_the_same(home: Path) -> None:
    named = {"TRUNKLINE_TRUSTED_PROXIES": "127.0.0.1"}
    assert await seen(home, OTHER, "--workers", "2", **named) == OTHER


async def test_an_address_of_ipv4_stays_one_on_a_socket_of_ipv6(home: Path) -> None:
    named = {"TRUNKLINE_TRUSTED_PROXIES": "127.0.0.1"}
    async with served(home, "--host", "::", **named) as url:
        port = url.rpartition(":")[2]
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            for headers in ({}, {"X-Forwarded-For": OTHER}):
                await (await http.get(PATH, params=LOGIN, headers=headers)).read()
    with sqlite3.connect(home / "store.sqlite3") as db:
        rows = db.execute("select remote_ip from dialer360_api_urls order by api_id desc limit 2").fetchall()
    assert rows == [(OTHER,), ("127.0.0.1",)]
