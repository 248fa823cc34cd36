"""Queries of pages, beside the server's loop and beside one another: a slow one holds up nobody."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from trunkline.center.querying import DOWNLOAD_SECONDS, Answer, Question
from trunkline.center.room import Center
from trunkline.center.saved_queries import SavedQuery
from trunkline.errors import RetryLater, TrunklineError
from trunkline.warehouse.export import pieces

AT_ONCE, AT_ONCE_PER_PERSON, AT_ONCE_ON_DASHBOARDS = 8, 3, 3
KEPT_SECONDS = 60.0
LEAST_KEPT_SECONDS = 5.0
"""So long an answer is good enough also for who asks for a new one."""
CARD_ROWS, CARD_CHARACTERS = 1_000, 1_000_000

T = TypeVar("T")
Parts = Generator[bytes, None, None]
_log = logging.getLogger("trunkline.pages")


class Asking:
    """The queries under way in this process, and the dashboard's last answers."""

    def __init__(self) -> None:
        # one thread for each query that is let in, so that none waits for another's
        self._threads = ThreadPoolExecutor(2 * AT_ONCE + AT_ONCE_ON_DASHBOARDS, thread_name_prefix="asked")
        self._queries: Counter[int] = Counter()
        self._downloads: Counter[int] = Counter()
        self._cards = asyncio.Semaphore(AT_ONCE_ON_DASHBOARDS)
        self._kept: dict[tuple[int, str], _Kept] = {}

    async def answer(self, center: Center, user_id: int, sql: str, request: Request) -> Answer:
        """The first rows. The query is stopped when the browser goes away. Raises what Question does."""
        with _place(self._queries, user_id, "queries"):
            question = Question(center, sql)
            rows = center.settings.number("query_rows")
            return await self._while_waited_for(question, request, lambda: _answered(question, rows))

    async def download(
        self, center: Center, user_id: int, sql: str, format: str, request: Request
    ) -> "Download":
        """All rows as a file, once the query has begun. Raises what Question does."""
        with _place(self._downloads, user_id, "downloads"):
            question = Question(center, sql, DOWNLOAD_SECONDS)
            parts = _parts(question, format)
            try:
                first = await self._while_waited_for(question, request, lambda: next(parts, b""))
            except BaseException:
                _close(parts)
                raise
        return Download(self, question, parts, first, user_id)

    async def _while_waited_for(self, question: Question, request: Request, work: Callable[[], T]) -> T:
        """The result of the work on a thread of its own, which is told when nobody waits any more."""
        working = asyncio.get_running_loop().run_in_executor(self._threads, work)
        leaving = asyncio.ensure_future(_left(request.receive))
        both: set[asyncio.Future[Any]] = {working, leaving}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not working.done():
                question.stop()
        return await asyncio.shield(working)

    async def next_part(self, parts: Parts) -> bytes | None:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _next, parts)

    async def end(self, parts: Parts) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, _close, parts)

    @contextmanager
    def download_place(self, user_id: int) -> Iterator[None]:
        with _place(self._downloads, user_id, "downloads"):
            yield

    async def card(self, center: Center, saved: SavedQuery, *, is_fresh: bool) -> Answer:
        """The answer for the dashboard, kept for a minute: ten viewers cost one query."""
        now = center.clock.monotonic()
        key = (saved.id, saved.sql)
        self._kept = {key: kept for key, kept in self._kept.items() if not kept.is_older(now, KEPT_SECONDS)}
        kept = self._kept.get(key)
        if kept is None or (is_fresh and kept.is_older(now, LEAST_KEPT_SECONDS)):
            kept = self._kept[key] = _Kept(center, self._card(center, saved.sql))
        return await asyncio.shield(kept.task)

    async def _card(self, center: Center, sql: str) -> Answer:
        async with self._cards:
            question = Question(center, sql)
            loop = asyncio.get_running_loop()
            try:
                return await loop.run_in_executor(
                    self._threads, _answered, question, CARD_ROWS, CARD_CHARACTERS
                )
            except asyncio.CancelledError:
                question.stop()
                raise


class _Kept:
    """An answer under way, or there since a time."""

    def __init__(self, center: Center, work: Coroutine[Any, Any, Answer]) -> None:
        self._center = center
        self._at: float | None = None
        self.task = asyncio.ensure_future(work)
        self.task.add_done_callback(self._note)

    def _note(self, task: "asyncio.Task[Answer]") -> None:
        self._at = self._center.clock.monotonic()
        if not task.cancelled():
            task.exception()  # whoever waits hears of it; where nobody does, it is not told again

    def is_older(self, now: float, seconds: float) -> bool:
        return self._at is not None and now - self._at > seconds


class Download(Response):
    """Rows sent no faster than they are taken. After a failure the connection breaks: no file seems whole."""

    def __init__(self, asking: Asking, question: Question, parts: Parts, first: bytes, user_id: int) -> None:
        self.status_code, self.media_type, self.background = 200, None, None
        self.init_headers({})
        del self.headers["content-length"]
        self._asking, self._question, self._parts, self._first = asking, question, parts, first
        self._user_id = user_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        leaving = asyncio.ensure_future(self._stop_when_left(receive))
        try:
            with self._asking.download_place(self._user_id):
                await self._send(send)
        except TrunklineError as error:
            _log.warning("A download was broken off: %s", error)
        finally:
            leaving.cancel()
            self._question.stop()
            await asyncio.shield(self._asking.end(self._parts))

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        part: bytes | None = self._first
        while part is not None:
            if part:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            part = await self._asking.next_part(self._parts)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _stop_when_left(self, receive: Receive) -> None:
        await _left(receive)
        self._question.stop()


@contextmanager
def _place(under_way: Counter[int], user_id: int, what: str) -> Iterator[None]:
    """Raises RetryLater where this person, or all together, have enough under way."""
    if under_way[user_id] >= AT_ONCE_PER_PERSON:
        raise RetryLater(
            f"You have {under_way[user_id]} {what} under way.", todo="Wait for one, or stop one."
        )
    if under_way.total() >= AT_ONCE:
        raise RetryLater(f"{AT_ONCE} {what} are under way already.", todo="Try again in a moment.")
    under_way[user_id] += 1
    try:
        yield
    finally:
        under_way[user_id] -= 1


def _answered(question: Question, rows: int, characters: int | None = None) -> Answer:
    with question:
        return question.answer(rows, characters) if characters else question.answer(rows)


def _parts(question: Question, format: str) -> Parts:
    with question:
        reader = question.reader()
        yield from pieces(reader.schema, question.batches(reader), format)


def _close(parts: Parts) -> None:
    """One that is at work on another thread was told to stop, and ends by itself."""
    with suppress(ValueError):
        parts.close()


def _next(parts: Parts) -> bytes | None:
    return next(parts, None)


async def _left(receive: Receive) -> None:
    """Until the browser goes away."""
    while (await receive())["type"] != "http.disconnect":
        continue
