"""Kinds of columns of the dialer's tables, and what of a value each of them keeps.

The dialer's database has always cut what is too long and turned what is impossible into a zero. That is
done here, before a statement, so that every database stores the same. Dates are texts everywhere
(`YYYY-MM-DD HH:MM:SS`, local time of the dialer); a day that does not exist is `0000-00-00`.
"""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property, lru_cache

Value = str | int | float | None

_WORDS = re.compile(r"'((?:[^']|'')*)'")
_SIZE = re.compile(r"\((\d+)(?:,(\d+))?\)")
_MOST_DIGITS = 4_000
"""Python makes no number of more than 4,300, and no column holds one of so many."""
_NUMBER = re.compile(rf"\s*([-+]?\d{{1,{_MOST_DIGITS}}})")
_DECIMAL = re.compile(rf"\s*([-+]?\d{{0,{_MOST_DIGITS}}}\.?\d{{1,{_MOST_DIGITS}}})")
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

    @cached_property
    def kept(self) -> Callable[[Value], Value]:
        """Gives a value as this column stores it."""
        return _KEEPERS[self.kind](self)


def _text_kept(kind: ColumnKind) -> Callable[[Value], Value]:
    size = kind.size or None

    def kept(value: Value) -> Value:
        if value is None or value == "":
            return value
        return (value if isinstance(value, str) else str(value))[:size]

    return kept


def _word_kept(kind: ColumnKind) -> Callable[[Value], Value]:
    words = {word.casefold(): word for word in reversed(kind.words)}
    exact = frozenset(kind.words)

    def kept(value: Value) -> Value:
        if value is None or value in exact:
            return value
        return words.get(str(value).casefold(), "")

    return kept


def _integer_kept(kind: ColumnKind) -> Callable[[Value], Value]:
    least, most = kind.least, kind.most

    def kept(value: Value) -> Value:
        if value is None:
            return None
        whole = value if type(value) is int else _whole(value)
        return whole if least <= whole <= most else max(least, min(most, whole))

    return kept


def _decimal_kept(kind: ColumnKind) -> Callable[[Value], Value]:
    step = Decimal(1).scaleb(-kind.scale)
    most = Decimal(10) ** (kind.size - kind.scale) - step

    @lru_cache(1_000)
    def kept(value: Value) -> Value:
        if value is None:
            return None
        return str(max(-most, min(most, _decimal(value))).quantize(step, ROUND_HALF_UP))

    return kept


def _float_kept(_: ColumnKind) -> Callable[[Value], Value]:
    most = sys.float_info.max
    return lambda value: None if value is None else max(-most, min(most, float(_decimal(value))))


def _day_kept(_: ColumnKind) -> Callable[[Value], Value]:
    return lambda value: None if value is None else _day(str(value))


def _time_kept(_: ColumnKind) -> Callable[[Value], Value]:
    return lambda value: None if value is None else _time(str(value))


_KEEPERS: Mapping[Kind, Callable[[ColumnKind], Callable[[Value], Value]]] = {
    Kind.TEXT: _text_kept,
    Kind.WORD: _word_kept,
    Kind.INTEGER: _integer_kept,
    Kind.DECIMAL: _decimal_kept,
    Kind.FLOAT: _float_kept,
    Kind.DAY: _day_kept,
    Kind.TIME: _time_kept,
}


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
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
        return int(value)
    found = _NUMBER.match(str(value))
    return int(found[1]) if found else 0


def _decimal(value: Value) -> Decimal:
    found = _DECIMAL.match(str(value))
    try:
        return Decimal(found[1]) if found else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


@lru_cache(1_000)
def _day(text: str) -> str:
    try:
        return datetime.strptime(text[:10], "%Y-%m-%d").strftime("%Y-%m-%d")
    except ValueError:
        return ZERO_DAY


@lru_cache(1_000)
def _time(text: str) -> str:
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).strftime("%Y-%m-%d %H:%M:%S")
        except ValueError:
            continue
    return ZERO_TIME
