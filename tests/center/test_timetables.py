"""Schedules as they are kept, on each of the three databases: changes, what is due, who takes it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import insert, select, text, update

from tests.center.conftest import ACCOUNT_ID, NOON
from tests.store.databases import KINDS, empty, fresh_database
from tests.store.rows import add_account, add_dataset, schedule_record
from trunkline.center import accounts, datasets, schedule_queries, timetables
from trunkline.center.datasets import Dataset
from trunkline.center.retries import policy_of
from trunkline.center.room import Center, open_center
from trunkline.center.tables import datasets as dataset_table
from trunkline.center.tables import schedules
from trunkline.clock import SteppedClock
from trunkline.errors import SettingsError

HOUR = 3600.0
SIX = datetime(2026, 6, 16, 6, 0, tzinfo=UTC)  # the first after NOON


@pytest.fixture(scope="module", params=KINDS)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    home = tmp_path_factory.mktemp("home")
    with fresh_database(request.param, home) as settings, open_center(settings) as center:
        yield center


@pytest.fixture
def center(opened: Center) -> Center:
    """An installation with an account, on each of the three."""
    empty(opened.store)
    with opened.store.begin() as tx:
        add_account(tx)
    return replace(opened, clock=SteppedClock(NOON))


@pytest.fixture
def clock(center: Center) -> SteppedClock:
    assert isinstance(center.clock, SteppedClock)
    return center.clock


@pytest.fixture
def calls(center: Center) -> Dataset:
    return made(center, "calls")


def made(center: Center, name: str) -> Dataset:
    account_id = _account_id(center)
    with center.store.begin() as tx:
        add_dataset(tx, account_id, name, options={"account_id": ACCOUNT_ID})
    return datasets.get(center, name)


def _account_id(center: Center) -> int:
    return accounts.get(center, "main").id


def taken(center: Center) -> list[tuple[str, datetime]]:
    """What one look at the clock starts."""
    found = []
    for due in timetables.due_now(center):
        with center.store.begin() as tx:
            if timetables.claim(tx, due):
                found.append((due.name, due.due_at))
    return found


def test_a_dataset_without_a_schedule_is_manual_in_the_zone_of_the_setting(
    center: Center, calls: Dataset
) -> None:
    timetable = timetables.of(center, calls)
    assert (timetable.schedule.text, timetable.schedule.zone) == ("manual", "UTC")
    assert timetable.retries.text == "3 times, after 15m, 30m, 1h"
    assert timetables.of_all(center, [calls]) == {calls.id: timetable}
    assert timetables.next_due_at(center) is None


def test_a_schedule_is_kept_and_what_is_not_given_stays(center: Center, calls: Dataset) -> None:
    given = timetables.set_schedule(center, calls, "every", "2h", between="22:00-06:00", zone="Asia/Tokyo")
    assert timetables.of(center, calls) == given
    assert given.schedule.jitter_seconds == given.schedule.spread(calls.id).jitter_seconds
    changed = timetables.set_schedule(center, calls, "daily", "06:00")
    assert changed.schedule.text == "daily 06:00 (Asia/Tokyo)"
    moved = timetables.set_zone(center, calls, "UTC")
    assert (moved.schedule.text, moved.next_due_at) == ("daily 06:00 (UTC)", SIX)
    assert timetables.of_all(center, [calls]) == {calls.id: moved}


def test_a_refused_schedule_changes_nothing(center: Center, calls: Dataset) -> None:
    before = timetables.set_schedule(center, calls, "daily", "06:00")
    with pytest.raises(SettingsError):
        timetables.set_schedule(center, calls, "cron", "61 * * * *")
    with pytest.raises(SettingsError):
        timetables.set_zone(center, calls, "Nowhere")
    assert timetables.of(center, calls) == before


def test_each_due_time_is_taken_once(center: Center, clock: SteppedClock, calls: Dataset) -> None:
    timetables.set_schedule(center, calls, "daily", "06:00")
    assert taken(center) == []
    clock.advance(18 * HOUR)
    seen = timetables.due_now(center)
    assert taken(center) == [("calls", SIX)]
    with center.store.begin() as tx:
        assert [timetables.claim(tx, due) for due in seen] == [False]
    assert taken(center) == []
    timetable = timetables.of(center, calls)
    assert (timetable.last_due_at, timetable.next_due_at) == (SIX, SIX + timedelta(days=1))


def test_of_servers_that_look_together_one_takes_it(
    center: Center, clock: SteppedClock, calls: Dataset
) -> None:
    timetables.set_schedule(center, calls, "daily", "06:00")
    clock.advance(24 * HOUR)
    together = Barrier(6)

    def look(_: int) -> bool:
        [due] = timetables.due_now(center)
        together.wait()
        with center.store.begin() as tx:
            return timetables.claim(tx, due)

    with ThreadPoolExecutor(6) as servers:
        assert sorted(servers.map(look, range(6))) == [False] * 5 + [True]


def test_times_missed_while_nothing_ran_are_caught_up_once(
    center: Center, clock: SteppedClock, calls: Dataset
) -> None:
    timetables.set_schedule(center, calls, "cron", "*/15 * * * *")
    clock.advance(10 * 24 * HOUR + 60)
    assert taken(center) == [("calls", NOON + timedelta(days=10))]
    assert taken(center) == []
    clock.advance(15 * 60)
    assert taken(center) == [("calls", NOON + timedelta(days=10, minutes=15))]


def test_a_claim_that_is_rolled_back_leaves_the_time_due(
    center: Center, clock: SteppedClock, calls: Dataset
) -> None:
    timetables.set_schedule(center, calls, "daily", "06:00")
    clock.advance(24 * HOUR)
    [due] = timetables.due_now(center)
    with center.store.begin() as tx:
        assert timetables.claim(tx, due)
        tx.rollback()
    assert taken(center) == [("calls", SIX)]


def test_who_saw_the_schedule_before_a_change_takes_nothing(
    center: Center, clock: SteppedClock, calls: Dataset
) -> None:
    """Also where the change leaves the time that was seen due."""
    timetables.set_schedule(center, calls, "daily", "06:00")
    clock.advance(24 * HOUR)
    [due] = timetables.due_now(center)
    timetables.set_retries(center, calls, policy_of(5, "1h"))
    with center.store.begin() as tx:
        assert not timetables.claim(tx, due)
    assert timetables.of(center, calls).retries.count == 5
    assert taken(center) == [("calls", SIX)]


def test_pause_and_resume(center: Center, clock: SteppedClock, calls: Dataset) -> None:
    timetables.set_schedule(center, calls, "daily", "06:00")
    clock.advance(24 * HOUR)
    [due] = timetables.due_now(center)
    paused = timetables.pause(center, calls)
    assert (paused.is_paused, paused.next_due_at, paused.next_times(NOON)) == (True, None, [])
    with center.store.begin() as tx:
        assert not timetables.claim(tx, due)
    clock.advance(3 * 24 * HOUR)
    assert taken(center) == []
    still = timetables.set_schedule(center, calls, "daily", "07:00")
    assert (still.is_paused, still.next_due_at) == (True, None)
    resumed = timetables.resume(center, calls)
    assert resumed.next_due_at == SIX + timedelta(days=4, hours=1)
    assert taken(center) == []


def test_resuming_what_runs_and_the_same_schedule_again_keep_what_is_due(
    center: Center, clock: SteppedClock, calls: Dataset
) -> None:
    timetables.set_schedule(center, calls, "every", "1h")
    clock.advance(3 * HOUR)
    [due] = timetables.due_now(center)
    timetables.resume(center, calls)
    timetables.set_schedule(center, calls, "every", "60m")
    assert taken(center) == [("calls", due.due_at)]


def test_what_starts_by_hand_cannot_be_paused(center: Center, calls: Dataset) -> None:
    for ask in (timetables.pause, timetables.resume):
        with pytest.raises(SettingsError, match="calls has no schedule that could be"):
            ask(center, calls)


def test_manual_takes_the_times_away(center: Center, clock: SteppedClock, calls: Dataset) -> None:
    timetables.set_schedule(center, calls, "every", "15m")
    timetables.set_schedule(center, calls, "manual", "")
    clock.advance(24 * HOUR)
    assert (taken(center), timetables.next_due_at(center)) == ([], None)


def test_the_longest_waiting_comes_first_and_no_more_than_asked(center: Center, clock: SteppedClock) -> None:
    for n, name in enumerate(("third", "first", "second")):
        timetables.set_schedule(center, made(center, name), "daily", f"0{(7, 5, 6)[n]}:00")
    assert timetables.next_due_at(center) == SIX - timedelta(hours=1)
    clock.advance(24 * HOUR)
    assert [due.name for due in timetables.due_now(center, 2)] == ["first", "second"]
    assert [name for name, _ in taken(center)] == ["first", "second", "third"]


def test_a_schedule_goes_with_its_dataset(center: Center, clock: SteppedClock, calls: Dataset) -> None:
    timetables.set_schedule(center, calls, "daily", "06:00")
    datasets.remove(center, "calls")
    clock.advance(24 * HOUR)
    assert timetables.due_now(center) == []
    with pytest.raises(SettingsError, match="no dataset named 'calls'"):
        timetables.set_schedule(center, calls, "daily", "06:00")
    with center.store.read() as tx:
        assert schedule_queries.all_schedules(tx) == []


def test_a_schedule_that_nobody_can_read_any_more_holds_up_no_other(
    center: Center, clock: SteppedClock, calls: Dataset, caplog: pytest.LogCaptureFixture
) -> None:
    timetables.set_schedule(center, calls, "daily", "05:00")
    timetables.set_schedule(center, made(center, "users"), "daily", "06:00")
    with center.store.begin() as tx:
        tx.execute(update(schedules).where(schedules.c.dataset_id == calls.id).values(zone="Mars/Base"))
    clock.advance(24 * HOUR)
    assert taken(center) == [("users", SIX)]
    assert "the schedule of calls is taken out: 'Mars/Base' is no time zone." in caplog.text
    mended = timetables.set_zone(center, calls, "UTC")
    assert mended.next_due_at == SIX + timedelta(hours=23)


def test_what_is_due_is_found_by_an_index(center: Center) -> None:
    """Somebody asks once a second: that must not read them all."""
    names = [f"d{n}" for n in range(2_000)]
    plain = {
        "account_id": _account_id(center),
        "report": "calls",
        "method": "merge",
        "created_at": NOON,
        "updated_at": NOON,
        "options": {},
        "description": "",
    }
    with center.store.begin() as tx:
        tx.execute(insert(dataset_table), [{**plain, "name": name} for name in names])
        ids = tx.execute(select(dataset_table.c.id)).scalars().all()
        records = [
            schedule_record(one, next_due_at=NOON + timedelta(seconds=n + 1)) for n, one in enumerate(ids)
        ]
        tx.execute(insert(schedules), records)
    if center.store.dialect != "sqlite":
        with center.store.begin() as tx:
            tx.execute(text("ANALYZE" if center.store.dialect == "postgresql" else "ANALYZE TABLE schedules"))
    asked = "WHERE next_due_at <= '2026-06-15 12:00:03.000000' ORDER BY next_due_at LIMIT 100"
    words = {"sqlite": "EXPLAIN QUERY PLAN"}.get(center.store.dialect, "EXPLAIN")
    with center.store.read() as tx:
        plan = " ".join(
            str(row) for row in tx.execute(text(f"{words} SELECT * FROM schedules {asked}")).all()
        )
    assert "ix_schedules_next_due_at" in plan
    assert len(timetables.due_now(replace(center, clock=SteppedClock(NOON + timedelta(seconds=3))))) == 3
