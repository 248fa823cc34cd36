"""Dialer360 answers read without any database: from bytes a test gives, or over HTTP."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.connectors.dialogtech_reading import Scripted
from tests.connectors.pretend_dialer import LOGIN, NEW_YORK, NOON, PretendDialer, pretend_dialer
from trunkline.center.accounts import Verdict
from trunkline.center.accounts import test as tested
from trunkline.center.reading import completed_options
from trunkline.clock import SteppedClock
from trunkline.connectors import report
from trunkline.connectors.dialer360 import CONNECTOR
from trunkline.connectors.dialer360.answers import batches
from trunkline.connectors.dialer360.shapes import SHAPES
from trunkline.dates import DaySpan, local_day, zone_named
from trunkline.fetch.answer_files import Received
from trunkline.fetch.asked import asked_days
from trunkline.fetch.counters import Counters
from trunkline.fetch.http import HttpSettings
from trunkline.fetch.refusals import Subject
from trunkline.fetch.source import Access, Surroundings, open_source
from trunkline.fetch.spend_memory import MemorySpendLog
from trunkline.options import resolve

SECRET = "s3cret-word"
SUBJECT = Subject("Dialer360", "Password", "main", secrets=(SECRET,))
TODAY = DaySpan(date(2026, 6, 15), date(2026, 6, 15))
Json = dict[str, Any]


def received(content: bytes, **values: Any) -> Received:
    given = {"time_zone": NEW_YORK, **values}
    return Received(io.BytesIO(content), "utf-8", TODAY, given, SUBJECT, "Report, 15 Jun 2026")


def understood(function: str, content: str | bytes, **values: Any) -> tuple[list[Json], list[str]]:
    """The rows of an answer of a function, and the notes on it."""
    came = received(content if isinstance(content, bytes) else content.encode(), **values)
    rows = [row for batch in batches(came, SHAPES[function]) for row in batch.to_pylist()]
    return rows, came.notes


def table(function: str, *rows: tuple[str, ...], header: tuple[str, ...] = ()) -> str:
    """An answer as the published page has it: a header and rows, with tabulators."""
    return "".join("\t".join(line) + "\n" for line in (header or SHAPES[function].names, *rows))


@dataclass
class Reader:
    """Reads reports from an address, with a clock that moves by waiting alone."""

    url: str
    clock: SteppedClock
    account: Json = field(default_factory=lambda: dict(LOGIN))
    counters: Counters = field(default_factory=Counters)

    @property
    def access(self) -> Access:
        values = {"base_url": self.url, **self.account}
        return Access(CONNECTOR, resolve(CONNECTOR.account, values), "main")

    @property
    def around(self) -> Surroundings:
        return Surroundings(self.clock, MemorySpendLog(), HttpSettings())

    async def test(self) -> Verdict:
        return await tested(self.access, self.around)

    async def read(self, name: str, **given: Any) -> list[Json]:
        """The rows in the days that the menus mean."""
        of = report(CONNECTOR, name)
        values = await completed_options(self.access, of, given, self.around)
        today = local_day(self.clock.now(), zone_named(str(values["time_zone"])))
        asked = asked_days(of, values, today)
        self.counters = Counters()
        async with open_source(self.access, of, values, self.around, self.counters) as source:
            return [row async for rows in source.rows(asked.span if asked else None) for row in rows]


@asynccontextmanager
async def reading_a_dialer(path: str = "", **more: Any) -> AsyncIterator[tuple[Reader, PretendDialer]]:
    clock = SteppedClock(NOON)
    async with pretend_dialer(clock, **more) as dialer:
        yield Reader(dialer.url + path, clock), dialer


@asynccontextmanager
async def reading_a_script() -> AsyncIterator[tuple[Reader, Scripted]]:
    clock = SteppedClock(NOON)
    async with Scripted(clock) as server:
        yield Reader(server.url, clock), server
