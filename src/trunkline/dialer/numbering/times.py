"""The time of a place as rows hold it: by area code, by the start of a postal code, by state or province.

All of it comes from the shipped tables, so an operator's file needs no time zones of its own.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from trunkline.dialer.numbering.shipped import PHONE_CODES, POSTAL_CODES, Row, shipped_rows
from trunkline.dialer.offsets import AMERICAN_RULE, USA_CANADA

TIME = ("GMT_offset", "DST", "DST_range")
SPANNING = "(partly "
"""In the description of an area code whose places have not all the same time."""
LENGTH_OF_START = 3
_DISTRICT = re.compile(r"[A-Z][0-9][A-Z]")


@dataclass(frozen=True)
class Time:
    """What a row says of the time of its place."""

    offset: str
    word: str

    @property
    def columns(self) -> Row:
        return {"GMT_offset": self.offset, "DST": "Y" if self.word else "N", "DST_range": self.word}

    @property
    def is_american(self) -> bool:
        """Whether a table without a rule of its own tells it rightly."""
        return self.word in ("", AMERICAN_RULE)


@dataclass(frozen=True)
class Area:
    """An area code of North America."""

    code: str
    country: str
    state: str
    time: Time
    spans: bool


@cache
def areas() -> dict[str, Area]:
    """The area codes of North America."""
    return {
        row["areacode"]: Area(
            row["areacode"],
            row["country"],
            row["state"],
            _time(row),
            SPANNING in row["geographic_description"],
        )
        for row in shipped_rows(PHONE_CODES)
        if row["country_code"] == str(USA_CANADA)
    }


def time_of_postal_code(code: str) -> Row | None:
    """The shipped row of a postal code of North America, by the longest beginning that is known."""
    letter = code[:1] if _DISTRICT.match(code) else ""
    starts = (code, code[:LENGTH_OF_START], letter)
    return next((_by_start()[start] for start in starts if start in _by_start()), None)


def time_of_state(state: str) -> Time | None:
    """The time that most of a state or province of North America has; None where that is not known."""
    return _by_state().get(state)


@cache
def _by_start() -> dict[str, Row]:
    return {row["postal_code"]: row for row in shipped_rows(POSTAL_CODES)}


@cache
def _by_state() -> dict[str, Time]:
    """By area codes, each of which stands for a million people; by postal codes where a state has none."""
    counted: dict[str, Counter[Time]] = {}
    for rows in (shipped_rows(POSTAL_CODES), [row for row in shipped_rows(PHONE_CODES) if _is_here(row)]):
        found: dict[str, Counter[Time]] = {}
        for row in rows:
            found.setdefault(row["state"], Counter())[_time(row)] += 1
        counted |= found
    return {state: times.most_common(1)[0][0] for state, times in counted.items() if state}


def _is_here(row: Row) -> bool:
    return row["country_code"] == str(USA_CANADA)


def _time(row: Row) -> Time:
    return Time(row["GMT_offset"], row["DST_range"])
