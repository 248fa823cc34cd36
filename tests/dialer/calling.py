"""A dialer with a switchboard, and a pretend manager for its server 10.10.10.16."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import ClauseElement, select

from tests.dialer.lead_calls import ask_original
from tests.dialer.replay import NOW, ZONE, state
from tests.store.databases import fresh_database, settings_at
from trunkline.clock import SystemClock
from trunkline.dialer.asterisk.actions import OPEN, Action, Actions
from trunkline.dialer.asterisk.servers import Managers
from trunkline.dialer.asterisk.switchboard import Switchboard
from trunkline.dialer.database import Database
from trunkline.dialer.loading import load_state
from trunkline.dialer.opening import open_dialer
from trunkline.dialer.passwords import Passwords
from trunkline.dialer.runner import Service
from trunkline.dialer.tables import Tables
from trunkline.settings import Settings
from trunkline.sims.ami import AmiSim, AmiSimOptions, Rule
from trunkline.store.connection import Store, open_store
from trunkline.store.secrets import Vault
from trunkline.telephony.access import ManagerAccess, Patience

SERVER, OTHER_SERVER = "10.10.10.16", "10.10.10.17"
SECRET = "geheim-4711"
SESSION = {"phone_login": "350a", "session_id": "8600051", "server_ip": SERVER}
DIALED = "010*010*010*016*08600051"
HOLDING = AmiSimOptions(secret=SECRET, otherwise=Rule(ring_seconds=None, talk_seconds=None))
QUICK = AmiSimOptions(secret=SECRET)


class HandClock(SystemClock):
    """The wall clock stands where it is put; waiting and measuring go on."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at.astimezone(UTC)


@cache
def all_of(table: str) -> Callable[[Tables], ClauseElement]:
    return lambda t: select(*t[table].c)


@dataclass
class House:
    """All that a call goes through."""

    sim: AmiSim
    store: Store
    settings: Settings
    database: Database
    service: Service
    clock: HandClock
    boards: list[Switchboard] = field(default_factory=list)

    @property
    def board(self) -> Switchboard:
        return self.boards[-1]

    @property
    def managers(self) -> Managers:
        return Managers(self.store, Vault(self.settings), self.clock)

    def access(self, **changed: Any) -> ManagerAccess:
        given: dict[str, Any] = {"host": "127.0.0.1", "port": self.sim.port, "user": "trunkline"}
        return ManagerAccess(**(given | {"secret": SECRET} | changed))

    async def opened(self, **patience: float) -> Switchboard:
        """A switchboard that the service uses from now on."""
        waits = Patience(**{"answer_seconds": 5, **patience})
        board = Switchboard(self.database, self.store, Vault(self.settings), self.clock, waits)
        await board.start()
        self.boards.append(board)
        self.service.switchboard = board
        return board

    async def listen(self, **params: str) -> str:
        return await ask_original(self.service, "blind_monitor", **{**SESSION, **params})

    def actions(self) -> list[Action]:
        """Newest first."""
        return Actions(self.store, self.clock).some(100)

    async def until(self, is_so: Callable[[Action], bool]) -> Action:
        """The newest action, once it is so."""
        async with asyncio.timeout(20):
            while True:
                found = await asyncio.to_thread(self.actions)
                if found and is_so(found[0]):
                    return found[0]
                await asyncio.sleep(0)

    async def over(self) -> Action:
        """The newest action, once nothing more comes of it and its row of the queue is written."""
        action = await self.until(lambda action: action.state not in OPEN)
        async with asyncio.timeout(20):
            while self.board._tasks:
                await asyncio.sleep(0)
        return action

    async def rows(self, table: str = "manager") -> list[dict[str, Any]]:
        async with self.database.work() as work:
            return await work.all(all_of(table))


async def filled(home: Path) -> Path:
    """A home folder with the start state, to be copied."""
    home.mkdir()
    dialer = await open_dialer(settings_at(home))
    await load_state(dialer.database, state())
    await dialer.database.close()
    return home


@asynccontextmanager
async def copied_house(home: Path, to: Path, options: AmiSimOptions = QUICK) -> AsyncIterator[House]:
    """Over a copy of a filled home folder."""
    shutil.copytree(home, to, dirs_exist_ok=True)
    async with _house(settings_at(to), options) as found:
        yield found


@asynccontextmanager
async def house(kind: str, home: Path, options: AmiSimOptions = QUICK) -> AsyncIterator[House]:
    """Over a new database of a kind."""
    home.mkdir(parents=True, exist_ok=True)
    with fresh_database(kind, home) as settings:
        dialer = await open_dialer(settings)
        await load_state(dialer.database, state())
        await dialer.database.close()
        async with _house(settings, options) as found:
            yield found


@asynccontextmanager
async def _house(settings: Settings, options: AmiSimOptions) -> AsyncIterator[House]:
    """Everything on one database, the manager known."""
    dialer = await open_dialer(settings)
    store, clock = open_store(settings), HandClock()
    passwords = Passwords(is_own=True, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    service = Service(dialer.database, clock, ZONE, passwords)
    async with AmiSim(options) as sim:
        found = House(sim, store, settings, dialer.database, service, clock)
        found.managers.add(SERVER, found.access())
        try:
            await found.opened()
            yield found
        finally:
            for board in found.boards:
                await board.close()
            store.close()
            await dialer.database.close()
