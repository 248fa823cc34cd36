"""The one source of "now" and of waiting, so that tests and replays can hold the hands still.

`TRUNKLINE_FROZEN_CLOCK` (ISO 8601 with an offset) stops the wall clock of a process for replays;
time measurements (`monotonic`) and waiting go on.
"""

import asyncio
import heapq
import itertools
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from trunkline.errors import SettingsError

FROZEN_VARIABLE = "TRUNKLINE_FROZEN_CLOCK"


def local_text(instant: datetime) -> str:
    """An instant for a person: in this machine's zone, which it names, to the second."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return f"{aware.astimezone():%Y-%m-%d %H:%M:%S %Z}"


class Clock(Protocol):
    """Wall clock (aware UTC), stop watch (seconds) and waiting."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class FrozenWallClock(SystemClock):
    """A wall clock that stands still; waiting and measuring go on."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        return self._instant


class SteppedClock:
    """A clock that moves only when told to, or when somebody waits: hours pass in no time.

    Tasks that wait at the same time are woken in the order of their wishes, each at its own instant.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start.astimezone(UTC)
        self._passed = 0.0
        self._waiting: list[tuple[float, int]] = []
        self._numbers = itertools.count()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def advance(self, seconds: float) -> None:
        self._passed += seconds

    async def sleep(self, seconds: float) -> None:
        wish = (self._passed + max(0.0, seconds), next(self._numbers))
        heapq.heappush(self._waiting, wish)
        try:
            while True:
                await asyncio.sleep(0)
                if self._waiting[0] == wish:
                    break
            self._passed = max(self._passed, wish[0])
        finally:
            self._waiting.remove(wish)
            heapq.heapify(self._waiting)


def instant_from(text: str, name: str) -> datetime:
    """The instant that a text names, ISO 8601 with an offset. Raises SettingsError naming where it stood."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise SettingsError(
            f"{name} is {text!r}, which is no instant with an offset.",
            todo="Write it like 2026-06-14T12:00:00-04:00, or leave it out.",
        )
    return instant


def process_clock() -> Clock:
    """The clock of this process: the machine's, or the one `TRUNKLINE_FROZEN_CLOCK` names.

    Raises SettingsError when the variable is no instant with an offset.
    """
    frozen = os.environ.get(FROZEN_VARIABLE)
    return FrozenWallClock(instant_from(frozen, FROZEN_VARIABLE)) if frozen else SystemClock()
