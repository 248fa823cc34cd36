"""Reports whose answer is a file: asked for by form fields, read to its end, then handed on.

Nothing of an answer is used before all of it could be read: a file that breaks off is fetched anew, and
nothing of it has reached the dataset. The file and its rows lie on disk meanwhile, not in memory.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any

import pyarrow as pa

from trunkline.clock import Clock
from trunkline.dates import DaySpan, local_day, zone_named
from trunkline.declare import ByDays, FileAnswer, Report, Window
from trunkline.fetch.counters import Counters
from trunkline.fetch.equal_rows import EqualRows
from trunkline.fetch.http import Http
from trunkline.fetch.jobs import JobReading
from trunkline.fetch.paging import Lanes, in_order
from trunkline.fetch.refusals import Subject
from trunkline.fetch.spool import Spool
from trunkline.fetch.temporary_files import temporary_file
from trunkline.options import Values

TableTurn = Callable[[pa.RecordBatch], Any]


@dataclass(frozen=True)
class Received:
    """A file that came, and what it was asked for. `charset` is its Content-Type's, or an empty text.

    What a person should know goes to `notes`; they count only if the whole file could be read.
    """

    file: IO[bytes]
    charset: str
    span: DaySpan
    values: Values
    subject: Subject
    about: str
    notes: list[str] = field(default_factory=list)


class AnswerFiles:
    """The files of one report for a span of days."""

    def __init__(
        self, http: Http, report: Report, values: Values, counters: Counters, turn: TableTurn
    ) -> None:
        paging = report.paging(values)
        assert isinstance(paging, FileAnswer), "only file answers come here"
        self._answer: FileAnswer = paging
        self._http = http
        self._report = report
        self._values = values
        self._counters = counters
        self._turn = turn
        self._spools: set[Spool] = set()

    async def readings(self, span: DaySpan | None) -> AsyncGenerator[JobReading]:
        """Each window, in the order of time; the next one is being fetched meanwhile."""
        calls = (partial(self._read, window) for window in self._windows(span))
        try:
            async with aclosing(in_order(calls, Lanes(self._answer.in_flight))) as found:
                async for reading in found:
                    yield reading
        finally:
            for spool in self._spools:
                spool.file.close()

    def _windows(self, span: DaySpan | None) -> Iterator[Window]:
        if span is None:
            return iter((Window(),))
        windows = self._report.windows
        if not isinstance(windows, ByDays):
            return iter((Window(span),))
        return (Window(piece) for piece in span.pieces(int(str(self._values[windows.option]))))

    async def _read(self, window: Window) -> JobReading:
        span = window.span or _today(self._http.clock, self._values)
        about = f"{self._report.label}, {span}" if window.span else self._report.label
        spool = Spool()
        self._spools.add(spool)
        with temporary_file() as file:

            async def understood(charset: str) -> tuple[EqualRows, list[str]]:
                received = Received(file, charset, span, self._values, self._http.subject, about)
                return await asyncio.to_thread(self._spooled, received, spool), received.notes

            form = self._answer.form(self._values, span)
            path = self._report.path
            rows, notes = await self._http.fetch_file(path, form, file, understood, asked_for=about)
        for note in notes:
            self._counters.note(note)
        return JobReading(window, self._turned(spool, rows), spool.file)

    def _spooled(self, received: Received, spool: Spool) -> EqualRows:
        """Read the file to its end. Raises DataError, or what the provider says in place of a report."""
        rows = EqualRows(self._answer.identity)
        spool.clear()
        for batch in self._answer.read(received):
            if batch.num_rows:
                spool.write(rows.mark(batch))
        return rows

    def _turned(self, spool: Spool, rows: EqualRows) -> Iterator[Any]:
        for batch in spool.batches():
            yield self._turn(rows.number(batch))


def _today(clock: Clock, values: Values) -> DaySpan:
    today = local_day(clock.now(), zone_named(str(values["time_zone"])))
    return DaySpan(today, today)
