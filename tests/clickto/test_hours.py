"""Opening hours of blocks, as a person writes them."""

from datetime import datetime

import pytest

from trunkline.clickto.hours import parse_hours

MONDAY, SATURDAY, SUNDAY = (datetime(2026, 6, day) for day in (15, 20, 21))
OFFICE = "mon-fri 09:00-17:30; sat 10:00-14:00"


@pytest.mark.parametrize(
    ("hours", "local", "is_open"),
    [
        ("", SUNDAY, True),
        (OFFICE, MONDAY.replace(hour=9), True),
        (OFFICE, MONDAY.replace(hour=17, minute=29), True),
        (OFFICE, MONDAY.replace(hour=17, minute=30), False),
        (OFFICE, MONDAY.replace(hour=8, minute=59), False),
        (OFFICE, SATURDAY.replace(hour=13), True),
        (OFFICE, SUNDAY.replace(hour=13), False),
        ("Fri-Mon 22:00-24:00", SUNDAY.replace(hour=23, minute=59), True),
        ("fri-mon 22:00-24:00", MONDAY.replace(hour=21), False),
        ("mon,wed 00:00-06:00", MONDAY, True),
    ],
)
def test_hours_say_when_a_block_is_open(hours: str, local: datetime, is_open: bool) -> None:
    assert parse_hours(hours).is_open(local) is is_open


@pytest.mark.parametrize(
    ("hours", "why"),
    [
        ("always", "is not days and times such as"),
        ("mon 9-17", "is not days and times such as"),
        ("mon 17:00-09:00", "ends before it begins"),
        ("mon 09:00-09:00", "ends before it begins"),
        ("mon 09:00-24:30", "24:30 is no time"),
        ("mon 09:00-10:75", "10:75 is no time"),
        ("day 09:00-10:00", "'day' is none of mon, tue"),
        ("mon- 09:00-10:00", "'' is none of mon, tue"),
    ],
)
def test_wrong_hours_are_told(hours: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_hours(hours)
