"""Rows that every request asks for, kept from one request to the next on SQLite."""

import sqlite3
from typing import Any

from trunkline.dialer.admissions import Admissions
from trunkline.dialer.compiling import Row
from trunkline.dialer.queries import DATA_VERSION

MOST_ROWS_KEPT = 2_000


class KeptRows:
    """Rows of tables that change seldom, kept until anybody changes such a table.

    Changes by this connection are told by those who make them; changes by others show in a number that
    SQLite gives out for that purpose.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._version = -1
        self._rows: dict[str, dict[tuple[Any, ...], Row | None]] = {}
        self.admissions = Admissions()

    def look(self) -> None:
        """Forget all where another connection has changed the database."""
        (version,) = self._connection.execute(DATA_VERSION).fetchone()
        if version != self._version:
            self._version = version
            self.forget()

    def of(self, table: str) -> dict[tuple[Any, ...], Row | None]:
        rows = self._rows.setdefault(table, {})
        if len(rows) > MOST_ROWS_KEPT:
            rows.clear()
        return rows

    def changed(self, table: str) -> None:
        if self._rows.pop(table, None) is not None:
            self.admissions.forget()

    def forget(self) -> None:
        self._rows.clear()
        self.admissions.forget()
