"""Workers as processes of their own, and the installation that they share."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, select, update

from tests.center.conftest import ACCOUNT_ID
from tests.store.databases import fresh_database
from trunkline.center import accounts, datasets, timetables
from trunkline.center.order_queries import ENDED
from trunkline.center.retries import RetryPolicy
from trunkline.center.room import Center, open_center
from trunkline.center.tables import orders, runs, schedules
from trunkline.settings import load_settings
from trunkline.sims.callrail import CallrailSim
from trunkline.warehouse.open import open_warehouse

READY = (b"is ready", b"listening on")
PATIENCE = 120


@dataclass
class Plant:
    """An installation, its pretend CallRail, and what starts workers for it."""

    center: Center
    sim: CallrailSim
    env: dict[str, str]

    @asynccontextmanager
    async def worker(self, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await self.begun(*words)
        try:
            yield process
        finally:
            await ended(process)

    async def begun(self, *words: str) -> asyncio.subprocess.Process:
        """A worker, or what else is named, that is ready."""
        process = await self.started(*(words or ("worker",)))
        assert process.stdout is not None
        line = b""
        async with asyncio.timeout(PATIENCE):
            while not any(word in line for word in READY):
                line = await process.stdout.readline()
                assert line, "the worker ended before it was ready"
        return process

    async def started(self, *words: str) -> asyncio.subprocess.Process:
        """A command as a process of its own."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "trunkline", *words, "--home", str(self.center.settings.home)),
            env=self.env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def dataset(self, name: str, account: str = "main") -> None:
        await datasets.add(self.center, name, account, "calls", {"start_date": "2026-01-01"})
        dataset = datasets.get(self.center, name)
        timetables.set_schedule(self.center, dataset, "every", "24h")
        timetables.set_retries(self.center, dataset, RetryPolicy(3, 60))

    def make_due(self, *names: str) -> None:
        """Let the datasets be due now, as the hands of the clock would."""
        ids = [datasets.get(self.center, name).id for name in names]
        with self.center.store.begin() as tx:
            due = {"next_due_at": self.center.clock.now(), "version": schedules.c.version + 1}
            tx.execute(update(schedules).where(schedules.c.dataset_id.in_(ids)).values(**due))

    def orders(self) -> list[Any]:
        with self.center.store.read() as tx:
            return list(tx.execute(select(orders).order_by(orders.c.created_at)).mappings())

    def runs(self) -> list[Any]:
        with self.center.store.read() as tx:
            return list(tx.execute(select(runs).order_by(runs.c.id)).mappings())

    async def all_ended(self, count: int, patience: int = PATIENCE) -> None:
        """Wait until so many orders have ended, and none is open."""
        async with asyncio.timeout(patience):
            while True:
                states = Counter(row["state"] for row in await asyncio.to_thread(self.orders))
                if states[ENDED] >= count and states.total() == states[ENDED]:
                    return
                await asyncio.sleep(0.2)

    def rows(self, name: str) -> list[str]:
        warehouse = open_warehouse(self.center.settings, read_only=True)
        try:
            found = warehouse.reader(f"select id from datasets.{name}").read_all().to_pylist()
            return sorted(row["id"] for row in found)
        finally:
            warehouse.close()

    def interleaved(self, name: str) -> list[str]:
        """Runs of a dataset that loaded something after another run had begun to load."""
        warehouse = open_warehouse(self.center.settings, read_only=True)
        try:
            loads = sorted(warehouse.loads(name, 100_000), key=lambda load: load.loaded_at)
        finally:
            warehouse.close()
        turns = [run_id for run_id, _ in groupby(load.run_id for load in loads)]
        return [run_id for run_id, count in Counter(turns).items() if count > 1]

    def overlapping(self) -> list[tuple[str, str]]:
        """Pairs of runs of a dataset of which one began before the other had ended."""
        found = []
        by_dataset = sorted(self.runs(), key=lambda run: (run["dataset_name"], run["started_at"]))
        for _, some in groupby(by_dataset, key=lambda run: run["dataset_name"]):
            last: datetime | None = None
            for run in some:
                if last is not None and run["started_at"] < last:
                    found.append((run["dataset_name"], run["id"]))
                last = run["ended_at"]
        return found


async def until(look: Callable[[], bool], patience: int = PATIENCE) -> None:
    """Look again and again, in a thread, until what was waited for is there."""
    async with asyncio.timeout(patience):
        while not await asyncio.to_thread(look):
            await asyncio.sleep(0.05)


async def ended(process: asyncio.subprocess.Process, sign: signal.Signals = signal.SIGTERM) -> int:
    if process.returncode is None:
        process.send_signal(sign)
    async with asyncio.timeout(PATIENCE):
        await process.communicate()
    return process.returncode or 0


@contextmanager
def installation(kind: str, home: Path, port: int = 0) -> Iterator[tuple[Center, dict[str, str]]]:
    """On SQLite and DuckDB, or with both on one new PostgreSQL database, which workers find at `port`; or on
    MariaDB and DuckDB.
    """
    with fresh_database(kind, home) as made:
        url = made.text("store_url")
        home.mkdir(parents=True, exist_ok=True)
        with open_center(load_settings(home, _places(url))) as center:
            theirs = make_url(url).set(port=port).render_as_string(hide_password=False) if port else url
            yield center, {**os.environ, **_places(theirs)}


def _places(url: str) -> dict[str, str]:
    names = ("STORE_URL", "WAREHOUSE_URL") if url.startswith("postgresql") else ("STORE_URL",)
    named = {f"TRUNKLINE_{name}": url for name in names} if url else {}
    return {**named, "TRUNKLINE_WINDOW_ROWS": "500"}


def save_account(center: Center, url: str, name: str = "main", account_id: str = ACCOUNT_ID) -> None:
    values = {"api_key": "testkey", "account_id": account_id, "base_url": url}
    limits = {"hourly_limit": 1_000_000, "daily_limit": 1_000_000}
    accounts.add(center, "callrail", name, values | limits, accounts.Verdict(accounts.VALID))
