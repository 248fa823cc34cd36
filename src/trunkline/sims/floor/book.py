"""What is to change in tables, collected until somebody writes it down.

A row is known by its table and a key of the floor's own, since its number in the database is not known
before it is written. Only the net change is kept: a call that came and went between two writings leaves the
log alone.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

Key = Hashable
RowKey = tuple[str, Key]
Values = dict[str, Any]

NATURAL: dict[str, tuple[str, ...]] = {
    "log": ("uniqueid",),
    "log_extended": ("uniqueid",),
    "did_log": ("uniqueid",),
    "live_inbound_agents": ("user", "group_id"),
    "parked_channels": ("channel",),
    "campaigns": ("campaign_id",),
    "lists": ("list_id",),
}
"""The columns that a key of these tables stands for; rows of the others are found by their number."""
_LINKED_FIRST = {"list": 0, "closer_log": 1, "agent_log": 2}
"""Rows of these tables come before others, which may hold their numbers."""


@dataclass(frozen=True, slots=True)
class Link:
    """A value that holds the number of another row; with `before` as ten digits after that text."""

    table: str
    key: Key
    before: str = ""

    @property
    def row(self) -> RowKey:
        return self.table, self.key

    def of(self, number: int) -> int | str:
        return f"{self.before}{number:010d}" if self.before else number


@dataclass(slots=True)
class NewRow:
    """A row, or some of its columns. `where` finds it by its own columns; empty: by its number."""

    table: str
    key: Key
    values: Values
    links: dict[str, Link]
    where: Values = field(default_factory=dict)
    is_ended: bool = False
    """Whether nothing will ask for this row again."""


@dataclass(slots=True)
class Changes:
    """Net changes, to be made in this order."""

    deletes: list[NewRow] = field(default_factory=list)
    inserts: list[NewRow] = field(default_factory=list)
    updates: list[NewRow] = field(default_factory=list)
    ended: list[RowKey] = field(default_factory=list)
    """Rows whose numbers nobody needs any more."""

    @property
    def linked(self) -> set[RowKey]:
        """The rows whose numbers others of these changes hold."""
        return {link.row for row in (*self.inserts, *self.updates) for link in row.links.values()}


class Book:
    """Collects changes; `take` gives them away and begins anew."""

    def __init__(self) -> None:
        self._gone: dict[RowKey, None] = {}
        self._new: dict[RowKey, Values] = {}
        self._changed: dict[RowKey, Values] = {}
        self._ended: dict[RowKey, None] = {}

    def insert(self, table: str, key: Key, **values: Any) -> None:
        assert (table, key) not in self._new, f"{table} {key} is there already"
        self._new[table, key] = values
        self._ended.pop((table, key), None)  # it came back within one writing

    def update(self, table: str, key: Key, **values: Any) -> None:
        row = table, key
        known = self._new.get(row)
        if known is None:
            known = self._changed.setdefault(row, {})
        known.update(values)

    def delete(self, table: str, key: Key) -> None:
        row = table, key
        self._changed.pop(row, None)
        if self._new.pop(row, None) is None:
            self._gone[row] = None

    def end(self, table: str, key: Key) -> None:
        """Nothing will ask for this row again."""
        self._ended[table, key] = None

    def take(self) -> Changes:
        changes = Changes(
            [self._row(row, {}) for row in self._gone],
            [self._row(row, self._new[row]) for row in sorted(self._new, key=_place)],
            [self._row(row, values) for row, values in self._changed.items()],
            list(self._ended),
        )
        for kept in (self._gone, self._new, self._changed, self._ended):
            kept.clear()
        return changes

    def _row(self, row: RowKey, values: Values) -> NewRow:
        table, key = row
        links = {name: value for name, value in values.items() if isinstance(value, Link)}
        plain = {name: value for name, value in values.items() if name not in links} if links else values
        return NewRow(table, key, plain, links, where_of(table, key), row in self._ended)


def _place(row: RowKey) -> tuple[int, str]:
    """Linked tables first, and rows of one table together."""
    return _LINKED_FIRST.get(row[0], len(_LINKED_FIRST)), row[0]


def where_of(table: str, key: Key) -> Values:
    """The columns that find a row by its key; empty where only its number does."""
    names = NATURAL.get(table)
    if names is None:
        return {}
    return dict(zip(names, key if isinstance(key, tuple) else (key,), strict=True))
