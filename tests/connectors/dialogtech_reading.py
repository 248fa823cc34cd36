"""The click-to report read without any database: from a pretend DialogTech, or from bytes a test gives."""

import io
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from trunkline.center.reading import completed_options
from trunkline.clock import SteppedClock
from trunkline.connectors.dialogtech import CONNECTOR
from trunkline.connectors.dialogtech.answers import click_batches
from trunkline.dates import DaySpan, local_day, zone_named
from trunkline.declare import Report
from trunkline.fetch.answer_files import Received
from trunkline.fetch.asked import asked_days
from trunkline.fetch.counters import Counters
from trunkline.fetch.http import HttpSettings
from trunkline.fetch.refusals import Subject
from trunkline.fetch.source import Access, Surroundings, open_source
from trunkline.fetch.spend_memory import MemorySpendLog
from trunkline.options import resolve
from trunkline.sims.dialogtech import DialogtechSim, DialogtechSimOptions
from trunkline.sims.serving import PretendService

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
TODAY = date(2026, 6, 15)
NEW_YORK = "America/New_York"
SAMPLES = Path(__file__).parents[1] / "data" / "dialogtech"
KEYS = {"access_key": "testkey", "secret_access_key": "testsecret"}
JANUARY = DaySpan(date(2017, 1, 1), date(2017, 1, 31))
SUBJECT = Subject("DialogTech", "Access Key", "main", secrets=("testkey", "testsecret"))
Json = dict[str, Any]


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def understood(
    content: bytes, charset: str = "", span: DaySpan = JANUARY, **values: Any
) -> tuple[list[Json], list[str]]:
    """The rows of an answer, and the notes on it."""
    file = io.BytesIO(content)
    given = {"time_zone": NEW_YORK, **values}
    received = Received(file, charset, span, given, SUBJECT, f"Click-to Report, {span}")
    rows = [row for batch in click_batches(received) for row in batch.to_pylist()]
    return rows, received.notes


@dataclass(frozen=True)
class Came:
    """One request as it arrived: everything that may hold a secret."""

    method: str
    address: str
    headers: Mapping[str, str]
    form: Mapping[str, str]


Answering = Callable[[Came], web.StreamResponse]


class Scripted(PretendService):
    """A server that answers as the test says, and keeps what it was asked."""

    def __init__(self, clock: SteppedClock) -> None:
        super().__init__(clock)
        self.came: list[Came] = []
        self.answering: Answering = lambda _: report(sample("click_to_sample.xml"))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        came = Came(request.method, request.raw_path, dict(request.headers), form)
        self.came.append(came)
        return self.answering(came)

    def says(self, *answers: Callable[[], web.StreamResponse]) -> None:
        """One answer after the other; the last one again and again."""
        left = list(answers)
        self.answering = lambda _: (left.pop(0) if len(left) > 1 else left[0])()


def report(content: bytes, type_: str = "text/xml", status: int = 200, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(body=content, status=status, headers={"Content-Type": type_, **named})


@dataclass
class Reader:
    """Reads the report from an address, with a clock that moves by waiting alone."""

    url: str
    clock: SteppedClock
    account: dict[str, Any] = field(default_factory=lambda: dict(KEYS))
    counters: Counters = field(default_factory=Counters)
    settings: HttpSettings = field(default_factory=HttpSettings)

    @property
    def access(self) -> Access:
        return Access(CONNECTOR, resolve(CONNECTOR.account, {**self.account, "base_url": self.url}), "main")

    @property
    def around(self) -> Surroundings:
        return Surroundings(self.clock, MemorySpendLog(), self.settings)

    async def read(self, name: str = "clickto", **given: Any) -> list[Json]:
        """The rows in the days that the menus mean."""
        of = report_named(name)
        values = await completed_options(self.access, of, given, self.around)
        zone = zone_named(str(values["time_zone"])) if "time_zone" in values else zone_named(NEW_YORK)
        asked = asked_days(of, values, local_day(self.clock.now(), zone))
        self.counters = Counters()
        async with open_source(self.access, of, values, self.around, self.counters) as source:
            return [row async for rows in source.rows(asked.span if asked else None) for row in rows]


def report_named(name: str) -> Report:
    return next(found for found in CONNECTOR.reports if found.name == name)


@dataclass
class SimReader(Reader):
    """A reader of a pretend DialogTech."""

    sim: DialogtechSim = field(default_factory=DialogtechSim)


@asynccontextmanager
async def reading_dialogtech(**options: Any) -> AsyncIterator[SimReader]:
    clock = SteppedClock(NOON)
    usual = replace(DialogtechSimOptions(), strict=True, until=NOON, clicks=120, days=20)
    async with DialogtechSim(replace(usual, **options), clock) as sim:
        yield SimReader(sim.url, clock, sim=sim)


@asynccontextmanager
async def reading_a_script() -> AsyncIterator[tuple[Reader, Scripted]]:
    clock = SteppedClock(NOON)
    async with Scripted(clock) as server:
        yield Reader(server.url, clock), server
