"""Answers of providers that are good for a while: forms ask for them again with each change."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from trunkline.clock import Clock

GOOD_FOR, BAD_FOR = timedelta(minutes=5), timedelta(seconds=20)
MOST_KEPT = 200


@dataclass(frozen=True)
class Answer:
    """What the provider said: a value, or why there is none."""

    value: Any = None
    failure: str = ""
    todo: str = ""
    waits_for: str = ""
    """What has to be chosen first."""


@dataclass
class Remembered:
    """Answers that menus and days ask for again with each change of a form."""

    clock: Clock
    _kept: dict[Hashable, tuple[datetime, Answer]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def find(self, key: Hashable) -> Answer | None:
        with self._lock:
            until, answer = self._kept.get(key, (None, None))
        return answer if until and self.clock.now() < until else None

    def keep(self, key: Hashable, answer: Answer) -> Answer:
        until = self.clock.now() + (BAD_FOR if answer.failure else GOOD_FOR)
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (until, answer)
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return answer
