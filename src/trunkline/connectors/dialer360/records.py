"""Rows out of lines: nothing is quoted or escaped, so that a value may hold what separates it from others.

The tabulator is asked for as the separator, since people do not type it. Where it or a line end stands in
a value all the same, it can be told apart as long as only one value of the row is free text: all others
are codes, numbers and times. A text that was made to look like the end of its row and the beginning of
another cannot be told apart by anybody.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trunkline.connectors.dialer360.lines import Line, unreadable
from trunkline.connectors.dialer360.shapes import Names, Shape
from trunkline.fetch.answer_files import Received

SEPARATOR = "\t"
MOST_LINES_OF_A_ROW = 200


class Pending(NamedTuple):
    """A row that may go on, from the number of its first line."""

    number: int
    text: str
    lines: int


class Records:
    """The rows below a header, each as values in the order of `names`.

    Raises DataError for a row with more or fewer values than it should have, which is never shifted to
    fit, and for a last line that breaks off; both name the line.
    """

    def __init__(self, received: Received, shape: Shape, names: Names) -> None:
        self._received = received
        self._shape = shape
        self._names = names
        self._free = names.index(shape.free) if shape.free in names else -1
        self.count = 0

    def rows(self, lines: Iterator[Line]) -> Iterator[Sequence[str]]:
        pending: Pending | None = None
        for line in lines:
            if not line.is_ended:
                raise unreadable(self._received, line.number, "breaks off", line.text)
            if pending is not None and self._goes_on(pending, line.text):
                pending = self._joined(pending, line.text)
                continue
            if pending is not None:
                yield self._row(pending)
            pending = Pending(line.number, line.text, 1)
        if pending is not None and pending.text:
            yield self._row(pending._replace(text=pending.text.rstrip("\n")))

    def _goes_on(self, pending: Pending, text: str) -> bool:
        """Whether a line belongs to the row before it."""
        if self._free < 0:
            return False
        is_whole = pending.text.count(SEPARATOR) >= len(self._names) - 1
        return not is_whole or self._shape.begins.match(text) is None

    def _joined(self, pending: Pending, text: str) -> Pending:
        if pending.lines >= MOST_LINES_OF_A_ROW:
            raise self._malformed(pending)
        return Pending(pending.number, f"{pending.text}\n{text}", pending.lines + 1)

    def _row(self, pending: Pending) -> Sequence[str]:
        values = pending.text.split(SEPARATOR)
        more = len(values) - len(self._names)
        if more > 0 and self._free >= 0:
            beyond = self._free + more + 1
            values[self._free : beyond] = [SEPARATOR.join(values[self._free : beyond])]
        elif more:
            raise self._malformed(pending)
        if pending.lines > 1 and any("\n" in value for at, value in enumerate(values) if at != self._free):
            raise self._malformed(pending)
        self.count += 1
        return self._shape.righted(self._names, values)

    def _malformed(self, pending: Pending) -> Exception:
        came = pending.text.count(SEPARATOR) + 1
        why = f"holds {came} values where {len(self._names)} belong"
        if pending.lines > 1:
            why = f"begins a row of {pending.lines} lines that makes no sense"
        return unreadable(self._received, pending.number, why, pending.text)
