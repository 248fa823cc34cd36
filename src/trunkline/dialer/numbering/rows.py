"""What a line of an operator's file becomes: a row of a table, a line to leave out, or one that is wrong."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from trunkline.dialer.numbering.shipped import Row
from trunkline.dialer.numbering.text_files import Layout, Record, shown
from trunkline.dialer.numbering.times import Time
from trunkline.dialer.offsets import AMERICAN_RULE

TIME_NAMES = {"gmtoffset": "GMT_offset", "dst": "DST", "dstrange": "DST_range"}
LEAST_OFFSET, MOST_OFFSET = Decimal(-12), Decimal(14)


class Misfit(ValueError):
    """A value that is wrong: its column, what came and what would be right."""

    def __init__(self, column: str, came: str, wanted: str) -> None:
        self.column, self.came, self.wanted = column, came, wanted
        super().__init__(f"column {column}: {shown(came) if came else 'nothing'} came, not {wanted}")


@dataclass(frozen=True)
class LeftOut:
    """A line that is no mistake, and of no use. `why` stands behind a number of rows."""

    why: str


@dataclass(frozen=True)
class Made:
    """A row. `spans`: its area code has several times, and it got that of most people."""

    row: Row
    spans: bool = False


Outcome = Made | LeftOut
UNKNOWN_TIME = LeftOut("of places whose time is not known")


@dataclass(frozen=True)
class Import:
    """A kind of file: its columns, its table, what makes two rows the same, and how a row is made."""

    layout: Layout
    table: str
    key: tuple[str, ...]
    outcome_of: Callable[[Record], Outcome]


def time_given(record: Record) -> Time | None:
    """The time that a line gives itself; None where it gives none. Raises Misfit."""
    given = record["GMT_offset"]
    if not given:
        return None
    try:
        offset = Decimal(given)
    except InvalidOperation:
        offset = Decimal("NaN")
    if not (offset.is_finite() and LEAST_OFFSET <= offset <= MOST_OFFSET and offset * 4 % 1 == 0):
        raise Misfit("GMT_offset", given, "a number of hours such as -5 or +5.5")
    has_summer = _yes_or_no(record)
    return Time(_offset_text(offset), (record["DST_range"] or AMERICAN_RULE) if has_summer else "")


def _offset_text(offset: Decimal) -> str:
    text = format(offset.normalize(), "f")
    return f"+{text}" if offset > 0 else "0" if offset == 0 else text


def _yes_or_no(record: Record) -> bool:
    given = record["DST"].upper()
    if given not in ("", "Y", "N", "1", "0"):
        raise Misfit("DST", record["DST"], "Y or N")
    return given in ("Y", "1")


def text_of(record: Record, column: str, most: int) -> str:
    """A text, cut to what its column holds."""
    return record[column][:most]


def degrees_of(record: Record, column: str, most: int) -> str:
    """A latitude or longitude as it came. Raises Misfit for what is none."""
    given = record[column]
    if given and not (re.fullmatch(r"[-+]?\d{1,3}(\.\d{1,15})?", given) and abs(float(given)) <= most):
        raise Misfit(column, given, f"a number from -{most} to {most}")
    return given[:17]
