"""What the columns of an export, and the values of another answer, are called, mean and hold.

They are declared once, with the function. Its tables, its reference, OpenAPI and the types in JSON are
made from the declaration.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Holds(StrEnum):
    """What a value is. Texts of the two wire dialects show all of them as they always did."""

    TEXT = "text"
    INTEGER = "whole number"
    NUMBER = "number"
    TIME = "time"
    """YYYY-MM-DD HH:MM:SS in the dialer's time zone."""
    LENGTH = "length of time"
    """In JSON seconds."""
    PERCENT = "percent"
    """In JSON a number without the sign."""
    YES_NO = "yes or no"
    LIST = "list"
    ANY = "any"
    """Text, or a number where the dialer's column is one."""


@dataclass(frozen=True)
class Column:
    name: str
    meaning: str
    holds: Holds = Holds.TEXT
    of: tuple["Column", ...] = ()
    """The values of each entry of a list; none: its entries are texts."""


def typed_values(columns: Sequence[Column], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of these columns as JSON has them."""
    return {column.name: typed(column, values[column.name]) for column in columns}


def typed(column: Column, value: Any) -> Any:
    """One value as JSON has it: null for one that is not there."""
    if value is None:
        return None
    if column.holds is Holds.LIST:
        return [typed_values(column.of, entry) if column.of else str(entry) for entry in value]
    return _TYPED[column.holds](value)


def _whole(value: Any) -> int | None:
    """Drivers give some numbers as texts or decimals."""
    return None if value == "" else int(value)


def _number(value: Any) -> float | int | None:
    if value == "":
        return None
    found = Decimal(str(value))
    return int(found) if found == found.to_integral_value() else float(found)


def _any(value: Any) -> Any:
    return _number(value) if isinstance(value, Decimal) else value if isinstance(value, int) else str(value)


_TYPED: Mapping[Holds, Callable[[Any], Any]] = {
    Holds.TEXT: str,
    Holds.INTEGER: _whole,
    Holds.NUMBER: _number,
    Holds.TIME: str,
    Holds.LENGTH: _whole,
    Holds.PERCENT: _number,
    Holds.YES_NO: bool,
    Holds.ANY: _any,
}
