"""One reader of the floor for all who look at it; nobody reads while nobody looks."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from trunkline.dialer.floor_now import FloorNow
from trunkline.dialer.passing_faults import will_pass

EVERY_SECONDS = 2.0
_log = logging.getLogger("trunkline.dialer")


@dataclass(frozen=True)
class Seen:
    """What was read last; no floor where the database did not answer."""

    number: int
    floor: FloorNow | None


class FloorWatch:
    """Used from one loop. `read` is called every so often, as long as anybody follows."""

    def __init__(self, read: Callable[[], Awaitable[FloorNow]], every: float = EVERY_SECONDS) -> None:
        self._read, self._every = read, every
        self._seen = Seen(0, None)
        self._changed, self._nobody_looks = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False
        self.viewers = 0

    async def follow(self) -> AsyncGenerator[Seen, None]:
        """What is read from now on, until the server stops. Whoever is slow misses what is old by then."""
        self.viewers += 1
        number = self._seen.number
        try:
            while not self._is_closed:
                if not self.is_reading:
                    self._task = asyncio.create_task(self._go_on())
                if self._seen.number == number:
                    await self._changed.wait()
                    continue
                seen = self._seen
                number = seen.number
                yield seen
        finally:
            self.viewers -= 1
            if not self.viewers:
                self._nobody_looks.set()  # what is being read is read to its end

    def close(self) -> None:
        """Whoever follows hears nothing more, and goes."""
        self._is_closed = True
        self._changed.set()
        if self._task is not None:
            self._task.cancel()

    @property
    def is_reading(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _go_on(self) -> None:
        while self.viewers:
            self._tell(await self._looked())
            self._nobody_looks.clear()
            if self.viewers:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._every):
                        await self._nobody_looks.wait()

    async def _looked(self) -> FloorNow | None:
        try:
            return await self._read()
        except Exception as error:
            if not will_pass(error):
                _log.exception("The floor cannot be read.")
            return None

    def _tell(self, floor: FloorNow | None) -> None:
        self._seen = Seen(self._seen.number + 1, floor)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
