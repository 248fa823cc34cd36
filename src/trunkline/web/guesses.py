"""Guesses of tokens: who guesses too often waits."""

from collections import OrderedDict

from trunkline.clock import Clock

MOST_GUESSES = 20
WINDOW_SECONDS = 60.0
MOST_ADDRESSES = 10_000


class Guesses:
    """Counts wrong tokens by address, in memory, for a minute from the first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait_seconds(self, address: str) -> int:
        """How long this address has to wait; 0: not at all."""
        began, count = self._counts.get(address, (0.0, 0))
        left = began + WINDOW_SECONDS - self._clock.monotonic()
        return int(left) + 1 if count >= MOST_GUESSES and left > 0 else 0

    def note(self, address: str) -> None:
        now = self._clock.monotonic()
        began, count = self._counts.pop(address, (now, 0))
        if now - began >= WINDOW_SECONDS:
            began, count = now, 0
        self._counts[address] = (began, count + 1)
        if len(self._counts) > MOST_ADDRESSES:
            self._counts.popitem(last=False)
