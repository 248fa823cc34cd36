"""What a column keeps of a value that it cannot hold."""

import math

import pytest

from trunkline.dialer.kinds import kind_of

HUGE = "9" * 9_000


@pytest.mark.parametrize(
    ("column", "given", "kept"),
    [
        ("int(9)", HUGE, 2**31 - 1),
        ("int(9)", "-" + HUGE, -(2**31)),
        ("int(9)", " 12.5 people", 12),
        ("int(9)", "007", 7),
        ("int(9)", "people", 0),
        ("bigint(14) unsigned", HUGE, 2**63 - 1),
        ("bigint(14) unsigned", "-1", 0),
        ("decimal(4,2)", HUGE, "99.99"),
        ("decimal(4,2)", "-" + HUGE, "-99.99"),
        ("decimal(4,2)", "1" * 50 + ".5", "99.99"),
        ("decimal(4,2)", "0." + "3" * 9_000, "0.33"),
        ("decimal(4,2)", "0.005", "0.01"),
        ("varchar(3)", HUGE, "999"),
        ("enum('Y','N')", "y", "Y"),
        ("enum('Y','N')", "maybe", ""),
        ("date", "2024-02-30", "0000-00-00"),
    ],
)
def test_what_cannot_be_held_becomes_the_nearest_that_can(column: str, given: str, kept: object) -> None:
    assert kind_of(column).kept(given) == kept


def test_a_float_is_never_endless() -> None:
    found = kind_of("double").kept(HUGE)
    assert isinstance(found, float)
    assert math.isfinite(found)
