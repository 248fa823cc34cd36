"""What changes of the clocks do to local times: one happens twice, another never."""

from datetime import datetime
from zoneinfo import ZoneInfo

REPEATED, SKIPPED = "repeated", "skipped"

CLOCK_NOTES = {
    REPEATED: "are of an hour that a clock change repeats; the first of the two was taken",
    SKIPPED: "are of an hour that a clock change skips; the instant of the change was taken",
}
"""What a person should know of such rows, after their number."""


def clock_change(naive: datetime, zone: ZoneInfo) -> str | None:
    """Whether a local time is REPEATED or SKIPPED; None for all others."""
    before = naive.replace(tzinfo=zone, fold=0).utcoffset()
    after = naive.replace(tzinfo=zone, fold=1).utcoffset()
    if before == after or before is None or after is None:
        return None
    return REPEATED if before > after else SKIPPED
