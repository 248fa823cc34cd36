"""A company that reads its Dialpad: the pretend one, an installation, and one clock for both."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.center.conftest import NOON
from trunkline.center import accounts, datasets
from trunkline.center.room import Center
from trunkline.center.running import run
from trunkline.center.runs import Run, Wish
from trunkline.center.writer import Writer
from trunkline.clock import SteppedClock
from trunkline.dates import DaySpan, instants
from trunkline.sims.dialpad import DialpadSim, DialpadSimOptions
from trunkline.warehouse.open import open_warehouse


@dataclass
class DialpadOffice:
    """The installation and the pretend Dialpad it reads."""

    center: Center
    sim: DialpadSim
    clock: SteppedClock

    async def dataset(
        self, name: str = "stats", report: str = "", method: str | None = None, **options: Any
    ) -> str:
        await datasets.add(self.center, name, "main", report or name, options, method=method)
        return name

    async def run(self, name: str = "stats", watch: Callable[[Run], None] | None = None) -> Run:
        with Writer(self.center.settings) as writer:
            return await run(self.center, writer, name, wish=Wish(), watch=watch)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        warehouse = open_warehouse(self.center.settings, read_only=True)
        try:
            found: list[dict[str, Any]] = warehouse.reader(sql).read_all().to_pylist()
            return found
        finally:
            warehouse.close()

    def call_ids(self, name: str = "stats") -> list[str]:
        return sorted(str(row["call_id"]) for row in self.rows(f"select call_id from datasets.{name}"))

    def asked(self, method: str, tail: str) -> int:
        """How many requests of a kind came."""
        return sum(s.method == method and s.path.endswith(tail) for s in self.sim.requests)

    @property
    def zone(self) -> ZoneInfo:
        """That of the main office."""
        offices = self.sim.world.lists["offices"]
        return ZoneInfo(next(str(row["timezone"]) for row in offices if row.get("is_primary_office")))

    def own_calls(self, span: DaySpan, zone: ZoneInfo | None = None) -> list[str]:
        """The company's concluded calls of local days, by its own books."""
        low, high = (int(at.timestamp() * 1000) for at in instants(span, zone or self.zone))
        now = int(self.clock.now().timestamp() * 1000)
        return sorted(str(leg.call_id) for _, leg in self.sim.world.concluded(low, high - 1, now))

    def go_to(self, instant: datetime) -> None:
        self.clock.advance((instant - self.clock.now()).total_seconds())


@asynccontextmanager
async def dialpad_office(
    center: Center, clock: SteppedClock, limits: dict[str, int] | None = None, **options: Any
) -> AsyncIterator[DialpadOffice]:
    """An office whose pretend Dialpad has these options; account `main` is saved already."""
    strict = replace(DialpadSimOptions(), strict=True, until=NOON, company_per_second=None, **options)
    async with DialpadSim(strict, clock) as sim:
        values = {"api_key": "testkey", "base_url": sim.url, **(limits or {})}
        accounts.add(center, "dialpad", "main", values, accounts.Verdict(accounts.VALID))
        yield DialpadOffice(center, sim, clock)


def turn_columns(sim: DialpadSim) -> None:
    """Let exports come with their columns in the opposite order."""
    file_of = sim.downloads.file_of

    async def turned(path: str, had_key: bool, now: datetime) -> list[bytes]:
        text = b"".join(await file_of(path, had_key, now)).decode("utf-8-sig")
        out = io.StringIO(newline="")
        csv.writer(out).writerows(row[::-1] for row in csv.reader(io.StringIO(text, newline="")))
        return [out.getvalue().encode()]

    sim.downloads.file_of = turned  # type: ignore[method-assign]
