"""Exports that a provider prepares: asked for by POST, polled, downloaded to a temporary file.

Several are prepared at a time, and each is downloaded as soon as it is ready, since the address and the
request itself are forgotten after a while. A request that is forgotten is made again.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from typing import IO, Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from trunkline.clock import Clock
from trunkline.dates import DaySpan, zone_named
from trunkline.declare import ByDays, DaysAgo, ExportJob, Report, Row, Window
from trunkline.errors import DataError, RetryLater
from trunkline.fetch import day_columns
from trunkline.fetch.counters import Counters
from trunkline.fetch.csv_pages import CsvFile
from trunkline.fetch.days_ago import days_ago, moment, pieces
from trunkline.fetch.http import Gone, Http
from trunkline.fetch.paging import Lanes, in_order
from trunkline.fetch.temporary_files import temporary_file
from trunkline.options import Values

REQUESTS_OF_A_PIECE = 4
"""So often an export is asked for anew: forgotten, failed, unreadable, or of another day."""
WIDER_BY_AT_MOST = 3
POLL_GROWTH = 1.5
MINUTE = 60.0

TableTurn = Callable[[pa.RecordBatch], Any]


@dataclass(frozen=True)
class Asked:
    """A request the provider has taken, and the days it was made for."""

    request_id: str
    days: DaysAgo
    today: date
    is_repeated: bool

    @property
    def span(self) -> DaySpan:
        return DaySpan(
            self.today - timedelta(days=self.days.farther), self.today - timedelta(days=self.days.nearer)
        )


class _Unusable(Exception):
    """An export that has to be asked for anew, and the error when that does not help."""

    def __init__(self, error: DataError | RetryLater) -> None:
        self.error = error
        super().__init__(str(error))


class Preparing:
    """Says once that exports are being prepared, however many there are at a time."""

    def __init__(self, counters: Counters, provider: str, clock: Clock) -> None:
        self._counters = counters
        self._provider = provider
        self._clock = clock
        self._count = 0
        self._since = 0.0

    def begin(self, until: datetime) -> None:
        if not self._count:
            self._since = self._clock.monotonic()
        self._count += 1
        what = "the export" if self._count == 1 else f"{self._count} exports"
        self._counters.waiting(until, f"{self._provider} is preparing {what}", self)

    def end(self) -> None:
        self._count -= 1
        if not self._count:
            self._counters.waited_seconds += self._clock.monotonic() - self._since
            self._counters.waiting(None, "", self)


class JobReading:
    """One window whose file has been downloaded; `pages()` is walked once, to its end."""

    expected: int | None = None

    def __init__(self, window: Window, batches: Iterator[pa.RecordBatch], file: IO[bytes]) -> None:
        self.window = window
        self._batches = batches
        self._file = file

    async def pages(self) -> AsyncGenerator[Any]:
        """What became of each batch of rows. Parsing takes a thread of its own, batch by batch."""
        try:
            while (page := await asyncio.to_thread(next, self._batches, None)) is not None:
                yield page
        finally:
            self.close()

    def close(self) -> None:
        self._file.close()


class Jobs:
    """The exports of one report for a span of days."""

    def __init__(
        self, http: Http, report: Report, values: Values, counters: Counters, turn: TableTurn
    ) -> None:
        paging = report.paging(values)
        assert isinstance(paging, ExportJob), "only export jobs come here"
        self._job: ExportJob = paging
        self._http = http
        self._report = report
        self._values = values
        self._clock = http.clock
        self._counters = counters
        self._turn = turn
        self._zone: ZoneInfo = zone_named(str(values["time_zone"]))
        self._preparing = Preparing(counters, http.subject.provider, http.clock)
        self._files: set[IO[bytes]] = set()
        self._days_are_untold = False

    async def readings(self, span: DaySpan) -> AsyncGenerator[JobReading]:
        """Each piece of the span, in the order of time; the next ones are being prepared meanwhile."""
        today = moment(self._clock.now(), self._zone).today
        assert isinstance(self._report.windows, ByDays), "an export's windows are days"
        size = int(str(self._values[self._report.windows.option]))
        calls = (partial(self._read, piece) for piece in pieces(span, size, today))
        try:
            async with aclosing(in_order(calls, Lanes(self._job.in_flight))) as found:
                async for readings in found:
                    for reading in readings:
                        yield reading
        finally:
            for file in self._files:
                file.close()

    async def _read(self, piece: DaySpan) -> list[JobReading]:
        """The piece in one reading, or one per day where its rows do not tell their day."""
        about = f"{self._report.label}, {piece}"
        for attempt in range(1, REQUESTS_OF_A_PIECE + 1):
            try:
                return [await self._attempt(piece, about)]
            except Gone:
                error: DataError | RetryLater = _forgotten(self._http.subject.provider, about)
            except _Unusable as unusable:
                error = unusable.error
            except _DaysUntold:
                self._days_are_untold = True
                return [r for day in piece for r in await self._read(DaySpan(day, day))]
            if attempt == REQUESTS_OF_A_PIECE:
                raise error
            self._counters.retries += 1
        raise AssertionError("every attempt ends in one of the ways above")

    async def _attempt(self, piece: DaySpan, about: str) -> JobReading:
        asked = await self._ask(piece, about)
        address = await self._ready(asked, about)
        file = temporary_file()
        self._files.add(file)
        await self._http.download(address, file, asked_for=about)
        return await asyncio.to_thread(self._reading, file, piece, asked, about)

    # -- asking ----------------------------------------------------------------------------------

    async def _ask(self, piece: DaySpan, about: str) -> Asked:
        """Post until it is certain which days the provider has understood."""
        wider = 0
        while True:
            before = moment(self._clock.now(), self._zone)
            days = days_ago(piece, before.today)
            asked = await self._post(DaysAgo(days.nearer, days.farther + wider), before.today, about)
            now = moment(self._clock.now(), self._zone)
            if now.today != before.today:
                continue
            memory = self._job.memory_seconds_today if days.is_today else self._job.memory_seconds
            if not asked.is_repeated or not now.may_remember_yesterday(memory):
                return asked
            if self._can_be_wider(days) and wider < WIDER_BY_AT_MOST:
                wider += 1
            else:
                wider = 0
                await self._wait(memory - now.seconds)

    def _can_be_wider(self, days: DaysAgo) -> bool:
        return not days.is_today and self._rows_tell_days and not self._days_are_untold

    @property
    def _rows_tell_days(self) -> bool:
        return day_columns.DAY in self._added

    @cached_property
    def _made_here(self) -> tuple[str, ...]:
        """Columns made of a field with another name: a file may not take theirs."""
        declared = self._report.columns_of(self._values)
        sources = {column.source for column in declared}
        return tuple(column.name for column in declared if column.name not in sources)

    @cached_property
    def _added(self) -> tuple[str, ...]:
        """The day columns this export is declared to have."""
        declared = {column.source for column in self._report.columns_of(self._values)}
        return tuple(name for name in day_columns.ADDED if name in declared)

    async def _post(self, days: DaysAgo, today: date, about: str) -> Asked:
        job = self._job
        body = job.body(self._values, days)
        answer = await self._http.post(self._report.path, body, asked_for=about, group=job.limit_group)
        told = self._told(answer.body, job.request_id, about)
        return Asked(str(told), days, today, bool(answer.body.get(job.is_repeated)))

    def _told(self, body: Any, name: str, about: str) -> Any:
        if isinstance(body, dict) and body.get(name):
            return body[name]
        raise DataError(
            f"{self._http.subject.provider} answered {about} without a {name}.",
            todo="Nothing was changed. Run again later; if it stays, the API has changed.",
            where=about,
        )

    # -- waiting ---------------------------------------------------------------------------------

    async def _ready(self, asked: Asked, about: str) -> str:
        """The address of the file, once it is there. Raises RetryLater when that takes too long."""
        job = self._job
        minutes = float(str(self._values[job.timeout_option]))
        ends = self._clock.monotonic() + minutes * MINUTE
        pause = 0.0 if asked.is_repeated else job.first_poll_seconds
        following = job.next_poll_seconds
        while True:
            await self._wait(pause)
            state = await self._state(asked, about)
            if state.get(job.status) == job.ready:
                return str(self._told(state, job.download, about))
            if state.get(job.status) == job.failed:
                raise _Unusable(_failed(self._http.subject.provider, about))
            if self._clock.monotonic() >= ends:
                raise _too_slow(self._http.subject.provider, about, minutes)
            pause, following = following, min(following * POLL_GROWTH, job.longest_poll_seconds)

    async def _state(self, asked: Asked, about: str) -> Row:
        path = f"{self._report.path}/{asked.request_id}"
        answer = await self._http.get(path, {}, asked_for=about, gone=(404, 410))
        self._told(answer.body, self._job.status, about)
        return dict(answer.body)

    async def _wait(self, seconds: float) -> None:
        if seconds <= 0:
            return
        self._preparing.begin(self._clock.now() + timedelta(seconds=seconds))
        try:
            await self._clock.sleep(seconds)
        finally:
            self._preparing.end()

    # -- what came -------------------------------------------------------------------------------

    def _reading(self, file: IO[bytes], piece: DaySpan, asked: Asked, about: str) -> JobReading:
        """The file as a reading, its first batch already understood."""
        subject = self._http.subject
        try:
            csv = CsvFile(file, subject, about, (*day_columns.ADDED, *self._made_here))
            if csv.is_empty:
                self._counters.note(f"{subject.provider} sent an empty file for {about}: no rows.")
            field = day_columns.day_field(csv.names, self._job.day_fields)
            if field is None and self._rows_tell_days and asked.span.days > 1 and not csv.is_empty:
                raise _DaysUntold
            field = field if self._rows_tell_days else None
            dated = day_columns.DayColumns(piece, field, asked.span, self._added)
            batches = dated.added(csv.batches())
            first = next(batches, None)
        except DataError as error:
            raise _Unusable(error) from None
        if first is not None and dated.all_strange:
            raise _Unusable(_other_days(subject.provider, about, dated.strange_days))
        return JobReading(Window(piece), self._turned(first, batches, dated, about), file)

    def _turned(
        self,
        first: pa.RecordBatch | None,
        rest: Iterator[pa.RecordBatch],
        dated: day_columns.DayColumns,
        about: str,
    ) -> Iterator[Any]:
        if first is not None and first.num_rows:
            yield self._turn(first)
        for batch in rest:
            if batch.num_rows:
                yield self._turn(batch)
        if dated.strange:
            days = dated.strange_days
            self._counters.note(
                f"{dated.strange:,} rows of {days} came with {about}; they are left to those days."
            )


class _DaysUntold(Exception):
    """The rows do not tell their day, so each day needs a request of its own."""


def _forgotten(provider: str, about: str) -> RetryLater:
    return RetryLater(
        f"{provider} forgot the export again and again before it could be downloaded ({about}).",
        todo="Run again later.",
    )


def _failed(provider: str, about: str) -> RetryLater:
    return RetryLater(
        f"{provider} says that it could not make the export (status failed): {about}.",
        todo="Run again later; if it stays, ask for fewer days per request or another target.",
    )


def _too_slow(provider: str, about: str, minutes: float) -> RetryLater:
    length = "a minute" if minutes == 1 else f"{minutes:g} minutes"
    return RetryLater(
        f"{provider} did not finish the export within {length} ({about}).",
        todo="Run again: it goes on with the same export. Or allow more time (--timeout-minutes).",
    )


def _other_days(provider: str, about: str, days: str) -> DataError:
    return DataError(
        f"{provider} answered {about} with rows of {days}.",
        todo="Check this machine's clock and the report's time zone, then run again.",
        where=about,
    )
