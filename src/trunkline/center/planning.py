"""What one run reads and how its windows are loaded: straight into the dataset, or staged for a swap."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa

from trunkline.center import datasets, queries
from trunkline.center.coverage import Coverage, Pass, plan
from trunkline.center.datasets import Dataset
from trunkline.center.room import Center
from trunkline.center.runs import Wish
from trunkline.center.writer import Writer
from trunkline.clock import local_text
from trunkline.dates import DayFormatError, DaySpan, parse_day
from trunkline.declare import Method, OneWindow
from trunkline.errors import Problem, SettingsError
from trunkline.fetch.asked import AskedDays, holds_today_alone, oldest_day
from trunkline.fetch.source import SourceWindow
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.target import Applied, Loaded, Target

OLDEST_STAGE_DAYS = 1
MOST_LOADS = 100_000


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
    asked = _wished(center, dataset, wish, replaces=replaces)
    report, options = dataset.report, dataset.options
    generation: str | None = None
    resumed: tuple[str, ...] = ()
    if replaces and not isinstance(report.windows, OneWindow):
        generation, known = await _stage(writer, dataset, asked, run_id)
        if known is not None:
            resumed = (await _resumed_note(center, writer, dataset, generation),)
    elif replaces:
        known = None
    else:
        known = Coverage.from_json(await writer.submit(lambda w: w.progress(dataset.name)))
    reading = _pass(center, dataset, wish, asked, known)
    target = Target(
        dataset.name,
        dataset.columns(),
        report.key,
        report.cursor,
        Method.REPLACE if replaces else dataset.method,
        datasets.zone_of(center, options),
    )
    notes = (*(asked.notes if asked else ()), *resumed, *reading.notes)
    return Plan(run_id, target, reading, generation, notes, center)


def _pass(
    center: Center, dataset: Dataset, wish: Wish, asked: AskedDays | None, known: Coverage | None
) -> Pass:
    if wish.is_backfill and asked:
        return Pass(asked.span, known, moves=False)
    return plan(known, asked, dataset.report, dataset.options, datasets.today_of(center, dataset.options))


def expected(center: Center, dataset: Dataset, wish: Wish, progress: str | None) -> Pass:
    """What a run would read after the progress that the warehouse has kept; changes nothing.

    A replace is taken for one that begins anew. Raises SettingsError for a wish that cannot be had.
    """
    replaces = wish.full or dataset.method is Method.REPLACE
    asked = _wished(center, dataset, wish, replaces=replaces)
    known = None if replaces else Coverage.from_json(progress)
    reading = _pass(center, dataset, wish, asked, known)
    return replace(reading, notes=(*(asked.notes if asked else ()), *reading.notes))


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


async def _resumed_note(center: Center, writer: Writer, dataset: Dataset, generation: str) -> str:
    """What tells that a full load goes on; its generation is the id of the run that began it."""
    loads = await writer.submit(lambda w: w.loads(dataset.name, MOST_LOADS))
    staged = [load for load in loads if load.action == "stage" and load.generation == generation]
    with center.store.read() as tx:
        row = queries.run_by_id(tx, generation)
    begun = row["started_at"] if row else min((load.loaded_at for load in staged), default=None)
    since = f" begun {local_text(begun)}" if begun else ""
    windows = f"{len(staged):,} window was" if len(staged) == 1 else f"{len(staged):,} windows were"
    return f"Goes on with the full load{since}; {windows} staged already."


def check_wish(center: Center, dataset: Dataset, wish: Wish) -> None:
    """Raises SettingsError for a wish that cannot be had, before a run is opened for it."""
    replaces = wish.full or dataset.method is Method.REPLACE
    _wished(center, dataset, wish, replaces=replaces)


def _wished(center: Center, dataset: Dataset, wish: Wish, *, replaces: bool) -> AskedDays | None:
    """The days of the dataset, or those that the wish names."""
    asked = datasets.asked(center, dataset)
    if not wish.is_backfill:
        return asked
    if wish.full:
        raise SettingsError(
            "--full and --since or --until exclude each other: --full reads all days anew.",
            todo="Leave out --full to read some days once more, or --since and --until to read all.",
        )
    if asked is None or replaces:
        raise SettingsError(
            f"{dataset.name} is read as a whole at every run: --since and --until do not go with it."
        )
    today = datasets.today_of(center, dataset.options)
    first = _wished_day("since", wish.since, today) or asked.span.first
    last = _wished_day("until", wish.until, today) or asked.span.last
    if wish.since and wish.until and first > last:
        raise SettingsError(
            f"--since is {_day_words(wish.since, first)} and --until is {_day_words(wish.until, last)}: "
            "the ends are swapped.",
            todo=f"Give --since {wish.until} --until {wish.since}.",
        )
    if first > last:
        raise SettingsError(
            f"{dataset.name} holds {asked.span}, and no day of it lies there.",
            todo="Name both ends of other days: --since DATE --until DATE.",
        )
    return _within_reach(dataset, asked, DaySpan(first, last), today)


def _within_reach(dataset: Dataset, asked: AskedDays, wished: DaySpan, today: date) -> AskedDays:
    """The days of a wish that can be read, also those that later runs leave alone."""
    assert dataset.report.dates is not None, "what is asked for days has some"
    name, own = dataset.name, asked.span
    if holds_today_alone(dataset.report.dates, dataset.options):
        first, last, gone = own.first, own.last, f"{name} holds {own} alone"
    else:
        (first, gone), last = oldest_day(dataset.report.dates, today), today
    if wished.first > last or wished.last < first:
        why = f"{wished} has not come yet" if wished.first > today else f"{wished} cannot be read: {gone}"
        raise SettingsError(f"{why}.", todo=f"Choose days from {first} to {last}.")
    within = DaySpan(max(wished.first, first), min(wished.last, last))
    notes = asked.notes
    if within != wished:
        notes += (f"Of the days asked for, {within} can be read.",)
    if within.first < own.first or within.last > own.last:
        notes += (
            f"Not all of these days belong to {name}, which holds {own}: the others are read this once, and "
            "stay until `--full` or a reset.",
        )
    return AskedDays(within, asked.ends_today, notes)


def _day_words(text: str, day: date) -> str:
    return text if text == str(day) else f"{text} ({day})"


def _wished_day(name: str, text: str, today: date) -> date | None:
    if not text:
        return None
    try:
        return parse_day(text, today)
    except DayFormatError as error:
        raise SettingsError(problems=[Problem(name, f"--{name} is {text!r}; {error}")]) from None
