"""What other programs get wrong with Dialpad, each as a scenario that must go right here.

Ids through a float: s1. Byte-order marks, quotes and the order of columns: s2. Days around midnight: s3.
Requests that expire or fail: s4. The limit of 200 stats requests an hour: s5. Choices Dialpad refuses: s6.
Operators that are rooms: s7. Cursors that never end: s8. Calls that were running: s12.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from tests.center.conftest import NOON
from tests.center.dialpad_office import DialpadOffice, dialpad_office, turn_columns
from trunkline.center.room import Center, open_center
from trunkline.center.running import run as run_one
from trunkline.center.runs import FAILED, SUCCEEDED, WAITING, Run
from trunkline.center.writer import Writer
from trunkline.clock import SteppedClock
from trunkline.dates import DaySpan
from trunkline.errors import SettingsError
from trunkline.settings import load_settings
from trunkline.sims.dialpad import Fault

OfficeWith = Callable[..., AbstractAsyncContextManager[DialpadOffice]]
LARGE = 9007199254740993
TODAY = NOON.date()


@pytest.fixture
def dialpad_with(center: Center, clock: SteppedClock) -> OfficeWith:
    return lambda *limits, **options: dialpad_office(center, clock, *limits, **options)


LAST_WEEK = {"date_selection": "date_range", "date_range": "relative", "days_back_start": "6"}


def days_back(first: int, last: int, today: date = TODAY) -> DaySpan:
    return DaySpan(today - timedelta(days=first), today - timedelta(days=last))


# -- S1 ---------------------------------------------------------------------------------------------


async def test_s1_ids_beyond_the_floats_are_exact_everywhere(dialpad_with: OfficeWith) -> None:
    async with dialpad_with(calls=200, days=5) as office:
        world = office.sim.world
        world.lists["users"][0]["id"] = LARGE
        world.touch()
        assert world.change_call(world.call_ids()[-1], {"master_call_id": str(LARGE)})
        for report in ("users", "calls", "stats"):
            await office.dataset(report)
            assert (await office.run(report)).status == SUCCEEDED
        assert office.rows(f"select id from datasets.users where id = {LARGE}") == [{"id": LARGE}]
        for report in ("calls", "stats"):
            found = office.rows(f"select call_id from datasets.{report} where master_call_id = {LARGE}")
            assert [str(row["call_id"]) for row in found] == [world.call_ids()[-1]]
            ids = office.call_ids(report)
            assert ids == office.own_calls(days_back(30, 0))
            assert max(map(int, ids)) > 2**53


# -- S2 ---------------------------------------------------------------------------------------------

FORMS: dict[str, dict[str, Any]] = {
    "with a mark": {"bom": True},
    "quoted": {"quoted": True},
    "both": {"bom": True, "quoted": True},
    "columns turned": {},
    "a new column": {"extra_columns": 1},
}


async def exported(dialpad_with: OfficeWith, name: str, turned: bool, **options: Any) -> list[dict[str, Any]]:
    async with dialpad_with(calls=150, days=5, **options) as office:
        if turned:
            turn_columns(office.sim)
        await office.dataset()
        run = await office.run()
        assert (run.status, run.rows_inserted) == (SUCCEEDED, 150), run.error
        assert run.warnings == []
        found = office.rows("select * from datasets.stats order by call_id")
        return [{n: v for n, v in row.items() if n not in ("_run_id", "_loaded_at")} for row in found]


@pytest.mark.parametrize("form", FORMS)
async def test_s2_every_form_of_the_file_makes_the_same_table(
    center: Center, clock: SteppedClock, dialpad_with: OfficeWith, form: str, tmp_path_factory: Any
) -> None:
    other = SteppedClock(NOON)
    with open_center(load_settings(tmp_path_factory.mktemp("plain"), {}), other) as second:
        plain = await exported(lambda **o: dialpad_office(second, other, **o), "plain", False)
    found = await exported(dialpad_with, form, form == "columns turned", **FORMS[form])
    if form == "a new column":
        assert {row.pop("future_column_1") for row in found} == {"x"}
    assert found == plain


# -- S3 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [-10, 10])
async def test_s3_the_last_seven_days_just_before_and_after_midnight(
    dialpad_with: OfficeWith, seconds: int
) -> None:
    async with dialpad_with(calls=600, days=20) as office:
        await office.dataset(**LAST_WEEK)
        midnight = datetime.combine(TODAY + timedelta(days=1), time(), office.zone)
        office.go_to(midnight + timedelta(seconds=seconds))
        today = office.clock.now().astimezone(office.zone).date()
        run = await office.run()
        assert run.status == SUCCEEDED, run.error
        assert office.call_ids() == office.own_calls(days_back(6, 0, today))
        days = office.rows("select day, count(*) n from datasets.stats group by day order by day")
        assert [(row["day"], row["n"]) for row in days] == [
            (day, len(office.own_calls(DaySpan(day, day))))
            for day in days_back(6, 0, today)
            if office.own_calls(DaySpan(day, day))
        ]


async def test_s3_a_run_on_each_side_of_midnight_doubles_nothing(dialpad_with: OfficeWith) -> None:
    async with dialpad_with(calls=600, days=20) as office:
        await office.dataset(**LAST_WEEK)
        midnight = datetime.combine(TODAY + timedelta(days=1), time(), office.zone)
        for seconds in (-40, 10, 7_200):
            office.go_to(midnight + timedelta(seconds=seconds))
            assert (await office.run()).status == SUCCEEDED
            assert office.call_ids() == office.own_calls(days_back(6, 0))


# -- S4 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["stats_expired", "stats_failed"])
async def test_s4_a_request_that_expires_or_fails_is_made_anew(dialpad_with: OfficeWith, kind: str) -> None:
    async with dialpad_with(calls=150, days=5) as office:
        await office.dataset(**LAST_WEEK)
        office.sim.faults.add(Fault(kind, "/stats/", 1, 2))
        run = await office.run()
        assert (run.status, run.rows_inserted, run.retries) == (SUCCEEDED, 150, 2)
        assert office.asked("POST", "/stats") == 2 + 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("stats_expired", "/stats/", 1, None), "forgot the export again and again"),
        (Fault("stats_failed", "/stats/", 1, None), "could not make the export (status failed)"),
        (
            Fault("status", "/stats", 1, None, status=400, text="Invalid timezone name"),
            "Invalid timezone name",
        ),
    ],
)
async def test_s4_what_does_not_help_is_told_and_no_endless_loop(
    dialpad_with: OfficeWith, fault: Fault, said: str
) -> None:
    async with dialpad_with(calls=50, days=5) as office:
        await office.dataset(date_selection="single_date", single_date="relative", relative_date="1")
        office.sim.faults.add(fault)
        run = await office.run()
        assert run.status == FAILED
        assert said in run.error
        assert office.asked("POST", "/stats") <= 4


async def test_s4_a_word_that_is_no_zone_is_refused_before_any_request(dialpad_with: OfficeWith) -> None:
    async with dialpad_with(calls=1) as office:
        with pytest.raises(SettingsError) as caught:
            await office.dataset(time_zone="Mars/Olympus")
        assert "Mars/Olympus" in str(caught.value)
        assert not office.sim.requests


# -- S5 ---------------------------------------------------------------------------------------------


async def test_s5_what_the_hour_does_not_allow_waits_and_finishes(dialpad_with: OfficeWith) -> None:
    limit, wanted = 20, 25
    # An hour's wait of one lets the clock go on for all: nothing may be too late by it.
    patient = {"stats_per_hour": None, "expiry_seconds": 1_000_000.0}
    async with dialpad_with({"stats_limit": limit}, calls=50, days=5, **patient) as office:
        single = {"date_selection": "single_date", "single_date": "relative", "time_zone": "UTC"}
        options = {**single, "timeout_minutes": "10000"}
        names = [
            await office.dataset(f"d{n}", "stats", relative_date=str(n), **options)
            for n in range(1, wanted + 1)
        ]
        states: set[tuple[str, str]] = set()

        def watch(run: Run) -> None:
            states.add((run.status, run.waiting_reason))

        with Writer(office.center.settings) as writer:
            runs = await asyncio.gather(
                *(run_one(office.center, writer, name, watch=watch) for name in names)
            )
        assert {run.status for run in runs} == {SUCCEEDED}
        times = [seen.at for seen in office.sim.requests if seen.method == "POST"]
        assert len(times) == wanted
        # The clock may go on for some waits of others between a permit and the request's arrival.
        hour = timedelta(seconds=3_500)
        assert max(sum(at <= other < at + hour for other in times) for at in times) <= limit
        assert any(status == WAITING and f"{limit} requests an hour" in why for status, why in states)
        assert office.clock.monotonic() > 3_000


# -- S6 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"stat_type": "csat"}, "csat needs a target"),
        ({"stat_type": "dispositions"}, "dispositions needs a target"),
        (
            {"stat_type": "dispositions", "target_type": "user", "target_id": "1", "export_type": "stats"},
            "dispositions comes as records only",
        ),
        ({"stat_type": "texts", "export_type": "stats", "group_by": "user"}, "--group-by"),
    ],
)
async def test_s6_choices_that_dialpad_refuses_are_told_before_any_request(
    dialpad_with: OfficeWith, options: dict[str, str], said: str
) -> None:
    async with dialpad_with(calls=1) as office:
        with pytest.raises(SettingsError) as caught:
            await office.dataset(**options)
        assert said in str(caught.value)
        assert not office.sim.requests


# -- S7 ---------------------------------------------------------------------------------------------


async def test_s7_users_and_rooms_land_with_their_call_center(dialpad_with: OfficeWith) -> None:
    async with dialpad_with(calls=1, rooms=4) as office:
        for room in office.sim.world.lists["rooms"]:
            room["is_on_duty"] = True
        office.sim.world.touch()
        await office.dataset("operators")
        run = await office.run("operators")
        assert run.status == SUCCEEDED, run.error
        rows = office.rows("select call_center_id, id, operator_type, name from datasets.operators")
        centers = {int(row["id"]) for row in office.sim.world.lists["callcenters"]}
        assert {row["call_center_id"] for row in rows} == centers
        of = {kind: {int(row["id"]) for row in office.sim.world.lists[kind]} for kind in ("users", "rooms")}
        for kind in ("user", "room"):
            found = [row for row in rows if row["operator_type"] == kind]
            assert found
            assert {row["id"] for row in found} <= of[f"{kind}s"]
        assert all(row["name"] for row in rows if row["operator_type"] == "room")
        assert office.asked("GET", "/operators") == len(centers)


# -- S8 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", ["users", "calls", "offices", "operators"])
async def test_s8_an_empty_cursor_is_the_end(dialpad_with: OfficeWith, report: str) -> None:
    async with dialpad_with(calls=120, days=5, empty_cursor=True, page_rows=7) as office:
        await office.dataset(report)
        run = await office.run(report)
        assert run.status == SUCCEEDED, run.error
        if report != "operators":
            assert run.rows_inserted == office.sim.world.counts()[report]


async def test_s8_a_cursor_that_repeats_itself_is_an_error(dialpad_with: OfficeWith) -> None:
    async with dialpad_with(calls=120, days=5, page_rows=7) as office:
        await office.dataset("users")
        office.sim.faults.add(Fault("repeated_cursor", "/users", 2, None))
        run = await office.run("users")
        assert run.status == FAILED
        assert "Dialpad" in run.error
        assert office.asked("GET", "/users") <= 4


# -- S12 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", ["calls", "stats"])
async def test_s12_a_call_that_was_running_arrives_with_the_next_run(
    dialpad_with: OfficeWith, report: str
) -> None:
    async with dialpad_with(calls=150, days=5) as office:
        await office.dataset(report)
        running = office.sim.world.add_calls(1, at=NOON - timedelta(seconds=1), kind="inbound")
        first = await office.run(report)
        assert (first.status, first.rows_inserted) == (SUCCEEDED, 150)
        assert not set(running) & set(office.call_ids(report))
        office.clock.advance(86_400)
        second = await office.run(report)
        assert second.status == SUCCEEDED
        assert set(running) <= set(office.call_ids(report))
        assert len(office.call_ids(report)) == 150 + len(running)
