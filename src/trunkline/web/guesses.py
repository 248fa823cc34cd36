"""Guesses of tokens and keys: who guesses too often waits."""

from collections import OrderedDict

from trunkline.access.wrong_logins import WrongLogins, network_of
from trunkline.clock import Clock

MOST_GUESSES = 20
WINDOW_SECONDS = 60.0
MOST_ADDRESSES = 10_000


class Guesses:
    """Counts wrong ones by address, in memory, for a minute from the first.

    They are wrong logins too, where these are given; whoever has too many of those waits as well.
    """

    def __init__(self, clock: Clock, wrong_logins: WrongLogins | None = None) -> None:
        self._clock = clock
        self._wrong_logins = wrong_logins
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait_seconds(self, address: str) -> int:
        """How long this address has to wait; 0: not at all."""
        began, count = self._counts.get(network_of(address), (0.0, 0))
        left = began + WINDOW_SECONDS - self._clock.monotonic()
        here = int(left) + 1 if count >= MOST_GUESSES and left > 0 else 0
        return max(here, self._wrong_logins.wait_seconds(address) if self._wrong_logins else 0)

    def note(self, address: str) -> None:
        network, now = network_of(address), self._clock.monotonic()
        began, count = self._counts.pop(network, (now, 0))
        if now - began >= WINDOW_SECONDS:
            began, count = now, 0
        self._counts[network] = (began, count + 1)
        if len(self._counts) > MOST_ADDRESSES:
            self._counts.popitem(last=False)
        if self._wrong_logins:
            self._wrong_logins.note(address)
