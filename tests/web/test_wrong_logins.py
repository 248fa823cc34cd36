"""An address with too many wrong logins waits: at every process, after a restart, and for JSON too."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.web.serving import STATE, run, served

ORIGINAL, DOCUMENTED, JSON = "/vicidial/non_agent_api.php", "/adminpanel/api.php", "/api/v1/dialer"
LEAD = {"source": "test", "function": "lead_field_info", "lead_id": "1001", "field_name": "first_name"}
GOOD = {**LEAD, "user": "6666", "pass": "1234"}
FEW = {"TRUNKLINE_DIALER_WRONG_LOGINS_PER_ADDRESS": "5", "TRUNKLINE_TRUSTED_PROXIES": "127.0.0.1"}
LOCK = "ERROR: Too many login attempts, try again in 15 minutes: |{}|LOCK|\n"
WRONG = "ERROR: Login incorrect, please try again: |{}||BAD|\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests: each guesses from an address of its own."""
    folder = tmp_path_factory.mktemp("wrong") / "home"
    assert asyncio.run(run(folder, "dialer", "load", str(STATE)))[0] == 0
    return folder


async def asked(http: aiohttp.ClientSession, path: str, address: str, **params: str) -> str:
    async with http.get(path, params=params, headers={"X-Forwarded-For": address}) as answer:
        assert answer.status == 200
        return await answer.text()


async def guessed(http: aiohttp.ClientSession, address: str, times: int) -> list[str]:
    """Wrong logins for users there are and are not."""
    users = ["6666" if n == 1 else f"user{n}" for n in range(times)]
    return [await asked(http, ORIGINAL, address, **{**LEAD, "user": user, "pass": "x"}) for user in users]


async def test_the_sixth_guess_is_none_and_others_go_on(home: Path) -> None:
    async with served(home, **FEW) as url, aiohttp.ClientSession(url) as http:
        answers = await guessed(http, "203.0.113.9", 6)
        assert answers[:5] == [WRONG.format(user) for user in ("user0", "6666", "user2", "user3", "user4")]
        assert answers[5] == LOCK.format("user5")
        for path in (ORIGINAL, DOCUMENTED):
            assert await asked(http, path, "203.0.113.9", **GOOD) == LOCK.format("6666")
            assert await asked(http, path, "203.0.113.10", **GOOD) == "Custom"
        assert "VERSION" in await asked(http, ORIGINAL, "203.0.113.9", function="version")


async def test_json_says_how_long_to_wait_and_a_restart_changes_nothing(home: Path) -> None:
    code, token, _ = await run(home, "token", "add", "crm", "--user", "6666")
    assert code == 0
    for is_first in (True, False):
        async with served(home, **FEW) as url, aiohttp.ClientSession(url) as http:
            if is_first:
                await guessed(http, "2001:db8:1:2::1", 5)
            for address, status in (
                ("2001:db8:1:2::1", 429),
                ("2001:db8:1:2::9", 429),
                ("2001:db8:1:3::1", 200),
            ):
                headers = {"Authorization": f"Bearer {token.strip()}", "X-Forwarded-For": address}
                async with http.get(f"{JSON}/version", headers=headers) as answer:
                    assert answer.status == status
                    said = await answer.json()
                if status == 429:
                    assert said["code"] == "too_many_wrong_logins"
                    assert answer.headers["Retry-After"] == "900"
            assert await asked(http, ORIGINAL, "2001:db8:1:2::7", **GOOD) == LOCK.format("6666")


async def test_all_processes_count_together(home: Path) -> None:
    workers = 2
    async with served(home, "--workers", str(workers), **FEW) as url:
        wrong = 0
        for n in range(40):  # a connection each, so that the processes take turns
            async with aiohttp.ClientSession(url) as http:
                user = f"user{n}"
                said = await asked(http, ORIGINAL, "203.0.113.20", **{**LEAD, "user": user, "pass": "x"})
                assert said in (WRONG.format(user), LOCK.format(user))
                wrong += said == WRONG.format(user)
        assert 5 <= wrong <= 5 + workers, "each process may answer one guess more"


async def test_none_are_too_many_where_the_setting_says_so(home: Path) -> None:
    off = {**FEW, "TRUNKLINE_DIALER_WRONG_LOGINS_PER_ADDRESS": "0"}
    async with served(home, **off) as url, aiohttp.ClientSession(url) as http:
        for n in range(30):
            await asked(http, ORIGINAL, "203.0.113.30", **{**LEAD, "user": f"user{n}", "pass": "x"})
        assert await asked(http, ORIGINAL, "203.0.113.30", **GOOD) == "Custom"
