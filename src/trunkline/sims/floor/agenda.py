"""What happens when: things to do in the order of their seconds."""

import heapq
from collections.abc import Callable
from typing import Any

Act = Callable[..., None]
Plan = tuple[int, int, bool, Act, tuple[Any, ...]]
"""When, in which order, whether at the floor's own pace, and what to do with which things."""


class Agenda:
    """Runs what was planned, one second after the other, the same way however often it is asked.

    `speed` makes everything that takes a while take less: at 10 a call of five minutes lasts half a minute.
    Times of day stay what they are.
    """

    def __init__(self, now: int) -> None:
        self.now = now
        self._speed = 1.0
        self._plans: list[Plan] = []
        self._count = 0

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        """From now on; what has begun goes on at the new speed too."""
        ratio, self._speed = self._speed / speed, speed
        self._plans = [self._repaced(plan, ratio) for plan in self._plans]
        heapq.heapify(self._plans)

    def at(self, when: int, act: Act, *args: Any) -> None:
        """Plan something for an instant; for now if that is over."""
        self._add(max(when, self.now), act, args, is_paced=False)

    def after(self, seconds: float, act: Act, *args: Any) -> None:
        """Plan something that comes after so many seconds of the floor's own pace, one at least."""
        self._add(self.now + self.scaled(seconds), act, args, is_paced=True)

    def scaled(self, seconds: float) -> int:
        return max(1, round(seconds / self._speed))

    def _add(self, when: int, act: Act, args: tuple[Any, ...], *, is_paced: bool) -> None:
        self._count += 1
        heapq.heappush(self._plans, (when, self._count, is_paced, act, args))

    def _repaced(self, plan: Plan, ratio: float) -> Plan:
        when, count, is_paced, act, args = plan
        # The order stays: the longer of two times is never the shorter one afterwards.
        soon = self.now + max(1, round((when - self.now) * ratio)) if is_paced else when
        return soon, count, is_paced, act, args

    def run(self, until: int) -> None:
        """Do all that is planned up to a second, and including it."""
        while self._plans and self._plans[0][0] <= until:
            self.now, _, _, act, args = heapq.heappop(self._plans)
            act(*args)
        self.now = max(self.now, until)

    def clear(self) -> None:
        self._plans.clear()
