"""Real servers: processes that count calls together, and one that dies while it calls."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from tests.clickto.calling import DESK, GIVEN, SERVER, VISITOR
from tests.clickto.conftest import NEW_YORK
from tests.web.test_calling import killed_at_the_end
from trunkline.access.tokens import Tokens
from trunkline.clickto.activity import Activity
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.calls import Calls
from trunkline.clickto.rights import CALL
from trunkline.clickto.selection import Selection
from trunkline.clock import FrozenWallClock, SystemClock
from trunkline.dialer.asterisk.servers import Managers
from trunkline.settings import load_settings
from trunkline.sims.ami import AmiSim, AmiSimOptions, Rule
from trunkline.store.connection import Store, open_store
from trunkline.store.secrets import Vault
from trunkline.telephony.access import ManagerAccess
from trunkline.web.clickto_operations import ROOT

LATER = FrozenWallClock(datetime(2099, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serving") / "home"


@pytest.fixture(scope="module")
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
        managers.remove(SERVER)


def block_and_token(store: Store) -> tuple[int, dict[str, str]]:
    _, text = Tokens(store, SystemClock()).add(secrets.token_hex(8), "", (CALL,))
    return Blocks(store, SystemClock()).add(GIVEN).id, {"Authorization": f"Bearer {text}"}


# Places calls as a serving process does, all at once, and prints how many; a line on standard input begins.
PLACES = """
import asyncio, sys
from pathlib import Path
from tests.clickto.calling import rules
from tests.clickto.conftest import NEW_YORK
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.calling import Calling
from trunkline.clickto.limits import Limits, TooMany
from trunkline.clickto.plans import Asked
from trunkline.clock import SystemClock
from trunkline.settings import load_settings
from trunkline.store.connection import open_store

async def nowhere(server):
    return None

async def main():
    store, clock = open_store(load_settings(Path(sys.argv[1]), {})), SystemClock()
    block = Blocks(store, clock).get(int(sys.argv[2]))
    calling = Calling(store, clock, NEW_YORK, rules(Limits(0, 3, 0)), nowhere)
    sys.stdin.readline()
    asked = (calling.place(block, Asked(f"+1312555{n:04}")) for n in range(100, 106))
    placed = await asyncio.gather(*asked, return_exceptions=True)
    print(sum(not isinstance(one, TooMany) for one in placed), flush=True)
    await calling.close()

asyncio.run(main())
"""


async def test_processes_count_calls_together(home: Path, store: Store) -> None:
    block, _ = block_and_token(store)
    words, pipe = (sys.executable, "-c", PLACES, str(home), str(block)), asyncio.subprocess.PIPE
    processes = [await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe) for _ in range(2)]
    told = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert sum(int(out) for out, _ in told) == 3
    assert len(Calls(store, SystemClock(), NEW_YORK).some(100, block)) == 3


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
    (found,) = Calls(store, LATER, NEW_YORK).some(10, block)
    assert (found.state, found.call_1_result, found.call_2_result) == ("unknown", "CANCEL", "")
    assert [(leg.state, leg.reason) for leg in found.legs] == [
        ("unknown", "unknown: the process that placed it ended")
    ]
    (row,) = Activity(store, LATER, NEW_YORK).page(Selection(block_ids=(block,)), 10)[0]
    assert (row["state"], row["call_1_result"], row["call_2_result"]) == ("ended", "CANCEL", "")
    assert len(sim.asked("Originate")) == 1
