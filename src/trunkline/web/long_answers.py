"""Answers of the dialer's API that are sent while they are made, as fast as they are read."""

import asyncio
import logging
from collections.abc import Mapping

from trunkline.asking import Receive, Send
from trunkline.dialer.json_answers import reply_content, rows_content
from trunkline.dialer.reply import ReaderGone, Reply
from trunkline.web.json_words import encoded

STALL_SECONDS = 60.0
"""A reader that takes nothing for so long is given up: it holds a connection to the database."""
_log = logging.getLogger("trunkline.dialer")


class LongAnswer:
    """The parts of one answer of status 200. Close it when done.

    One that has begun and is not ended is cut off by the server, and its reader sees that.
    """

    has_begun = False
    _is_given_up = False
    _gone: asyncio.Future[None] | None = None

    def __init__(
        self, receive: Receive, send: Send, kind: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        self._receive, self._send = receive, send
        self._headers = [(b"content-type", kind), *headers]

    async def part(self, body: bytes) -> None:
        """Send a part, and come back when there is room for the next. Raises ReaderGone."""
        if self._gone is None:
            self._gone, self.has_begun = asyncio.ensure_future(_gone(self._receive)), True
            await self._send({"type": "http.response.start", "status": 200, "headers": self._headers})
        try:
            async with asyncio.timeout(STALL_SECONDS):
                await self._send({"type": "http.response.body", "body": body, "more_body": True})
        except TimeoutError:
            _log.warning("A reader took nothing for %.0f seconds and was given up.", STALL_SECONDS)
            self._is_given_up = True
        if self._is_given_up or self._gone.done():
            raise ReaderGone

    async def end(self, body: bytes) -> None:
        """Send the last part."""
        if not self._is_given_up:
            await self._send({"type": "http.response.body", "body": body})

    def close(self) -> None:
        if self._gone is not None:
            self._gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class TextReader(LongAnswer):
    """Takes a long answer as text."""

    async def take(self, reply: Reply) -> None:
        await self.part(text_body(reply.taken()))

    async def finish(self, reply: Reply) -> None:
        """Send what is left."""
        await self.end(text_body(reply.taken()))


class JsonReader(LongAnswer):
    """Takes a long answer as one JSON object: its rows as they come, and behind them all the rest."""

    def __init__(
        self, receive: Receive, send: Send, kind: bytes, function: str, params: Mapping[str, str]
    ) -> None:
        super().__init__(receive, send, kind)
        self._function, self._params = function, params

    async def take(self, reply: Reply) -> None:
        await self.part(self._head(reply) + self._rows(reply))

    async def finish(self, reply: Reply) -> None:
        """Send what is left."""
        rows = self._rows(reply)
        rest = reply_content(self._function, self._params, reply)
        for told in ("function", "columns", "rows"):
            del rest[told]
        await self.end(rows + b"]," + encoded(rest)[1:])

    def _head(self, reply: Reply) -> bytes:
        """Before the first row all up to it."""
        if self.has_begun:
            return b""
        head = encoded({"function": self._function, "columns": reply.columns})
        return head[:-1] + b',"rows":['

    def _rows(self, reply: Reply) -> bytes:
        rows = rows_content(self._function, reply.columns, reply.rows_taken())
        between = b"," if rows and self.has_begun else b""
        return between + encoded(rows)[1:-1]


def text_body(text: str) -> bytes:
    return text.encode("utf-8", "replace")
