"""A run under way: what its record says at every moment, and what others may change meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.center.conftest import Office
from trunkline.center import accounts, datasets, planning, runs
from trunkline.center.running import RunningDataset
from trunkline.center.running import run as run_one
from trunkline.center.runs import BACKFILL, FAILED, SUCCEEDED, Origin, Wish
from trunkline.center.writer import Writer
from trunkline.errors import RetryLater, SettingsError
from trunkline.sims.callrail import Fault
from trunkline.warehouse.target import Loaded

OfficeWith = Callable[..., Any]
CALLS = 3_000


async def in_windows(office: Office, **options: Any) -> str:
    """A dataset of several windows of 500 rows."""
    values: Any = office.center.settings.values
    values["window_rows"] = 500
    return await office.dataset(start_date="2026-04-01", **options)


def once_during_the_load(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Does something while the first window is being loaded."""
    load = planning.Plan.load
    done: list[object] = []

    def acting(plan: Any, *given: Any) -> Loaded:
        if not done:
            done.append(act())
        return load(plan, *given)

    monkeypatch.setattr(planning.Plan, "load", acting)


async def test_the_record_knows_of_a_window_as_soon_as_it_is_committed(office_with: OfficeWith) -> None:
    seen: list[tuple[int, int, int]] = []

    class Witness(Writer):
        """Looks into the history after every commit, as somebody would after a kill."""

        def _do(self, work: Any) -> Any:
            result = super()._do(work)
            if isinstance(result, Loaded):
                loaded.append(result.inserted)
                written = runs.history(office.center, "calls")[0]
                seen.append((len(loaded), written.windows_done, written.rows_inserted))
            return result

    loaded: list[int] = []
    async with office_with(calls=CALLS, days=60) as office:
        await in_windows(office)
        with Witness(office.center.settings) as writer:
            run = await run_one(office.center, writer, "calls")
    assert run.status == SUCCEEDED
    assert len(loaded) > 3
    assert seen == [(n + 1, n + 1, sum(loaded[: n + 1])) for n in range(len(loaded))]


async def test_after_a_load_that_failed_no_later_window_is_loaded(
    office_with: OfficeWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = planning.Plan.load
    calls: list[Any] = []

    def failing_once(plan: Any, *given: Any) -> Loaded:
        calls.append(given)
        if len(calls) == 2:
            raise RetryLater("The warehouse is busy.")
        return load(plan, *given)

    async with office_with(calls=CALLS, days=60) as office:
        await in_windows(office)
        monkeypatch.setattr(planning.Plan, "load", failing_once)
        broken = await office.run()
        assert (broken.status, broken.error, broken.windows_done) == (
            FAILED,
            "The warehouse is busy.",
            1,
        )
        assert (await office.run()).status == SUCCEEDED
        assert office.ids() == sorted(office.sim.world.call_ids())


async def test_a_renamed_account_does_not_make_its_run_fail(
    office_with: OfficeWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office_with(calls=CALLS, days=60) as office:
        await in_windows(office)
        accounts.set_verdict(office.center, "main", accounts.Verdict(accounts.UNTESTED))
        once_during_the_load(monkeypatch, lambda: accounts.rename(office.center, "main", "renamed"))
        run = await office.run()
        assert (run.status, run.error) == (SUCCEEDED, "")
        assert accounts.get(office.center, "renamed").state == accounts.VALID


async def test_a_run_says_nothing_of_a_key_that_it_did_not_use(
    office_with: OfficeWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office_with(calls=CALLS, days=60) as office:
        await in_windows(office)
        once_during_the_load(
            monkeypatch, lambda: accounts.edit(office.center, "main", {"api_key": "another"})
        )
        assert (await office.run()).status == SUCCEEDED
        assert accounts.get(office.center, "main").state == accounts.UNTESTED


async def test_a_full_load_that_goes_on_says_so(office_with: OfficeWith) -> None:
    async with office_with(calls=CALLS, days=60) as office:
        await in_windows(office)
        await office.run()
        office.sim.faults.add(Fault("status", "calls.json", 9, None, status=403))
        broken = await office.run(full=True)
        assert broken.status == FAILED
        assert broken.windows_done > 1
        office.sim.faults.clear()
        office.clock.advance(600)
        run = await office.run(full=True)
        since = broken.started_at.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
        staged = broken.windows_done
        assert run.warnings == [
            f"Goes on with the full load begun {since}; {staged} windows were staged already."
        ]
        assert (run.status, office.ids()) == (SUCCEEDED, sorted(office.sim.world.call_ids()))
        assert (await office.run(full=True)).warnings == []


async def test_a_wait_that_is_told_late_does_not_open_a_run_that_has_ended(office_with: OfficeWith) -> None:
    async with office_with(calls=10, days=7) as office:
        await office.dataset(days_back="3")
        dataset = datasets.get(office.center, "calls")
        with Writer(office.center.settings) as writer:
            running = RunningDataset(office.center, writer, dataset, Wish(), Origin(), None)
        for ended in runs.ENDED:
            running.run.status = ended
            running._on_wait(office.clock.now(), "40 requests an hour")
            assert (running.run.status, running.run.waits) == (ended, 0)


async def test_a_backfill_reads_days_beside_those_of_the_dataset(office_with: OfficeWith) -> None:
    async with office_with(calls=60, days=40) as office:
        await office.dataset(days_back="3")
        await office.run()
        recent = office.ids()
        backfill = await office.run(since="today-30", until="today-20")
        assert (backfill.status, backfill.trigger, backfill.days_read) == (SUCCEEDED, BACKFILL, 11)
        (note,) = backfill.warnings
        assert note.startswith(
            "Not all of these days belong to calls, which holds 12 Jun 2026 to 15 Jun 2026"
        )
        assert len(office.ids()) == len(recent) + backfill.rows_inserted > len(recent)
        following = await office.run()
        assert (following.rows_inserted, following.days) == (0, "12 Jun 2026 to 15 Jun 2026")
        await office.run(full=True)
        assert office.ids() == recent


@pytest.mark.parametrize(
    ("wish", "said", "todo"),
    [
        (Wish(True, "2026-06-01"), "--full and --since or --until exclude each other", "Leave out --full"),
        (Wish(True, "", "today"), "--full and --since or --until exclude each other", "Leave out --full"),
        (
            Wish(since="today", until="today-5"),
            "--since is today (2026-06-15) and --until is today-5 (2026-06-10): the ends are swapped.",
            "Give --since today-5 --until today.",
        ),
        (Wish(since="2020-01-01", until="2020-01-02"), "are no longer kept (25 months)", "Choose days from"),
        (Wish(since="2026-06-16"), "no day of it lies there", "Name both ends"),
        (Wish(since="2026-06-16", until="2026-06-17"), "has not come yet", "Choose days from"),
    ],
)
async def test_a_wish_that_cannot_be_had_is_told_for_what_it_is(
    office_with: OfficeWith, wish: Wish, said: str, todo: str
) -> None:
    async with office_with(calls=10, days=7) as office:
        await in_windows(office)
        dataset = datasets.get(office.center, "calls")
        with pytest.raises(SettingsError) as refused:
            planning.check_wish(office.center, dataset, wish)
        assert said in str(refused.value)
        assert todo in refused.value.todo
