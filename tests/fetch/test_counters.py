"""What is told of waits when several wait at a time."""

from datetime import UTC, datetime

from trunkline.fetch.counters import Counters

SOON = datetime(2026, 6, 15, 12, 0, 10, tzinfo=UTC)
LATER = datetime(2026, 6, 15, 13, 0, tzinfo=UTC)


def test_of_several_waits_the_longest_is_told_until_it_ends() -> None:
    told: list[tuple[datetime | None, str]] = []
    counters = Counters(on_wait=lambda until, why: told.append((until, why)))
    counters.waiting(LATER, "2 requests an hour", "budget")
    counters.waiting(SOON, "an export is prepared", "jobs")
    counters.waiting(None, "", "jobs")
    assert told == [(LATER, "2 requests an hour")]
    counters.waiting(SOON, "an export is prepared", "jobs")
    counters.waiting(None, "", "budget")
    counters.waiting(None, "", "jobs")
    assert told[1:] == [(SOON, "an export is prepared"), (None, "")]
