"""Reports whose answer is a file: asked for by form fields, read to its end, then handed on.

Nothing of an answer is used before all of it could be read: a file that breaks off is fetched anew, and
nothing of it has reached the dataset. The file and its rows lie on disk meanwhile, not in memory.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any

import pyarrow as pa

from trunkline.clock import Clock
from trunkline.dates import DaySpan, local_day, zone_named
from trunkline.declare import ByDays, EachDay, FileAnswer, Report, Window
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
        if isinstance(windows, EachDay):
            return (Window(day) for day in span.pieces(1))
        if not isinstance(windows, ByDays):
            return iter((Window(span),))
        return (Window(piece) for piece in span.pieces(int(str(self._values[windows.option]))))

    async def _read(self, window: Window) -> JobReading:
        """The answers to all requests of a window, one after the other."""
        span = window.span or _today(self._http.clock, self._values)
        about = f"{self._report.label}, {span}" if window.span else self._report.label
        kept = _Kept(self._answer)
        self._spools.add(kept.spool)
        with temporary_file() as file:
            for words, values in await self._requests(file, span, about):
                asked_for = f"{about}, {words}" if words else about
                asked = _Asked(self._report.path, self._answer.form(values, span), span, values, asked_for)
                await self._fetched(file, asked, kept.rows_of)
        return JobReading(window, self._turned(kept), kept.spool.file)

    async def _requests(self, file: IO[bytes], span: DaySpan, about: str) -> Sequence[tuple[str, Values]]:
        if self._answer.each is None:
            return (("", self._values),)
        values, first = self._values, self._answer.asked_first
        if first is not None and first.option not in values:
            form = first.form(values, span)
            found = await self._fetched(file, _Asked(first.path, form, span, values, about), first.read)
            values = {**values, first.option: tuple(found)}
        return self._answer.each(values)

    async def _fetched(self, file: IO[bytes], asked: "_Asked", read: Callable[[Received], Any]) -> Any:
        """What `read` makes of an answer in a thread of its own; notes of an unreadable one do not count."""

        async def understood(charset: str) -> tuple[Any, list[str]]:
            subject = self._http.subject
            received = Received(file, charset, asked.span, asked.values, subject, asked.about)
            return await asyncio.to_thread(read, received), received.notes

        found, notes = await self._http.fetch_file(
            asked.path, asked.form, file, understood, asked_for=asked.about
        )
        for note in notes:
            self._counters.note(note)
        return found

    def _turned(self, kept: "_Kept") -> Iterator[Any]:
        for batch in kept.batches():
            yield self._turn(batch)


@dataclass(frozen=True)
class _Asked:
    """One request: where it goes, its fields, and what they were made of."""

    path: str
    form: Mapping[str, str]
    span: DaySpan
    values: Values
    about: str


class _Kept:
    """The rows of a window on disk, until all of its answers have been read."""

    def __init__(self, answer: FileAnswer) -> None:
        self.spool = Spool()
        self._answer = answer
        self._equal = EqualRows(answer.identity) if answer.identity else None

    def rows_of(self, received: Received) -> None:
        """Read an answer to its end; of one that raises nothing is kept.

        Raises DataError, or what the provider says in place of a report.
        """
        batches, rows = len(self.spool), 0 if self._equal is None else len(self._equal)
        try:
            for batch in self._answer.read(received):
                if batch.num_rows:
                    self.spool.write(self._equal.mark(batch) if self._equal is not None else batch)
        except BaseException:
            self.spool.cut(batches)
            if self._equal is not None:
                self._equal.forget(rows)
            raise

    def batches(self) -> Iterator[pa.RecordBatch]:
        for batch in self.spool.batches():
            yield self._equal.number(batch) if self._equal is not None else batch


def _today(clock: Clock, values: Values) -> DaySpan:
    today = local_day(clock.now(), zone_named(str(values["time_zone"])))
    return DaySpan(today, today)
