"""Walking the pages of one request, in order, by the kind of paging a report declares.

Pages may shift while they are read (a call arrives, another changes): a row then comes twice and one
may be missed. Keys are therefore counted against the provider's own total, and a window that does
not add up is read once more.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from trunkline.declare import ByCursor, ByLink, ByNumber, Report, Row, Single
from trunkline.errors import DataError
from trunkline.fetch.http import Answer, Http, Params
from trunkline.options import Values

T = TypeVar("T")


@dataclass(frozen=True)
class Query:
    """One question to a report: path and parameters, without those of paging."""

    report: Report
    values: Values
    path: str
    params: Params
    about: str

    def rows(self, provider: str, answer: Answer) -> list[Row]:
        """The rows of an answer. Raises DataError where a list of objects is not what came."""
        if not isinstance(answer.body, dict):
            raise _unexpected(provider, self, "the answer", "an object", answer.body)
        if callable(self.report.rows):
            return list(self.report.rows(answer.body, self.values))
        rows = answer.body.get(self.report.rows)
        if not isinstance(rows, list):
            raise _unexpected(provider, self, f"`{self.report.rows}`", "a list", rows)
        return rows

    def whole(self, answer: Answer, name: str) -> int | None:
        """A count named in the answer, or None where it is missing or no whole number."""
        value = answer.body.get(name) if isinstance(answer.body, dict) else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def _unexpected(provider: str, query: Query, what: str, wanted: str, came: Any) -> DataError:
    name = {dict: "an object", list: "a list", str: "text", type(None): "nothing"}.get(type(came), "a number")
    return DataError(
        f"{provider} answered {query.about} with {name} where {what} must be {wanted}.",
        todo="Nothing was changed. Run again later; if it stays, the API has changed.",
        where=query.about,
        sample=str(came),
    )


async def in_order(calls: Iterable[Callable[[], Awaitable[T]]], in_flight: int) -> AsyncIterator[T]:
    """The results of the calls in their order, with so many of them under way at once."""
    running: deque[asyncio.Future[T]] = deque()
    source = iter(calls)
    try:
        while True:
            while len(running) < in_flight and (call := next(source, None)) is not None:
                running.append(asyncio.ensure_future(call()))
            if not running:
                return
            yield await running.popleft()
    finally:
        for future in running:
            future.cancel()
        await asyncio.gather(*running, return_exceptions=True)


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


async def pages(http: Http, query: Query, first: Answer) -> AsyncIterator[Answer]:
    """All answers to a query, the first included, in order."""
    paging = query.report.paging(query.values)
    if isinstance(paging, ByNumber):
        walk = _by_number(http, query, paging, first)
    elif isinstance(paging, ByLink):
        walk = _by_link(http, query, paging, first)
    elif isinstance(paging, ByCursor):
        walk = _by_cursor(http, query, paging, first)
    else:
        assert isinstance(paging, Single)
        walk = _only(first)
    async for answer in walk:
        yield answer


async def _only(first: Answer) -> AsyncIterator[Answer]:
    yield first


async def _numbered(http: Http, query: Query, paging: ByNumber, number: int) -> Answer:
    params = {**query.params, paging.page: str(number), paging.size: str(paging.rows)}
    return await http.get(query.path, params, asked_for=f"{query.about}, page {number}")


async def _by_number(http: Http, query: Query, paging: ByNumber, first: Answer) -> AsyncIterator[Answer]:
    last = _last_page(query, paging, first)
    yield first
    if last is None:
        async for answer in _until_short(http, query, paging, first):
            yield answer
        return
    number = 2
    while number <= last:
        calls = (_call(http, query, paging, n) for n in range(number, last + 1))
        number = last + 1
        async for answer in in_order(calls, paging.in_flight):
            last = max(last, _last_page(query, paging, answer) or 0)
            yield answer


def _call(http: Http, query: Query, paging: ByNumber, number: int) -> Callable[[], Awaitable[Answer]]:
    return lambda: _numbered(http, query, paging, number)


def _last_page(query: Query, paging: ByNumber, answer: Answer) -> int | None:
    pages_told = query.whole(answer, paging.total_pages)
    rows_told = query.whole(answer, paging.total_rows)
    if pages_told is not None:
        return pages_told
    return None if rows_told is None else -(-rows_told // paging.rows)


async def _until_short(http: Http, query: Query, paging: ByNumber, first: Answer) -> AsyncIterator[Answer]:
    """Without totals: on while pages are full, or a next page is linked."""
    answer, number = first, 1
    while answer.next_link or len(query.rows(http.subject.provider, answer)) >= paging.rows:
        number += 1
        answer = await _numbered(http, query, paging, number)
        if not query.rows(http.subject.provider, answer):
            return
        yield answer


async def _by_link(http: Http, query: Query, paging: ByLink, first: Answer) -> AsyncIterator[Answer]:
    answer = first
    seen: set[str] = set()
    yield answer
    while link := _link(answer, paging):
        _refuse_circle(http, query, link, seen)
        answer = await http.follow(link, asked_for=f"{query.about}, page {len(seen) + 1}")
        yield answer


def _link(answer: Answer, paging: ByLink) -> str | None:
    body = answer.body if isinstance(answer.body, dict) else {}
    if paging.more and not body.get(paging.more):
        return None
    link = body.get(paging.next)
    return link if isinstance(link, str) and link else None


async def _by_cursor(http: Http, query: Query, paging: ByCursor, first: Answer) -> AsyncIterator[Answer]:
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
        raise DataError(
            f"{http.subject.provider} sends the same next page again and again ({query.about}).",
            todo="Nothing was changed. Run again later.",
            where=query.about,
        )
    seen.add(mark)
