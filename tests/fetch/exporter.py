"""A provider of exports under the test's hand: takes requests, prepares files, serves them on two ports."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import orjson
from aiohttp import web

from tests.fetch.provider import ACME, KEY, NOON, SUBJECT, Reading, Reply, _broken, reply
from trunkline.clock import Clock
from trunkline.dates import DaySpan
from trunkline.declare import (
    ByDays,
    Column,
    ColumnType,
    DaysAgo,
    ExportJob,
    Limit,
    Report,
    Row,
)
from trunkline.fetch.budget import Budget
from trunkline.fetch.credentials import KeyCredentials
from trunkline.fetch.http import Http
from trunkline.fetch.jobs import Jobs
from trunkline.fetch.windows import as_rows
from trunkline.options import Option, Values

TODAY = NOON.date()
VALUES: Values = {"time_zone": "UTC", "chunk_days": 31, "timeout_minutes": 10}


def body_of(_values: Values, days: DaysAgo) -> Row:
    return {"nearer": days.nearer, "farther": days.farther}


JOB = ExportJob(body_of, limit_group="exports", day_fields=("date_started",))
DAY_COLUMN = Column("day", ColumnType.DAY, "")
REPORT = Report(
    "stats",
    "Stats",
    "",
    "/stats",
    "",
    (DAY_COLUMN, Column("date_started", ColumnType.TEXT, ""), Column("n", ColumnType.INTEGER, "")),
    cursor="day",
    pages=JOB,
    windows=ByDays("chunk_days"),
    options=(Option("chunk_days", "Days"), Option("timeout_minutes", "Minutes")),
)
OF_A_RANGE = replace(REPORT, columns=(Column("first_day", ColumnType.DAY, ""),))
EXPORTS = replace(ACME, reports=(REPORT,), limits=(Limit(5, 3_600, group="exports"),))


def back(first: int, last: int) -> DaySpan:
    return DaySpan(TODAY - timedelta(days=first), TODAY - timedelta(days=last))


def csv_of(*days: date, name: str = "date_started") -> bytes:
    """A file with one row for each day."""
    lines = [f"n,{name}", *(f"{n},{day} 09:30:00" for n, day in enumerate(days))]
    return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True)
class Came:
    """One request as it arrived: the port it came to, and what was sent along."""

    kind: str
    at: float
    port: int
    path: str
    had_key: bool
    body: Mapping[str, Any] = field(default_factory=dict)


Answering = Callable[[Came], Reply | Awaitable[Reply]]


class Exporter:
    """Prepares a file for every request; `replies` holds what to say instead, by kind, in their order."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.came: list[Came] = []
        self.address = self.elsewhere = ""
        self.files_elsewhere = False
        self.processing = 0
        self.replies: dict[str, list[Reply | None]] = {}
        self.answering: dict[str, Answering] = {"post": self.begin, "poll": self.poll, "file": self.file}
        self.bodies: dict[str, Mapping[str, Any]] = {}
        self._polls: dict[str, int] = {}

    def of(self, kind: str) -> list[Came]:
        return [came for came in self.came if came.kind == kind]

    def begin(self, came: Came) -> Reply:
        request_id = f"r{len(self.bodies) + 1}"
        self.bodies[request_id] = came.body
        return reply({"request_id": request_id, "already_started": False})

    def poll(self, came: Came) -> Reply:
        request_id = came.path.rsplit("/", 1)[1]
        self._polls[request_id] = self._polls.get(request_id, 0) + 1
        if self._polls[request_id] <= self.processing:
            return reply({"status": "processing"})
        return complete(f"{self.elsewhere if self.files_elsewhere else self.address}/files/{request_id}.csv")

    def file(self, came: Came) -> Reply:
        body = self.bodies[came.path.removeprefix("/files/").removesuffix(".csv")]
        return Reply(csv_of(*back(int(body["farther"]), int(body["nearer"]))))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        kind = (
            "post" if request.method == "POST" else "poll" if request.path.startswith("/stats/") else "file"
        )
        body = orjson.loads(await request.read()) if kind == "post" else {}
        assert request.transport is not None
        port = request.transport.get_extra_info("sockname")[1]
        # Wherever a secret hides: in a header, the address or a cookie.
        had_key = KEY in str(request.raw_headers) + request.raw_path
        came = Came(kind, self.clock.monotonic(), port, request.path, had_key, body)
        self.came.append(came)
        waiting = self.replies.get(kind, [])
        answer = waiting.pop(0) if waiting else None
        if answer is None:
            given = self.answering[kind](came)
            answer = given if isinstance(given, Reply) else await given
        if answer.breaks:
            return await _broken(request, answer)
        return web.Response(body=answer.body, status=answer.status, headers=answer.headers)


def complete(url: Any) -> Reply:
    return reply({"status": "complete", "download_url": url, "file_type": "csv"})


@asynccontextmanager
async def exporting(clock: Clock) -> AsyncIterator[Exporter]:
    exporter = Exporter(clock)
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", exporter.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    for _ in range(2):
        await web.TCPSite(runner, "127.0.0.1", 0).start()
    exporter.address, exporter.elsewhere = (f"http://{host}:{port}" for host, port in runner.addresses)
    try:
        yield exporter
    finally:
        await runner.cleanup()


def http_of(reading: Reading, address: str) -> Http:
    budget = Budget(reading.log, "acme", reading.limits, reading.clock, reading.counters, lump=1)
    return Http(
        address,
        KeyCredentials({"Authorization": f'Token token="{KEY}"'}),
        subject=SUBJECT,
        budget=reading.budget(),
        group_budgets={"exports": budget},
        clock=reading.clock,
        counters=reading.counters,
        settings=reading.settings,
    )


async def read(
    reading: Reading, exporter: Exporter, span: DaySpan, report: Report = REPORT, **values: Any
) -> list[tuple[DaySpan | None, list[Row]]]:
    """Each window with its rows."""
    async with http_of(reading, exporter.address) as http:
        jobs = Jobs(http, report, {**VALUES, **values}, reading.counters, as_rows)
        async with aclosing(jobs.readings(span)) as files:
            return [
                (file.window.span, [row async for page in file.pages() for row in page])
                async for file in files
            ]


def days_of(found: list[tuple[DaySpan | None, list[Row]]]) -> list[str]:
    return [str(row["day"]) for _, rows in found for row in rows]


def days(first: int, last: int) -> list[str]:
    return [str(day) for day in back(first, last)]
