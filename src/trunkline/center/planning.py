"""What one run reads and how its windows are loaded: straight into the dataset, or staged for a swap."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from trunkline.center import datasets
from trunkline.center.coverage import Coverage, Pass, plan
from trunkline.center.datasets import Dataset
from trunkline.center.room import Center
from trunkline.center.runs import Wish
from trunkline.center.writer import Writer
from trunkline.dates import DaySpan
from trunkline.declare import Method, OneWindow
from trunkline.errors import SettingsError
from trunkline.fetch.asked import AskedDays
from trunkline.fetch.source import SourceWindow
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.target import Applied, Loaded, Target

OLDEST_STAGE_DAYS = 1


@dataclass(frozen=True)
class Plan:
    """The pass to read, the table it goes to, and the staging generation where it is staged."""

    run_id: str
    target: Target
    reading: Pass
    generation: str | None
    notes: tuple[str, ...]
    center: Center

    def load(self, warehouse: Warehouse, window: SourceWindow, batches: Iterator[pa.RecordBatch]) -> Loaded:
        """Load one window in one transaction."""
        applied = self._applied(self.reading.after(window.window))
        if self.generation is None:
            return warehouse.load(self.target, window.window, batches, applied)
        return warehouse.stage(self.target, window.window, batches, applied, self.generation)

    def swap(self, warehouse: Warehouse) -> Loaded | None:
        """Make the staged rows the dataset; None where nothing was staged."""
        if self.generation is None:
            return None
        return warehouse.swap(self.target, self._applied(self.reading.at_its_end()), self.generation)

    def _applied(self, progress: str) -> Applied:
        return Applied(self.run_id, self.center.clock.now(), progress)


async def planned(center: Center, writer: Writer, dataset: Dataset, wish: Wish, run_id: str) -> Plan:
    """What a run of this dataset is to do now. Raises SettingsError for a wish that cannot be had."""
    replaces = wish.full or dataset.method is Method.REPLACE
    asked = _wished(dataset, datasets.asked(center, dataset), wish, replaces=replaces)
    today = datasets.today_of(center, dataset.options)
    report, options = dataset.report, dataset.options
    generation: str | None = None
    if replaces and not isinstance(report.windows, OneWindow):
        generation, known = await _stage(writer, dataset, asked, run_id)
    elif replaces:
        known = None
    else:
        known = Coverage.from_json(await writer.submit(lambda w: w.progress(dataset.name)))
    if wish.is_backfill and asked:
        reading = Pass(asked.span, known, moves=False)
    else:
        reading = plan(known, asked, report, options, today)
    target = Target(
        dataset.name,
        dataset.columns(),
        report.key,
        report.cursor,
        Method.REPLACE if replaces else dataset.method,
        datasets.zone_of(center, options),
    )
    notes = (*(asked.notes if asked else ()), *reading.notes)
    return Plan(run_id, target, reading, generation, notes, center)


async def _stage(
    writer: Writer, dataset: Dataset, asked: AskedDays | None, run_id: str
) -> tuple[str, Coverage | None]:
    """An unfinished staging of the same range goes on; any other is thrown away."""
    staged = await writer.submit(lambda w: w.staged(dataset.name))
    known = Coverage.from_json(staged.progress) if staged else None
    if staged and known and asked and known.first == asked.span.first:
        age = asked.span.last - known.pass_day
        if age.days <= OLDEST_STAGE_DAYS:
            return staged.generation, known
    if staged:
        await writer.submit(lambda w: w.discard_stage(dataset.name))
    return run_id, None


def _wished(dataset: Dataset, asked: AskedDays | None, wish: Wish, *, replaces: bool) -> AskedDays | None:
    """The days of the dataset, or those the wish names within them."""
    if not wish.is_backfill:
        return asked
    if asked is None or replaces:
        raise SettingsError(
            f"{dataset.name} is read as a whole at every run: --since and --until do not go with it."
        )
    first = max(wish.since or asked.span.first, asked.span.first)
    last = min(wish.until or asked.span.last, asked.span.last)
    if first > last:
        raise SettingsError(
            f"None of those days belong to {dataset.name}, which holds {asked.span}.",
            todo=f"Choose days from {asked.span.first} to {asked.span.last}.",
        )
    return AskedDays(DaySpan(first, last), asked.ends_today, asked.notes)
