"""Runs of a DialogTech dataset: late and vanished clicks, equal ones, clock changes, interruptions."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.center.conftest import NOON
from tests.center.dialogtech_office import DialogtechOffice, dialogtech_office
from trunkline.center import accounts, datasets
from trunkline.center.room import Center
from trunkline.center.runs import FAILED, SUCCEEDED, Run
from trunkline.clock import SteppedClock
from trunkline.sims.dialogtech import Fault

DAY = 86_400
THREE_DAYS_AGO = NOON - timedelta(days=3)


@pytest.fixture
async def office(center: Center, clock: SteppedClock) -> AsyncIterator[DialogtechOffice]:
    async with dialogtech_office(center, clock) as opened:
        yield opened


def counts(run: Run) -> tuple[int, int, int]:
    assert (run.status, run.error) == (SUCCEEDED, "")
    return run.rows_inserted, run.rows_updated, run.rows_deleted


# -- days read again ---------------------------------------------------------------------------------


async def test_every_click_arrives_once_with_its_instant_and_length(office: DialogtechOffice) -> None:
    await office.dataset()
    run = await office.run()
    assert counts(run) == (400, 0, 0)
    assert run.warnings == []
    assert office.loaded() == office.books()
    odd = office.rows(
        "select * from datasets.clicks where day is null or clicked_at is null or time_zone <> "
        "'America/New_York' or duration_unit <> 'minutes' or call_duration_seconds <> call_duration * 60 "
        "or clock_change is not null or _extra is not null"
    )
    assert odd == []
    [newest] = office.rows("select max(clicked_at) as at from datasets.clicks")
    assert newest["at"] == NOON


@pytest.mark.parametrize("form", ["xml", "csv"])
async def test_late_clicks_arrive_and_vanished_ones_go(office: DialogtechOffice, form: str) -> None:
    await office.dataset(format=form)
    await office.run()
    office.clock.advance(DAY)
    late = office.add(3, THREE_DAYS_AGO, Caller_ID="0000000001")
    office.add(2, NOON + timedelta(hours=20), Caller_ID="0000000002")
    assert counts(await office.run()) == (5, 0, 0)
    office.sim.world.remove(late[0])
    office.sim.world.change(late[1], {"Call_2_Result": "BUSY"})
    assert counts(await office.run()) == (1, 0, 2)
    assert counts(await office.run()) == (0, 0, 0)
    found = office.rows("select call_2_result as r from datasets.clicks where caller_id = '0000000001'")
    assert len(found) == 2
    assert "BUSY" in [row["r"] for row in found]


async def test_days_further_back_are_read_on_demand(office: DialogtechOffice) -> None:
    await office.dataset(reread_days="2")
    await office.run()
    office.add(1, NOON - timedelta(days=20))
    assert counts(await office.run()) == (0, 0, 0)
    assert counts(await office.run(since="2026-05-25", until="2026-05-27")) == (1, 0, 0)
    assert office.loaded() == office.books()


async def test_a_day_whose_clicks_all_vanish_is_empty(office: DialogtechOffice) -> None:
    refs = office.add(4, NOON + timedelta(hours=20))
    office.clock.advance(DAY)
    await office.dataset()
    assert counts(await office.run()) == (404, 0, 0)
    for ref in refs:
        office.sim.world.remove(ref)
    assert counts(await office.run()) == (0, 0, 4)
    assert office.loaded() == office.books()


@pytest.mark.parametrize("method", ["partition", "replace"])
async def test_both_methods_keep_the_same_rows(office: DialogtechOffice, method: str) -> None:
    await office.dataset(method=method)
    assert counts(await office.run()) == (400, 0, 0)
    ids = office.ids()
    run = await office.run(full=True) if method == "partition" else await office.run()
    assert run.status == SUCCEEDED
    assert (office.ids(), office.loaded()) == (ids, office.books())


# -- equal rows --------------------------------------------------------------------------------------


async def test_equal_rows_are_kept_numbered_and_stable(office: DialogtechOffice) -> None:
    equal = {"Caller_ID": "0000000001", "Click_Date_Time": "Jun 13 2026 9:05 AM", "Name": "Zoë"}
    fields = {**office.sim.world.row(0, 0), **equal}
    refs = office.add(3, None, **fields)
    await office.dataset()
    await office.run()
    query = (
        "select row_id, occurrence, _loaded_at from datasets.clicks where caller_id = '0000000001' order by 2"
    )
    before = office.rows(query)
    assert [row["occurrence"] for row in before] == [1, 2, 3]
    assert len({row["row_id"] for row in before}) == 3

    office.clock.advance(DAY)
    assert counts(await office.run()) == (0, 0, 0)
    assert office.rows(query) == before, "not even written again"

    office.sim.world.remove(refs[0])
    assert counts(await office.run()) == (0, 0, 1)
    assert office.rows(query) == before[:2], "which of equal rows went cannot matter"

    office.add(2, None, **fields)
    assert counts(await office.run()) == (2, 0, 0)
    again = office.rows(query)
    assert [row["row_id"] for row in again[:3]] == [row["row_id"] for row in before]
    assert [row["occurrence"] for row in again] == [1, 2, 3, 4]


async def test_the_form_of_the_answer_changes_no_row(center: Center, clock: SteppedClock) -> None:
    async with dialogtech_office(center, clock, csv_utf8=True, header_every=7) as office:
        await office.dataset()
        await office.run()
        before = office.rows("select * from datasets.clicks order by row_id")
        assert any(row["occurrence"] > 1 for row in before)
        await datasets.edit(center, "clicks", {"format": "csv", "chunk_days": "3"})
        run = await office.run()
        assert (counts(run), run.rows_read) == ((0, 0, 0), 400)
        assert office.rows("select * from datasets.clicks order by row_id") == before


# -- clock changes -----------------------------------------------------------------------------------


async def test_an_hour_that_happens_twice_is_its_first_and_one_that_never_does_is_marked(
    center: Center, clock: SteppedClock
) -> None:
    clock.advance((datetime(2026, 11, 3, 12, tzinfo=UTC) - NOON).total_seconds())
    async with dialogtech_office(center, clock, clicks=0) as office:
        for time in (
            "Mar 08 2026 1:59 AM",
            "Mar 08 2026 2:30 AM",
            "Mar 08 2026 3:00 AM",
            "Nov 01 2026 12:59 AM",
            "Nov 01 2026 1:30 AM",
            "Nov 01 2026 2:00 AM",
        ):
            office.add(Click_Date_Time=time)
        # the second half past one of that night looks like the first
        office.add(at=datetime(2026, 11, 1, 6, 30, tzinfo=UTC))
        await office.dataset(start_date="2026-03-01")
        run = await office.run()
        rows = office.rows(
            "select click_date_time as t, day, clicked_at as at, clock_change as c from datasets.clicks "
            "order by clicked_at, click_date_time"
        )
        told = [(r["t"], str(r["day"]), f"{r['at'].astimezone(UTC):%d %H:%M}", r["c"]) for r in rows]
        assert told == [
            ("Mar 08 2026 1:59 AM", "2026-03-08", "08 06:59", None),
            ("Mar 08 2026 2:30 AM", "2026-03-08", "08 07:00", "skipped"),
            ("Mar 08 2026 3:00 AM", "2026-03-08", "08 07:00", None),
            ("Nov 01 2026 12:59 AM", "2026-11-01", "01 04:59", None),
            ("Nov 01 2026 1:30 AM", "2026-11-01", "01 05:30", "repeated"),
            ("Nov 01 2026 1:30 AM", "2026-11-01", "01 05:30", "repeated"),
            ("Nov 01 2026 2:00 AM", "2026-11-01", "01 07:00", None),
        ]
        assert sorted(w.split(", ")[0].split(" of Click")[0] for w in run.warnings) == ["1 row", "2 rows"]
        assert any("repeats; the first of the two was taken" in w for w in run.warnings)
        assert any("skips; the instant of the change was taken" in w for w in run.warnings)
        assert counts(await office.run()) == (0, 0, 0)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu", "UTC"])
async def test_days_are_those_of_the_accounts_zone(center: Center, clock: SteppedClock, zone: str) -> None:
    async with dialogtech_office(center, clock, account={"time_zone": zone}, zone=zone, clicks=300) as office:
        await office.dataset()
        run = await office.run()
        assert (counts(run), run.warnings) == ((300, 0, 0), [])
        assert office.loaded() == office.books()
        [newest] = office.rows("select max(clicked_at) as at from datasets.clicks")
        assert newest["at"] == NOON


# -- interruptions -----------------------------------------------------------------------------------


async def test_a_run_that_was_refused_in_the_middle_goes_on_there(office: DialogtechOffice) -> None:
    await office.dataset()
    office.sim.faults.add(Fault("revoked", "start_date=20260531", times=None))
    broken = await office.run()
    assert (broken.status, broken.error_kind, broken.windows_done) == (FAILED, "key_refused", 3)
    assert "INVALID ACCOUNT" in broken.error
    assert "testkey" not in broken.error + broken.todo
    before = office.ids()
    office.sim.faults.clear()
    office.sim.requests.clear()
    assert (await office.run()).status == SUCCEEDED
    assert min(seen.params["start_date"][0] for seen in office.sim.requests) == "20260531"
    assert set(before) < set(office.ids())
    assert office.loaded() == office.books()


@pytest.mark.parametrize("kind", ["blank", "truncated", "entities", "html", "plain_text", "failed"])
async def test_an_answer_that_is_no_report_changes_nothing(office: DialogtechOffice, kind: str) -> None:
    await office.dataset()
    await office.run()
    before = office.rows("select * from datasets.clicks order by row_id")
    office.sim.faults.add(Fault(kind, times=None))
    run = await office.run()
    assert run.status == FAILED
    assert run.error.endswith(".")
    assert run.todo
    assert office.rows("select * from datasets.clicks order by row_id") == before


async def test_what_fails_now_and_then_is_ridden_out(center: Center, clock: SteppedClock) -> None:
    async with dialogtech_office(center, clock, fail_every=3) as office:
        await office.dataset(chunk_days="2")
        office.sim.faults.add(Fault("truncated", from_request=2))
        office.sim.faults.add(Fault("disconnect", from_request=5))
        run = await office.run()
        assert counts(run) == (400, 0, 0)
        assert run.retries >= 5
        assert office.loaded() == office.books()


# -- odd rows ----------------------------------------------------------------------------------------


async def test_rows_of_other_days_are_kept_once(office: DialogtechOffice) -> None:
    await office.dataset()
    office.sim.faults.add(Fault("other_days", times=None))
    for _ in range(2):
        run = await office.run()
        assert run.status == SUCCEEDED
        assert any("each is kept once" in warning for warning in run.warnings)
        assert office.loaded() == office.books()


async def test_rows_that_only_another_days_request_brings_stay(office: DialogtechOffice) -> None:
    """As when DialogTech chose days by another zone than the one it prints."""
    first = office.add(1, Click_Date_Time="Jun 07 2026 12:30 AM", Caller_ID="0000000001")
    for ref in first:
        office.sim.world.change(ref, {"Click_Date_Time": "Jun 06 2026 9:30 PM"})
    await office.dataset(start_date="2026-05-31")
    for _ in range(2):
        await office.run()
        [row] = office.rows("select day, occurrence from datasets.clicks where caller_id = '0000000001'")
        assert (str(row["day"]), row["occurrence"]) == ("2026-06-06", 1)
        office.clock.advance(DAY)


async def test_a_time_that_tells_nothing_is_kept_and_counted(office: DialogtechOffice) -> None:
    await office.dataset()
    office.sim.faults.add(Fault("odd_time", "start_date=20260510", times=None))
    run = await office.run()
    assert run.rows_inserted == 400
    assert any("clicked_at: 1 value is no local date and time" in warning for warning in run.warnings)
    rows = office.rows("select day, clicked_at, _extra from datasets.clicks where click_date_time = 'soon'")
    assert rows == [{"day": None, "clicked_at": None, "_extra": '{"click_local":"soon"}'}]
    run = await office.run(since="2026-05-10")
    assert counts(run) == (0, 0, 0)


async def test_a_length_that_is_none_is_kept_and_counted(office: DialogtechOffice) -> None:
    office.add(1, THREE_DAYS_AGO, Caller_ID="0000000001", Call_Duration="00:09")
    office.add(1, THREE_DAYS_AGO, Caller_ID="0000000002", Call_Duration="1.5")
    await office.dataset()
    run = await office.run()
    assert any("call_duration: 1 value is no number" in warning for warning in run.warnings)
    rows = office.rows(
        "select call_duration as d, call_duration_seconds as s, _extra from datasets.clicks "
        "where caller_id in ('0000000001', '0000000002') order by caller_id"
    )
    assert rows == [
        {"d": None, "s": None, "_extra": '{"call_duration":"00:09"}'},
        {"d": 1.5, "s": 90.0, "_extra": None},
    ]


@pytest.mark.parametrize("form", ["xml", "csv"])
async def test_a_new_field_becomes_a_text_column(office: DialogtechOffice, form: str) -> None:
    await office.dataset(format=form)
    await office.run()
    ids = office.ids()
    office.sim.faults.add(Fault("unknown_field", times=None))
    run = await office.run(since="2026-05-10")
    assert run.status == SUCCEEDED
    found = office.rows("select count(*) as n from datasets.clicks where brand_new like 'new %'")
    assert found == [{"n": 400}]
    assert office.ids() == ids


async def test_a_row_with_a_value_too_few_is_never_shifted(office: DialogtechOffice) -> None:
    await office.dataset("from_csv", format="csv")
    await office.dataset("from_xml")
    office.sim.faults.add(Fault("short_row", times=None))
    run = await office.run("from_csv")
    assert (run.status, run.error_kind) == (FAILED, "data_error")
    assert "line 2 holds 12 values, the header 13" in run.error
    run = await office.run("from_xml")
    assert run.status == SUCCEEDED
    assert any("came without page" in warning for warning in run.warnings)


# -- choices that change -----------------------------------------------------------------------------


async def test_another_unit_and_another_zone_are_computed_anew(office: DialogtechOffice) -> None:
    await office.dataset()
    await office.run()
    before = office.rows(
        "select row_id, clicked_at, call_duration_seconds as s from datasets.clicks order by 1"
    )
    await datasets.edit(office.center, "clicks", {"duration_unit": "seconds", "time_zone": "America/Chicago"})
    run = await office.run()
    assert (run.status, run.rows_inserted, run.rows_updated) == (SUCCEEDED, 0, 400)
    after = office.rows(
        "select row_id, clicked_at, call_duration_seconds as s from datasets.clicks order by 1"
    )
    for old, new in zip(before, after, strict=True):
        assert new["row_id"] == old["row_id"]
        assert new["clicked_at"] - old["clicked_at"] == timedelta(hours=1)
        assert new["s"] * 60 == old["s"]
    units = office.rows("select distinct duration_unit as u, time_zone as z from datasets.clicks")
    assert units == [{"u": "seconds", "z": "America/Chicago"}]


async def test_blank_answers_are_no_rows_where_that_was_chosen(center: Center, clock: SteppedClock) -> None:
    async with dialogtech_office(center, clock, empty="blank") as office:
        await office.dataset(start_date="2026-04-01")
        assert (await office.run()).status == FAILED
        await datasets.edit(center, "clicks", {"blank_answers": "no_rows"})
        run = await office.run()
        assert run.rows_inserted == 400
        assert any("sent an empty answer" in warning for warning in run.warnings)


async def test_an_account_without_clicks_may_say_so_in_its_envelope(
    center: Center, clock: SteppedClock
) -> None:
    async with dialogtech_office(center, clock, empty="failed", clicks=0) as office:
        await office.dataset()
        run = await office.run()
        assert counts(run) == (0, 0, 0)
        assert any('says "No records found"' in warning for warning in run.warnings)


async def test_keys_can_be_changed_to_the_older_form(office: DialogtechOffice) -> None:
    accounts.edit(office.center, "main", {"api_key": "oldtestkey"})
    assert accounts.get(office.center, "main").secret_names == ("api_key",)
    await office.dataset()
    assert counts(await office.run()) == (400, 0, 0)
