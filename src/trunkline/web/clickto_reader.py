"""Whoever reads a report: the answer begins with the first piece, and goes as fast as it is read."""

import asyncio
import zlib
from concurrent.futures import Executor

from trunkline.asking import Receive, Send

STALL_SECONDS = 300.0
"""A reader that takes nothing for so long is given up."""


class ReaderGone(Exception):
    """It went away, or takes nothing."""


def headers_of(content_type: str, *, is_packed: bool) -> list[tuple[bytes, bytes]]:
    """Those of a report, which has no length beforehand."""
    headers = [
        (b"content-type", content_type.encode()),
        (b"vary", b"accept-encoding"),
        (b"cache-control", b"no-store"),
    ]
    return [*headers, (b"content-encoding", b"gzip")] if is_packed else headers


class Reader:
    """Takes the pieces of one answer. Close it when done."""

    def __init__(
        self, receive: Receive, send: Send, content_type: str, packing_in: Executor | None = None
    ) -> None:
        """`packing_in`: threads to pack gzip in; None: the answer is not packed."""
        self._send, self._content_type, self._threads = send, content_type, packing_in
        self._packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16) if packing_in else None
        self._gone = asyncio.ensure_future(_gone(receive))
        self.has_begun = False

    async def take(self, piece: bytes) -> None:
        """Raises ReaderGone."""
        if self._gone.done():
            raise ReaderGone("it went away")
        is_first = not self.has_begun
        if is_first:
            await self._begin()
        body = await self._packed(piece, is_first=is_first)
        if body:
            await self._sent(body)

    async def end(self) -> None:
        rest = self._packer.flush() if self._packer else b""
        await self._send({"type": "http.response.body", "body": rest})

    def close(self) -> None:
        self._gone.cancel()

    async def _begin(self) -> None:
        headers = headers_of(self._content_type, is_packed=self._packer is not None)
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        self.has_begun = True

    async def _packed(self, piece: bytes, *, is_first: bool) -> bytes:
        packer = self._packer
        if packer is None:
            return piece
        packed = await asyncio.get_running_loop().run_in_executor(self._threads, packer.compress, piece)
        return packed + packer.flush(zlib.Z_SYNC_FLUSH) if is_first else packed

    async def _sent(self, body: bytes) -> None:
        message = {"type": "http.response.body", "body": body, "more_body": True}
        try:
            await asyncio.wait_for(self._send(message), STALL_SECONDS)
        except TimeoutError:
            raise ReaderGone(f"it took nothing for {STALL_SECONDS:.0f} seconds") from None


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
