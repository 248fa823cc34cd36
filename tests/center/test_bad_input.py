"""Bad input gives one clear sentence and leaves the dataset as it was."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.center.conftest import NOON
from trunkline.center import accounts
from trunkline.center.runs import FAILED, SUCCEEDED
from trunkline.errors import SettingsError
from trunkline.sims.callrail import Fault

OfficeWith = Callable[..., Any]

BROKEN_ANSWERS = [
    (Fault("html", "calls.json", 2, None), "web page"),
    (Fault("truncated", "calls.json", 2, None), "breaks off"),
    (Fault("not_a_list", "calls.json", 2, None), "must be a list"),
    (Fault("null_key", "calls.json", 2, None), "without its id"),
    (Fault("huge", "calls.json", 2, None, size=70_000_000), "larger than"),
    (Fault("status", "calls.json", 2, None, status=403), "(403)"),
    (Fault("status", "calls.json", 2, None, status=422), "(422)"),
    (Fault("status", "calls.json", 2, None, status=500), "status 500"),
    (Fault("disconnect", "calls.json", 2, None), "broke off"),
]


@pytest.mark.parametrize(("fault", "said"), BROKEN_ANSWERS, ids=lambda v: getattr(v, "kind", None))
async def test_a_broken_answer_fails_the_run_and_changes_nothing(
    office_with: OfficeWith, fault: Fault, said: str
) -> None:
    async with office_with(calls=1_000, days=30) as office:
        await office.dataset(days_back="60")
        await office.run()
        before = office.rows("select * from datasets.calls order by id")
        office.clock.advance(3600)
        office.sim.world.add_calls(300, at=NOON + timedelta(minutes=1))
        office.sim.faults.add(fault)
        run = await office.run()
        assert run.status == FAILED
        assert said in run.error
        assert run.todo
        assert "testkey" not in run.error + run.todo + " ".join(run.warnings)
        assert office.rows("select * from datasets.calls order by id") == before
        office.sim.faults.clear()
        assert (await office.run()).rows_inserted == 300


async def test_a_key_revoked_in_the_middle_is_named_and_marks_the_account(office_with: OfficeWith) -> None:
    async with office_with(calls=5_000, days=60) as office:
        await office.dataset(days_back="90")
        office.sim.faults.add(Fault("revoked", "calls.json", 5))
        run = await office.run()
        assert (run.status, run.error_kind) == (FAILED, "key_refused")
        assert "refused the API Key (401)" in run.error
        assert run.todo == "Check Account 'main' > API Key."
        assert accounts.get(office.center, "main").state == accounts.INVALID
        office.sim.faults.clear()
        assert (await office.run()).status == SUCCEEDED
        assert accounts.get(office.center, "main").state == accounts.VALID


async def test_an_unknown_account_id_is_named(office_with: OfficeWith) -> None:
    async with office_with({"account_id": "ACCunknown"}, calls=10) as office:
        await office.dataset()
        run = await office.run()
        assert run.status == FAILED
        assert "ACCunknown" in run.error
        assert run.todo


async def test_rows_that_come_on_two_pages_are_kept_once(office_with: OfficeWith) -> None:
    async with office_with(calls=1_000, days=30) as office:
        await office.dataset(days_back="60")
        office.sim.faults.add(Fault("duplicate_ids", "calls.json", 3, 1, count=5))
        run = await office.run()
        assert run.status == SUCCEEDED
        assert office.ids() == sorted(office.sim.world.call_ids())


async def test_an_empty_account_is_no_error(office_with: OfficeWith) -> None:
    async with office_with(calls=10) as office:
        await office.dataset(account_id="ACC8154748ae6bd4e278a7cddd38a662d4d")
        run = await office.run()
        assert (run.status, run.rows_read) == (SUCCEEDED, 0)
        assert office.ids() == []


@pytest.mark.parametrize(
    ("options", "field", "said"),
    [
        ({"start_date": "2026-05-01", "end_date": "2026-04-01"}, "start_date", "lies after the end"),
        ({"start_date": "2026-02-31"}, "start_date", "does not exist"),
        ({"start_date": "2027-01-01"}, "start_date", "after today"),
        ({"start_date": "2019-01-01", "end_date": "2020-01-01"}, "end_date", "no longer kept"),
        ({"days_back": "-3"}, "days_back", "number of days back"),
        ({"days_back": "7", "start_date": "2026-05-01"}, "start_date", "Leave one of them out"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "no time zone"),
        ({"compny_id": "COM1"}, "compny_id", "Did you mean company_id?"),
        ({"fields": "milestone"}, "fields", "Did you mean milestones?"),
        ({"reread_days": "-1"}, "reread_days", "at least 0"),
    ],
)
async def test_a_wrong_option_is_named_before_anything_is_saved(
    office_with: OfficeWith, options: dict[str, str], field: str, said: str
) -> None:
    async with office_with(calls=10) as office:
        with pytest.raises(SettingsError) as caught:
            await office.dataset(**options)
        assert [p.field for p in caught.value.problems] == [field] or field in str(caught.value)
        assert said in str(caught.value)
        with pytest.raises(SettingsError, match="no dataset named 'calls'"):
            await office.run()


async def test_an_update_method_the_report_cannot_do_is_refused(office_with: OfficeWith) -> None:
    async with office_with(calls=10) as office:
        with pytest.raises(SettingsError, match="can do replace, append"):
            await office.dataset("summary", method="merge")
