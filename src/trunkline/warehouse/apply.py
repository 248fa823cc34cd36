"""How rows that came become rows of a table: merge, append, partition, replace, within a transaction.

With a key, only rows that differ are written. What came is reduced to its keys (`wanted`), these are
looked up (`matched`), and only rows found are compared (`changed`); a load of new rows compares nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from trunkline.dates import instants, zone_named
from trunkline.declare import ColumnType, Method, Window
from trunkline.warehouse.link import Link, number
from trunkline.warehouse.statements import Sql, listed, quoted
from trunkline.warehouse.target import Applied, Loaded, Target
from trunkline.warehouse.types import DAY_COLUMN, LOADED_AT, ROW, RUN_ID, SQL, Types, same_storage

OWN = (RUN_ID, LOADED_AT)


@dataclass(frozen=True)
class Arrived:
    """Rows that came, as a relation; `row` is the column that tells its rows apart."""

    relation: Sql
    types: Types
    rows: int
    row: str = ROW


@dataclass(frozen=True)
class Scope:
    """The stored rows that a load replaces whether or not their key came."""

    condition: Sql
    values: Sequence[object] = ()


@dataclass(frozen=True)
class Application:
    """One application of rows that came to a table."""

    link: Link
    table: Sql
    stored: Types
    target: Target
    window: Window
    arrived: Arrived
    applied: Applied

    def run(self) -> Loaded:
        if not self.target.key or is_snapshot(self.target, self.window):
            return self._exchange()
        return self._by_key()

    @cached_property
    def _pieces(self) -> dict[str, str]:
        """What most statements need."""
        names = [name for name in self.stored if name not in OWN]
        return {
            "table": self.table,
            "incoming": self.arrived.relation,
            "row": self.arrived.row,
            "place": self.link.place,
            "columns": listed(quoted(name) for name in names),
            "values": listed(self._value(name) for name in names),
            "scope": self._scope.condition if self._scope else Sql(""),
        }

    def _sql(self, name: str, **pieces: str) -> Sql:
        return self.link.statements(name, **{**self._pieces, **pieces})

    def _value(self, name: str) -> Sql:
        """The new value of a column: as it came, or what stands for a column that did not come."""
        type_ = SQL[self.stored[name]]
        if name in self.arrived.types:
            if same_storage(self.arrived.types[name], self.stored[name]):
                return self.link.statements("incoming_value", column=name)
            return self.link.statements("incoming_cast", column=name, type=type_)
        return self.link.statements("nothing", type=type_)

    def _kept_value(self, name: str) -> Sql:
        """The new value of a column of a row that is there: merge leaves alone what did not come."""
        if name not in self.arrived.types and self.target.method is Method.MERGE:
            return self.link.statements("stored_value", column=name)
        return self._value(name)

    @cached_property
    def _scope(self) -> Scope | None:
        return scope(self.link, self.target, self.window, self.stored)

    def _stamp(self) -> list[object]:
        return [self.applied.run_id, self.applied.loaded_at]

    def _exchange(self) -> Loaded:
        """Without a key: what the window replaces goes, what came is inserted."""
        loaded = Loaded(rows=self.arrived.rows, inserted=self.arrived.rows)
        if self._scope:
            loaded.deleted = number(self.link, self._sql("count_in_scope"), self._scope.values)
            if loaded.deleted:
                self.link.run(self._sql("delete_in_scope"), self._scope.values)
        if self.arrived.rows:
            self.link.run(self._sql("insert_all"), self._stamp())
        return loaded

    def _by_key(self) -> Loaded:
        loaded = Loaded(rows=self.arrived.rows)
        if not self.arrived.rows:
            return self._delete_all_in_scope(loaded)
        self._want()
        keys = number(self.link, self.link.statements("count_rows", table="trunkline_wanted"))
        loaded.duplicates = self.arrived.rows - keys
        matched = self._match()
        loaded.inserted = keys - matched
        if self._scope:
            loaded.deleted = self._delete_gone(matched)
        if matched and self.target.method is not Method.APPEND:
            loaded.updated = self._rewrite_changed()
        loaded.unchanged = matched - loaded.updated
        if loaded.inserted:
            self.link.run(self._sql(self._insertion(loaded, matched)), self._stamp())
        return loaded

    def _insertion(self, loaded: Loaded, matched: int) -> str:
        if matched:
            return "insert_missing"
        return "insert_last" if loaded.duplicates else "insert_all"

    def _delete_all_in_scope(self, loaded: Loaded) -> Loaded:
        if self._scope:
            loaded.deleted = number(self.link, self._sql("count_in_scope"), self._scope.values)
            self.link.run(self._sql("delete_in_scope"), self._scope.values)
        return loaded

    def _want(self) -> None:
        values = [(name, self._value(name)) for name in self.target.key]
        keys = listed(self._sql("named", column=name, value=value) for name, value in values)
        self.link.run(self._sql("wanted", keys=keys, groups=listed(value for _, value in values)))
        self.link.measure("trunkline_wanted")

    def _match(self) -> int:
        if not number(self.link, self._sql("has_rows")):
            return 0
        same_key = listed((self._sql("same_key", column=name) for name in self.target.key), " AND ")
        self.link.run(self._sql("matched", same_key=same_key))
        return number(self.link, self._sql("count_matched"))

    def _rewrite_changed(self) -> int:
        names = [name for name in self.stored if name not in OWN and name not in self.target.key]
        kept = [(name, self._kept_value(name)) for name in names]
        compared = [
            self._sql("differs", column=name, value=value)
            for name, value in kept
            if value != self.link.statements("stored_value", column=name)
        ]
        if not compared:
            return 0
        _, first, last = self.link.rows(self._sql("count_matched"))[0]
        self.link.measure("trunkline_matched")
        bounds = {"first": Sql(first), "last": Sql(last)}
        self.link.run(self._sql("changed", differs=listed(compared, " OR "), **bounds))
        changed = number(self.link, self.link.statements("count_rows", table="trunkline_changed"))
        if changed:
            values = listed(self._kept_value(name) for name in self.stored if name not in OWN)
            self.link.run(self._sql("insert_changed", values=values), self._stamp())
            self.link.run(self._sql("delete_changed"))
        return changed

    def _delete_gone(self, matched: int) -> int:
        assert self._scope
        which = "gone" if matched else "in_scope"
        gone = number(self.link, self._sql(f"count_{which}"), self._scope.values)
        if gone:
            self.link.run(self._sql(f"delete_{which}"), self._scope.values)
        return gone


def is_snapshot(target: Target, window: Window) -> bool:
    """Whether every row that comes is added, whatever is there."""
    return target.method is Method.APPEND and (not target.key or window.span is None)


def scope(link: Link, target: Target, window: Window, stored: Types) -> Scope | None:
    """What a load replaces: nothing for merge and append, the window's days for partition, else all."""
    if target.method in (Method.MERGE, Method.APPEND):
        return None
    if target.method is Method.REPLACE or window.span is None:
        return Scope(link.statements("of_all"))
    days = (window.span.first, window.span.last)
    kind = stored.get(target.cursor)
    if DAY_COLUMN not in stored:
        raise RuntimeError("a partition has a day column")
    if kind is ColumnType.INSTANT:
        moments = instants(window.span, zone_named(target.zone))
        return Scope(link.statements("of_instants", cursor=target.cursor), (*moments, *days))
    if kind is ColumnType.DAY:
        return Scope(link.statements("of_days", cursor=target.cursor), days)
    return Scope(link.statements("of_stored_days"), days)
