"""Tables of the fields of one list's own, `custom_<list_id>`: known from the database itself."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, Column, MetaData, Table, bindparam, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeEngine, UserDefinedType

from trunkline.dialer.kinds import ColumnKind, kind_of

PREFIX = "custom_"
LEAD_ID = "lead_id"
Columns = Sequence[tuple[str, str]]
"""Names and declared types of columns, in their order."""

_PART = re.compile(r",(?![^(]*\))")
_COLUMN = re.compile(r"\s*`?(\w+)`?\s+(\w+(?:\s*\([^)]*\))?(?:\s+unsigned)?)", re.IGNORECASE)
_NAME = re.compile(rf"{PREFIX}\d+\Z")


@dataclass(frozen=True)
class Custom:
    """The table of a list's own fields: its name for a unit of work, and its columns as they are now."""

    name: str
    kinds: Mapping[str, ColumnKind]

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns besides the lead's id."""
        return tuple(name for name in self.kinds if name != LEAD_ID)


def custom_name(list_id: int | str) -> str:
    return f"{PREFIX}{int(list_id)}"


def is_custom(table: str) -> bool:
    return _NAME.match(table) is not None


def custom_of(name: str, columns: Columns) -> Custom:
    return Custom(name, {column: kind_of(type_.lower()) for column, type_ in columns})


@cache
def custom_of_lead(table: str) -> Callable[[Any], ClauseElement]:
    """The statement for a lead's row in this table; the same one each time, so that it is compiled once."""

    def statement(t: Any) -> ClauseElement:
        return select(*t[table].c).where(t[table].c.lead_id == bindparam("lead_id"))

    return statement


def parts_declared(declaration: str) -> Iterator[tuple[str, tuple[str, str] | None]]:
    """Each part of a declaration such as `lead_id INT(9) UNSIGNED NOT NULL, color VARCHAR(50)`.

    With each the column's name and type; None: it is no column.
    """
    for part in _PART.split(declaration):
        found = _COLUMN.match(part)
        if part.strip():
            yield part.strip(), (found[1], found[2]) if found else None


def custom_table(name: str, columns: Columns) -> "Table[Any]":
    """The table with the types as they are declared: they say what a column keeps."""
    parts: list[Any] = [Column(c, Declared(type_), primary_key=c == LEAD_ID) for c, type_ in columns]
    return Table(name, MetaData(), *parts)


class Declared(UserDefinedType[Any]):
    """A type by its own words."""

    cache_ok = True

    def __init__(self, words: str) -> None:
        self.words = words

    def get_col_spec(self, **_: Any) -> str:
        return self.words

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return self


@compiles(Declared, "sqlite")
def in_sqlite(declared: Declared, _: Any, **__: Any) -> str:
    """SQLite keeps any words as a type, and gives them back, where they stand in quotes."""
    return '"' + declared.words.replace('"', "") + '"'
