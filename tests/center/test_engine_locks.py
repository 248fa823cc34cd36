"""A warehouse or a store that somebody else has locked: runs go on once it is let go, or fail and say why."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.center.test_engine import CALLS, plant
from tests.center.workers import Plant, ended, until
from trunkline.center import datasets, runs, timetables
from trunkline.center.retries import RetryPolicy
from trunkline.store.queries import LOCK_SECONDS
from trunkline.warehouse.open import DUCKDB_FILE

SERVER, WORKER = ("serve", "--port", "0"), ("worker",)
HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.readline()"
SOON = {"TRUNKLINE_WAREHOUSE_WAIT_SECONDS": "1"}


@asynccontextmanager
async def file_held(here: Plant) -> AsyncIterator[int]:
    """Another program has the DuckDB file open for writing meanwhile; its process."""
    pipe = asyncio.subprocess.PIPE
    words = (sys.executable, "-c", HOLD, str(here.center.settings.home / DUCKDB_FILE))
    holder = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    assert holder.stdout
    try:
        async with asyncio.timeout(60):
            assert await holder.stdout.readline()
        yield holder.pid
    finally:
        await holder.communicate(b"\n")


@contextmanager
def table_held(here: Plant, table: str) -> Iterator[psycopg.Connection]:
    """Another session of the PostgreSQL server has locked a table meanwhile."""
    with psycopg.connect(here.env["TRUNKLINE_STORE_URL"]) as session:
        session.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield session
        session.rollback()


def waits_for(session: psycopg.Connection) -> bool:
    """Whether another session waits for what this one has locked."""
    pid = session.info.backend_pid
    found = session.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))", [pid]
    ).fetchone()
    return bool(found and found[0])


async def dataset(here: Plant, name: str, retries: RetryPolicy) -> None:
    await here.dataset(name)
    timetables.set_retries(here.center, datasets.get(here.center, name), retries)


def told(here: Plant, name: str = "calls") -> list[tuple[str, str]]:
    return [(run["state"], run["error"]) for run in here.runs() if run["dataset_name"] == name]


def failures(here: Plant) -> list[str]:
    return [error for state, error in told(here) if state == runs.FAILED]


def check_whole(here: Plant, *names: str) -> None:
    assert not [run for run in here.runs() if run["state"] not in (runs.SUCCEEDED, runs.FAILED)]
    for name in names:
        assert here.rows(name) == sorted(here.sim.world.call_ids())
        assert here.interleaved(name) == []


@pytest.mark.parametrize("words", [SERVER, WORKER], ids=("serve", "worker"))
async def test_a_file_that_another_program_holds_fails_runs_until_it_is_let_go(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    async with plant("sqlite", tmp_path) as here, AsyncExitStack() as holding:
        here.env |= SOON
        await dataset(here, "calls", RetryPolicy(10, 1))
        pid = await holding.enter_async_context(file_held(here))
        async with here.worker(*words):
            here.make_due("calls")
            await until(lambda: len(failures(here)) > 1)
            await holding.aclose()
            await here.all_ended(1)
        assert all(f"Another process (pid {pid}) has the warehouse" in text for text in failures(here))
        assert told(here)[-1][0] == runs.SUCCEEDED
        check_whole(here, "calls")


async def test_after_a_killed_run_a_file_in_use_is_told_too(tmp_path: Path) -> None:
    """What the dead run loaded cannot be counted then; why nothing is loaded is said all the same."""
    async with plant("sqlite", tmp_path, latency_ms=100) as here, AsyncExitStack() as holding:
        here.env |= SOON
        await dataset(here, "calls", RetryPolicy(10, 1))
        killed = await here.begun()
        here.make_due("calls")
        await until(lambda: any(run["windows_done"] for run in here.runs()))
        await ended(killed, signal.SIGKILL)
        await holding.enter_async_context(file_held(here))
        async with here.worker():
            await until(lambda: len(failures(here)) > 1)
            assert "has the warehouse" in failures(here)[1]
            await holding.aclose()
            await here.all_ended(1)
        check_whole(here, "calls")
        assert sum(run["rows_inserted"] for run in here.runs()) == CALLS


async def test_a_table_that_another_session_holds_fails_its_runs_alone(tmp_path: Path) -> None:
    async with plant("postgresql", tmp_path) as here:
        here.env |= SOON
        for name in ("calls", "others"):
            await dataset(here, name, RetryPolicy(10, 1))
        async with here.worker():
            here.make_due("calls")
            await here.all_ended(1)
            with table_held(here, "datasets.calls"):
                here.make_due("calls", "others")
                await until(lambda: len(failures(here)) > 1)
                await until(lambda: [state for state, _ in told(here, "others")] == [runs.SUCCEEDED])
            await here.all_ended(3)
        assert all("locked" in text for text in failures(here))
        check_whole(here, "calls", "others")


async def test_records_that_another_session_holds_hold_a_run_up_and_no_more(tmp_path: Path) -> None:
    """The table of runs is the store's: what is loaded meanwhile is noted once it is let go."""
    async with plant("postgresql", tmp_path, latency_ms=100) as here:
        await dataset(here, "calls", RetryPolicy(0, 1))
        async with here.worker():
            here.make_due("calls")
            await until(lambda: any(run["windows_done"] for run in here.runs()))
            with table_held(here, "runs") as session:
                await until(lambda: waits_for(session))
            await here.all_ended(1)
        assert [state for state, _ in told(here)] == [runs.SUCCEEDED]
        check_whole(here, "calls")


@pytest.mark.soak
async def test_records_that_are_held_for_longer_than_anybody_waits_leave_nothing_running(
    tmp_path: Path,
) -> None:
    async with plant("postgresql", tmp_path, latency_ms=100) as here:
        await dataset(here, "calls", RetryPolicy(10, 1))
        async with here.worker():
            here.make_due("calls")
            await until(lambda: any(run["windows_done"] for run in here.runs()))
            over = here.center.clock.monotonic() + 2.5 * LOCK_SECONDS
            with table_held(here, "runs"):
                await until(lambda: here.center.clock.monotonic() > over, patience=4 * LOCK_SECONDS)
            await here.all_ended(1, patience=4 * LOCK_SECONDS)
        check_whole(here, "calls")
