"""Which days a stats request means: the nearer day first, today apart, local days of its own zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from trunkline.sims.dialpad.windows import window_of
from trunkline.sims.refusals import Refused

NOON = datetime(2026, 6, 17, 12, 0, tzinfo=UTC)


def ends(
    nearer: int = 1, farther: int = 30, zone: str = "UTC", now: datetime = NOON, is_today: bool = False
) -> tuple[str, str]:
    found = window_of(is_today, nearer, farther, zone, now)
    tz = ZoneInfo(zone)
    low, high = (datetime.fromtimestamp(ms / 1000, tz).isoformat() for ms in (found.low, found.high))
    return low, high


@pytest.mark.parametrize(
    ("nearer", "farther", "low", "high"),
    [
        (1, 30, "2026-05-18", "2026-06-17"),
        (1, 1, "2026-06-16", "2026-06-17"),
        (1, 2, "2026-06-15", "2026-06-17"),
        (0, 1, "2026-06-16", "2026-06-17"),
        (5, 10, "2026-06-07", "2026-06-13"),
    ],
)
def test_days_ago_are_whole_days_and_never_today(nearer: int, farther: int, low: str, high: str) -> None:
    assert ends(nearer, farther) == (f"{low}T00:00:00+00:00", f"{high}T00:00:00+00:00")


@pytest.mark.parametrize(("nearer", "farther"), [(0, 0), (7, 0), (10, 5)])
def test_today_or_far_to_near_holds_nothing(nearer: int, farther: int) -> None:
    low, high = ends(nearer, farther)
    assert low == high


def test_today_goes_from_midnight_to_now() -> None:
    assert ends(is_today=True, zone="Europe/Berlin") == (
        "2026-06-17T00:00:00+02:00",
        "2026-06-17T14:00:00.001000+02:00",
    )


def test_the_zone_decides_which_day_it_is() -> None:
    late = datetime(2026, 6, 17, 3, 30, tzinfo=UTC)
    assert ends(1, 1, "America/New_York", late)[0] == "2026-06-15T00:00:00-04:00"
    assert ends(1, 1, "Asia/Tokyo", late)[0] == "2026-06-16T00:00:00+09:00"


@pytest.mark.parametrize(
    ("zone", "now", "hours"),
    [
        ("Europe/Berlin", datetime(2026, 3, 30, 12, tzinfo=UTC), 23),
        ("Europe/Berlin", datetime(2026, 10, 26, 12, tzinfo=UTC), 25),
        ("Australia/Lord_Howe", datetime(2026, 4, 6, 0, tzinfo=UTC), 24.5),
    ],
)
def test_days_of_clock_changes_are_shorter_or_longer(zone: str, now: datetime, hours: float) -> None:
    found = window_of(False, 1, 1, zone, now)
    assert (found.high - found.low) / 3_600_000 == hours


@pytest.mark.parametrize("zone", ["Mars/Olympus", "EST5EDT4", "../etc/passwd", "New York"])
def test_an_unknown_zone_is_refused_in_the_services_words(zone: str) -> None:
    with pytest.raises(Refused, match=r"^Invalid timezone name$") as caught:
        window_of(False, 1, 30, zone, NOON)
    assert caught.value.status == 400
