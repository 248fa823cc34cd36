"""A spend log in memory, for work without a database: counts hold for this process only."""

import threading
from collections import defaultdict
from datetime import datetime

from trunkline.declare import Limit
from trunkline.fetch.spend_slots import (
    Ruler,
    decide,
    forgotten_before,
    grant_slot,
    in_force,
    milliseconds,
    returning,
    rulers_of,
    usage,
)
from trunkline.fetch.spending import Grant, Wait


class MemorySpendLog:
    """Tokens by account, ruler and slot, behind one lock for the threads of the process."""

    def __init__(self) -> None:
        self._spent: dict[str, dict[Ruler, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
        self._pauses: dict[str, Wait] = {}
        self._lock = threading.Lock()

    def take(self, account: str, limits: tuple[Limit, ...], wanted: int, now: datetime) -> Grant | Wait:
        with self._lock:
            spent = self._spent[account]
            answer = decide(limits, spent, wanted, now, self._pauses.get(account))
            if isinstance(answer, Grant):
                for ruler in rulers_of(limits):
                    _record(ruler, spent[ruler], answer, milliseconds(now))
            return answer

    def give_back(self, account: str, limits: tuple[Limit, ...], grant: Grant, unused: int) -> None:
        with self._lock:
            for ruler in rulers_of(limits):
                slots, slot = self._spent[account][ruler], grant_slot(ruler, grant)
                if slots.get(slot, 0) >= unused:
                    slots[slot] -= unused

    def pause(self, account: str, until: datetime, reason: str) -> None:
        with self._lock:
            former = self._pauses.get(account)
            if former is None or former.until < until:
                self._pauses[account] = Wait(until, reason)

    def paused(self, account: str, now: datetime) -> Wait | None:
        with self._lock:
            return in_force(self._pauses.get(account), now)

    def used(self, account: str, limits: tuple[Limit, ...], now: datetime) -> list[tuple[Limit, int]]:
        with self._lock:
            return usage(limits, self._spent[account], milliseconds(now))

    def returning(
        self, account: str, limits: tuple[Limit, ...], now: datetime
    ) -> list[tuple[Limit, dict[datetime, int]]]:
        with self._lock:
            return returning(limits, self._spent[account], milliseconds(now))


def _record(ruler: Ruler, slots: dict[int, int], grant: Grant, now_ms: int) -> None:
    slot = ruler.start(now_ms)
    if slot not in slots:
        for old in [start for start in slots if start < forgotten_before(ruler, now_ms)]:
            del slots[old]
    slots[slot] = slots.get(slot, 0) + grant.tokens
