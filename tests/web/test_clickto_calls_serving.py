"""Real servers: processes that count calls together, and one that dies while it calls."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.clickto.calling import DESK, GIVEN, SERVER, VISITOR
from tests.clickto.conftest import NEW_YORK
from tests.web.serving import run, served
from tests.web.test_calling import killed_at_the_end
from trunkline.access.tokens import Tokens
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.calls import Calls
from trunkline.clickto.rights import CALL
from trunkline.clock import SystemClock
from trunkline.dialer.asterisk.servers import Managers
from trunkline.settings import load_settings
from trunkline.sims.ami import AmiSim, AmiSimOptions, Rule
from trunkline.store.connection import Store, open_store
from trunkline.store.secrets import Vault
from trunkline.telephony.access import ManagerAccess
from trunkline.web.clickto_operations import ROOT

NOW = {"TRUNKLINE_FROZEN_CLOCK": ""}
LATER = {"TRUNKLINE_FROZEN_CLOCK": "2099-01-01T00:00:00+00:00"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    opened = open_store(load_settings(home, {}))
    yield opened
    opened.close()


@pytest.fixture
async def sim(home: Path, store: Store) -> AsyncIterator[AmiSim]:
    """A manager that the installation knows; calls to it ring until somebody ends them."""
    async with AmiSim(AmiSimOptions(rules=(Rule(DESK, ring_seconds=None),))) as found:
        managers = Managers(store, Vault(load_settings(home, {})), SystemClock())
        managers.add(SERVER, ManagerAccess("127.0.0.1", "trunkline", found.options.secret, found.port))
        yield found


def block_and_token(store: Store) -> tuple[int, dict[str, str]]:
    _, text = Tokens(store, SystemClock()).add(secrets.token_hex(8), "", (CALL,))
    return Blocks(store, SystemClock()).add(GIVEN).id, {"Authorization": f"Bearer {text}"}


async def test_processes_count_calls_together(home: Path, store: Store, sim: AmiSim) -> None:
    sim.add_rule(Rule(DESK, "BUSY"))
    block, who = block_and_token(store)
    few = {"TRUNKLINE_CLICKTO_CALLS_PER_BLOCK": "3", "TRUNKLINE_CLICKTO_CALLS_PER_NUMBER": "0"}
    async with served(home, "--workers", "2", **NOW, **few) as url:

        async def asked() -> tuple[int, str]:
            """With a connection of its own, so that the processes take turns."""
            async with (
                aiohttp.ClientSession(url, headers=who) as http,
                http.post(f"{ROOT}/{block}/calls", json={"number": VISITOR}) as answer,
            ):
                await answer.read()
                return answer.status, answer.headers.get("Retry-After", "")

        answers = await asyncio.gather(*(asked() for _ in range(12)))
    assert sorted(status for status, _ in answers) == [202] * 3 + [429] * 9
    assert all(0 < int(wait) <= 600 for status, wait in answers if status == 429)
    assert len(sim.asked("Originate")) == 3


async def test_a_process_killed_while_it_calls_leaves_a_record_that_says_so(
    home: Path, store: Store, sim: AmiSim
) -> None:
    block, who = block_and_token(store)
    async with killed_at_the_end(home) as url, aiohttp.ClientSession(url, headers=who) as http:
        async with http.post(f"{ROOT}/{block}/calls", json={"number": VISITOR}) as answer:
            call = (await answer.json())["id"]
        async with asyncio.timeout(30):
            while Calls(store, SystemClock(), NEW_YORK).one(call).legs[0].state != "ringing":
                await asyncio.sleep(0.02)
    left = Calls(store, SystemClock(), NEW_YORK).one(call)
    assert (left.state, left.ended_at, [leg.state for leg in left.legs]) == ("calling", None, ["ringing"])
    code, out, _ = await run(home, "clickto", "calls", "--json", **LATER)
    (found,) = json.loads(out)
    assert (code, found["state"], found["call_1_result"], found["call_2_result"]) == (
        *(0, "unknown"),
        *("CANCEL", ""),
    )
    assert [(leg["state"], leg["reason"]) for leg in found["legs"]] == [
        ("unknown", "unknown: the process that placed it ended")
    ]
    assert len(sim.asked("Originate")) == 1
