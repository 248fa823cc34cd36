"""What a run would cost, told before: held against what it then costs, and without starting anything."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.center.conftest import NOON, Office
from tests.center.test_running import in_windows
from trunkline.center import budgets, estimates, runs, tables_of
from trunkline.center.estimates import DECLARATION, HISTORY, PROVIDER, Estimate
from trunkline.center.runs import Wish
from trunkline.connectors import connector
from trunkline.connectors import report as report_named
from trunkline.dates import DaySpan, parse_day
from trunkline.declare import Limit
from trunkline.errors import RetryLater, SettingsError
from trunkline.fetch.declared_windows import requests_of_a_window, window_count
from trunkline.fetch.spend_memory import MemorySpendLog
from trunkline.fetch.spend_slots import seconds_for
from trunkline.fetch.spending import Grant
from trunkline.options import resolve
from trunkline.sims.callrail import Fault

OfficeWith = Callable[..., Any]
HOUR = 3_600
TODAY = NOON.date()


async def told(office: Office, **wish: Any) -> Estimate:
    return await estimates.estimate(office.center, "calls", Wish(**wish))


@pytest.mark.parametrize("wish", [{}, {"full": True}, {"since": "2026-05-01", "until": "2026-05-31"}])
async def test_where_the_provider_tells_a_total_the_estimate_is_near_the_truth(
    office_with: OfficeWith, wish: dict[str, Any]
) -> None:
    async with office_with(calls=6_000, days=60) as office:
        await in_windows(office)
        before = len(office.sim.requests)
        found = await told(office, **wish)
        assert len(office.sim.requests) - before == found.asked == 1
        assert runs.history(office.center, "calls") == []
        run = await office.run(**wish)
        assert (found.cost.basis, found.cost.rows) == (PROVIDER, run.rows_expected)
        assert abs(found.cost.requests - run.requests) <= max(3, run.requests * 0.3)
        assert str(found.days) == run.days


async def test_the_hours_follow_from_the_budget(office_with: OfficeWith) -> None:
    limits = {"hourly_limit": 10, "daily_limit": 1_000}
    async with office_with(calls=6_000, days=60, limits=limits) as office:
        await office.dataset(start_date="2026-04-01")
        found = await told(office)
        assert found.waits_for == "10 requests an hour"
        assert 2 * HOUR <= found.waiting_seconds <= 2.2 * HOUR
        run = await office.run()
        assert run.status == runs.SUCCEEDED
        assert abs(run.waited_seconds - found.waiting_seconds) < 0.1 * HOUR


async def test_without_a_token_left_nobody_is_asked_and_nobody_waits(office_with: OfficeWith) -> None:
    async with office_with(calls=600, days=60) as office:
        await office.dataset(start_date="2026-04-17")
        run = await office.run()
        log, limits = office.center.spend_log, (Limit(1_000, HOUR), Limit(10_000, 24 * HOUR))
        (key,) = {use.counts_for for use in budgets.of_account(office.center, "main")}
        assert isinstance(log.take(key, limits, 1_000, NOON), Grant)
        now, sent = office.clock.monotonic(), len(office.sim.requests)
        found = await told(office, full=True)
        assert (found.asked, found.cost.basis, len(office.sim.requests)) == (0, HISTORY, sent)
        assert found.cost.rows == run.rows_read
        assert found.waiting_seconds > HOUR / 2
        assert office.clock.monotonic() == now


async def test_what_a_person_should_know_is_noted(
    office_with: OfficeWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office_with(calls=600, days=60) as office:
        await office.dataset(start_date="2026-04-17")
        assert (await told(office)).notes == ()
        await office.run()
        due = await told(office)
        assert (str(due.days), due.notes) == ("8 Jun 2026 to 15 Jun 2026", ())
        (note,) = (await told(office, since="2026-01-01")).notes
        assert note.startswith("Not all of these days belong to calls")
        (note,) = (await told(office, since="today-5", until="2027-01-01")).notes
        assert note == "Of the days asked for, 10 Jun 2026 to 15 Jun 2026 can be read."

        def busy(*_: object, **__: object) -> None:
            raise RetryLater("The warehouse is busy.")

        monkeypatch.setattr(tables_of, "open_warehouse", busy)
        assert (await told(office)).notes == (estimates.UNSEEN,)


async def test_where_the_provider_is_out_of_reach_the_history_does(office_with: OfficeWith) -> None:
    async with office_with(calls=600, days=60) as office:
        await office.dataset(start_date="2026-04-17")
        run = await office.run()
        office.sim.faults.add(Fault("status", "calls.json", 1, None, status=503))
        found = await told(office, full=True)
        assert (found.cost.basis, found.cost.rows) == (HISTORY, run.rows_read)
        assert "503" in found.notes[0]


async def test_a_wish_that_cannot_be_had_is_refused_as_by_a_run(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        await office.dataset(days_back="3")
        with pytest.raises(SettingsError, match="are no longer kept"):
            await told(office, since="2020-01-01", until="2020-01-02")


async def test_looking_at_the_budget_takes_no_token(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        await office.dataset(days_back="3")
        await office.run()
        first = budgets.of_account(office.center, "main")
        assert budgets.of_account(office.center, "main") == first
        hour, day = first
        assert (hour.used, hour.left) == (day.used, 1_000 - hour.used)
        assert hour.more_at
        assert hour.resets_at
        assert NOON < hour.more_at <= hour.resets_at
        assert (hour.resets_at - NOON).total_seconds() <= HOUR * 61 / 60
        assert "counting" not in hour.to_json()
        office.clock.advance(2 * HOUR)
        later = budgets.of_account(office.center, "main")[0]
        assert (later.used, later.more_at, later.resets_at) == (0, None, None)


@pytest.mark.parametrize(
    ("limit", "sent", "requests", "least", "most"),
    [
        (Limit(1_000, HOUR), 0, 1_000, 0, 0),
        (Limit(1_000, HOUR), 0, 2_500, 2 * HOUR, 2.1 * HOUR),
        (Limit(1_000, HOUR), 1_000, 1, HOUR, 1.1 * HOUR),
        (Limit(20, 1), 0, 2_000, 99, 102),
        (Limit(1_000, HOUR), 0, 0, 0, 0),
    ],
)
def test_so_long_takes_sending(limit: Limit, sent: int, requests: int, least: float, most: float) -> None:
    log = MemorySpendLog()
    if sent:
        log.take("a", (limit,), sent, NOON)
    ((_, counting),) = log.returning("a", (limit,), NOON)
    assert sum(counting.values()) == sent
    assert least <= seconds_for(limit, counting, requests, NOON) <= most


@pytest.mark.parametrize(
    ("name", "report", "options", "windows", "requests"),
    [
        ("dialpad", "stats", {"stat_type": "calls", "chunk_days": "10"}, 5, 3),
        ("dialogtech", "clickto", {}, 6, 1),
        ("dialer360", "agent_stats", {}, 41, 1),
        ("dialpad", "calls", {}, None, 1),
        ("callrail", "companies", {}, 1, 1),
        ("callrail", "calls", {}, None, 1),
    ],
)
def test_windows_that_follow_from_the_declaration(
    name: str, report: str, options: dict[str, str], windows: int | None, requests: int
) -> None:
    found = report_named(connector(name), report)
    values = {o.name: o.default for o in found.options if o.default is not None}
    given = resolve(tuple(o for o in found.options if o.name in options), options)
    span = DaySpan(parse_day("today-40", TODAY), TODAY) if found.dates else None
    counted = window_count(found, {**values, **given}, span, TODAY)
    assert counted == windows
    assert requests_of_a_window(found, {**values, **given}) == requests


async def test_a_directory_is_one_window_and_the_past_tells_its_cost(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        await office.dataset("companies")
        found = await estimates.estimate(office.center, "companies", Wish())
        run = await office.run("companies")
        assert (found.cost.windows, found.cost.requests, found.days) == (1, run.requests, None)
        assert found.cost.basis in (PROVIDER, DECLARATION)
