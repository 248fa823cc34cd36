"""One process works on a dataset at a time, and what the history says of a run is believed with its lock."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.center.conftest import NOON, Office
from trunkline.center import datasets, occupancy, runs
from trunkline.center.datasets import Dataset
from trunkline.center.room import Center
from trunkline.center.running import run
from trunkline.center.runs import FAILED, RUNNING, Run
from trunkline.center.writer import Writer
from trunkline.errors import RetryLater, SettingsError

OfficeWith = Callable[..., Any]


def open_run(center: Center, dataset: Dataset, at: datetime = NOON) -> str:
    """The record of a run under way, as its process writes it."""
    begun = Run(runs.new_run_id(at), dataset.name, "manual", "merge", RUNNING, at)
    runs.insert(center, dataset, begun)
    return begun.id


async def calls_of(office: Office) -> Dataset:
    return datasets.get(office.center, await office.dataset(days_back="7"))


class Untouched(Writer):
    """A warehouse that nobody may ask for anything."""

    def make_ready(self) -> None:
        raise AssertionError("the warehouse was opened")

    def submit(self, work: Any) -> Any:
        raise AssertionError("the warehouse was used")


async def test_a_second_run_names_the_first_and_leaves_the_warehouse_alone(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        dataset = await calls_of(office)
        first = open_run(office.center, dataset)
        with (
            occupancy.held(office.center, dataset.id, dataset.name),
            Untouched(office.center.settings) as writer,
            pytest.raises(RetryLater) as refused,
        ):
            await run(office.center, writer, "calls")
        since = NOON.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
        assert str(refused.value) == f"calls is being run (run {first}, since {since})."
        assert f"`trunkline cancel {first}`" in refused.value.todo


async def test_a_dataset_under_way_is_neither_changed_nor_removed(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        dataset = await calls_of(office)
        first = open_run(office.center, dataset)
        dropped: list[str] = []

        def drop(center: Center, name: str) -> None:
            dropped.append(name)

        with occupancy.held(office.center, dataset.id, dataset.name):
            with pytest.raises(RetryLater, match=first):
                await datasets.edit(office.center, "calls", {"days_back": "3"})
            with pytest.raises(RetryLater, match=first):
                datasets.remove(office.center, "calls", drop)
        assert dropped == []
        assert datasets.get(office.center, "calls").options == dataset.options


async def test_the_record_of_a_dead_process_hinders_nobody(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        open_run(office.center, await calls_of(office))
        edited = await datasets.edit(office.center, "calls", {"days_back": "3"})
        assert edited.options["days_back"] == "3"
        datasets.remove(office.center, "calls")
        with pytest.raises(SettingsError, match="no dataset named"):
            datasets.get(office.center, "calls")


async def test_a_dataset_that_is_only_changed_is_told_as_that(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        dataset = await calls_of(office)
        with (
            occupancy.held(office.center, dataset.id, dataset.name),
            pytest.raises(RetryLater, match="is being changed by another process"),
        ):
            occupancy.check_free(office.center, dataset.id, dataset.name)


async def test_whoever_looks_at_a_dead_run_sees_it_failed(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        dataset = await calls_of(office)
        dead = open_run(office.center, dataset)
        last = runs.last(office.center, dataset)
        assert last is not None
        assert (last.id, last.status, last.ended_at) == (dead, FAILED, NOON)
        assert last.error == "The run's process ended before the run did."
        again = open_run(office.center, dataset)
        assert [r.status for r in runs.history(office.center, "calls")] == [FAILED, FAILED]
        with pytest.raises(SettingsError, match="has ended already"):
            runs.cancel(office.center, again)


async def test_a_run_whose_process_lives_is_shown_as_it_is(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        dataset = await calls_of(office)
        open_run(office.center, dataset)
        with occupancy.held(office.center, dataset.id, dataset.name):
            assert [r.status for r in runs.history(office.center, "calls")] == [RUNNING]


async def test_a_run_that_begins_while_somebody_looks_is_not_ended(
    office_with: OfficeWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office_with(calls=10, days=7) as office:
        dataset = await calls_of(office)
        dead = open_run(office.center, dataset)
        begun: list[str] = []

        def free_until_just_now(center: Center, dataset_id: int) -> bool:
            begun.append(open_run(center, dataset))
            return True

        monkeypatch.setattr(occupancy, "_is_free", free_until_just_now)
        occupancy.close_forsaken(office.center, dataset.id)
        monkeypatch.setattr(occupancy, "_is_free", lambda center, dataset_id: False)
        states = {r.id: r.status for r in runs.history(office.center, "calls")}
        assert states == {dead: FAILED, begun[0]: RUNNING}


async def test_a_glance_at_the_lock_does_not_turn_a_run_away(office_with: OfficeWith) -> None:
    import threading

    async with office_with(calls=10, days=7) as office:
        dataset = await calls_of(office)
        holding, waited = threading.Event(), threading.Event()

        def glance() -> None:
            with occupancy.held(office.center, dataset.id, dataset.name):
                holding.set()
                waited.wait(occupancy.SECONDS_OF_A_LOOK / 4)

        looker = threading.Thread(target=glance)
        looker.start()
        holding.wait()
        with occupancy.held(office.center, dataset.id, dataset.name):
            looker.join()
