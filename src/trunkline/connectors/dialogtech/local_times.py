"""The report's local times, `Jan 13 2017 10:52 PM`: English, whatever the machine's language, and no zone."""

import re
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from trunkline.fetch.clock_changes import clock_change

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TIME = re.compile(
    r"\s*([A-Za-z]{3}) +(\d{1,2}) +(\d{4}) +(\d{1,2}):(\d{2})(?::(\d{2}))? *([AaPp])[Mm]\s*", re.ASCII
)
_TIMES_KEPT = 10_000


class LocalTime(NamedTuple):
    """A local day and time as ISO 8601 texts, and what a clock change did to it, if anything."""

    day: str | None
    local: str
    clock_change: str | None


@lru_cache(_TIMES_KEPT)
def local_time(text: str, zone: ZoneInfo) -> LocalTime:
    """What a text of the report tells; one that tells no time stays as it is, without a day."""
    naive = _read(text)
    if naive is None:
        return LocalTime(None, text, None)
    return LocalTime(f"{naive:%Y-%m-%d}", f"{naive:%Y-%m-%d %H:%M:%S}", clock_change(naive, zone))


def _read(text: str) -> datetime | None:
    found = _TIME.fullmatch(text)
    if found is None or found[1].lower() not in _MONTHS or not 1 <= int(found[4]) <= 12:
        return None
    hour = int(found[4]) % 12 + (12 if found[7] in "Pp" else 0)
    month = _MONTHS.index(found[1].lower()) + 1
    try:
        return datetime(int(found[3]), month, int(found[2]), hour, int(found[5]), int(found[6] or 0))
    except ValueError:
        return None
