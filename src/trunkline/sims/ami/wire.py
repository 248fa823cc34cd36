"""The protocol as Asterisk reads and writes it: lines, of which an empty one ends an action.

A line ends with LF; a CR before it is taken away. Whoever smuggles an end of line into a value has sent a
second header, or a second action, and both are seen here as such.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST_LINE = 1_024
MOST_HEADERS = 128

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """An action as it arrived: its headers in order, as often as they came."""

    headers: Headers
    strange: tuple[str, ...] = ()
    """Lines that are no header."""

    @property
    def name(self) -> str:
        return self.get("Action")

    def get(self, name: str) -> str:
        """The first value of a header, whose name knows no case; empty where there is none."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), "")

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name.lower()]

    def variables(self) -> dict[str, str]:
        """Channel variables of all headers Variable."""
        pairs = (pair.partition("=") for value in self.all("Variable") for pair in arguments(value))
        return {name: value for name, equals, value in pairs if name and equals}


@dataclass
class Reader:
    """Takes bytes as they come and gives whole actions."""

    _pending: bytes = b""
    _lines: list[str] = field(default_factory=list)

    def actions(self, data: bytes) -> Iterator[Asked]:
        """The actions that are whole now. Raises ValueError for a line that is too long."""
        self._pending += data
        while b"\n" in self._pending:
            line, _, self._pending = self._pending.partition(b"\n")
            if len(line) > LONGEST_LINE:
                raise ValueError("Line too long")
            text = line.removesuffix(b"\r").decode("utf-8", "replace")
            if text:
                self._lines.append(text)
            elif self._lines:
                lines, self._lines = self._lines, []
                yield _asked(lines)
        if len(self._pending) > LONGEST_LINE:
            raise ValueError("Line too long")


def _asked(lines: list[str]) -> Asked:
    headers, strange = [], []
    for line in lines[:MOST_HEADERS]:
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.strip(), value.lstrip(" ")))
        else:
            strange.append(line)
    return Asked(headers, tuple(strange))


def arguments(text: str) -> list[str]:
    """A text split at commas as Asterisk splits arguments: quotes and brackets hold, backslashes protect."""
    parts, now, depth, quoted = [""], iter(text), 0, False
    for c in now:
        if c == "\\":
            parts[-1] += next(now, "")
        elif c == '"':
            quoted = not quoted
        elif c == "," and not quoted and depth == 0:
            parts.append("")
        else:
            depth += (c in "([") - (c in ")]" and depth > 0)
            parts[-1] += c
    return parts


def message(*headers: tuple[str, object]) -> bytes:
    """A message as it is written."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + b"\r\n"
