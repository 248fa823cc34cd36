"""A window read as several stretches of time at once, where each page names only the next.

Pages that follow a cursor come one after another. A provider that takes instants can be asked for many
short stretches side by side instead.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import partial
from itertools import pairwise
from typing import Any, Protocol

from trunkline.declare import Window
from trunkline.fetch.asked import Instants
from trunkline.fetch.paging import Head, Lanes, in_order

ROWS_OF_A_SLICE = 300
MOST_SLICES = 32


class Reading(Protocol):
    delivered: int

    def pages(self) -> AsyncGenerator[Any]: ...


def slices_for(rows: float) -> int:
    """How many slices so many rows are worth: each costs a request of its own at least."""
    return max(1, min(MOST_SLICES, int(rows) // ROWS_OF_A_SLICE))


def cut_evenly(whole: Instants, count: int) -> list[Instants]:
    first, after = whole
    edges = [first + (after - first) * n // count for n in range(count + 1)]
    return list(pairwise(edges))


class SlicedReading:
    """One window whose slices are read side by side and come in the order of time."""

    expected: int | None = None
    head: Head | None = None
    rows_before_more: int | None = None

    def __init__(
        self, window: Window, slices: Sequence[Callable[[], Awaitable[Reading]]], in_flight: int
    ) -> None:
        self.window = window
        self.delivered = 0
        self._slices = slices
        self._in_flight = in_flight

    async def pages(self) -> AsyncGenerator[Any]:
        calls = (partial(self._collected, opened) for opened in self._slices)
        async with aclosing(in_order(calls, Lanes(self._in_flight), fails_early=True)) as found:
            async for pages in found:
                for page in pages:
                    yield page

    async def _collected(self, opened: Callable[[], Awaitable[Reading]]) -> list[Any]:
        reading = await opened()
        pages = [page async for page in reading.pages()]
        self.delivered += reading.delivered
        return pages

    def begin_early(self) -> None:
        """Nothing to do: without totals no page is known beforehand."""
