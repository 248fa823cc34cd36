"""Walking the pages of one request, in order, by the kind of paging a report declares.

Pages may shift while they are read (a call arrives, another changes): a row then comes twice and one
may be missed. Keys are therefore counted against the provider's own total, and a window that does
not add up is read once more.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from trunkline.declare import ByCursor, ByLink, ByNumber, Report, Row, Single
from trunkline.errors import DataError
from trunkline.fetch.http import Answer, Http, Params
from trunkline.fetch.refusals import Subject
from trunkline.options import Values

T = TypeVar("T")


@dataclass(frozen=True)
class Turned:
    """A page after the reader has made of its rows what it wants: their number, their keys, the result."""

    rows: int
    keys: Sequence[object]
    value: Any


@dataclass(frozen=True)
class Query:
    """One question to a report: path and parameters, without those of paging.

    `turn` makes of a page's rows what the reader wants. It is called as soon as the page is decoded,
    while its rows are still near the processor: later costs a quarter more.
    """

    report: Report
    values: Values
    path: str
    params: Params
    about: str
    turn: Callable[[list[Row]], Turned] | None = None

    def rows(self, subject: Subject, answer: Answer) -> list[Row]:
        """The rows of an answer. Raises DataError where a list of objects is not what came."""
        if not isinstance(answer.body, dict):
            raise _unexpected(subject, self, "the answer", "an object", answer.body)
        if callable(self.report.rows):
            return list(self.report.rows(answer.body, self.values))
        rows = answer.body.get(self.report.rows)
        if rows is None and self.report.absent_is_empty and self._holds_nothing_else(answer.body):
            return []
        if not isinstance(rows, list):
            raise _unexpected(subject, self, f"`{self.report.rows}`", "a list", rows)
        return [spread(row, self.report.spread) for row in rows] if self.report.spread else rows

    def _holds_nothing_else(self, body: Row) -> bool:
        paging = self.report.paging(self.values)
        return isinstance(paging, ByCursor) and set(body) <= {paging.cursor}

    def turned(self, subject: Subject, answer: Answer) -> Answer:
        """The answer with its rows turned, and let go of."""
        if self.turn is None or answer.turned is not None:
            return answer
        turned = self.turn(self.rows(subject, answer))
        kept = answer.body
        if isinstance(self.report.rows, str):
            kept = {name: value for name, value in answer.body.items() if name != self.report.rows}
        return replace(answer, body=kept, turned=turned)

    def row_count(self, subject: Subject, answer: Answer) -> int:
        turned = answer.turned
        return turned.rows if isinstance(turned, Turned) else len(self.rows(subject, answer))

    def whole(self, answer: Answer, name: str) -> int | None:
        """A count named in the answer, or None where it is missing or no whole number."""
        value = answer.body.get(name) if isinstance(answer.body, dict) else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def spread(row: Row, names: Sequence[str]) -> Row:
    """The row with the fields of some of its objects as fields of its own."""
    if not isinstance(row, dict):
        return row
    flat = {name: value for name, value in row.items() if name not in names or not isinstance(value, dict)}
    for name in names:
        parts = row.get(name)
        if isinstance(parts, dict):
            flat.update((f"{name}_{part}", value) for part, value in parts.items())
    return flat


def _unexpected(subject: Subject, query: Query, what: str, wanted: str, came: Any) -> DataError:
    name = {dict: "an object", list: "a list", str: "text", type(None): "nothing"}.get(type(came), "a number")
    return DataError(
        f"{subject.provider} answered {query.about} with {name} where {what} must be {wanted}.",
        todo="Nothing was changed. Run again later; if it stays, the API has changed.",
        where=query.about,
        sample=subject.mask(str(came)),
    )


Call = Callable[[], Awaitable[T]]

DECODED_AT_ONCE = 8


class _Decoded:
    """How many decoded pages of this process, a few megabytes each, wait to be turned, of all its runs."""

    waiting = 0


class Lanes:
    """How many requests may be under way at once, however many walks they belong to."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = asyncio.Semaphore(count)

    def send(self, call: Call[T], then: Callable[[T], T] | None = None) -> "asyncio.Future[T]":
        """The future result of a call, which begins as soon as a lane is free; `then` needs no lane."""
        return asyncio.ensure_future(self._in_a_lane(call, then))

    async def _in_a_lane(self, call: Call[T], then: Callable[[T], T] | None) -> T:
        async with self._free:
            result = await call()
        if then is None:
            return result
        if _Decoded.waiting < DECODED_AT_ONCE:
            # the one who gets this lane sends its request before this page is turned
            _Decoded.waiting += 1
            try:
                await asyncio.sleep(0)
            finally:
                _Decoded.waiting -= 1
        return then(result)


async def in_order(
    calls: Iterable[Call[T]],
    lanes: Lanes,
    *,
    ahead: int = 0,
    then: Callable[[T], T] | None = None,
    begun: Iterable["asyncio.Future[T]"] = (),
    on_all_begun: Callable[[], None] | None = None,
    fails_early: bool = False,
) -> AsyncGenerator[T]:
    """The results of the calls in their order, many of them under way at once.

    `ahead` results may lie ready, so that a caller who is busy with one does not hold up the others;
    `begun` are results that were asked for before and come first. With `fails_early` a failure is raised
    at once and not only when its turn comes: for results of which none is worth anything without all.
    """
    waiting = deque(begun)
    source = iter(calls)
    try:
        while True:
            while len(waiting) < lanes.count + ahead and (call := next(source, None)) is not None:
                waiting.append(lanes.send(call, then))
            if len(waiting) < lanes.count and on_all_begun:
                on_all_begun()
            if not waiting:
                return
            if fails_early:
                await _first_or_failure(waiting)
            yield await waiting.popleft()
    finally:
        await drop(waiting)


async def _first_or_failure(waiting: "deque[asyncio.Future[T]]") -> None:
    """Wait for the first of them, or for any that fails; raises its failure."""
    pending = set(waiting)
    while not waiting[0].done():
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for future in done:
            future.result()


async def drop(futures: Iterable["asyncio.Future[T]"]) -> None:
    """Cancel what nobody waits for any more."""
    dropped = list(futures)
    for future in dropped:
        future.cancel()
    await asyncio.gather(*dropped, return_exceptions=True)


@dataclass
class Head:
    """The lanes a walk goes on, which it may share, and pages of it that were asked for beforehand."""

    lanes: Lanes
    begun: list["asyncio.Future[Answer]"] = field(default_factory=list)
    on_all_begun: Callable[[], None] | None = None

    async def drop(self) -> None:
        await drop(self.begun)


def begin_early(http: Http, query: Query, first: Answer, head: Head) -> None:
    """Ask for the pages after the first already, as many as there are lanes."""
    paging = query.report.paging(query.values)
    last = _last_page(query, paging, first) if isinstance(paging, ByNumber) else None
    if isinstance(paging, ByNumber) and last is not None:
        numbers = range(2, min(last, 1 + head.lanes.count) + 1)
        then = partial(query.turned, http.subject)
        head.begun += [head.lanes.send(_call(http, query, paging, n), then) for n in numbers]


async def first_answer(http: Http, query: Query) -> Answer:
    """The first page, which tells the totals where the kind of paging has any."""
    paging = query.report.paging(query.values)
    if isinstance(paging, ByNumber):
        return await _numbered(http, query, paging, 1)
    params = dict(query.params)
    if isinstance(paging, ByLink):
        params |= {paging.size: str(paging.rows), **paging.params}
    elif isinstance(paging, ByCursor) and paging.size:
        params[paging.size] = str(paging.rows)
    return await http.get(query.path, params, asked_for=query.about)


def total_rows(query: Query, answer: Answer) -> int | None:
    paging = query.report.paging(query.values)
    return query.whole(answer, paging.total_rows) if isinstance(paging, ByNumber) else None


def rows_before_more(subject: Subject, query: Query, answer: Answer) -> int | None:
    """How many rows an answer holds from which a cursor leads on; None for a last one and other paging."""
    paging = query.report.paging(query.values)
    leads_on = (
        isinstance(paging, ByCursor) and isinstance(answer.body, dict) and answer.body.get(paging.cursor)
    )
    return query.row_count(subject, answer) if leads_on else None


async def pages(http: Http, query: Query, first: Answer, head: Head | None = None) -> AsyncGenerator[Answer]:
    """All answers to a query, the first included, in order; close it where it is left early."""
    paging = query.report.paging(query.values)
    if isinstance(paging, ByNumber):
        walk = _by_number(http, query, paging, first, head or Head(Lanes(paging.in_flight)))
    elif isinstance(paging, ByLink):
        walk = _by_link(http, query, paging, first)
    elif isinstance(paging, ByCursor):
        walk = _by_cursor(http, query, paging, first)
    else:
        assert isinstance(paging, Single)
        walk = _only(first)
    async with aclosing(walk):
        async for answer in walk:
            yield answer


async def _only(first: Answer) -> AsyncGenerator[Answer]:
    yield first


async def _numbered(http: Http, query: Query, paging: ByNumber, number: int) -> Answer:
    params = {**query.params, paging.page: str(number), paging.size: str(paging.rows)}
    return await http.get(query.path, params, asked_for=f"{query.about}, page {number}")


async def _by_number(
    http: Http, query: Query, paging: ByNumber, first: Answer, head: Head
) -> AsyncGenerator[Answer]:
    last = _last_page(query, paging, first)
    yield first
    if last is None:
        async with aclosing(_until_short(http, query, paging, first)) as rest:
            async for answer in rest:
                yield answer
        return
    number = 2
    while number <= last:
        begun, head.begun = head.begun, []
        calls = (_call(http, query, paging, n) for n in range(number + len(begun), last + 1))
        number = last + 1
        walk = in_order(
            calls,
            head.lanes,
            ahead=paging.in_flight,
            then=partial(query.turned, http.subject),
            begun=begun,
            on_all_begun=head.on_all_begun,
        )
        async with aclosing(walk) as answers:
            async for answer in answers:
                if query.row_count(http.subject, answer):
                    last = max(last, _last_page(query, paging, answer) or 0)
                yield answer


def _call(http: Http, query: Query, paging: ByNumber, number: int) -> Call[Answer]:
    return lambda: _numbered(http, query, paging, number)


def _last_page(query: Query, paging: ByNumber, answer: Answer) -> int | None:
    pages_told = query.whole(answer, paging.total_pages)
    rows_told = query.whole(answer, paging.total_rows)
    if pages_told is not None:
        return pages_told
    return None if rows_told is None else -(-rows_told // _page_rows(query, paging, answer))


def _page_rows(query: Query, paging: ByNumber, answer: Answer) -> int:
    """How many rows a full page holds: what was asked for, or the smaller number the answer tells."""
    told = query.whole(answer, paging.size)
    return min(told, paging.rows) if told and told > 0 else paging.rows


async def _until_short(http: Http, query: Query, paging: ByNumber, first: Answer) -> AsyncGenerator[Answer]:
    """Without totals: on while pages are full, or a next page is linked."""
    answer, number = first, 1
    rows = query.rows(http.subject, first)
    while rows and (answer.next_link or len(rows) >= _page_rows(query, paging, answer)):
        number += 1
        answer = await _numbered(http, query, paging, number)
        former, rows = rows, query.rows(http.subject, answer)
        if rows and rows == former:
            raise _circle(http, query)
        if rows:
            yield answer


async def _by_link(http: Http, query: Query, paging: ByLink, first: Answer) -> AsyncGenerator[Answer]:
    answer = first
    seen: set[str] = set()
    yield answer
    while link := _link(http, query, answer, paging):
        _refuse_circle(http, query, link, seen)
        answer = await http.follow(link, asked_for=f"{query.about}, page {len(seen) + 1}")
        yield answer


def _link(http: Http, query: Query, answer: Answer, paging: ByLink) -> str | None:
    body = answer.body if isinstance(answer.body, dict) else {}
    if paging.more and not body.get(paging.more):
        return None
    link = body.get(paging.next)
    if isinstance(link, str) and link:
        return link
    if paging.more:
        raise DataError(
            f"{http.subject.provider} tells of more rows but not where they are ({query.about}).",
            todo="Nothing was changed. Run again later.",
            where=query.about,
        )
    return None


async def _by_cursor(http: Http, query: Query, paging: ByCursor, first: Answer) -> AsyncGenerator[Answer]:
    answer = first
    seen: set[str] = set()
    yield answer
    while isinstance(answer.body, dict) and (token := answer.body.get(paging.cursor)):
        _refuse_circle(http, query, str(token), seen)
        params = {**query.params, paging.param: str(token)}
        if paging.size:
            params[paging.size] = str(paging.rows)
        answer = await http.get(query.path, params, asked_for=f"{query.about}, page {len(seen) + 1}")
        yield answer


def _refuse_circle(http: Http, query: Query, mark: str, seen: set[str]) -> None:
    if mark in seen:
        raise _circle(http, query)
    seen.add(mark)


def _circle(http: Http, query: Query) -> DataError:
    return DataError(
        f"{http.subject.provider} sends the same next page again and again ({query.about}).",
        todo="Nothing was changed. Run again later.",
        where=query.about,
    )
