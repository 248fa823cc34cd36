"""What a piece of reading cost, and what a person should hear about it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

OnEvent = Callable[..., None]
"""Hears what happens, for a log: level, event, text, and named facts."""
OnWait = Callable[[datetime | None, str], None]
"""Hears until when reading waits, and for what; no instant: it goes on. What it raises ends the reading."""


@dataclass
class Counters:
    """Requests sent, bytes received (decoded), retries, seconds spent waiting, notes for the person."""

    requests: int = 0
    bytes: int = 0
    retries: int = 0
    waited_seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    on_wait: OnWait | None = None
    on_event: OnEvent | None = None
    _waits: dict[object, tuple[datetime, str]] = field(default_factory=dict, repr=False)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
            self.tell("warning", "note", text)

    def tell(self, level: str, event: str, text: str, **facts: Any) -> None:
        """Tell whoever keeps a log; the text holds no secret."""
        if self.on_event:
            self.on_event(level, event, text, **facts)

    def waiting(self, until: datetime | None, reason: str, who: object = None) -> None:
        """Tell that `who` waits until then for that reason; None: it goes on.

        Of several who wait at a time, the longest wait is told.
        """
        before = self._longest()
        if until is None:
            self._waits.pop(who, None)
        else:
            self._waits[who] = until, reason
        now = self._longest()
        if now != before and self.on_wait:
            self.on_wait(*(now or (None, "")))

    def _longest(self) -> tuple[datetime, str] | None:
        return max(self._waits.values(), default=None)
