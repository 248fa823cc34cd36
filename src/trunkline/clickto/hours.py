"""Opening hours of a block: `mon-fri 09:00-17:30; sat 10:00-14:00`, local; an empty text: always open."""

import re
from dataclasses import dataclass
from datetime import datetime

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FORM = "days and times such as `mon-fri 09:00-17:30; sat 10:00-14:00`"
_SPAN = re.compile(r"(?P<days>[a-z,-]+) +(?P<first>\d{2}:\d{2})-(?P<end>\d{2}:\d{2})", re.ASCII)
_MIDNIGHT = 24 * 60


@dataclass(frozen=True)
class Span:
    """Open on these days (0 is Monday) from minute `first` to before minute `end`."""

    days: frozenset[int]
    first: int
    end: int

    def holds(self, local: datetime) -> bool:
        minute = local.hour * 60 + local.minute
        return local.weekday() in self.days and self.first <= minute < self.end


@dataclass(frozen=True)
class Hours:
    """When a block is open; without spans always."""

    spans: tuple[Span, ...] = ()

    def is_open(self, local: datetime) -> bool:
        """Whether it is open at a local time."""
        return not self.spans or any(span.holds(local) for span in self.spans)


def parse_hours(text: str) -> Hours:
    """The hours a text names. Raises ValueError, which says what is wrong and what would be right."""
    parts = [part.strip() for part in text.lower().split(";")]
    return Hours(tuple(_span(part) for part in parts if part))


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not {FORM}")
    first, end = _minute(found["first"]), _minute(found["end"])
    if end <= first:
        raise ValueError(
            f"{text!r} ends before it begins; over midnight write two: `… 22:00-24:00; … 00:00-06:00`"
        )
    return Span(frozenset(_days(found["days"])), first, end)


def _minute(text: str) -> int:
    hour, minute = int(text[:2]), int(text[3:])
    if minute > 59 or hour * 60 + minute > _MIDNIGHT:
        raise ValueError(f"{text} is no time from 00:00 to 24:00")
    return hour * 60 + minute


def _days(text: str) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        start, stop = _day(first), _day(last if dash else first)
        found |= set(range(start, stop + 1)) if start <= stop else {*range(start, 7), *range(stop + 1)}
    return found


def _day(text: str) -> int:
    if text not in DAYS:
        raise ValueError(f"{text!r} is none of {', '.join(DAYS)}")
    return DAYS.index(text)
