"""A dataset that is reset is empty, is read from its beginning, and says so in its history."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.center.test_running import in_windows
from trunkline.center import datasets, occupancy, resetting, runs
from trunkline.errors import RetryLater

OfficeWith = Callable[..., Any]


async def test_a_reset_dataset_is_read_anew(office_with: OfficeWith) -> None:
    async with office_with(calls=1_000, days=60) as office:
        await in_windows(office)
        success = await office.run()
        office.clock.advance(60)
        done = resetting.reset(office.center, "calls", "ann")
        assert (done.trigger, done.status, done.rows_deleted, done.started_by) == (
            "reset",
            "reset",
            1_000,
            "ann",
        )
        assert [one.status for one in runs.history(office.center, "calls")] == ["reset", "succeeded"]
        dataset = datasets.get(office.center, "calls")
        last_success = runs.last(office.center, dataset, runs.SUCCEEDED)
        assert last_success
        assert (dataset.last_run_id, last_success.id) == (done.id, success.id)
        office.clock.advance(60)
        assert (await office.run()).rows_inserted == 1_000


async def test_a_dataset_that_was_never_run_can_be_reset(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        await office.dataset(days_back="3")
        assert resetting.reset(office.center, "calls").rows_deleted == 0


async def test_a_dataset_under_way_is_not_reset(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        await office.dataset(days_back="3")
        await office.run()
        held = occupancy.held(office.center, datasets.get(office.center, "calls").id, "calls")
        with held, pytest.raises(RetryLater):
            resetting.reset(office.center, "calls")
        assert len(office.ids()) > 0
