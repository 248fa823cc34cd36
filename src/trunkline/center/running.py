"""One run under way: reads what is due, loads it window by window, and keeps its record true."""

import asyncio
import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from trunkline.center import accounts, datasets, occupancy, runs
from trunkline.center.datasets import Dataset
from trunkline.center.loading import Listener, load_windows
from trunkline.center.planning import planned
from trunkline.center.room import Center
from trunkline.center.runs import Run, Wish
from trunkline.center.writer import Writer
from trunkline.errors import Cancelled, DataError, KeyRefused, SettingsError, TrunklineError
from trunkline.fetch.counters import Counters
from trunkline.fetch.source import Access, SourceWindow, open_source
from trunkline.warehouse.batches import Batcher
from trunkline.warehouse.target import Loaded

SECONDS_BETWEEN_REPORTS = 1.0
RELEASE_AFTER_SECONDS = 5.0
_log = logging.getLogger("trunkline.runs")
YOUNG_OBJECTS = 200_000
"""Collector threshold during a run: decoded rows live for moments, and walking them costs a third."""

Watch = Callable[[Run], None]


async def run(
    center: Center,
    writer: Writer,
    name: str,
    *,
    wish: Wish | None = None,
    trigger: str = "manual",
    watch: Watch | None = None,
) -> Run:
    """Run a dataset once; its outcome is returned, not raised, and stands in the history.

    Raises SettingsError for an unknown dataset, RetryLater when it is being run already.
    """
    dataset = datasets.get(center, name)
    with occupancy.held(center, dataset.id, dataset.name):
        occupancy.close_dead(center, dataset.id)
        writer.make_ready()
        return await RunningDataset(center, writer, dataset, wish or Wish(), trigger, watch).to_the_end()


_former: list[tuple[int, int, int]] = []


@contextmanager
def _patient_collector() -> Iterator[None]:
    _former.append(gc.get_threshold())
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 100)
    try:
        yield
    finally:
        first = _former[0]
        _former.pop()
        if not _former:  # runs end in any order; the last one gives back what the first one found
            gc.set_threshold(*first)
            gc.unfreeze()


class RunningDataset:
    """One run of one dataset."""

    def __init__(
        self, center: Center, writer: Writer, dataset: Dataset, wish: Wish, trigger: str, watch: Watch | None
    ) -> None:
        now = center.clock.now()
        self.run = Run(runs.new_run_id(now), dataset.name, trigger, dataset.method.value, runs.RUNNING, now)
        self._center = center
        self._writer = writer
        self._dataset = dataset
        self._wish = wish
        self._watch = watch
        self._started = center.clock.monotonic()
        self._counters = Counters(on_wait=self._on_wait)
        self._batcher = Batcher(
            dataset.columns(), infers_numbers=dataset.report.holds_figures(dataset.options)
        )
        self._access: Access | None = None
        self._expected_known = 0
        self._writing = threading.Lock()

    async def to_the_end(self) -> Run:
        runs.insert(self._center, self._dataset, self.run)
        _log.info("Run %s of %s has begun.", self.run.id, self.run.dataset)
        self._tell()
        try:
            with _patient_collector():
                await self._while_the_pulse_beats()
            self.run.status = runs.SUCCEEDED
            self._judge_account(accounts.Verdict(accounts.VALID))
        except TrunklineError as error:
            self._note_failure(error)
        except asyncio.CancelledError as error:
            self._note_failure(Cancelled(str(error)))  # why, where somebody said so
            raise
        except Exception as error:
            self._note_failure(DataError(f"Trunkline met something unforeseen: {type(error).__name__}."))
            raise
        finally:
            self._close()
            rows, windows = self.run.rows_read, self.run.windows_done
            told = (self.run.id, self.run.dataset, self.run.status, rows, windows)
            _log.info("Run %s of %s has ended: %s, %d rows read, %d windows.", *told)
        return self.run

    async def _while_the_pulse_beats(self) -> None:
        """Read and load; stop when somebody has asked for it. Raises Cancelled then."""
        work = asyncio.ensure_future(self._read_and_load())
        pulse = asyncio.ensure_future(self._pulse())
        try:
            await asyncio.wait({work, pulse}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                pulse.result()
                raise Cancelled()
            work.result()
        finally:
            pulse.cancel()
            work.cancel()
            await asyncio.gather(work, pulse, return_exceptions=True)

    async def _pulse(self) -> None:
        """Every second: write the counts down and show them; ends when somebody asks to stop.

        Real seconds, whatever the clock says: others watch this run by them.
        """
        while not await asyncio.to_thread(self._save):
            self._tell()
            await asyncio.sleep(SECONDS_BETWEEN_REPORTS)

    async def _read_and_load(self) -> None:
        center, dataset = self._center, self._dataset
        access = self._access = accounts.access(center, dataset.account)
        plan = await planned(center, self._writer, dataset, self._wish, self.run.id)
        self.run.days = str(plan.reading.span or "")
        for note in plan.notes:
            self._counters.note(note)
        values = {**dataset.options, "time_zone": datasets.zone_of(center, dataset.options)}
        tell = Listener(self._on_rows, self._on_window, self._on_loaded)
        async with open_source(
            access, dataset.report, values, center.surroundings(), self._counters
        ) as source:
            await load_windows(source, plan.reading.span, self._batcher, self._writer, plan.load, tell)
        swapped = await self._writer.submit(plan.swap)
        if swapped is not None:
            self._set_loaded(swapped)

    # -- what happens meanwhile ------------------------------------------------------------------

    def _on_window(self, window: SourceWindow) -> None:
        self._expected_known += window.expected or 0
        self.run.rows_expected = self._expected_known or None

    def _on_rows(self, rows: int) -> None:
        self.run.rows_read += rows

    def _on_loaded(self, loaded: Loaded) -> None:
        """On the loading thread: a process killed after this has told of every window it committed."""
        run = self.run
        run.windows_done += 1
        run.rows_inserted += loaded.inserted
        run.rows_updated += loaded.updated
        run.rows_deleted += loaded.deleted
        run.rows_unchanged += loaded.unchanged
        if loaded.duplicates:
            self._counters.note(
                f"{loaded.duplicates:,} rows came more than once with the same key and were kept once."
            )
        self._save()

    def _set_loaded(self, loaded: Loaded) -> None:
        run = self.run
        run.rows_inserted, run.rows_updated = loaded.inserted, loaded.updated
        run.rows_deleted, run.rows_unchanged = loaded.deleted, loaded.unchanged

    def _on_wait(self, until: datetime | None, reason: str) -> None:
        run = self.run
        run.status = runs.WAITING if until else runs.RUNNING
        run.waiting_until, run.waiting_reason = until, reason
        if until and (until - self._center.clock.now()).total_seconds() > RELEASE_AFTER_SECONDS:
            self._writer.release()
        self._tell()

    def _save(self) -> bool:
        """Write the run down, unless it has ended meanwhile; whether somebody asks to stop it."""
        with self._writing:
            if self.run.ended_at:
                return False
            self._count()
            return runs.save(self._center, self.run)

    def _tell(self) -> None:
        self._count()
        if self._watch:
            self._watch(self.run)

    def _count(self) -> None:
        run, counters = self.run, self._counters
        run.bytes, run.requests, run.retries = counters.bytes, counters.requests, counters.retries
        run.seconds = round(self._center.clock.monotonic() - self._started, 3)
        # several may wait at a time
        run.waited_seconds = min(round(counters.waited_seconds, 3), run.seconds)
        run.warnings = [*counters.notes, *self._batcher.warnings()]

    # -- how it ends -----------------------------------------------------------------------------

    def _note_failure(self, error: TrunklineError) -> None:
        run = self.run
        run.status = runs.CANCELLED if isinstance(error, Cancelled) else runs.FAILED
        run.error, run.error_kind, run.todo = str(error), error.kind, error.todo
        if isinstance(error, KeyRefused):
            self._judge_account(accounts.Verdict(accounts.INVALID, str(error), error.todo))

    def _judge_account(self, verdict: accounts.Verdict) -> None:
        """Write down what the run showed of its account, unless that has other credentials by now."""
        with suppress(SettingsError):  # nothing about the account makes a run another than it was
            account = datasets.get(self._center, self._dataset.name).account
            if self._access and accounts.proves_itself_as(self._center, account, self._access):
                accounts.judge(self._center, account, verdict)

    def _close(self) -> None:
        with self._writing:
            self.run.ended_at = self._center.clock.now()
            self.run.waiting_until, self.run.waiting_reason = None, ""
            self._count()
            runs.close(self._center, self._dataset, self.run)
        self._tell()
