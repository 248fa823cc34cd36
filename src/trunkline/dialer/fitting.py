"""Values as the type of a parameter wants them, for drivers that take nothing else.

A request's parameters are texts; a column of numbers is asked for with a number all the same. A text that
is no number counts as the number at its beginning, else as 0, as the dialer's database always had it.
"""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Float, Integer, String
from sqlalchemy.types import TypeEngine

from trunkline.dialer.custom import Declared
from trunkline.dialer.kinds import Kind, kind_of

Fit = Callable[[Any], Any]
LEAST, MOST = -(2**63), 2**63 - 1
_WHOLE = re.compile(r"\s*([-+]?\d{1,30})")


def fit_for(type_: "TypeEngine[Any]") -> Fit | None:
    """What turns a value into one of this type; None where every value will do."""
    kind = kind_of(type_.words.lower()).kind if isinstance(type_, Declared) else None
    if isinstance(type_, Integer) or kind is Kind.INTEGER:
        return whole
    if isinstance(type_, Float) or kind is Kind.FLOAT:
        return fraction
    return text if isinstance(type_, String) or kind is not None else None


def whole(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, int):
        found = _WHOLE.match(str(value))
        value = int(found[1]) if found else 0
    return in_range(int(value))


def in_range(value: Any) -> Any:
    """The value; of a number too large for any column, the nearest that is not."""
    return max(LEAST, min(MOST, value)) if isinstance(value, int) else value


def fraction(value: Any) -> float | None:
    return None if value is None else float(value)


def text(value: Any) -> str | None:
    return None if value is None else str(value)


def number(shown: str) -> int | str:
    """A decimal of a result: a whole one as a number (sums and counts), another as it is written."""
    return shown if "." in shown else int(shown)
