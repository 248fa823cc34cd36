"""Reports of a pretend Dialpad that keeps every request whole, read without any database."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import orjson
from aiohttp import web

from trunkline.center.reading import completed_options
from trunkline.clock import SteppedClock
from trunkline.connectors.dialpad import CONNECTOR
from trunkline.date_menus import DIALPAD_DATES
from trunkline.dates import local_day, zone_named
from trunkline.declare import Report
from trunkline.fetch.asked import asked_days
from trunkline.fetch.counters import Counters
from trunkline.fetch.http import HttpSettings
from trunkline.fetch.source import Access, Surroundings, open_source
from trunkline.fetch.spend_memory import MemorySpendLog
from trunkline.options import Values
from trunkline.sims.dialpad import DialpadSim, DialpadSimOptions

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
TODAY = date(2026, 6, 15)
API = "/api/v2"
Json = dict[str, Any]

CALL_STATS = {"stat_type": "calls", "export_type": "stats"}
ALWAYS = {"stat_type": "calls", "export_type": "records", "timezone": "UTC"}
TARGETS: list[tuple[dict[str, str], Json]] = [
    ({}, {}),
    ({"office_id": "1"}, {"office_id": 1}),
    ({"target_type": "office", "office_id": "1"}, {"target_type": "office", "target_id": 1}),
    ({"target_type": "callcenter", "call_center_id": "2"}, {"target_type": "callcenter", "target_id": 2}),
    (
        {"target_type": "user", "target_id": "9007199254740993", "office_id": "1"},
        {"target_type": "user", "target_id": 9007199254740993},
    ),
    (
        {"target_type": "coachingteam", "target_id": "3", "of_trainees": "yes"},
        {"target_type": "coachingteam", "target_id": 3, "coaching_team": True},
    ),
    (
        {"target_type": "coachinggroup", "target_id": "3", "of_trainees": "yes"},
        {"target_type": "coachinggroup", "target_id": 3, "coaching_group": True},
    ),
]
"""Whose stats are wanted: the choices, and what has to be sent for them."""


@dataclass(frozen=True)
class Sent:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def json(self) -> Json:
        found: Json = orjson.loads(self.body)
        return found


class KeepingSim(DialpadSim):
    """A pretend Dialpad that keeps what was sent to it."""

    sent: list[Sent]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        sent = Sent(request.method, request.path, dict(request.query), dict(request.headers), body)
        self.sent.append(sent)
        return await super().handle(request)


@dataclass
class Reader:
    """Reads reports of one pretend Dialpad, whose clock moves by waiting alone."""

    sim: KeepingSim
    clock: SteppedClock
    counters: Counters = field(default_factory=Counters)

    @property
    def access(self) -> Access:
        return Access(CONNECTOR, {"api_key": "testkey", "base_url": self.sim.url})

    @property
    def around(self) -> Surroundings:
        return Surroundings(self.clock, MemorySpendLog(), HttpSettings())

    async def options(self, report: Report, **given: Any) -> Values:
        return await completed_options(self.access, report, given, self.around)

    async def read(self, name: str, **given: Any) -> list[Json]:
        """The rows of a report, in the days that its menus mean."""
        report = report_named(name)
        values = {"time_zone": "UTC"} | await self.options(report, **given)
        asked = asked_days(report, values, local_day(self.clock.now(), zone_named(str(values["time_zone"]))))
        self.counters = Counters()
        async with open_source(self.access, report, values, self.around, self.counters) as source:
            return [row async for rows in source.rows(asked.span if asked else None) for row in rows]

    @property
    def paths(self) -> list[str]:
        """Paths below the API's folder, in the order of the requests."""
        return [sent.path.removeprefix(API) for sent in self.sim.sent]

    @property
    def bodies(self) -> list[Json]:
        return [sent.json for sent in self.sim.sent if sent.method == "POST"]

    def ids(self, kind: str) -> list[str]:
        return [str(row["id"]) for row in self.sim.world.lists[kind]]

    def forget(self) -> None:
        self.sim.sent.clear()


def report_named(name: str) -> Report:
    return next(report for report in CONNECTOR.reports if report.name == name)


@asynccontextmanager
async def reading_dialpad(**options: Any) -> AsyncIterator[Reader]:
    clock = SteppedClock(NOON)
    usual = replace(DialpadSimOptions(), strict=True, until=NOON, company_per_second=None, calls=80, days=20)
    sim = KeepingSim(replace(usual, **options), clock)
    sim.sent = []
    async with sim:
        yield Reader(sim, clock)


def relative_range(start: str, end: str | None = None) -> dict[str, str]:
    names = [o.name for o in (DIALPAD_DATES.days_back_start, DIALPAD_DATES.days_back_end)]
    return {name: value for name, value in zip(names, (start, end), strict=True) if value is not None}
