"""Rows that many requests ask for, kept from one request to the next on SQLite."""

import sqlite3
from typing import Any

from trunkline.dialer.admissions import Admissions
from trunkline.dialer.compiling import Row
from trunkline.dialer.keeping import Keeping
from trunkline.dialer.queries import DATA_VERSION

MOST_ROWS_KEPT = 2_000
KnownRows = dict[tuple[Any, ...], Row | None]


class KeptRows:
    """Rows that are asked for again and again, kept until anybody changes a table they were read from.

    Changes by this connection are told by those who make them; changes by others show in a number that
    SQLite gives out for that purpose.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._version = -1
        self._rows: dict[tuple[str, ...], KnownRows] = {}
        self._read_from: dict[str, list[KnownRows]] = {}
        self._admitted_by: set[str] = set()
        self.admissions = Admissions()

    def look(self) -> None:
        """Forget all where another connection has changed the database."""
        (version,) = self._connection.execute(DATA_VERSION).fetchone()
        if version != self._version:
            self._version = version
            self.forget()

    def of(self, keeping: Keeping) -> KnownRows:
        """Rows that were read from the same tables, by what asked for them."""
        rows = self._rows.get(keeping.tables)
        if rows is None:
            rows = self._rows[keeping.tables] = {}
            for table in keeping.tables:
                self._read_from.setdefault(table, []).append(rows)
            if not keeping.looks_each_time:
                self._admitted_by.update(keeping.tables)
        elif len(rows) > MOST_ROWS_KEPT:
            rows.clear()
        return rows

    def changed(self, table: str) -> None:
        if found := self._read_from.get(table):
            for rows in found:
                rows.clear()
            if table in self._admitted_by:
                self.admissions.forget()

    def forget(self) -> None:
        for rows in self._rows.values():
            rows.clear()
        self.admissions.forget()
