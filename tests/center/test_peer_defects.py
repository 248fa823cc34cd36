"""What other connectors get wrong with CallRail, each as a scenario that must go right here.

History fetched again by open-ended slices: r1, r2. A second run of the same day that reads nothing: r3.
Giving up at the hourly limit: r4, r6, r7. No resuming: r5. Parameter names that are ignored: r10, r11.
Late changes never read: r8. Wrong types: r13.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.center.conftest import NOON
from trunkline.center.runs import FAILED, SUCCEEDED, WAITING, Run
from trunkline.connectors import connector
from trunkline.sims.callrail import Fault

OfficeWith = Callable[..., Any]
A_YEAR_AGO = "2025-05-16"


async def test_r1_a_full_load_reads_every_page_once(office_with: OfficeWith) -> None:
    async with office_with(calls=10_000, days=390) as office:
        await office.dataset(start_date=A_YEAR_AGO)
        run = await office.run()
        assert (run.status, run.rows_inserted) == (SUCCEEDED, 10_000)
        assert office.ids() == sorted(office.sim.world.call_ids())
        assert run.requests <= 41


async def test_r2_no_call_is_fetched_twice_over_25_months(office_with: OfficeWith) -> None:
    async with office_with(calls=9_000, days=750) as office:
        office.center.settings.values["window_rows"] = 1_000
        await office.dataset()
        run = await office.run()
        assert run.rows_inserted == 9_000
        assert run.windows_done >= 8
        whole_pages = 9_000 // 250
        assert run.requests <= whole_pages + 2 * run.windows_done + 1


async def test_r3_new_calls_arrive_the_same_day(office_with: OfficeWith) -> None:
    async with office_with(calls=500, days=30) as office:
        await office.dataset(start_date=A_YEAR_AGO)
        await office.run()
        office.clock.advance(6 * 3600)
        office.sim.world.add_calls(6, at=NOON + timedelta(hours=5))
        run = await office.run()
        assert (run.rows_inserted, run.rows_updated) == (6, 0)
        assert office.ids() == sorted(office.sim.world.call_ids())


async def test_r4_a_spent_budget_is_waited_for(office_with: OfficeWith) -> None:
    async with office_with(calls=20_000, days=390, hourly=50, limits={"hourly_limit": 50}) as office:
        await office.dataset(start_date=A_YEAR_AGO)
        seen: list[Run] = []
        states: list[tuple[str, str]] = []

        def watch(run: Run) -> None:
            seen.append(run)
            states.append((run.status, run.waiting_reason))

        run = await office.run(watch=watch)
        assert (run.status, run.rows_inserted) == (SUCCEEDED, 20_000)
        assert run.retries == 0
        assert run.waited_seconds > 0
        assert any(status == WAITING and "50 requests an hour" in reason for status, reason in states)
        times = [request.at for request in office.sim.requests]
        for at in times:
            assert sum(at <= other < at + timedelta(hours=1) for other in times) <= 50


async def test_r5_a_run_that_was_broken_off_goes_on_at_the_last_window(office_with: OfficeWith) -> None:
    async with office_with(calls=20_000, days=390, hourly=50, limits={"hourly_limit": 50}) as office:
        await office.dataset(start_date=A_YEAR_AGO)
        office.sim.faults.add(Fault("status", "calls.json", 60, None, status=403))
        broken = await office.run()
        assert (broken.status, broken.windows_done) == (FAILED, 1)
        kept = len(office.ids())
        assert kept >= 8_000
        office.sim.faults.clear()
        run = await office.run()
        assert (run.status, run.rows_inserted) == (SUCCEEDED, 20_000 - kept)
        pages, of_one_window, in_flight = 80, 45, 20
        assert office.pages_asked() <= pages + of_one_window + in_flight


async def test_r6_two_datasets_share_one_budget(office_with: OfficeWith) -> None:
    import asyncio

    from trunkline.center.running import run as run_one
    from trunkline.center.writer import Writer

    async with office_with(calls=5_000, days=60, hourly=30, limits={"hourly_limit": 30}) as office:
        await office.dataset("one", "calls", days_back="90")
        await office.dataset("two", "calls", days_back="90")
        with Writer(office.center.settings) as writer:
            runs = await asyncio.gather(*(run_one(office.center, writer, n) for n in ("one", "two")))
        assert [r.rows_inserted for r in runs] == [5_000, 5_000]
        assert {request.status for request in office.sim.requests} == {200}


@pytest.mark.parametrize("retry_after", ["seconds", "date", "none"])
async def test_r7_refusals_for_a_while_cost_one_request_each(
    office_with: OfficeWith, retry_after: str
) -> None:
    async with office_with(calls=5_000, days=60, retry_after=retry_after) as office:
        await office.dataset(days_back="90")
        header = {"seconds": "30", "date": "Mon, 15 Jun 2026 12:01:00 GMT", "none": None}[retry_after]
        office.sim.faults.add(Fault("status", "calls.json", 3, 2, status=429, retry_after=header))
        run = await office.run()
        assert (run.status, run.rows_inserted, run.retries) == (SUCCEEDED, 5_000, 2)
        assert run.requests == 20 + 2


async def test_r7_every_seventh_answer_fails(office_with: OfficeWith) -> None:
    async with office_with(calls=5_000, days=60, fail_every=7) as office:
        await office.dataset(days_back="90")
        run = await office.run()
        assert (run.status, run.rows_inserted) == (SUCCEEDED, 5_000)
        assert run.requests == 20 + run.retries
        assert Counter(r.status for r in office.sim.requests)[503] == run.retries > 0


async def test_r8_late_changes_inside_the_re_read_days_arrive(office_with: OfficeWith) -> None:
    async with office_with(calls=800, days=30) as office:
        await office.dataset(start_date=A_YEAR_AGO)
        await office.run()
        recent = office.rows("select id from datasets.calls order by start_time desc limit 1")[0]["id"]
        office.clock.advance(5 * 86_400)
        changes = {
            "lead_status": "good_lead",
            "note": "rang back",
            "tags": ["Late"],
            "transcription": "hello",
        }
        office.sim.world.change_call(recent, **changes)
        run = await office.run()
        assert (run.rows_updated, run.rows_inserted) == (1, 0)
        row = office.rows(
            f"select lead_status, note, tags, transcription from datasets.calls where id = '{recent}'"
        )
        assert row == [
            {"lead_status": "good_lead", "note": "rang back", "tags": '["Late"]', "transcription": "hello"}
        ]


@pytest.mark.parametrize("paging", ["numbered", "relative"])
async def test_r9_calls_that_arrive_between_two_pages_shift_nothing_out(
    office_with: OfficeWith, paging: str
) -> None:
    async with office_with(calls=3_000, days=60) as office:
        await office.dataset(days_back="90", paging=paging)
        office.sim.faults.add(Fault("insert_calls", "calls", 2, 1, count=5, at=NOON - timedelta(days=30)))
        office.sim.faults.add(Fault("insert_calls", "calls", 4, 1, count=7, at=NOON - timedelta(minutes=1)))
        run = await office.run()
        assert run.status == SUCCEEDED
        assert len(office.ids()) == len(set(office.ids()))
        missing = set(office.sim.world.call_ids()) - set(office.ids())
        assert not missing or paging == "relative"
        await office.run()
        assert set(office.ids()) >= set(office.sim.world.call_ids()) - missing


@pytest.mark.parametrize("report", [r.name for r in connector("callrail").listed_reports])
async def test_r10_r11_only_documented_names_and_always_both_dates_are_sent(
    office_with: OfficeWith, report: str
) -> None:
    async with office_with(calls=300, days=30) as office:
        await office.dataset("d", report)
        assert (await office.run("d")).status == SUCCEEDED
        asked = [seen for seen in office.sim.requests if not seen.path.endswith("/a.json")]
        assert {seen.status for seen in asked} == {200}, "a strict server refuses any other name"
        dated = connector("callrail").report(report).dates is not None  # type: ignore[union-attr]
        for seen in asked:
            assert {"start_date", "end_date", "time_zone"} <= set(seen.params) or not dated


async def test_r12_a_start_beyond_retention_is_moved_with_a_note(office_with: OfficeWith) -> None:
    async with office_with(calls=200, days=30) as office:
        await office.dataset(start_date="2019-01-01")
        run = await office.run()
        assert (run.status, run.rows_inserted) == (SUCCEEDED, 200)
        assert any("25 months" in warning for warning in run.warnings)


async def test_r13_odd_types_land_and_are_counted(office_with: OfficeWith) -> None:
    async with office_with(calls=600, days=30) as office:
        await office.dataset(days_back="60")
        office.sim.faults.add(Fault("array_for_object", "calls.json", 1, None))
        office.sim.faults.add(Fault("text_number", "calls.json", 1, 1))
        run = await office.run()
        assert (run.status, run.rows_inserted) == (SUCCEEDED, 600)
        assert any("duration" in warning for warning in run.warnings)
        kept = office.rows("select _extra from datasets.calls where _extra is not null limit 1")
        assert "duration" in kept[0]["_extra"]


async def test_r14_r15_equal_and_missing_times_all_land(office_with: OfficeWith) -> None:
    async with office_with(calls=100, days=10) as office:
        await office.dataset(start_date=A_YEAR_AGO)
        twins = office.sim.world.add_calls(2, at=NOON)
        await office.run()
        timeless = office.sim.world.add_calls(1, at=NOON + timedelta(seconds=1))
        office.sim.world.change_call(timeless[0], start_time=None)
        await office.run()
        assert set(twins) | set(timeless) <= set(office.ids())


async def test_r16_answers_without_totals_or_links_are_read_to_the_end(office_with: OfficeWith) -> None:
    async with office_with(calls=1_100, days=30, total_pages=False, link_header=False) as office:
        await office.dataset(days_back="60")
        assert (await office.run()).rows_inserted == 1_100


async def test_r17_caller_ids_are_asked_company_by_company(office_with: OfficeWith) -> None:
    async with office_with(calls=10) as office:
        await office.dataset("caller_ids")
        run = await office.run("caller_ids")
        companies = office.sim.world.counts()["companies"]
        assert office.pages_asked("caller_ids.json") == companies
        rows = office.rows("select company_id, validation_code from datasets.caller_ids")
        assert len(rows) == run.rows_inserted > 0
        assert all(row["company_id"].startswith("COM") for row in rows)
        assert {row["validation_code"] for row in rows} == {"••••••"}


async def test_r18_a_long_time_series_has_no_gap_and_no_overlap(office_with: OfficeWith) -> None:
    async with office_with(calls=2_000, days=390) as office:
        await office.dataset("timeseries", start_date=A_YEAR_AGO)
        run = await office.run("timeseries")
        assert run.requests == 2
        days = office.rows(
            "select count(*) n, count(distinct day) d, sum(total_calls) calls from datasets.timeseries"
        )
        assert days == [{"n": 396, "d": 396, "calls": 2_000}]
