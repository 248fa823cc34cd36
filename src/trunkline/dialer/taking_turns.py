"""Long answers at the same time: so many, and no more, so that slow readers leave room for all others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trunkline.errors import RetryLater

WAIT_SECONDS = 30.0


class Turns:
    """Each long answer takes one while it is read."""

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A turn, after a wait where none is free. Raises RetryLater where none becomes free."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError:
            raise RetryLater("Too many long answers are being read; try again later.") from None
        try:
            yield
        finally:
            self._free.release()
