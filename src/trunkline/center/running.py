"""One run under way: reads what is due, loads it window by window, and keeps its record true."""

import asyncio
import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime

import pyarrow as pa
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from trunkline.center import accounts, datasets, leases, occupancy, phases, run_log, runs, settling
from trunkline.center.alerts.schema import schema_of, schema_read
from trunkline.center.datasets import Dataset
from trunkline.center.loading import Listener, Load, load_windows
from trunkline.center.phases import Phase, Phases
from trunkline.center.planning import Plan, planned
from trunkline.center.room import Center
from trunkline.center.run_log import RunLog
from trunkline.center.runs import Origin, Run, Wish
from trunkline.center.writer import Writer
from trunkline.dates import DaySpan
from trunkline.declare import Window
from trunkline.errors import (
    Cancelled,
    DataError,
    KeyRefused,
    RetryLater,
    SettingsError,
    TakenOver,
    TrunklineError,
)
from trunkline.fetch.counters import Counters
from trunkline.fetch.source import Access, SourceWindow, open_source
from trunkline.warehouse.batches import Batcher
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.target import Loaded

SECONDS_BETWEEN_REPORTS = 1.0
RELEASE_AFTER_SECONDS = 5.0
SECONDS_FOR_THE_STORE = 60.0
"""So long the end of a run waits for a store that is away."""
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
    origin: Origin | None = None,
    watch: Watch | None = None,
    begun: Watch | None = None,
) -> Run:
    """Run a dataset once; its outcome is returned, not raised, and stands in the history.

    `begun` hears of the run once it stands there.

    Raises SettingsError for an unknown dataset, RetryLater when it is being run already.
    """
    dataset = datasets.get(center, name)
    with occupancy.held(center, dataset.id, dataset.name) as holder:
        occupancy.close_dead(center, dataset.id)
        writer.make_ready()
        await settling.settle_dead(center, writer, dataset.id, dataset.name)
        running = RunningDataset(center, writer, dataset, wish or Wish(), origin or Origin(), watch)
        running.holder, running.begun = holder, begun
        return await running.to_the_end()


class _PatientCollector:
    """While any run goes on the collector looks seldom; after the last one as before."""

    def __init__(self) -> None:
        self._runs = 0
        self._before = (0, 0, 0)

    def __enter__(self) -> None:
        if not self._runs:
            self._before = gc.get_threshold()
            gc.freeze()
            gc.set_threshold(YOUNG_OBJECTS, 20, 100)
        self._runs += 1

    def __exit__(self, *_: object) -> None:
        self._runs -= 1
        if not self._runs:
            gc.set_threshold(*self._before)
            gc.unfreeze()


_patient_collector = _PatientCollector()


def windows_in_all(begun: int, window: Window, span: DaySpan | None) -> int:
    """How many windows the span takes, if the days that are left are cut as those so far."""
    if span is None or window.span is None or window.span.last >= span.last:
        return begun
    days = (window.span.last - span.first).days + 1
    return max(-(-begun * span.days // days), begun + 1)


class RunningDataset:
    """One run of one dataset."""

    def __init__(
        self,
        center: Center,
        writer: Writer,
        dataset: Dataset,
        wish: Wish,
        origin: Origin,
        watch: Watch | None,
    ) -> None:
        now = center.clock.now()
        self.run = Run(
            runs.new_run_id(now), dataset.name, origin.kind(wish), dataset.method.value, runs.RUNNING, now
        )
        self.run.started_by, self.run.attempt = origin.started_by, origin.attempt
        self.run.retry_of, self.run.wish = origin.retry_of, wish.to_json()
        self.log = RunLog(center.clock)
        self._phases = Phases(center.clock, self.run.phases)
        if origin.queued_at:
            self.run.phases.append(Phase(phases.WAITING, origin.queued_at, now))
        self._center = center
        self._writer = writer
        self._dataset = dataset
        self._wish = wish
        self._watch = watch
        self._started = center.clock.monotonic()
        self._counters = Counters(on_wait=self._on_wait, on_event=self.log.add)
        self._batcher = Batcher(
            dataset.columns(), infers_numbers=dataset.report.holds_figures(dataset.options)
        )
        self._access: Access | None = None
        self._expected_known = self._windows_begun = 0
        self._span: DaySpan | None = None
        self._writing = threading.Lock()
        self.begun: Watch | None = None
        self.holder = ""
        """Of the dataset's lease, which the run renews; empty: there is none."""

    async def to_the_end(self) -> Run:
        runs.insert(self._center, self._dataset, self.run)
        if self.begun:
            self.begun(self.run)
        _log.info("Run %s of %s has begun.", self.run.id, self.run.dataset)
        self.log.add(run_log.INFO, "run", "The run has begun.", type=self.run.trigger, by=self.run.started_by)
        self._tell()
        try:
            with _patient_collector:
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
        while not await asyncio.to_thread(self._save_or_later):
            self._tell()
            await asyncio.sleep(SECONDS_BETWEEN_REPORTS)

    async def _read_and_load(self) -> None:
        center, dataset = self._center, self._dataset
        with self._phases.of(phases.SIGNING_IN):
            access = self._access = accounts.access(center, dataset.account)
            self.log.mask = access.subject().mask
        with self._phases.of(phases.PLANNING):
            await self._writer.submit(lambda warehouse: warehouse.hold(dataset.name, self.run.id))
            plan = await planned(center, self._writer, dataset, self._wish, self.run.id)
        self._note_plan(plan)
        values = {**dataset.options, "time_zone": datasets.zone_of(center, dataset.options)}
        tell = Listener(self._on_rows, self._on_window, self._on_loaded)
        with self._phases.of(phases.READING):
            async with open_source(
                access, dataset.report, values, center.surroundings(), self._counters
            ) as source:
                load = self._loading(plan.load)
                await load_windows(source, plan.reading.span, self._batcher, self._writer, load, tell)
        if plan.generation is not None:
            with self._phases.of(phases.SWAPPING):
                swapped = await self._writer.submit(plan.swap)
            self._set_loaded(swapped)
        new_fields = tuple(self._batcher.unknown)
        schema = await self._writer.submit(lambda warehouse: schema_of(warehouse, dataset.name, new_fields))
        await asyncio.to_thread(schema_read, center, dataset, schema)

    def _note_plan(self, plan: Plan) -> None:
        self._span = plan.reading.span
        self.run.days = str(self._span or "")
        self.run.days_read = self._span.days if self._span else None
        self.log.add(run_log.INFO, "plan", f"To read: {self._span or 'all there is'}.")
        for note in plan.notes:
            self._counters.note(note)

    def _loading(self, load: Load) -> Load:
        """The same load, its time told as a phase of its own, which overlaps with reading."""

        def timed(warehouse: Warehouse, window: SourceWindow, batches: Iterator[pa.RecordBatch]) -> Loaded:
            with self._phases.of(phases.LOADING):
                return load(warehouse, window, batches)

        return timed

    # -- what happens meanwhile ------------------------------------------------------------------

    def _on_window(self, window: SourceWindow) -> None:
        self._expected_known += window.expected or 0
        self._windows_begun += 1
        self.run.rows_expected = self._expected_known or None
        self.run.windows_total = windows_in_all(self._windows_begun, window.window, self._span)

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
        told = {"rows": loaded.rows, "new": loaded.inserted, "changed": loaded.updated}
        self.log.add(run_log.INFO, "window", f"Window {run.windows_done} is loaded.", **told)
        self._save_or_later()

    def _set_loaded(self, loaded: Loaded | None) -> None:
        assert loaded is not None, "asked only for what was staged"
        run = self.run
        run.rows_inserted, run.rows_updated = loaded.inserted, loaded.updated
        run.rows_deleted, run.rows_unchanged = loaded.deleted, loaded.unchanged

    def _on_wait(self, until: datetime | None, reason: str) -> None:
        run = self.run
        if run.status in runs.ENDED:
            return  # of several requests that waited, the others go when the run has ended
        run.status = runs.WAITING if until else runs.RUNNING
        run.waiting_until, run.waiting_reason = until, reason
        if until:
            run.waits += 1
            self.log.add(run_log.INFO, "wait", f"Waits: {reason}.", until=until.isoformat())
        if until and (until - self._center.clock.now()).total_seconds() > RELEASE_AFTER_SECONDS:
            self._writer.release()
        self._tell()

    def _save_or_later(self) -> bool:
        """A store that is away for a while holds up no run: what was loaded is noted in the warehouse."""
        try:
            return self._save()
        except TakenOver:
            raise
        except RetryLater as error:
            _log.warning("Run %s of %s cannot be noted for now: %s", self.run.id, self.run.dataset, error)
            return False

    def _save(self) -> bool:
        """Write the run down, unless it has ended meanwhile; whether somebody asks to stop it."""
        with self._writing:
            if self.run.ended_at:
                return False
            self._count()
            if self.holder and not leases.renew(self._center, self._dataset.id, self.holder):
                raise TakenOver(f"Another run has taken {self._dataset.name} over.")
            return runs.save(self._center, self.run, self.log)

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
        run.warnings = [*counters.notes, *map(self.log.mask, self._batcher.warnings())]
        run.misfits = [
            {
                "column": column,
                "count": misfit.count,
                "expected": misfit.expected.value,
                "samples": [self.log.mask(sample) for sample in misfit.samples],
            }
            for column, misfit in self._batcher.misfits.items()
        ]

    # -- how it ends -----------------------------------------------------------------------------

    def _note_failure(self, error: TrunklineError) -> None:
        run = self.run
        run.status = runs.CANCELLED if isinstance(error, Cancelled) else runs.FAILED
        run.error, run.error_kind, run.todo = str(error), error.kind, error.todo
        level = run_log.INFO if isinstance(error, Cancelled) else run_log.ERROR
        self.log.add(level, error.kind, str(error), todo=error.todo or None)
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
            self._phases.end(self.run.ended_at)
            self._count()
            for sentence in self._batcher.warnings():
                self.log.add(run_log.WARNING, "values", sentence)
            self.log.add(run_log.INFO, "run", f"The run has ended: {self.run.status}.")
            patient = Retrying(
                retry=retry_if_exception_type(RetryLater),
                stop=stop_after_delay(SECONDS_FOR_THE_STORE),
                wait=wait_fixed(0.5),
                reraise=True,
            )
            patient(runs.close, self._center, self._dataset, self.run, self.log)
        self._tell()
