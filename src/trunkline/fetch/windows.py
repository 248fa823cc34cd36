"""Cutting a range of days into windows: one window is one transaction of the dataset.

Where the provider tells a total, windows are cut so that each holds about the wanted number of rows;
the first page of every window is read for its total and then used, so that cutting costs next to
nothing. Where it tells none, the size of a window follows what the one before held.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from trunkline.dates import DaySpan
from trunkline.declare import (
    ByCursor,
    ByNumber,
    ByPoints,
    ByTotal,
    ExportJob,
    FileAnswer,
    Report,
    Row,
    Window,
)
from trunkline.errors import DataError
from trunkline.fetch.asked import Instants, epoch_ms, query_for
from trunkline.fetch.counters import Counters
from trunkline.fetch.http import Answer, Http
from trunkline.fetch.paging import (
    Head,
    Lanes,
    Query,
    Turned,
    begin_early,
    drop,
    first_answer,
    pages,
    rows_before_more,
    total_rows,
)
from trunkline.fetch.refusals import Subject
from trunkline.fetch.slices import SlicedReading, cut_evenly, slices_for
from trunkline.options import Value, Values

if TYPE_CHECKING:
    import pyarrow as pa

    from trunkline.fetch.jobs import JobReading

TOO_MANY = 1.25
"""A window may hold so many times the wanted rows before it is cut."""
FIRST_GUESS_DAYS = 7
FASTEST_GROWTH = 8
"""Without totals, a window spans at most so many times the days of the one before."""
READS_OF_A_SHIFTED_WINDOW = 3


class KeyCount:
    """Which keys a window delivered, to tell a shifted page from a complete reading."""

    def __init__(self, report: Report, subject: Subject, about: str) -> None:
        self._key = report.key
        self._hidden = {*report.key, *(c.source for c in report.columns if c.secret)}
        self._subject = subject
        self._about = about
        self._seen: set[object] = set()
        self.rows = 0

    def add(self, page: Turned) -> None:
        self.rows += page.rows
        self._seen.update(page.keys)

    def keys_of(self, rows: list[Row]) -> list[object]:
        """The key of each row. Raises DataError for a row that is no object or lacks its key."""
        try:
            if len(self._key) == 1:
                name = self._key[0]
                keys: list[object] = [row.get(name) for row in rows]
            else:
                keys = [tuple(row.get(name) for name in self._key) for row in rows]
            self._check(rows, keys)
            frozenset(keys)
            return keys
        except (AttributeError, TypeError):
            odd = next((r for r in rows if not isinstance(r, dict)), rows[0])
            raise DataError(
                f"{self._subject.provider} sent a row that is no record ({self._about}).",
                todo="Nothing was changed. Run again later; if it stays, the API has changed.",
                where=self._about,
                sample=self._subject.mask(str(odd)),
            ) from None

    def _check(self, rows: list[Row], keys: list[object]) -> None:
        if not self._key or (None not in keys and not any(isinstance(k, tuple) and None in k for k in keys)):
            return
        at = next(n for n, k in enumerate(keys) if k is None or (isinstance(k, tuple) and None in k))
        told = [(name, value) for name, value in rows[at].items() if name not in self._hidden]
        raise DataError(
            f"{self._subject.provider} sent a row without its {' and '.join(self._key)} ({self._about}).",
            todo="Nothing was changed. Run again later; if it stays, ask the provider about that record.",
            where=self._about,
            sample=self._subject.mask(", ".join(f"{name}={value}" for name, value in told[:5])),
        )

    @property
    def different(self) -> int:
        return len(self._seen) if self._key else self.rows

    def lacks(self, total: int | None) -> bool:
        return total is not None and bool(self._key) and self.different < total


Page: TypeAlias = "list[Row] | pa.RecordBatch"
Turn = Callable[[Page], Any]
"""What the reader makes of a page: a list of rows, or of an exported file a batch of text columns."""


def as_rows(page: Page) -> list[Row]:
    return page if isinstance(page, list) else page.to_pylist()


class WindowReading:
    """One window ready to be read; `pages()` is walked once, to its end."""

    def __init__(
        self,
        http: Http,
        window: Window,
        query: Query,
        first: Answer,
        *,
        counters: Counters,
        head: Head | None,
        turn: Turn,
    ) -> None:
        self._count = KeyCount(query.report, http.subject, query.about)
        query = replace(query, turn=partial(self._turned, turn))
        self.window = window
        self.head = head
        self.expected = total_rows(query, first)
        self.rows_before_more = rows_before_more(http.subject, query, first)
        self.delivered = 0
        self._http = http
        self._query = query
        self._first = first
        self._counters = counters

    def begin_early(self) -> None:
        """Ask for its next pages while another window's last ones are still under way."""
        if self.head:
            begin_early(self._http, self._query, self._first, self.head)

    def _turned(self, turn: Turn, rows: list[Row]) -> Turned:
        keys = self._count.keys_of(rows)
        return Turned(len(rows), keys, turn(rows))

    async def pages(self) -> AsyncGenerator[Any]:
        """What became of each page that has rows; rows of a shifted window may come more than once."""
        count = self._count
        total: int | None = self.expected
        first = self._first
        for reading in range(READS_OF_A_SHIFTED_WINDOW):
            before, most = count.different, 0
            if reading:
                first = await first_answer(self._http, self._query)
            async with aclosing(pages(self._http, self._query, first, self.head)) as answers:
                async for answer in answers:
                    page: Turned = self._query.turned(self._http.subject, answer).turned
                    count.add(page)
                    told = total_rows(self._query, answer)
                    total = told if told is not None else total
                    most = max(most, told or 0)
                    if page.rows:
                        yield page.value
            self.delivered = count.different
            if not count.lacks(most) or (reading and count.different == before):
                break
        self._tell(count, total)

    def _tell(self, count: KeyCount, total: int | None) -> None:
        if count.lacks(total):
            self._counters.note(
                f"{self._http.subject.provider} counts {total:,} rows for {self._query.about} but delivered "
                f"{count.different:,} different ones, also when asked again."
            )


class Sizing:
    """How many days the next window should span, from what the answers so far have told."""

    def __init__(self, days: int, wanted_rows: int) -> None:
        self._days, self._guess = days, min(days, FIRST_GUESS_DAYS)
        self._wanted = wanted_rows
        self._rows_left: int | None = None
        self._rows_a_day = 0.0
        self._shrunk = False
        self._learnt = False
        self._crowded_until: date | None = None

    def next_piece(self, rest: DaySpan) -> DaySpan:
        return DaySpan(rest.first, rest.first + timedelta(days=min(self._days, rest.days) - 1))

    def shrinks(self, piece: DaySpan, rest: DaySpan, reading: "AnyReading") -> bool:
        """Whether the piece must be cut smaller; the size of the next one follows."""
        total = reading.expected
        if total is not None and piece == rest:
            self._rows_left = total
        if total is None and self._is_mistaken(piece, reading.rows_before_more):
            self._crowded_until = piece.last
            smaller = piece.days // 2
        else:
            smaller = self._first_guess(piece) if total is None else self._share(piece, total)
        self._shrunk = smaller < piece.days
        self._days = smaller
        return self._shrunk

    def rows_of(self, piece: DaySpan) -> float:
        """How many rows a piece should hold, as far as is known."""
        return self._rows_a_day * piece.days

    def learn(self, piece: DaySpan, rest: DaySpan, reading: "AnyReading") -> None:
        """Take the rows of a piece that was read into account for the rest of the days."""
        self._learnt = True
        if self._rows_left is not None and reading.expected is not None:
            self._rows_left = max(self._rows_left - reading.expected, 0)
            fits = self._rows_left <= self._wanted * TOO_MANY
            self._days = rest.days if fits else max(1, rest.days * self._wanted // self._rows_left)
        else:
            self._rows_a_day = max(reading.delivered, 1) / piece.days
            self._days = max(1, min(int(self._wanted / self._rows_a_day), self._most_days(piece, reading)))

    def _most_days(self, piece: DaySpan, reading: "AnyReading") -> int:
        """Many times more than the piece, but from empty days on half the way to where rows are known."""
        if self._crowded_until is None or reading.delivered or piece.last >= self._crowded_until:
            self._crowded_until = None
            return piece.days * FASTEST_GROWTH
        return max(1, (self._crowded_until - piece.last).days // 2)

    def is_too_large(self, piece: DaySpan, total: int | None) -> bool:
        return total is not None and total > self._wanted * TOO_MANY and piece.days > 1

    def _is_mistaken(self, piece: DaySpan, rows_before_more: int | None) -> bool:
        """Whether a piece after empty days turns out to hold far more rows; nobody knows how many."""
        unexpected = rows_before_more is not None and self.rows_of(piece) * 2 < rows_before_more
        return self._learnt and unexpected and piece.days > 1

    def _first_guess(self, piece: DaySpan) -> int:
        return piece.days if self._learnt else min(piece.days, self._guess)

    def _share(self, piece: DaySpan, total: int) -> int:
        """The days that hold the wanted rows if all days are alike; where they are not, at most half."""
        if not self.is_too_large(piece, total):
            return piece.days
        most = piece.days // 2 if self._shrunk else piece.days - 1
        return max(1, min(most, piece.days * self._wanted // total))


async def cut(
    http: Http,
    report: Report,
    values: Values,
    span: DaySpan | None,
    *,
    wanted_rows: int,
    counters: Counters,
    turn: Turn = as_rows,
) -> "AsyncGenerator[AnyReading | JobReading]":
    """The windows of a span in the order of time; each must be read before the next is asked for.

    Where totals are told, the first page of the next window is fetched while one is being read.
    """

    paging = report.paging(values)
    if isinstance(paging, ExportJob | FileAnswer):
        walk = _exported if isinstance(paging, ExportJob) else _answered
        async with aclosing(walk(http, report, values, span, counters, turn)) as files:
            async for file in files:
                yield file
        return
    lanes = Lanes(paging.in_flight) if isinstance(paging, ByNumber) else None
    in_flight = paging.in_flight if isinstance(paging, ByCursor) else 1

    async def opened(piece: DaySpan | None, slice_: Instants | None = None) -> WindowReading:
        window = Window(piece)
        query = query_for(report, values, window, slice_)
        head = Head(lanes) if lanes else None
        first = await first_answer(http, query)
        kept = _within(report, values, piece, slice_, turn)
        return WindowReading(http, window, query, first, counters=counters, head=head, turn=kept)

    async def sliced(piece: DaySpan, rows: float) -> AnyReading:
        count = slices_for(rows) if in_flight > 1 else 1
        if count == 1:
            return await opened(piece)
        slices = [partial(opened, piece, slice_) for slice_ in cut_evenly(epoch_ms(piece, values), count)]
        return SlicedReading(Window(piece), slices, in_flight)

    if span is None or not isinstance(report.windows, ByTotal):
        for piece in fixed_pieces(report, values, span):
            yield await opened(piece)
        return
    guess = span.days if lanes else 1 if in_flight > 1 else FIRST_GUESS_DAYS
    sizing = Sizing(guess, wanted_rows)
    async with aclosing(_sized(span, sizing, sliced)) as readings:
        async for reading in readings:
            yield reading


async def _exported(
    http: Http, report: Report, values: Values, span: DaySpan | None, counters: Counters, turn: Turn
) -> "AsyncGenerator[JobReading]":
    # Only exports need a CSV reader, which takes long to import.
    from trunkline.fetch.jobs import Jobs

    assert span is not None, "an export has days"
    async with aclosing(Jobs(http, report, values, counters, turn).readings(span)) as readings:
        async for reading in readings:
            yield reading


async def _answered(
    http: Http, report: Report, values: Values, span: DaySpan | None, counters: Counters, turn: Turn
) -> "AsyncGenerator[JobReading]":
    from trunkline.fetch.answer_files import AnswerFiles

    async with aclosing(AnswerFiles(http, report, values, counters, turn).readings(span)) as readings:
        async for reading in readings:
            yield reading


AnyReading: TypeAlias = WindowReading | SlicedReading
Opened = Callable[[DaySpan, float], Awaitable[AnyReading]]
"""Opens a window for which about so many rows are expected (0: nobody knows)."""


def _within(
    report: Report, values: Values, piece: DaySpan | None, slice_: Instants | None, turn: Turn
) -> Turn:
    """Leaves rows of other days to those days, where the provider's edges are not exact."""
    if piece is None or report.dates is None or not report.dates.within:
        return turn
    field, (first, after) = report.dates.within, slice_ or epoch_ms(piece, values)

    def belongs(row: Row) -> bool:
        text = str(row.get(field))
        return not text.isdecimal() or first <= int(text) < after

    return lambda page: turn([row for row in as_rows(page) if belongs(row)])


class Upcoming:
    """The window after the one being read: its first page is fetched now, its next ones in good time."""

    def __init__(self, piece: DaySpan, current: AnyReading, sizing: Sizing, opened: Opened) -> None:
        self._free = asyncio.Event()
        self._sizing = sizing
        self._opening = asyncio.ensure_future(self._open(piece, opened))
        if current.head:
            current.head.on_all_begun = self._free.set

    async def _open(self, piece: DaySpan, opened: Opened) -> AnyReading:
        reading = await opened(piece, 0)
        await self._free.wait()
        if not self._sizing.is_too_large(piece, reading.expected):
            reading.begin_early()
        return reading

    async def ready(self) -> AnyReading:
        self._free.set()
        return await self._opening

    async def drop(self) -> None:
        """Nobody will read it."""
        await drop([self._opening])
        if not self._opening.cancelled() and not self._opening.exception():
            await _drop_head(self._opening.result())


async def _drop_head(reading: AnyReading) -> None:
    if reading.head:
        await reading.head.drop()


async def _sized(span: DaySpan, sizing: Sizing, opened: Opened) -> AsyncGenerator[AnyReading]:
    rest: DaySpan | None = span
    upcoming: Upcoming | None = None
    try:
        while rest:
            piece = sizing.next_piece(rest)
            reading = await (upcoming.ready() if upcoming else opened(piece, sizing.rows_of(piece)))
            upcoming = None
            if sizing.shrinks(piece, rest, reading):
                continue
            following = _after(rest, piece)
            if following and reading.expected is not None:
                sizing.learn(piece, following, reading)
                upcoming = Upcoming(sizing.next_piece(following), reading, sizing, opened)
            yield reading
            if following and reading.expected is None:
                sizing.learn(piece, following, reading)
            rest = following
    finally:
        if upcoming is not None:
            await upcoming.drop()


def fixed_pieces(report: Report, values: Values, span: DaySpan | None) -> list[DaySpan | None]:
    """The windows of a report whose windows do not depend on the rows in them."""
    if span is None:
        return [None]
    if isinstance(report.windows, ByPoints):
        option: Value | None = values.get(report.windows.option)
        days = report.windows.days.get(str(option))
        return [span] if days is None else list(span.pieces(days))
    return [span]


def _after(rest: DaySpan, piece: DaySpan) -> DaySpan | None:
    return None if piece.last >= rest.last else DaySpan(piece.last + timedelta(days=1), rest.last)
