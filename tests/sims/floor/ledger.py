"""Tables kept in memory: takes a floor's changes as strictly as a database, and stricter."""

from dataclasses import dataclass, field
from typing import Any

from trunkline.sims.floor.book import Changes, Key, NewRow, RowKey
from trunkline.sims.floor.floor import Floor

Row = dict[str, Any]


@dataclass
class Ledger:
    """Rows by table and key. `numbers` are the automatic ones, given out in order."""

    tables: dict[str, dict[Key, Row]] = field(default_factory=dict)
    numbers: dict[RowKey, int] = field(default_factory=dict)
    given: int = 0
    seen_live: dict[Key, Row] = field(default_factory=dict)
    """Every live call there ever was, by its unique id."""

    def rows(self, table: str) -> list[Row]:
        return list(self.tables.get(table, {}).values())

    def by(self, table: str, column: str) -> dict[Any, Row]:
        found = {row[column]: row for row in self.rows(table)}
        assert len(found) == len(self.rows(table)), f"{column} of {table} is not unique"
        return found

    def apply(self, changes: Changes) -> None:
        linked = changes.linked
        for row in changes.deletes:
            self._check_found(row)
            del self.tables[row.table][row.key]
            self.numbers.pop((row.table, row.key), None)
        for row in changes.inserts:
            known = self.tables.setdefault(row.table, {})
            assert row.key not in known, f"{row.table} {row.key} is there already"
            self.given += 1
            if not row.is_ended or (row.table, row.key) in linked:
                self.numbers[row.table, row.key] = self.given
            known[row.key] = {"#": self.given}
            self._keep(row)
        for row in changes.updates:
            self._check_found(row)
            self._keep(row)
        for ended in changes.ended:
            self.numbers.pop(ended, None)

    def _check_found(self, row: NewRow) -> None:
        """A row is found by its own columns, or by a number that is still known."""
        assert row.where or (row.table, row.key) in self.numbers, f"nobody knows {row.table} {row.key}"

    def _keep(self, row: NewRow) -> None:
        kept = self.tables[row.table][row.key]
        kept |= row.values | self._linked(row)
        if row.table == "auto_calls":
            self.seen_live[row.key] = kept

    def _linked(self, row: NewRow) -> Row:
        return {name: link.of(self.numbers[link.row]) for name, link in row.links.items()}

    def follow(self, floor: Floor) -> None:
        self.apply(floor.book.take())
