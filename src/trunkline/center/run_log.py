"""The log of a run: what happened in it, line by line, with secrets masked, and never too much of it.

The first and the last lines are kept; what lies between is left out and counted by the gap in the numbers.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trunkline.clock import Clock

INFO, WARNING, ERROR = "info", "warning", "error"
MOST_LINES = 1_000
MOST_BYTES = 256_000
LONGEST_TEXT = 2_000
LONGEST_VALUE = 200
BYTES_OF_A_LINE = 60
"""What number, instant, level and event take, about."""


@dataclass(frozen=True)
class LogLine:
    """One thing that happened, at an instant in UTC; `number` counts from 1."""

    number: int
    at: datetime
    level: str
    event: str
    text: str
    fields: dict[str, Any]

    @property
    def size(self) -> int:
        return BYTES_OF_A_LINE + len(self.text.encode("utf-8", "replace")) + len(str(self.fields))


@dataclass(frozen=True)
class Unsaved:
    """Lines to add, and the numbers (first, last) of older ones to take away again."""

    lines: list[LogLine]
    gone: tuple[int, int] | None

    def __bool__(self) -> bool:
        return bool(self.lines or self.gone)


class RunLog:
    """Collects lines from any thread, for somebody who saves them now and then.

    `mask` takes the secrets out of a text; it may be set once they are known.
    """

    def __init__(self, clock: Clock) -> None:
        self.mask: Callable[[str], str] = str
        self._clock = clock
        self._lock = threading.Lock()
        self._count = 0
        self._head_lines = self._head_bytes = 0
        self._is_head_full = False
        self._tail: deque[tuple[int, int]] = deque()
        self._tail_bytes = 0
        self._pending: list[LogLine] = []
        self._saved_through = self._gone_through = self._gone_saved_through = 0

    def add(self, level: str, event: str, text: str, **fields: Any) -> None:
        with self._lock:
            self._count += 1
            kept = {name: self._bounded(value) for name, value in fields.items() if value is not None}
            line = LogLine(self._count, self._clock.now(), level, event, self.mask(text)[:LONGEST_TEXT], kept)
            self._pending.append(line)
            self._make_room(line)

    def unsaved(self) -> Unsaved:
        """What is not saved yet. Tell `saved` once it is."""
        with self._lock:
            lines = [line for line in self._pending if not self._is_gone(line.number)]
            first = max(self._head_lines, self._gone_saved_through) + 1
            last = min(self._gone_through, self._saved_through)
            return Unsaved(lines, (first, last) if first <= last else None)

    def saved(self, what: Unsaved) -> None:
        with self._lock:
            if what.lines:
                self._saved_through = what.lines[-1].number
            if what.gone:
                self._gone_saved_through = what.gone[1]
            self._pending = [line for line in self._pending if line.number > self._saved_through]

    def _make_room(self, line: LogLine) -> None:
        """A line of the first half stays; of the others the oldest go."""
        size = line.size
        if not self._is_head_full:
            full = self._head_lines >= MOST_LINES // 2 or self._head_bytes + size > MOST_BYTES // 2
            self._is_head_full = full
            if not full:
                self._head_lines += 1
                self._head_bytes += size
                return
        self._tail.append((line.number, size))
        self._tail_bytes += size
        while len(self._tail) > MOST_LINES // 2 or self._tail_bytes > MOST_BYTES // 2:
            self._gone_through, freed = self._tail.popleft()
            self._tail_bytes -= freed

    def _is_gone(self, number: int) -> bool:
        return self._head_lines < number <= self._gone_through

    def _bounded(self, value: Any) -> Any:
        return value if isinstance(value, bool | int | float) else self.mask(str(value))[:LONGEST_VALUE]
