"""Where a dialer's API answers, and what time it is there: its function `version`, which needs no login."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from trunkline.connectors.dialer360.lines import lines_of, unreadable
from trunkline.dates import zone_named
from trunkline.errors import Problem
from trunkline.fetch.answer_files import Received

FUNCTION = "version"
DOCUMENTED, ORIGINAL = "/adminpanel/api.php", "/vicidial/non_agent_api.php"

QUARTER = timedelta(minutes=15)
MOST_JITTER = timedelta(seconds=5)

_PART = re.compile(r"([A-Z]+): ([^|]*)\|")


def addresses(base: str) -> Sequence[str]:
    """Where the API may answer below an address; only there, if it names a script."""
    if base.endswith(".php"):
        return (base,)
    scripts = [path.rpartition("/")[2] for path in (DOCUMENTED, ORIGINAL)]
    in_folder = [f"{base}/{script}" for script in scripts] if urlsplit(base).path else []
    return (*in_folder, base + DOCUMENTED, base + ORIGINAL)


def zone_mismatch(received: Received) -> Problem | None:
    """What the dialer's clock says against the zone of the account. Raises DataError for another answer."""
    with lines_of(received) as lines:
        line = next(lines, None)
    text = line.text if line else ""
    told = dict(_PART.findall(text))
    if line is None or not line.is_ended or "VERSION" not in told:
        raise unreadable(received, 1, "is no version of a dialer", text)
    offset, at = _offset(told)
    if offset is None:
        return None
    zone = zone_named(str(received.values["time_zone"]))
    ours = at.astimezone(zone).utcoffset()
    if ours is None or ours == offset:
        return None
    message = (
        f"Time Zone (--time-zone) is {zone.key}, which is {_words(ours)} now, but the clock of "
        f"{received.subject.provider} is {_words(offset)}: its times would be read wrongly."
    )
    return Problem("time_zone", message)


def _offset(told: dict[str, str]) -> tuple[timedelta | None, datetime]:
    """How far the dialer's times are from UTC, and when that was; None where it does not tell."""
    try:
        at = datetime.fromtimestamp(int(told["EPOCH"]), UTC)
        apart = datetime.fromisoformat(told["DATE"]).replace(tzinfo=UTC) - at
    except (KeyError, ValueError, OverflowError, OSError):
        return None, datetime.now(UTC)
    whole = round(apart / QUARTER) * QUARTER
    return (whole if abs(apart - whole) <= MOST_JITTER else None), at


def _words(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02}"
