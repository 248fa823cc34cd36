"""The setting log_level in the server's processes: calls are told, passwords and values are not."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.web.serving import ENV, LISTENING, STATE, run

CALL = {"source": "test", "user": "6666", "pass": "1234", "function": "add_lead"}
PERSON = {"phone_number": "7275559876", "first_name": "Geraldine"}


@pytest.mark.parametrize(
    ("level", "workers", "is_told"), [("debug", "1", True), ("debug", "2", True), ("info", "1", False)]
)
async def test_calls_are_told_without_what_they_hold(
    tmp_path: Path, level: str, workers: str, is_told: bool
) -> None:
    home = tmp_path / "home"
    assert (await run(home, "dialer", "load", str(STATE)))[0] == 0
    words = ("serve", "--port", "0", "--workers", workers, "--home", str(home))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "trunkline", *words),
        env={**os.environ, **ENV, "TRUNKLINE_LOG_LEVEL": level},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        url = line.removeprefix(LISTENING).decode().strip()
        async with aiohttp.ClientSession() as session:
            answer = await session.get(f"{url}/adminpanel/api.php", params={**CALL, **PERSON})
            assert (await answer.text()).startswith("SUCCESS")
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = await process.communicate()
    told = err.decode()
    assert ("DEBUG trunkline.dialer: add_lead for 6666: SUCCESS, " in told) is is_told
    assert [word for word in ("pass", "7275559876", "Geraldine") if word in told] == []
