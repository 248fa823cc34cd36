"""What the history tells of runs: type, who, phases, windows, samples, log; last run and last success."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.center.conftest import Office
from tests.center.test_running import in_windows
from trunkline.center import datasets, phases, queries, run_logs, runs, settling
from trunkline.center.running import run as run_one
from trunkline.center.running import windows_in_all
from trunkline.center.runs import Origin, Run, Wish
from trunkline.center.writer import Writer
from trunkline.dates import DaySpan
from trunkline.declare import Window
from trunkline.errors import SettingsError
from trunkline.sims.callrail import Fault

OfficeWith = Callable[..., Any]


async def begun(office: Office, origin: Origin, **wish: Any) -> Run:
    with Writer(office.center.settings) as writer:
        return await run_one(office.center, writer, "calls", wish=Wish(**wish), origin=origin)


async def test_a_run_says_what_it_is_and_who_wanted_it(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        await office.dataset(days_back="3")
        first = await begun(office, Origin(started_by="ann"))
        retry = await begun(office, Origin("retry", "token nightly", attempt=2, retry_of=first.id))
        backfill = await begun(office, Origin(), since="today-1")
        full = await begun(office, Origin(), full=True)
        kept = {one.id: one for one in runs.history(office.center, "calls")}
        assert [kept[one.id] for one in (first, retry, backfill, full)] == [first, retry, backfill, full]
        assert [one.trigger for one in (first, retry, backfill, full)] == [
            *("manual", "retry", "backfill", "full")
        ]
        assert (retry.started_by, retry.attempt, retry.retry_of) == ("token nightly", 2, first.id)


async def test_phases_are_in_order_and_closed(office_with: OfficeWith) -> None:
    async with office_with(calls=300, days=60) as office:
        await in_windows(office, method="replace")
        queued = office.clock.now()
        office.clock.advance(30)
        run = await begun(office, Origin("scheduled", queued_at=queued))
        assert [one.name for one in run.phases] == [
            *(phases.WAITING, phases.SIGNING_IN, phases.PLANNING),
            *(phases.READING, phases.LOADING, phases.SWAPPING),
        ]
        assert run.phases[0].began_at == queued
        assert run.phases[0].ended_at == run.started_at > queued
        assert all(one.ended_at for one in run.phases)
        assert runs.get(office.center, "calls", run.id).phases == run.phases


async def test_the_phase_that_failed_is_the_last(office_with: OfficeWith) -> None:
    async with office_with(calls=300, days=60) as office:
        await in_windows(office)
        office.sim.faults.add(Fault("status", "calls.json", 1, None, status=403))
        run = await office.run()
        assert (run.status, run.phases[-1].name) == ("failed", phases.READING)
        assert run.phases[-1].ended_at == run.ended_at


async def test_windows_are_told_of_all(office_with: OfficeWith) -> None:
    seen: list[tuple[int, int | None]] = []
    async with office_with(calls=3_000, days=60) as office:
        await in_windows(office)
        run = await office.run(watch=lambda one: seen.append((one.windows_done, one.windows_total)))
        assert run.windows_total == run.windows_done > 3
        assert all(total is None or total >= done for done, total in seen)


@pytest.mark.parametrize(
    ("begun_windows", "last", "total"),
    [(1, "2026-01-10", 10), (2, "2026-01-20", 5 + 5), (1, "2026-04-09", 2), (3, "2026-04-10", 3)],
)
def test_windows_in_all_follow_from_the_days_so_far(begun_windows: int, last: str, total: int) -> None:
    first = date(2026, 1, 1)
    span = DaySpan(first, date(2026, 4, 10))
    window = Window(DaySpan(first, date.fromisoformat(last)))
    assert windows_in_all(begun_windows, window, span) == total


async def test_the_log_tells_of_retries_waits_windows_and_the_end(office_with: OfficeWith) -> None:
    async with office_with(calls=300, days=60) as office:
        await in_windows(office)
        office.sim.faults.add(Fault("status", "calls.json", 1, 2, status=503))
        run = await office.run()
        log = run_logs.of_run(office.center, run.id)
        events = [line.event for line in log.lines]
        assert (events[0], events[-1], log.left_out) == ("run", "run", 0)
        assert {"plan", "retry", "window"} <= set(events)
        retry = next(line for line in log.lines if line.event == "retry")
        assert "503" in retry.text
        assert retry.fields["attempt"] == 1
        assert [line.number for line in log.lines] == list(range(1, len(events) + 1))


async def test_the_log_of_a_failure_holds_the_error_and_no_key(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        await office.dataset(days_back="3")
        office.sim.faults.add(Fault("status", "calls.json", 1, None, status=403))
        run = await office.run()
        log = run_logs.of_run(office.center, run.id)
        error = next(line for line in log.lines if line.level == "error")
        assert (error.text, error.fields["todo"]) == (run.error, run.todo)
        assert "testkey" not in str(log)


async def test_pages_of_the_history_and_a_state(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        await office.dataset(days_back="3")
        made = []
        for number in range(5):
            office.clock.advance(60)
            if number == 2:
                office.sim.faults.add(Fault("status", "calls.json", 1, 1, status=403))
            made.append((await office.run()).id)
        center = office.center
        assert [one.id for one in runs.history(center, "calls", 2)] == made[:2:-1]
        assert [one.id for one in runs.history(center, "calls", 2, before=made[3])] == made[2:0:-1]
        assert [one.id for one in runs.history(center, "calls", state="failed")] == [made[2]]
        assert runs.get(center, "calls", made[0]).id == made[0]
        with pytest.raises(SettingsError, match="calls has no run 'none'"):
            runs.get(center, "calls", "none")


async def dead_run(office: Office, **kept: Any) -> str:
    """A run that has committed everything, and whose record stayed as it was at its beginning."""
    run = await office.run()
    dead = Run(run.id, "calls", "manual", "merge", runs.RUNNING, run.started_at, **kept)
    with office.center.store.begin() as tx:
        queries.update_run(tx, run.id, runs.to_record(dead))
    return run.id


async def test_a_killed_run_is_told_with_the_counts_of_what_it_committed(office_with: OfficeWith) -> None:
    async with office_with(calls=3_000, days=60) as office:
        await in_windows(office)
        dead = await dead_run(office, rows_read=1_750, rows_inserted=500, windows_done=1)
        found = runs.get(office.center, "calls", dead)
        counted = office.rows("select count(*) as n from datasets.calls")[0]["n"]
        assert (found.status, found.rows_read, found.rows_inserted) == ("failed", counted, counted)
        assert found.windows_done > 3
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settling, "_counts", lambda *_: pytest.fail("settled twice"))
            assert runs.get(office.center, "calls", dead).rows_read == counted


async def test_the_next_run_settles_what_nobody_looked_at(office_with: OfficeWith) -> None:
    async with office_with(calls=3_000, days=60) as office:
        await in_windows(office)
        dead = await dead_run(office)
        await office.run()
        with office.center.store.read() as tx:
            row = queries.run_by_id(tx, dead)
        assert row
        assert (row["is_settled"], row["rows_inserted"]) == (True, 3_000)


async def test_a_dead_run_without_any_commit_has_no_rows(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        await office.dataset(days_back="3")
        dataset = datasets.get(office.center, "calls")
        dead = Run("01", "calls", "manual", "merge", runs.RUNNING, office.clock.now(), rows_read=250)
        runs.insert(office.center, dataset, dead)
        assert [one.rows_read for one in runs.history(office.center, "calls")] == [0]
