"""A floor in a real database, and somebody who asks the API about it, by one stepped clock."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from trunkline.cli.floor_keeping import Keeper
from trunkline.clock import SteppedClock
from trunkline.dialer.command import Dialect
from trunkline.dialer.database import Database, Row
from trunkline.dialer.opening import open_dialer
from trunkline.dialer.passwords import Passwords
from trunkline.dialer.row_sets import Rows, rows_of
from trunkline.dialer.runner import Service
from trunkline.dialer.setting_up import TOP_LEVEL, make_frame
from trunkline.settings import Settings
from trunkline.sims.floor.floor import Floor
from trunkline.sims.floor.options import FloorOptions

ZONE = ZoneInfo("America/New_York")
TUESDAY = datetime(2026, 6, 9, 10, 40, tzinfo=ZONE).astimezone(UTC)
ASKING = {"user": "asker", "source": "test", "header": "YES", "stage": "pipe"}
RIGHTS = ("vdc_agent_api_access", "view_reports", "modify_leads")


def never() -> bool:
    return False


@dataclass
class Office:
    """The floor of one home, moved on as its clock is."""

    database: Database
    keeper: Keeper
    clock: SteppedClock
    service: Service

    async def opened(self, days: int = 0, speed: float = 1.0) -> Floor:
        """The floor, filled up to now."""
        floor = await self.keeper.open(days)
        await self.keeper.fill(floor, lambda _: None, never)
        floor.speed = speed
        return floor

    async def pass_time(self, floor: Floor, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.keeper.fill(floor, lambda _: None, never)

    async def text(self, function: str, **params: str) -> str:
        asked = {**ASKING, "function": function, **params}
        reply = await self.service.answer(asked, Dialect.DOCUMENTED, "127.0.0.1", is_proven=True)
        return reply.text

    async def ask(self, function: str, **params: str) -> list[Row]:
        """The rows of an answer, by the names of its header."""
        text = await self.text(function, **params)
        assert not text.startswith("ERROR"), text
        header, *lines = [re.split(r"[|,]", line) for line in text.splitlines()]
        return [dict(zip(header, line, strict=True)) for line in lines]

    async def rows(self, table: str, **where: Any) -> list[Row]:
        async with self.database.work() as work:
            return await rows_of(work, Rows(table, tuple((name, (value,)) for name, value in where.items())))


async def make_asker(database: Database) -> None:
    """An API user who may read everything."""
    async with database.work() as work:
        await make_frame(work)
        if not await rows_of(work, Rows("users", (("user", ("asker",)),))):
            rights = dict.fromkeys(RIGHTS, "1")
            asker = {"user": "asker", "pass": "", "user_group": "ADMIN", "user_level": TOP_LEVEL}
            await work.insert("users", **asker, active="Y", api_allowed_functions=" ALL_FUNCTIONS ", **rights)


@asynccontextmanager
async def office_at(
    settings: Settings, options: FloorOptions | None = None, start: datetime = TUESDAY
) -> AsyncIterator[Office]:
    clock = SteppedClock(start)
    dialer = await open_dialer(settings)
    try:
        await make_asker(dialer.database)
        quick = Passwords(is_own=True, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        service = Service(dialer.database, clock, ZONE, quick)
        keeper = Keeper(dialer.database, options or FloorOptions(zone=ZONE), clock)
        yield Office(dialer.database, keeper, clock, service)
    finally:
        await dialer.database.close()
