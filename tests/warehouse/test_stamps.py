"""Instants written without an offset: a whole column at once and one by one, with the same outcome."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.declare import Stamp
from trunkline.warehouse.stamps import fit_stamp, stamped
from trunkline.warehouse.values import MISFIT

NEW_YORK, ST_JOHNS, LORD_HOWE = "America/New_York", "America/St_Johns", "Australia/Lord_Howe"
ZONES = ("UTC", NEW_YORK, ST_JOHNS, LORD_HOWE, "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at_once(stamp: Stamp, texts: list[Any], zones: list[Any] | None = None) -> list[Any]:
    array = stamped(
        stamp,
        pa.array(texts, pa.int64() if any(isinstance(t, int) for t in texts) else pa.string()),
        None if zones is None else pa.array(zones, pa.string()),
    )
    assert array is not None, "the quick way gave up"
    found: list[Any] = array.to_pylist()
    return found


# local time | zone | instant
LOCAL = [
    ("2026-06-15 09:30:00", NEW_YORK, "2026-06-15T13:30:00"),
    ("2026-06-15T09:30:00.250000", NEW_YORK, "2026-06-15T13:30:00.250"),
    ("2026-01-15 09:30:00", NEW_YORK, "2026-01-15T14:30:00"),
    ("2026-06-15 09:30:00", ST_JOHNS, "2026-06-15T12:00:00"),
    ("2026-06-15 09:30:00", "Asia/Kathmandu", "2026-06-15T03:45:00"),
    # Doubled: the first of the two.
    ("2026-11-01 01:30:00", NEW_YORK, "2026-11-01T05:30:00"),
    ("2026-04-05 01:45:00", LORD_HOWE, "2026-04-04T14:45:00"),
    # Skipped: where the gap begins, which is the instant after it too.
    ("2026-03-08 02:30:00", NEW_YORK, "2026-03-08T07:00:00"),
    ("2026-10-04 02:15:00", LORD_HOWE, "2026-10-03T15:30:00"),
    # A whole day that was not.
    ("2011-12-30 12:00:00", "Pacific/Apia", "2011-12-30T10:00:00"),
]


@pytest.mark.parametrize(("text", "zone", "instant"), LOCAL)
def test_a_local_time_is_the_instant_of_its_zone(text: str, zone: str, instant: str) -> None:
    assert at_once(Stamp.LOCAL, [text], [zone]) == [utc(instant)]
    assert fit_stamp(Stamp.LOCAL, text, zone) == utc(instant)


def test_zones_may_change_from_row_to_row() -> None:
    texts, zones, instants = zip(*LOCAL, strict=True)
    assert at_once(Stamp.LOCAL, list(texts), list(zones)) == [utc(i) for i in instants]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.datetimes(datetime(1975, 1, 1), datetime(2030, 1, 1)), st.sampled_from(ZONES)),
        min_size=1,
        max_size=8,
    )
)
def test_all_at_once_and_one_by_one_are_the_same(rows: list[tuple[datetime, str]]) -> None:
    texts, zones = [str(naive) for naive, _ in rows], [zone for _, zone in rows]
    assert at_once(Stamp.LOCAL, texts, zones) == [
        fit_stamp(Stamp.LOCAL, text, zone) for text, zone in zip(texts, zones, strict=True)
    ]


@settings(max_examples=200, deadline=None)
@given(st.datetimes(datetime(1975, 1, 1), datetime(2030, 1, 1)), st.sampled_from(ZONES))
def test_the_local_time_of_an_instant_leads_back_to_it(naive: datetime, name: str) -> None:
    instant = naive.replace(tzinfo=UTC)
    local = instant.astimezone(ZoneInfo(name))
    if local.fold == 0:
        assert fit_stamp(Stamp.LOCAL, str(local.replace(tzinfo=None)), name) == instant


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus", "America", "../etc/passwd"])
def test_without_a_zone_that_is_known_there_is_no_instant(zone: str | None) -> None:
    assert fit_stamp(Stamp.LOCAL, "2026-06-15 09:30:00", zone) is MISFIT


def test_a_missing_zone_makes_the_quick_way_give_up_unless_there_is_no_time_either() -> None:
    texts, zones = pa.array(["2026-06-15 09:30:00", None]), pa.array([NEW_YORK, None])
    assert stamped(Stamp.LOCAL, texts, zones) is not None
    assert stamped(Stamp.LOCAL, texts, pa.array([None, NEW_YORK], pa.string())) is None
    assert stamped(Stamp.LOCAL, texts, None) is None


def test_a_time_with_an_offset_of_its_own_needs_no_zone() -> None:
    assert fit_stamp(Stamp.LOCAL, "2026-06-15T09:30:00+02:00", None) == utc("2026-06-15T07:30:00")
    assert fit_stamp(Stamp.UTC, "2026-06-15T09:30:00Z", None) == utc("2026-06-15T09:30:00")


def test_times_without_an_offset_are_read_as_utc_where_that_is_declared() -> None:
    assert at_once(Stamp.UTC, ["2021-06-20T19:18:00", None]) == [utc("2021-06-20T19:18:00"), None]
    assert fit_stamp(Stamp.UTC, "2021-06-20T19:18:00", None) == utc("2021-06-20T19:18:00")


@pytest.mark.parametrize("stamp", [Stamp.UTC, Stamp.LOCAL])
@pytest.mark.parametrize(
    "value", ["soon", "2026-02-30 00:00:00", "15.06.2026", 5, True, ["2026"], "0000-01-01"]
)
def test_what_is_no_time_does_not_fit(stamp: Stamp, value: object) -> None:
    assert fit_stamp(stamp, value, NEW_YORK) is MISFIT


# sent | instant; MISFIT: none
MILLISECONDS = [
    ("1356998400000", "2013-01-01T00:00:00"),
    (1356998400000, "2013-01-01T00:00:00"),
    ("1356998400001", "2013-01-01T00:00:00.001"),
    ("0", "1970-01-01T00:00:00"),
    (-1, "1969-12-31T23:59:59.999"),
    ("253402300799999", "9999-12-31T23:59:59.999"),
    ("253402300800000", MISFIT),
    (2**62, MISFIT),
    (10**30, MISFIT),
    ("soon", MISFIT),
    ("2026-06-15", MISFIT),
    (1.5, MISFIT),
    (True, MISFIT),
]


@pytest.mark.parametrize(("sent", "instant"), MILLISECONDS)
def test_milliseconds_are_instants_as_text_and_as_number(sent: Any, instant: Any) -> None:
    expected = utc(instant) if isinstance(instant, str) else instant
    assert fit_stamp(Stamp.EPOCH_MS, sent, None) == expected
    if expected is not MISFIT and sent != -1:
        assert at_once(Stamp.EPOCH_MS, [sent, None]) == [expected, None]


@pytest.mark.parametrize("stamp", [Stamp.EPOCH_MS, Stamp.UTC, Stamp.LOCAL])
def test_nothing_is_nothing(stamp: Stamp) -> None:
    assert fit_stamp(stamp, "", None) is None
    assert at_once(stamp, [None, None], [None, None]) == [None, None]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-62_135_596_800_000, 253_402_300_799_999), min_size=1, max_size=6))
def test_milliseconds_all_at_once_and_one_by_one_are_the_same(numbers: list[int]) -> None:
    expected = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=n) for n in numbers]
    assert at_once(Stamp.EPOCH_MS, list(numbers)) == expected
    assert [fit_stamp(Stamp.EPOCH_MS, str(n), None) for n in numbers] == expected
