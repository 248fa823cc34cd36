"""Our own Dialer360 service as the provider: over tables whose logs are of June 2026, with faults on demand.

Both dialects answer, on their own paths. What the tables hold can be looked up in them.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from argon2 import PasswordHasher
from sqlalchemy import create_engine

from tests.dialer.replay import ZONE, start_tables, state
from trunkline.clock import Clock, FrozenWallClock
from trunkline.dialer.loading import load_state
from trunkline.dialer.passwords import Passwords
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase
from trunkline.dialer.wire import parameters
from trunkline.sims import faults
from trunkline.sims.answer import Answer, response_of
from trunkline.sims.serving import PretendService
from trunkline.web.dialer import PATHS

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
NEW_YORK = "America/New_York"
DOCUMENTED, ORIGINAL = PATHS
LOGIN = {"user": "6666", "password": "1234", "time_zone": NEW_YORK}
HTML = {"Content-Type": "text/html; charset=utf-8"}
TIMES = {
    "dialer360_agent_log": "event_time",
    "dialer360_did_log": "call_date",
    "dialer360_log": "call_date",
    "dialer360_closer_log": "call_date",
    "recording_log": "start_time",
}
"""The logs, and the column that tells when."""
LIVE = ("dialer360_live_agents", "dialer360_log_extended")

Row = dict[str, Any]


class Fault(faults.Fault):
    """One thing that goes wrong at the pretend dialer."""

    KINDS = ("status", "html", "truncated", "unknown_field", "busy", "locked")


class PretendDialer(PretendService):
    """A dialer that answers on both paths, or on those given."""

    def __init__(self, service: Service, clock: Clock, paths: Sequence[str] = tuple(PATHS)) -> None:
        super().__init__(clock)
        self.service = service
        self.paths = paths
        self.faults: faults.Faults[Fault] = faults.Faults()
        self.came: list[tuple[str, str, dict[str, str]]] = []
        """Of each request the address, the headers, and the form."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        self.came.append((request.raw_path, str(request.headers), parameters("", body)))
        answer = await self._answer(request, body)
        self.note(request, answer.status)
        return response_of(answer)

    async def _answer(self, request: web.Request, body: str) -> Answer:
        hitting = self.faults.hitting(f"{request.path}?{request.query_string}&{body}")
        for fault in hitting:
            if fault.kind == "status":
                headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
                return Answer(fault.status, b"no", HTML | headers)
            if fault.kind == "html":
                return faults.web_page()
            if fault.kind == "busy":
                return Answer(200, b"ERROR: TOO MANY REQUESTS AT ONCE, TRY AGAIN LATER\n", HTML)
            if fault.kind == "locked":
                text = "ERROR: Too many login attempts, try again in 15 minutes: |6666|LOCK|\n"
                return Answer(200, text.encode(), HTML)
        if request.path not in self.paths:
            return Answer(404, b"Not Found", HTML)
        params = parameters(request.query_string, body)
        said = (await self.service.answer(params, PATHS[request.path], "127.0.0.1")).text
        answer = Answer(200, said.encode(), HTML)
        for fault in hitting:
            if fault.kind == "truncated":
                answer = faults.cut(answer)
            elif "\t" in said:
                lines = said.splitlines()
                answer = Answer(200, "".join(f"{line}\tnew {n}\n" for n, line in enumerate(lines)).encode())
        return answer

    def rows(self, table: str, where: str = "1") -> list[Row]:
        """What a table holds."""
        database = self.service.database
        assert isinstance(database, SqliteDatabase)
        found = database.connection.execute(f"select * from {table} where {where}")
        names = [column[0] for column in found.description]
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


@asynccontextmanager
async def pretend_dialer(
    clock: Clock, start: Path | None = None, paths: Sequence[str] = tuple(PATHS)
) -> AsyncIterator[PretendDialer]:
    """A dialer over a copy of a file of tables; without one over those of June."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dialer.db"
        shutil.copyfile(start or await start_of_june(), path)
        service = _service(SqliteDatabase(path, start_tables()))
        try:
            async with PretendDialer(service, clock, paths) as dialer:
                yield dialer
        finally:
            await service.database.close()


def _service(database: SqliteDatabase) -> Service:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return Service(database, FrozenWallClock(NOON), ZONE, Passwords(is_own=True, hasher=quick))


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="trunkline-june-")


async def start_of_june(*, is_empty: bool = False) -> Path:
    """The file of tables, made once."""
    path = Path(_folder().name) / ("empty.db" if is_empty else "june.db")
    if not path.exists():
        await made(path, emptied(june()) if is_empty else june())
    return path


async def made(path: Path, start: dict[str, Any]) -> None:
    """A file of tables that hold these rows."""
    tables = start_tables()
    engine = create_engine(f"sqlite:///{path}")
    await asyncio.to_thread(tables.metadata.create_all, engine)
    engine.dispose()
    database = SqliteDatabase(path, tables)
    await load_state(database, start)
    # The first login takes a password that stands there plainly into its hash.
    ask = {"function": "logged_in_agents", "source": "test", "user": "6666", "pass": "1234"}
    await _service(database).answer(ask, PATHS[DOCUMENTED], "127.0.0.1")
    await database.close()


def june() -> dict[str, Any]:
    """The start state with its logs moved to the last three days."""
    start = state()
    tables = {name: [dict(row) for row in rows] for name, rows in start["tables"].items()}
    for name, column in TIMES.items():
        for n, row in enumerate(tables[name]):
            row[column] = f"{day(n % 3)} {row[column][11:]}"
    at_work = {row["user"]: row["event_time"][:10] for row in tables["dialer360_agent_log"]}
    for row in tables["recording_log"]:
        row["start_time"] = f"{at_work[row['user']]} {row['start_time'][11:]}"
    return {**start, "tables": tables}


def emptied(start: dict[str, Any]) -> dict[str, Any]:
    tables = {n: [] if n in (*TIMES, *LIVE) else rows for n, rows in start["tables"].items()}
    return {**start, "tables": tables}


def day(back: int) -> date:
    return NOON.date() - timedelta(days=back)
