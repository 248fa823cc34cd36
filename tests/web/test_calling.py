"""The whole way: a request to a real server, a call through a pretend manager, and its outcome shown."""

import asyncio
import json
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.web.serving import LISTENING, STATE, run, served
from trunkline.access.tokens import Tokens
from trunkline.clock import SystemClock
from trunkline.dialer.asterisk.servers import Managers
from trunkline.settings import load_settings
from trunkline.sims.ami import AmiSim, AmiSimOptions, Fault, Rule
from trunkline.store.connection import Store, open_store
from trunkline.store.secrets import Vault
from trunkline.telephony.access import ManagerAccess

SECRET = "geheim-4711"
SERVER = "10.10.10.16"
DIALED = "010*010*010*016*08600051"
LOGIN = {"source": "test", "user": "6666", "pass": "1234"}
ASKED = {"function": "blind_monitor", "phone_login": "350a", "session_id": "8600051", "server_ip": SERVER}
LAUNCHED = "SUCCESS: blind_monitor HAS BEEN LAUNCHED - 350a|010*010*010*016*08600051|350|8600051|"
ACTIONS = "/api/v1/asterisk/actions"
HOLDING = AmiSimOptions(secret=SECRET, otherwise=Rule(ring_seconds=None, talk_seconds=None))
NOW = {"TRUNKLINE_FROZEN_CLOCK": ""}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with the start state."""
    folder = tmp_path_factory.mktemp("calling") / "home"
    code, _, err = asyncio.run(run(folder, "dialer", "load", str(STATE)))
    assert (code, err) == (0, "")
    return folder


@dataclass
class Installation:
    """A home folder, opened beside the servers that the tests run on it."""

    home: Path
    store: Store
    managers: Managers

    def know(self, sim: AmiSim) -> None:
        self.managers.add(SERVER, ManagerAccess("127.0.0.1", "trunkline", SECRET, sim.port))

    def token(self, user: str = "6666", *functions: str) -> dict[str, str]:
        _, text = Tokens(self.store, SystemClock()).add(secrets.token_hex(8), user, functions)
        return {"Authorization": f"Bearer {text}"}


@pytest.fixture
def here(home: Path) -> Iterator[Installation]:
    settings = load_settings(home, {})
    store = open_store(settings)
    managers = Managers(store, Vault(settings), SystemClock())
    yield Installation(home, store, managers)
    for manager in managers.all():
        managers.remove(manager.server_ip)
    store.close()


@pytest.fixture
async def sim(here: Installation) -> AsyncIterator[AmiSim]:
    """A manager that the installation knows; its calls go on until somebody ends them."""
    async with AmiSim(HOLDING) as found:
        here.know(found)
        yield found


async def listened(http: aiohttp.ClientSession) -> str:
    answer = await http.get("/vicidial/non_agent_api.php", params={**LOGIN, **ASKED})
    return await answer.text()


async def action_of(http: aiohttp.ClientSession, who: dict[str, str], man_id: str) -> dict[str, Any]:
    answer = await http.get(ACTIONS, params={"man_id": man_id}, headers=who)
    assert answer.status == 200
    (action,) = (await answer.json())["actions"] or [{}]
    return dict(action)


async def until(
    http: aiohttp.ClientSession, who: dict[str, str], man_id: str, *states: str
) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            action = await action_of(http, who, man_id)
            if action.get("state") in states:
                return action


async def test_a_request_becomes_a_call_and_its_outcome_is_shown(here: Installation, sim: AmiSim) -> None:
    who = here.token()
    async with served(here.home, **NOW) as url, aiohttp.ClientSession(url) as http:
        text = await listened(http)
        assert text.startswith(LAUNCHED)
        man_id = text.split("|")[4]
        ringing = await until(http, who, man_id, "queued")
        sim.channels_of(DIALED)[0].is_up.set()
        up = await until(http, who, man_id, "answered")
        sim.channels_of(DIALED)[0].is_gone.set()
        ended = await until(http, who, man_id, "ended")
        assert (ringing["result"], up["result"], ended["result"]) == (None, "ANSWER", "ANSWER")
        assert ended["seconds"] >= 0
        assert (ended["function"], ended["user"], ended["server_ip"]) == ("blind_monitor", "6666", SERVER)
        one = await http.get(f"{ACTIONS}/{ended['action_id']}", headers=who)
        assert await one.json() == ended
    code, out, _ = await run(here.home, "dialer", "actions", "--json", **NOW)
    assert (code, json.loads(out)[0]["action_id"]) == (0, ended["action_id"])
    (sent,) = sim.asked("Originate")
    assert sent.get("ActionID") == ended["action_id"]


async def test_a_manager_is_used_as_soon_as_it_is_known(here: Installation) -> None:
    """Added while several processes serve, and used by all of them."""
    who = here.token()
    async with (
        AmiSim(AmiSimOptions(secret=SECRET)) as sim,
        served(here.home, "--workers", "2", **NOW) as url,
        aiohttp.ClientSession(url) as http,
    ):
        assert (await listened(http)).startswith(LAUNCHED)
        assert sim.actions == []
        here.know(sim)
        async with asyncio.timeout(30):
            while not sim.asked("Originate"):
                text = await listened(http)
        await until(http, who, text.split("|")[4], "ended")


async def test_the_outcome_is_shown_to_who_asked_for_it(here: Installation, sim: AmiSim) -> None:
    who = here.token()
    other = here.token("7001")
    narrow = here.token("6666", "version")
    async with served(here.home, **NOW) as url, aiohttp.ClientSession(url) as http:
        sim.add_rule(Rule(DIALED, "BUSY"))
        man_id = (await listened(http)).split("|")[4]
        action = await until(http, who, man_id, "failed")
        assert (action["result"], action["cause"]) == ("BUSY", 17)
        path = f"{ACTIONS}/{action['action_id']}"
        for headers, path_asked, status, code_told in (
            (None, path, 401, "token_needed"),
            (other, path, 404, "no_action"),
            (narrow, ACTIONS, 403, "function_not_allowed"),
            (who, f"{ACTIONS}/nothing", 404, "no_action"),
            (who, f"{ACTIONS}?man_id=x", 400, "invalid_parameters"),
            (who, f"{ACTIONS}?man_id={10**30}", 400, "invalid_parameters"),
            (who, f"{ACTIONS}?limit=1001", 400, "invalid_parameters"),
            (who, f"{ACTIONS}?colour=red", 400, "invalid_parameters"),
        ):
            answer = await http.get(path_asked, headers=headers)
            assert (answer.status, (await answer.json())["code"]) == (status, code_told)
        assert (await (await http.get(ACTIONS, headers=other)).json()) == {"actions": []}


async def test_a_refresh_reloads_and_says_so(here: Installation, sim: AmiSim) -> None:
    who = here.token()
    async with served(here.home, **NOW) as url, aiohttp.ClientSession(url) as http:
        done = await http.post("/api/v1/dialer/server_refresh", data={"stage": "REFRESH"}, headers=who)
        assert (done.status, bool(await done.read())) == (200, True)
        async with asyncio.timeout(30):
            action: dict[str, Any] = {}
            while action.get("state") != "done":
                answer = await http.get(ACTIONS, params={"function": "server_refresh"}, headers=who)
                action = ((await answer.json())["actions"] or [{}])[0]
        assert (action["action"], action["reason"]) == ("Reload", "Module Reloaded")
    assert len(sim.asked("Reload")) == 1


@asynccontextmanager
async def killed_at_the_end(home: Path) -> AsyncIterator[str]:
    """A server that ends by SIGKILL, as in a power cut."""
    words = [sys.executable, "-m", "trunkline", "serve", "--port", "0", "--home", str(home)]
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        yield line.removeprefix(LISTENING).decode().strip()
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def test_a_killed_server_leaves_no_call_to_be_made_late(here: Installation, sim: AmiSim) -> None:
    who = here.token()
    sim.faults.add(Fault("silent", action="Challenge"))
    async with killed_at_the_end(here.home) as url, aiohttp.ClientSession(url) as http:
        man_id = (await listened(http)).split("|")[4]
        await until(http, who, man_id, "waiting")
    later = {"TRUNKLINE_FROZEN_CLOCK": "2099-01-01T00:00:00+00:00"}
    async with served(here.home, **later) as url, aiohttp.ClientSession(url) as http:
        action = await action_of(http, who, man_id)
        assert action["state"] == "not_sent"
        assert action["reason"]
    assert sim.asked("Originate") == []
