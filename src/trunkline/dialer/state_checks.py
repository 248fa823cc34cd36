"""What a state may hold: names of tables, rows, columns and values, checked before anything is changed.

What is wrong is told with table, row and column, some of it at once.
"""

import difflib
import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from trunkline.dialer.custom import LEAD_ID, PREFIX, Columns, custom_name, parts_declared
from trunkline.dialer.kinds import ColumnKind, Kind
from trunkline.dialer.tables import Tables, declared
from trunkline.errors import Problem, SettingsError, some_of

MOST_PROBLEMS = 10
NOTHING_DONE = "Nothing was loaded or removed."
_CUSTOM = re.compile(rf"{PREFIX}([0-9]{{1,14}})\Z")
_UNSTORED = re.compile("[\0\ud800-\udfff]")
_LONGEST_SHOWN = 40
_RIGHT = {
    Kind.TEXT: "a text",
    Kind.INTEGER: "a whole number",
    Kind.DECIMAL: "a number",
    Kind.FLOAT: "a number",
    Kind.DAY: "a day (YYYY-MM-DD)",
    Kind.TIME: "a time (YYYY-MM-DD HH:MM:SS)",
}


@dataclass(frozen=True)
class Form:
    """What rows of a table are like: columns, those never null, those without a default, and unique ones."""

    kinds: Mapping[str, ColumnKind]
    filled: frozenset[str]
    needed: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    defaults: Mapping[str, str | None]


Seen = dict[tuple[Any, ...], str]
"""Where each key stood first."""


@cache
def form_of(table: str) -> Form:
    """That of one of the dialer's own tables."""
    columns = declared()[table][1]
    primary = tuple(c.name for c in columns if c.key == "PRI")
    filled = [c for c in columns if not c.is_null or c.name in primary]
    defaults = {c.name: None if c.default == "current_timestamp()" else c.default for c in columns}
    return Form(
        {c.name: c.kind for c in columns},
        frozenset(c.name for c in filled),
        tuple(c.name for c in filled if defaults[c.name] is None and not c.is_automatic),
        (primary, *((c.name,) for c in columns if c.key == "UNI" and c.name not in primary)),
        defaults,
    )


def form_of_custom(kinds: Mapping[str, ColumnKind]) -> Form:
    """That of a table of a list's own fields."""
    return Form(kinds, frozenset((LEAD_ID,)), (LEAD_ID,), ((LEAD_ID,),), {})


def list_of(custom: str) -> int | None:
    """The list of a custom table; None for another name."""
    found = _CUSTOM.match(custom)
    return int(found[1]) if found else None


@dataclass
class StateChecks:
    """The checks of one state. `source` is what messages call it, such as the name of its file."""

    source: str
    tables: Tables
    state: Mapping[str, Any]
    _seen: dict[tuple[str, tuple[str, ...]], Seen] = field(default_factory=dict)

    def customs(self) -> dict[str, Columns]:
        """The columns declared, by the names of their tables. Raises SettingsError for what is none."""
        given = self.state.get("custom_tables")
        if given is not None and not isinstance(given, dict):
            raise self._wrong(f'"custom_tables" is {_shown(given)}, not an object of columns by table')
        found = {}
        for name, declaration in (given or {}).items():
            list_id = list_of(name)
            if list_id is None:
                raise self._no_custom(name)
            found[custom_name(list_id)] = self._columns(name, declaration)
        return found

    def _columns(self, name: str, declaration: Any) -> Columns:
        right = f"not columns such as '{LEAD_ID} INT(9) UNSIGNED NOT NULL, color VARCHAR(50)'"
        if not isinstance(declaration, str):
            raise self._wrong(f'"custom_tables", table {name}: {_shown(declaration)} came, {right}')
        columns = []
        for part, column in parts_declared(declaration):
            if column is None:
                raise self._wrong(f'"custom_tables", table {name}: {_shown(part)} came, {right}')
            columns.append(column)
        names = [name.casefold() for name, _ in columns]
        if LEAD_ID not in (name for name, _ in columns):
            raise self._wrong(f'"custom_tables", table {name}: there is no column {LEAD_ID}')
        for folded in names:
            if names.count(folded) > 1:
                raise self._wrong(f'"custom_tables", table {name}: the column {folded} came twice')
        return columns

    def names(self) -> dict[str, str]:
        """The tables that have rows here, each with its bare name. Raises SettingsError for unknown ones."""
        return {table: self._bare(table) for table in self.state["tables"]}

    def _bare(self, table: str) -> str:
        bare = self.tables.bare_name(table)
        if bare in declared():
            return bare
        list_id = list_of(bare)
        if list_id is not None:
            return custom_name(list_id)
        if bare.startswith(PREFIX):
            raise self._no_custom(table)
        close = difflib.get_close_matches(bare, declared(), n=1)
        known = [self.tables.name_of(name) for name in close or declared()]
        hint = f"Did you mean {known[0]}?" if close else f"Tables are {some_of(known)}, and {PREFIX}LIST."
        raise SettingsError(f"{self.source}: there is no table {table!r}. {NOTHING_DONE}", todo=hint)

    def _no_custom(self, name: str) -> SettingsError:
        return SettingsError(
            f"{self.source}: {name!r} is no name of a custom table. {NOTHING_DONE}",
            todo=f"It is {PREFIX} and a list_id, such as {PREFIX}101.",
        )

    def _wrong(self, what: str) -> SettingsError:
        return SettingsError(f"{self.source}: {what}. {NOTHING_DONE}")

    def check_rows(self, kinds_of_customs: Mapping[str, Mapping[str, ColumnKind]]) -> None:
        """Raises SettingsError with the first things that are wrong with rows."""
        found = list(itertools.islice(self._of_tables(kinds_of_customs), MOST_PROBLEMS))
        if found:
            raise SettingsError(problems=found, todo=NOTHING_DONE)

    def _of_tables(self, customs: Mapping[str, Mapping[str, ColumnKind]]) -> Iterator[Problem]:
        for table, bare in self.names().items():
            rows = self.state["tables"][table]
            if not isinstance(rows, list):
                yield self.problem(table, f"{_shown(rows)} came, not a list of rows")
                continue
            form = form_of(bare) if bare in declared() else form_of_custom(customs[bare])
            for number, row in enumerate(rows, 1):
                yield from self._of_row(table, bare, number, row, form)

    def _of_row(self, table: str, bare: str, number: int, row: Any, form: Form) -> Iterator[Problem]:
        if not isinstance(row, dict) or not row:
            yield self.problem(table, f"{_shown(row)} came, not an object of values by column", number)
            return
        wrong = False
        for column, what in itertools.chain(_of_values(row, form), _missing(row, form)):
            wrong = True
            yield self.problem(table, what, number, column)
        if not wrong:
            yield from self._repeated(table, bare, number, row, form)

    def _repeated(self, table: str, bare: str, number: int, row: Any, form: Form) -> Iterator[Problem]:
        for names in form.keys:
            values = [row.get(name, form.defaults.get(name)) for name in names]
            if not names or None in values:  # an automatic one, or nothing to compare
                continue
            kept = (form.kinds[name].kept(value) for name, value in zip(names, values, strict=True))
            key = tuple(str(value).casefold() for value in kept)
            first = self._seen.setdefault((bare, names), {}).setdefault(key, f"row {number:,} of {table}")
            if first != f"row {number:,} of {table}":
                came = ", ".join(_shown(value) for value in values)
                yield self.problem(
                    table, f"{came} came, which {first} has; it must be unique", number, " and ".join(names)
                )

    def problem(self, table: str, what: str, number: int = 0, column: str = "") -> Problem:
        row = f", row {number:,}" if number else ""
        where = f"{self.source}, table {table}{row}{f', column {column}' if column else ''}"
        return Problem(column or table, f"{where}: {what}.")


def _of_values(row: Mapping[str, Any], form: Form) -> Iterator[tuple[str, str]]:
    for column, value in row.items():
        if column not in form.kinds:
            close = difflib.get_close_matches(column, form.kinds, n=1)
            hint = f"the nearest is {close[0]}" if close else f"it has {some_of(list(form.kinds), 8)}"
            yield column, f"the table has no such column; {hint}"
        elif value is None:
            if column in form.filled:
                yield column, f"null came, not {_right(form.kinds[column])}"
        elif not _is_value(value):
            yield column, f"{_shown(value)} came, not {_right(form.kinds[column])}"


def _missing(row: Mapping[str, Any], form: Form) -> Iterator[tuple[str, str]]:
    for column in form.needed:
        if column not in row:
            yield column, f"no value came; it must have one, {_right(form.kinds[column])}"


def _is_value(value: Any) -> bool:
    """Whether a database keeps it: one text without a NUL or half a character, or one number."""
    if isinstance(value, str):
        return _UNSTORED.search(value) is None
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _right(kind: ColumnKind) -> str:
    if kind.kind is Kind.WORD:
        return f"one of {', '.join(kind.words)}"
    return _RIGHT[kind.kind]


def _shown(value: Any) -> str:
    """What came, in a few words: never half a character, which no terminal shows."""
    if isinstance(value, dict | list):
        return ("an object" if isinstance(value, dict) else "a list") + ("" if value else " without anything")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = ascii(value) if isinstance(value, str) and _UNSTORED.search(value) else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
