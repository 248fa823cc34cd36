"""Schedules and retries in a configuration file: told apart, done together, and printed as they came."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from tests.center.conftest import Office
from tests.center.test_configuring import applied, wanted
from trunkline.center import configuration_present, configuring, datasets, timetables
from trunkline.center.retries import policy_of
from trunkline.center.timetables import Timetable
from trunkline.errors import RetryLater, SettingsError

PLAIN = '[datasets.firms]\naccount = "main"\nreport = "companies"\n'
TIMED = (
    PLAIN
    + """
[datasets.firms.schedule]
every = "15m"
between = "08:00-18:00"
zone = "America/New_York"
[datasets.firms.retries]
count = 5
delay = "30m"
"""
)


def of_firms(office: Office) -> Timetable:
    return timetables.of(office.center, datasets.get(office.center, "firms"))


async def test_a_dataset_comes_with_its_schedule_and_its_retries(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=5) as office:
        assert await applied(office.center, wanted(tmp_path, TIMED)) == [("add", "dataset", "firms")]
        found = of_firms(office)
        assert found.schedule.text == "every 15m, 08:00-18:00 (America/New_York)"
        assert found.schedule.jitter_seconds
        assert found.next_due_at is not None
        assert found.retries == policy_of(5, "30m")
        assert await applied(office.center, wanted(tmp_path, TIMED)) == []


async def test_the_difference_is_told_key_by_key(office_with: Callable[..., Any], tmp_path: Path) -> None:
    async with office_with(calls=5) as office:
        await applied(office.center, wanted(tmp_path, TIMED))
        later = TIMED.replace("08:00", "09:00").replace("count = 5", "count = 1") + "\n"
        later = later.replace('zone = "America/New_York"', 'zone = "America/New_York"\npaused = true')
        plan = await configuring.plan(office.center, wanted(tmp_path, later))
        assert plan.changes[0].differences == (
            "retries.count: 5 -> 1",
            "schedule.between: 08:00-18:00 -> 09:00-18:00",
            "schedule.paused: (none) -> True",
        )
        configuring.carry_out(office.center, plan)
        assert (of_firms(office).is_paused, of_firms(office).next_due_at) == (True, None)


async def test_what_the_file_does_not_give_is_as_in_a_new_dataset(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=5) as office:
        await applied(office.center, wanted(tmp_path, TIMED))
        assert await applied(office.center, wanted(tmp_path, PLAIN)) == [("change", "dataset", "firms")]
        found = of_firms(office)
        assert (found.schedule.kind, found.next_due_at) == ("manual", None)
        assert found.retries == policy_of(3, "15m")
        assert await applied(office.center, wanted(tmp_path, PLAIN)) == []


async def test_an_unchanged_schedule_keeps_the_time_that_is_due(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=5) as office:
        await applied(office.center, wanted(tmp_path, TIMED))
        due = of_firms(office).next_due_at
        office.clock.advance(86_400)
        await applied(office.center, wanted(tmp_path, TIMED.replace("count = 5", "count = 4")))
        assert of_firms(office).next_due_at == due


@pytest.mark.parametrize(
    "schedule",
    [
        ("every", "2h", ""),
        ("daily", "06:00", ""),
        ("weekly", "mon,thu 06:00", ""),
        ("monthly", "1 06:00", ""),
        ("cron", "30 1 * * *", ""),
        ("every", "5m", "22:00-06:00"),
    ],
)
async def test_what_is_printed_changes_nothing_when_it_is_applied(
    office_with: Callable[..., Any], tmp_path: Path, schedule: tuple[str, str, str]
) -> None:
    async with office_with(calls=5) as office:
        await applied(office.center, wanted(tmp_path, PLAIN))
        kind, words, between = schedule
        firms = datasets.get(office.center, "firms")
        timetables.set_schedule(office.center, firms, kind, words, between=between, zone="Asia/Kolkata")
        timetables.set_retries(office.center, firms, policy_of(0, "1h"))
        printed = configuration_present.present(office.center)
        assert printed["datasets"]["firms"]["schedule"][kind] == words
        assert printed["datasets"]["firms"]["retries"] == {"count": 0, "delay": "1h"}
        plan = await configuring.plan(office.center, wanted(tmp_path, tomli_w.dumps(printed)))
        assert plan.changes == []


async def test_a_schedule_that_somebody_changed_meanwhile_is_not_overwritten(
    office_with: Callable[..., Any], tmp_path: Path
) -> None:
    async with office_with(calls=5) as office:
        await applied(office.center, wanted(tmp_path, TIMED))
        plan = await configuring.plan(office.center, wanted(tmp_path, PLAIN))
        timetables.pause(office.center, datasets.get(office.center, "firms"))
        with pytest.raises(RetryLater, match="meanwhile"):
            configuring.carry_out(office.center, plan)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ('schedule = "daily"', "datasets.firms.schedule: It is 'daily'; it must be a table"),
        ('schedule = { zone = "UTC" }', "One of every, daily, weekly, monthly, cron must be given; none"),
        ('schedule = { every = "1h", cron = "* * * * *", zone = "UTC" }', "every and cron came"),
        ('schedule = { every = "1h" }', "datasets.firms.schedule.zone: zone is missing"),
        ('schedule = { every = "1x", zone = "UTC" }', "datasets.firms.schedule.every: "),
        ('schedule = { every = "1h", zone = "Mars/One" }', "datasets.firms.schedule.zone: "),
        ('schedule = { every = 15, zone = "UTC" }', "every is 15; it must be a text"),
        ('schedule = { daily = "06:00", zone = "UTC", paused = 1 }', "paused is 1; it must be true"),
        ('schedule = { daily = "06:00", at = "UTC" }', "datasets.firms.schedule.at: at is not known"),
        ("retries = { count = 11 }", "datasets.firms.retries.count: "),
        ("retries = { count = true }", "count is True; it must be a number"),
        ("retries = { delay = 15 }", "delay is 15; it must be a text"),
        ('retries = { delay = "soon" }', "datasets.firms.retries.delay: "),
    ],
)
def test_what_will_not_do_is_told_with_its_place(tmp_path: Path, given: str, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        wanted(tmp_path, PLAIN + given)
    assert told in "\n".join(problem.message for problem in refused.value.problems)
