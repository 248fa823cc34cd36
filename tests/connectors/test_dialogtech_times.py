"""The report's local times: every way they are written, and what clock changes do to them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.connectors.dialogtech.local_times import LocalTime, local_time
from trunkline.sims.dialogtech.bodies import written_time

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("Jan 13 2017 10:52 PM", "2017-01-13 22:52:00"),
        ("Feb 01 2017 3:57 PM", "2017-02-01 15:57:00"),
        ("Feb 01 2017 12:00 AM", "2017-02-01 00:00:00"),
        ("Feb 01 2017 12:59 AM", "2017-02-01 00:59:00"),
        ("Feb 01 2017 12:00 PM", "2017-02-01 12:00:00"),
        ("Feb 01 2017 1:00 AM", "2017-02-01 01:00:00"),
        ("Feb 29 2024 11:59 PM", "2024-02-29 23:59:00"),
        ("Dec 9 2017 03:07 AM", "2017-12-09 03:07:00"),
        ("  may 05 2017  9:05 am ", "2017-05-05 09:05:00"),
        ("Sep 05 2017 9:05:31 AM", "2017-09-05 09:05:31"),
        ("Oct 05 2017 9:05AM", "2017-10-05 09:05:00"),
    ],
)
def test_times_are_read(text: str, local: str) -> None:
    assert local_time(text, NEW_YORK) == LocalTime(local[:10], local, None)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "2017-01-13 22:52", "Jan 13 2017", "Jan 13 2017 10:52", "Jan 13 17 10:52 PM"),
        *("Jan 32 2017 1:00 AM", "Feb 29 2017 1:00 AM", "Mai 05 2017 1:00 AM", "January 05 2017 1:00 AM"),
        *("Jan 13 2017 0:52 AM", "Jan 13 2017 13:52 PM", "Jan 13 2017 1:60 AM", "Jan 13 0000 1:00 AM"),
        "Jan ١٣ 2017 1:00 AM",
    ],
)
def test_what_tells_no_time_stays_as_it_was(text: str) -> None:
    assert local_time(text, NEW_YORK) == LocalTime(None, text, None)


@pytest.mark.parametrize(
    ("zone", "text", "change"),
    [
        ("America/New_York", "Mar 12 2017 1:59 AM", None),
        ("America/New_York", "Mar 12 2017 2:00 AM", "skipped"),
        ("America/New_York", "Mar 12 2017 2:30 AM", "skipped"),
        ("America/New_York", "Mar 12 2017 3:00 AM", None),
        ("America/New_York", "Nov 05 2017 12:59 AM", None),
        ("America/New_York", "Nov 05 2017 1:00 AM", "repeated"),
        ("America/New_York", "Nov 05 2017 1:59 AM", "repeated"),
        ("America/New_York", "Nov 05 2017 2:00 AM", None),
        ("America/Phoenix", "Mar 12 2017 2:30 AM", None),
        ("Europe/London", "Oct 29 2017 1:30 AM", "repeated"),
        ("Australia/Lord_Howe", "Oct 01 2017 2:15 AM", "skipped"),
        ("Australia/Lord_Howe", "Apr 02 2017 1:45 AM", "repeated"),
        ("America/Sao_Paulo", "Oct 15 2017 12:30 AM", "skipped"),
        ("UTC", "Mar 12 2017 2:30 AM", None),
    ],
)
def test_times_that_a_clock_change_touches_are_told(zone: str, text: str, change: str | None) -> None:
    assert local_time(text, ZoneInfo(zone)).clock_change == change


@given(st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31)))
def test_whatever_is_written_is_read_again(moment: datetime) -> None:
    local = moment.replace(second=0, microsecond=0)
    read = local_time(written_time(local), NEW_YORK)
    assert (read.day, read.local) == (f"{local:%Y-%m-%d}", f"{local:%Y-%m-%d %H:%M:%S}")


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2030, 12, 31)), st.sampled_from(["America/New_York", "UTC"])
)
def test_a_time_that_happens_once_is_marked_by_nothing(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    local = moment.replace(second=0, microsecond=0)
    instants = {local.replace(tzinfo=zone, fold=fold).astimezone(ZoneInfo("UTC")) for fold in (0, 1)}
    exists = any(at.astimezone(zone).replace(tzinfo=None) == local for at in instants)
    change = local_time(written_time(local), zone).clock_change
    expected = None if len(instants) == 1 else "repeated" if exists else "skipped"
    assert change == expected
    assert len(instants) == 1 or max(instants) - min(instants) == timedelta(hours=1)
