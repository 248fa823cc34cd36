"""What a piece of reading cost, and what a person should hear about it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

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

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def waiting(self, until: datetime | None, reason: str) -> None:
        """Tell that reading waits until then for that reason; None: it goes on."""
        if self.on_wait:
            self.on_wait(until, reason)
