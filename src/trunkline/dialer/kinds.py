"""Kinds of columns of the dialer's tables, and what of a value each of them keeps.

The dialer's database has always cut what is too long and turned what is impossible into a zero. That is
done here, before a statement, so that every database stores the same. Dates are texts everywhere
(`YYYY-MM-DD HH:MM:SS`, local time of the dialer); a day that does not exist is `0000-00-00`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum

Value = str | int | float | None

_WORDS = re.compile(r"'((?:[^']|'')*)'")
_SIZE = re.compile(r"\((\d+)(?:,(\d+))?\)")
_NUMBER = re.compile(r"\s*([-+]?\d+)")
_DECIMAL = re.compile(r"\s*([-+]?\d*\.?\d+)")
_INT_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}

ZERO_DAY, ZERO_TIME = "0000-00-00", "0000-00-00 00:00:00"


class Kind(StrEnum):
    TEXT = "text"
    WORD = "word"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    DAY = "day"
    TIME = "time"


@dataclass(frozen=True)
class ColumnKind:
    """A column as the dialer declares it: kind, size, and the words or range it may hold."""

    kind: Kind
    size: int = 0
    scale: int = 0
    words: tuple[str, ...] = ()
    least: int = 0
    most: int = 0

    def kept(self, value: Value) -> Value:
        """The value as this column stores it."""
        if value is None:
            return None
        match self.kind:
            case Kind.TEXT:
                text = str(value)
                return text[: self.size] if self.size else text
            case Kind.WORD:
                return next((w for w in self.words if w.casefold() == str(value).casefold()), "")
            case Kind.INTEGER:
                return max(self.least, min(self.most, _whole(value)))
            case Kind.DECIMAL:
                return self._decimal(value)
            case Kind.FLOAT:
                return float(_decimal(value))
            case Kind.DAY:
                return _day(str(value))
            case Kind.TIME:
                return _time(str(value))

    def _decimal(self, value: Value) -> str:
        step = Decimal(1).scaleb(-self.scale)
        most = Decimal(10) ** (self.size - self.scale) - step
        number = _decimal(value).quantize(step, ROUND_HALF_UP)
        return str(max(-most, min(most, number)))


def kind_of(type_: str) -> ColumnKind:
    """The kind of a declared type such as `varchar(20)`, `enum('Y','N')` or `int(9) unsigned`."""
    name = type_.split("(", 1)[0].split(" ", 1)[0]
    size = _SIZE.search(type_)
    first, second = (int(part or 0) for part in size.groups()) if size else (0, 0)
    if name in _INT_BITS:
        return _integer(name, "unsigned" in type_)
    if name == "enum":
        return ColumnKind(Kind.WORD, words=tuple(w.replace("''", "'") for w in _WORDS.findall(type_)))
    if name == "decimal":
        return ColumnKind(Kind.DECIMAL, first, second)
    if name == "double":
        return ColumnKind(Kind.FLOAT)
    if name == "date":
        return ColumnKind(Kind.DAY)
    if name in ("datetime", "timestamp"):
        return ColumnKind(Kind.TIME)
    return ColumnKind(Kind.TEXT, first)


def _integer(name: str, is_unsigned: bool) -> ColumnKind:
    bits = _INT_BITS[name]
    low = 0 if is_unsigned else -(2 ** (bits - 1))
    high = 2**bits - 1 if is_unsigned else 2 ** (bits - 1) - 1
    return ColumnKind(Kind.INTEGER, least=low, most=min(high, 2**63 - 1))


def _whole(value: Value) -> int:
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return round(value)
    found = _NUMBER.match(str(value))
    return int(found[1]) if found else 0


def _decimal(value: Value) -> Decimal:
    found = _DECIMAL.match(str(value))
    try:
        return Decimal(found[1]) if found else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def _day(text: str) -> str:
    try:
        return datetime.strptime(text[:10], "%Y-%m-%d").strftime("%Y-%m-%d")
    except ValueError:
        return ZERO_DAY


def _time(text: str) -> str:
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).strftime("%Y-%m-%d %H:%M:%S")
        except ValueError:
            continue
    return ZERO_TIME
