"""A file's rows laid out by day, in a temporary database without a name, not in memory.

So a file is known to be whole and right before its first day is written, whatever the order of its rows.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Self

from trunkline.clickto import spool_queries as queries

ROWS_AT_ONCE = 2_000
Values = tuple[str, ...]


class Spool:
    """Use as a context."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        for statement in (*queries.SETTINGS, queries.CREATE):
            self._connection.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def fill(self, rows: Iterable[tuple[int, Values]]) -> None:
        """Lay out rows, each with the number of its day."""
        waiting = iter(rows)
        while some := list(islice(waiting, ROWS_AT_ONCE)):
            self._connection.executemany(queries.ADD, ((day, *values) for day, values in some))
        self._connection.execute(queries.INDEX)

    def days(self) -> list[tuple[int, int]]:
        """The days in order, each with how many rows it has."""
        return self._connection.execute(queries.DAYS).fetchall()

    def of_day(self, day: int) -> Iterator[Values]:
        """A day's rows in the file's order."""
        return iter(self._connection.execute(queries.OF_DAY, (day,)))
