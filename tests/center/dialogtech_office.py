"""A company that reads its DialogTech: the pretend one, an installation, and one clock for both."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tests.center.conftest import NOON
from trunkline.center import accounts, datasets
from trunkline.center.room import Center
from trunkline.center.running import run
from trunkline.center.runs import Run, Wish
from trunkline.center.writer import Writer
from trunkline.clock import SteppedClock
from trunkline.sims.dialogtech import DialogtechSim, DialogtechSimOptions
from trunkline.sims.dialogtech.bodies import NAMES
from trunkline.warehouse.open import open_warehouse

KEYS = {"access_key": "testkey", "secret_access_key": "testsecret"}
FIRST_DAY = "2026-05-10"


@dataclass
class DialogtechOffice:
    """The installation and the pretend DialogTech it reads; a dataset `clicks` reads all of it."""

    center: Center
    sim: DialogtechSim
    clock: SteppedClock

    async def dataset(self, name: str = "clicks", method: str | None = None, **options: Any) -> None:
        dates = {} if {"specific_date", "start_date"} & set(options) else {"start_date": FIRST_DAY}
        await datasets.add(self.center, name, "main", "clickto", {**dates, **options}, method=method)

    async def run(self, name: str = "clicks", **wish: Any) -> Run:
        with Writer(self.center.settings) as writer:
            return await run(self.center, writer, name, wish=Wish(**wish))

    def rows(self, sql: str) -> list[dict[str, Any]]:
        warehouse = open_warehouse(self.center.settings, read_only=True)
        try:
            found: list[dict[str, Any]] = warehouse.reader(sql).read_all().to_pylist()
            return found
        finally:
            warehouse.close()

    def loaded(self, name: str = "clicks") -> Counter[tuple[str, ...]]:
        """The thirteen fields of each row of the dataset."""
        columns = ", ".join(f"coalesce({column(n)}, '') as {n.lower()}" for n in NAMES)
        rows = self.rows(f"select {columns} from datasets.{name}")
        return Counter(tuple(str(row[n.lower()]) for n in NAMES) for row in rows)

    def books(self) -> Counter[tuple[str, ...]]:
        """The same by the pretend DialogTech's own books."""
        return Counter(tuple(row[n] for n in NAMES) for row in self.sim.world.rows())

    def ids(self, name: str = "clicks") -> list[str]:
        return [str(row["row_id"]) for row in self.rows(f"select row_id from datasets.{name} order by 1")]

    def add(self, count: int = 1, at: datetime | None = None, **fields: str) -> list[int]:
        return [self.sim.world.add(fields, at) for _ in range(count)]


def column(name: str) -> str:
    return "cast(cast(call_duration as bigint) as varchar)" if name == "Call_Duration" else name.lower()


@asynccontextmanager
async def dialogtech_office(
    center: Center, clock: SteppedClock, account: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[DialogtechOffice]:
    """An office whose pretend DialogTech has these options; account `main` is saved already."""
    usual = replace(DialogtechSimOptions(), strict=True, until=NOON, clicks=400, days=30)
    async with DialogtechSim(replace(usual, **options), clock) as sim:
        values = {**KEYS, "base_url": sim.url, **(account or {})}
        accounts.add(center, "dialogtech", "main", values, accounts.Verdict(accounts.VALID))
        yield DialogtechOffice(center, sim, clock)
