"""Dated rows of one kind: generated on demand, given by a fixture, added later, changed after the fact."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from trunkline.sims.callrail.directory import Row
from trunkline.sims.timeline import Timeline, instant_of

LIVE_REFS = 1_000_000_000
ADDED_REFS = 2_000_000_000
GIVEN_REFS = 3_000_000_000


class Maker(Protocol):
    """Makes the thing behind a number: a call, a form, a conversation."""

    def __call__(self, ref: int, start: int, zone: ZoneInfo) -> Any: ...


@dataclass(frozen=True)
class Kind:
    """What is special about one kind of dated rows: list key, date field, ids, fields."""

    key: str
    date: str
    default: Mapping[str, Callable[[Any], Any]]
    more: Mapping[str, Callable[[Any], Any]]
    ref_of: Callable[[str], int | None]


class Book:
    """All rows of one kind in one account."""

    def __init__(self, kind: Kind, make: Maker, timeline: Timeline) -> None:
        self.kind = kind
        self.timeline = timeline
        self._make = make
        self.fields = {**kind.default, **kind.more}
        self._given: dict[int, Row] = {}
        self._changes: dict[int, Row] = {}
        self._added = 0

    def give(self, rows: Iterable[Row]) -> None:
        """Replace everything by rows that are delivered as they are."""
        self._given = {GIVEN_REFS + n: row for n, row in enumerate(rows)}
        self._changes = {}
        dated = sorted((instant_of(row.get(self.kind.date)) or 0, ref) for ref, row in self._given.items())
        self.timeline = Timeline([s for s, _ in dated if s], [ref for s, ref in dated if s])
        for start, ref in dated:
            if not start:
                self.timeline.insert(ref, None)

    def add(self, count: int, start: int) -> list[str]:
        """`count` new rows at one instant; their ids."""
        refs = [ADDED_REFS + self._added + n for n in range(count)]
        self._added += count
        for ref in refs:
            self.timeline.insert(ref, start)
        return [self._make(ref, start, ZoneInfo("UTC")).id for ref in refs]

    def change(self, row_id: str, changes: Row) -> bool:
        """Let fields of one row read differently from now on; False when there is no such row."""
        ref = self.find(row_id)
        if ref is None:
            return False
        self._changes[ref] = self._changes.get(ref, {}) | changes
        if self.kind.date in changes:
            self.timeline.remove(ref)
            self.timeline.insert(ref, instant_of(changes[self.kind.date]))
        return True

    def find(self, row_id: str) -> int | None:
        """The number of the row with this id, if it is here."""
        ref = next((r for r, row in self._given.items() if str(row.get("id")) == row_id), None)
        ref = self.kind.ref_of(row_id) if ref is None else ref
        if ref is None:
            return None
        try:
            self.timeline.start_of(ref)
        except ValueError:
            return None
        return ref

    def thing(self, ref: int, zone: ZoneInfo) -> Any:
        """The made thing itself, for pages that show more than the list does; None for given rows."""
        return None if ref in self._given else self._make(ref, self.timeline.start_of(ref) or 0, zone)

    def row(self, position: int, zone: ZoneInfo, fields: Iterable[str]) -> Row:
        """The row at a position of the timeline with these fields; a given row is delivered whole."""
        ref, start = self.timeline.at(position)
        return self._row(ref, start or 0, zone, fields)

    def row_of(self, ref: int, zone: ZoneInfo, fields: Iterable[str]) -> Row:
        return self._row(ref, self.timeline.start_of(ref) or 0, zone, fields)

    def _row(self, ref: int, start: int, zone: ZoneInfo, fields: Iterable[str]) -> Row:
        changes = self._changes.get(ref)
        given = self._given.get(ref)
        if given is not None:
            return given | changes if changes else given
        thing = self._make(ref, start, zone)
        row = {name: self.fields[name](thing) for name in fields}
        if changes:
            row |= {name: value for name, value in changes.items() if name in row or name not in self.fields}
        return row
