"""Cutting a range of days into windows: one window is one transaction of the dataset.

Where the provider tells a total, windows are cut so that each holds about the wanted number of rows;
the first page of every window is read for its total and then used, so that cutting costs next to
nothing. Where it tells none, the size of a window follows what the one before held.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

from trunkline.dates import DaySpan
from trunkline.declare import ByPoints, ByTotal, Report, Row, Window
from trunkline.errors import DataError
from trunkline.fetch.asked import query_for
from trunkline.fetch.counters import Counters
from trunkline.fetch.http import Answer, Http
from trunkline.fetch.paging import Query, first_answer, pages, total_rows
from trunkline.options import Value, Values

TOO_MANY = 1.25
"""A window may hold so many times the wanted rows before it is cut."""
FIRST_GUESS_DAYS = 7
READS_OF_A_SHIFTED_WINDOW = 3


class KeyCount:
    """Which keys a window delivered, to tell a shifted page from a complete reading."""

    def __init__(self, report: Report, provider: str, about: str) -> None:
        self._key = report.key
        self._provider = provider
        self._about = about
        self._seen: set[object] = set()
        self.rows = 0

    def add(self, rows: list[Row]) -> None:
        """Raises DataError for a row that is no object or lacks its key."""
        self.rows += len(rows)
        try:
            if len(self._key) == 1:
                name = self._key[0]
                keys: list[object] = [row.get(name) for row in rows]
            else:
                keys = [tuple(row.get(name) for name in self._key) for row in rows]
            self._check(rows, keys)
            self._seen.update(keys)
        except (AttributeError, TypeError):
            odd = next((r for r in rows if not isinstance(r, dict)), rows[0])
            raise DataError(
                f"{self._provider} sent a row that is no record ({self._about}).",
                todo="Nothing was changed. Run again later; if it stays, the API has changed.",
                where=self._about,
                sample=str(odd),
            ) from None

    def _check(self, rows: list[Row], keys: list[object]) -> None:
        if not self._key or (None not in keys and not any(isinstance(k, tuple) and None in k for k in keys)):
            return
        at = next(n for n, k in enumerate(keys) if k is None or (isinstance(k, tuple) and None in k))
        raise DataError(
            f"{self._provider} sent a row without its {' and '.join(self._key)} ({self._about}).",
            todo="Nothing was changed. Run again later; if it stays, ask the provider about that record.",
            where=self._about,
            sample=", ".join(f"{k}={v}" for k, v in list(rows[at].items())[:5] if k not in self._key),
        )

    @property
    def different(self) -> int:
        return len(self._seen) if self._key else self.rows

    def lacks(self, total: int | None) -> bool:
        return total is not None and bool(self._key) and self.different < total


class WindowReading:
    """One window ready to be read; `rows()` is walked once, to its end."""

    def __init__(self, http: Http, window: Window, query: Query, first: Answer, counters: Counters) -> None:
        self.window = window
        self.expected = total_rows(query, first)
        self.delivered = 0
        self._http = http
        self._query = query
        self._first = first
        self._counters = counters

    async def rows(self) -> AsyncIterator[list[Row]]:
        """The rows of the window page by page; rows of a shifted window may come more than once."""
        provider = self._http.subject.provider
        count = KeyCount(self._query.report, provider, self._query.about)
        total: int | None = self.expected
        first = self._first
        for reading in range(READS_OF_A_SHIFTED_WINDOW):
            before = count.different
            if reading:
                first = await first_answer(self._http, self._query)
            async for answer in pages(self._http, self._query, first):
                rows = self._query.rows(provider, answer)
                count.add(rows)
                told = total_rows(self._query, answer)
                total = told if told is not None else total
                if rows:
                    yield rows
            self.delivered = count.different
            if not count.lacks(total) or (reading and count.different == before):
                break
        self._tell(count, total)

    def _tell(self, count: KeyCount, total: int | None) -> None:
        if count.lacks(total):
            self._counters.note(
                f"{self._http.subject.provider} counts {total:,} rows for {self._query.about} but delivered "
                f"{count.different:,} different ones, also when asked again."
            )


async def cut(
    http: Http,
    report: Report,
    values: Values,
    span: DaySpan | None,
    *,
    wanted_rows: int,
    counters: Counters,
) -> AsyncIterator[WindowReading]:
    """The windows of a span in the order of time; each must be read before the next is asked for."""

    async def opened(piece: DaySpan | None) -> WindowReading:
        window = Window(piece)
        query = query_for(report, values, window)
        return WindowReading(http, window, query, await first_answer(http, query), counters)

    if span is None or not isinstance(report.windows, ByTotal):
        for piece in fixed_pieces(report, values, span):
            yield await opened(piece)
        return
    rest: DaySpan | None = span
    days, rows_left = span.days, None
    while rest:
        piece = DaySpan(rest.first, rest.first + timedelta(days=min(days, rest.days) - 1))
        reading = await opened(piece)
        total = reading.expected
        if total is None and piece.days > FIRST_GUESS_DAYS and rows_left is None and piece == span:
            days = FIRST_GUESS_DAYS
            rows_left = -1
            continue
        if total is not None and total > wanted_rows * TOO_MANY and piece.days > 1:
            rows_left = total if piece == rest else rows_left
            days = max(1, min(piece.days - 1, piece.days * wanted_rows // total))
            continue
        yield reading
        rest = _after(rest, piece)
        if rest:
            rows_left = _rows_left(rows_left, total)
            days = _next_days(rest, piece, reading, rows_left, wanted_rows)


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


def _rows_left(rows_left: int | None, total: int | None) -> int | None:
    if rows_left is None or rows_left < 0 or total is None:
        return rows_left
    return max(rows_left - total, 0)


def _next_days(
    rest: DaySpan, piece: DaySpan, reading: WindowReading, rows_left: int | None, wanted_rows: int
) -> int:
    """How many days the next window should span, from what is known of the rows ahead."""
    if rows_left is not None and rows_left >= 0:
        return max(1, rest.days * wanted_rows // max(rows_left, wanted_rows))
    per_day = max(reading.delivered, 1) / piece.days
    return max(1, min(int(wanted_rows / per_day), piece.days * 8))
