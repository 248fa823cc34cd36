"""An installation in an empty folder, a pretend CallRail beside it, and one clock for both."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from trunkline.center import accounts, datasets
from trunkline.center.room import Center, open_center
from trunkline.center.running import run
from trunkline.center.runs import Run, Wish
from trunkline.center.writer import Writer
from trunkline.clock import SteppedClock
from trunkline.settings import load_settings
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions
from trunkline.warehouse.open import open_warehouse

ACCOUNT_ID = "ACC8154748ae6bd4e278a7cddd38a662f4f"
NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOON)


@pytest.fixture
def center(tmp_path: Path, clock: SteppedClock) -> Iterator[Center]:
    with open_center(load_settings(tmp_path / "home", {}), clock) as opened:
        yield opened


@dataclass
class Office:
    """A company that reads its CallRail: the pretend one, the installation, and their common clock."""

    center: Center
    sim: CallrailSim
    clock: SteppedClock

    async def dataset(
        self, name: str = "calls", report: str = "", method: str | None = None, **options: Any
    ) -> str:
        await datasets.add(self.center, name, "main", report or name, options, method=method)
        return name

    async def run(self, name: str = "calls", watch: Callable[[Run], None] | None = None, **wish: Any) -> Run:
        with Writer(self.center.settings) as writer:
            return await run(self.center, writer, name, wish=Wish(**wish), watch=watch)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        warehouse = open_warehouse(self.center.settings, read_only=True)
        try:
            return warehouse.reader(sql).read_all().to_pylist()
        finally:
            warehouse.close()

    def ids(self, name: str = "calls") -> list[str]:
        return [str(row["id"]) for row in self.rows(f"select id from datasets.{name} order by id")]

    def pages_asked(self, of: str = "calls.json") -> int:
        return sum(seen.path.endswith(of) for seen in self.sim.requests)


@pytest.fixture
def office_with(center: Center, clock: SteppedClock) -> Callable[..., Any]:
    """An office whose pretend CallRail has these options; account `main` is saved already."""

    @asynccontextmanager
    async def opened(limits: dict[str, int] | None = None, **options: Any) -> AsyncIterator[Office]:
        strict = replace(CallrailSimOptions(), strict=True, until=NOON, **options)
        async with CallrailSim(strict, clock) as sim:
            values = {"api_key": "testkey", "account_id": ACCOUNT_ID, "base_url": sim.url, **(limits or {})}
            accounts.add(center, "callrail", "main", values, accounts.Verdict(accounts.VALID))
            yield Office(center, sim, clock)

    return opened
