"""What a warehouse can do, and how it does it on any engine."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from typing import Protocol

import pyarrow as pa

from trunkline.declare import Method, Window
from trunkline.errors import DataError, SettingsError, TrunklineError
from trunkline.warehouse import records, tables
from trunkline.warehouse.apply import Application, Arrived, is_snapshot
from trunkline.warehouse.incoming import Incoming
from trunkline.warehouse.link import Link, number
from trunkline.warehouse.statements import quoted
from trunkline.warehouse.target import (
    DATASETS,
    Applied,
    ColumnInfo,
    Loaded,
    LoadRecord,
    Staged,
    TableInfo,
    Target,
)


class Tables(Protocol):
    """Dataset tables as commands use them. Errors are TrunklineErrors."""

    def tables(self) -> list[TableInfo]: ...

    def columns(self, dataset: str) -> list[ColumnInfo]: ...

    def count(self, dataset: str) -> int:
        """Rows of the dataset; 0 when it was never loaded."""

    def drop(self, dataset: str) -> None:
        """Removes the dataset with its staging, progress and load records."""

    def loads_of_run(self, dataset: str, run_id: str) -> list[LoadRecord]:
        """What a run has committed, oldest first."""

    def progress(self, dataset: str) -> str | None:
        """The progress that the last load of the dataset kept."""

    def reader(self, sql: str, parameters: Sequence[object] = ()) -> pa.RecordBatchReader:
        """Runs one statement that cannot write. A dataset needs no schema in front of its name.

        Raises Cancelled, then or while it is read, when it was interrupted.
        """

    def check_own(self, sql: str) -> None:
        """Raises SettingsError where a statement reads something else than datasets."""

    def interrupt(self) -> None:
        """Ends what readers are at, from another thread; a driver that hears Ctrl-C itself needs none."""

    def close(self) -> None: ...


class Warehouse(Tables, Protocol):
    """Dataset tables of one installation. Safe for many threads; each call is one transaction.

    Names of datasets have been checked by the caller.
    """

    def hold(self, dataset: str, run_id: str) -> None:
        """From now on no other run changes the dataset: whichever still wants to gets TakenOver."""

    def staged(self, dataset: str) -> Staged | None:
        """The replace of the dataset that is being built."""

    def load(
        self, target: Target, window: Window, batches: Iterable[pa.RecordBatch], applied: Applied
    ) -> Loaded:
        """Applies one window in one transaction, with its record and progress.

        Loading the same window again leaves the same rows. Errors of `batches` pass unchanged.
        """

    def stage(
        self,
        target: Target,
        window: Window,
        batches: Iterable[pa.RecordBatch],
        applied: Applied,
        generation: str,
    ) -> Loaded:
        """Applies one window to the table that will replace the dataset; another generation starts anew."""

    def swap(self, target: Target, applied: Applied, generation: str) -> Loaded:
        """The staged table becomes the dataset. Raises DataError when that generation was not staged."""

    def discard_stage(self, dataset: str) -> None: ...

    def rename(self, old: str, new: str) -> None: ...

    def loads(self, dataset: str, limit: int) -> list[LoadRecord]:
        """The newest load records first."""

    def linked(self) -> AbstractContextManager[Link]:
        """A connection for one piece of work of this room."""


@contextmanager
def transaction(link: Link, dataset: str) -> Iterator[None]:
    """All or nothing, and nobody else changes the dataset meanwhile."""
    link.begin()
    try:
        link.lock(dataset)
        yield
        link.commit()
    except BaseException:
        link.rollback()
        raise


class SqlWarehouse(ABC):
    """The parts of a warehouse that are the same on every engine."""

    @abstractmethod
    def _linked(self) -> AbstractContextManager[Link]:
        """A connection for one call."""

    def linked(self) -> AbstractContextManager[Link]:
        return self._linked()

    @abstractmethod
    def _exchange(self, link: Link, target: Target, applied: Applied) -> Loaded:
        """Makes the staged table the dataset, within a transaction, and counts."""

    @abstractmethod
    def _bytes(self, link: Link, dataset: str) -> int | None: ...

    def load(
        self, target: Target, window: Window, batches: Iterable[pa.RecordBatch], applied: Applied
    ) -> Loaded:
        with self._linked() as link:
            incoming = Incoming(link, target, window)
            incoming.collect(batches)
            with transaction(link, target.dataset):
                records.check_held(link, target.dataset, applied.run_id)
                if is_snapshot(target, window) and records.was_loaded(link, target, window, applied):
                    return Loaded(rows=incoming.rows, unchanged=incoming.rows)
                loaded = _apply_all(link, (DATASETS, target.dataset), target, window, incoming, applied)
                records.add_load(link, "load", target, window, applied, loaded, "")
                records.keep_progress(link, target.dataset, applied)
            return loaded

    def stage(
        self,
        target: Target,
        window: Window,
        batches: Iterable[pa.RecordBatch],
        applied: Applied,
        generation: str,
    ) -> Loaded:
        building = _building(target)
        with self._linked() as link:
            incoming = Incoming(link, building, window)
            incoming.collect(batches)
            with transaction(link, target.dataset):
                records.check_held(link, target.dataset, applied.run_id)
                self._start_generation(link, target.dataset, generation)
                repeated = records.was_staged(link, target, window, generation)
                if repeated and is_snapshot(building, window):
                    return Loaded(rows=incoming.rows, unchanged=incoming.rows)
                place = link.staging(target.dataset)
                loaded = _apply_all(link, place, building, window, incoming, applied)
                records.add_load(link, "stage", target, window, applied, loaded, generation)
                records.keep_staged(link, target.dataset, Staged(generation, applied.progress))
            return loaded

    def _start_generation(self, link: Link, dataset: str, generation: str) -> None:
        staged = records.staged(link, dataset)
        if staged is None or staged.generation != generation:
            self._drop_stage(link, dataset)

    def _drop_stage(self, link: Link, dataset: str) -> None:
        link.run(link.statements("drop_table", table=quoted(*link.staging(dataset))))
        records.forget_staged(link, dataset)

    def swap(self, target: Target, applied: Applied, generation: str) -> Loaded:
        with self._linked() as link, transaction(link, target.dataset):
            records.check_held(link, target.dataset, applied.run_id)
            staged = records.staged(link, target.dataset)
            if staged is None or staged.generation != generation:
                if records.was_swapped(link, target.dataset, generation):
                    return Loaded()
                raise DataError(
                    f"The replacement of {target.dataset} is not there any more.",
                    todo="Run the dataset again; it keeps its former rows until then.",
                )
            if target.method is Method.APPEND and records.was_staged(link, target, Window(), generation):
                target = replace(target, key=())
            loaded = self._exchange(link, target, applied)
            records.forget_staged(link, target.dataset)
            records.add_load(link, "swap", target, Window(), applied, loaded, generation)
            records.keep_progress(link, target.dataset, applied)
            return loaded

    def hold(self, dataset: str, run_id: str) -> None:
        with self._linked() as link, transaction(link, dataset):
            records.hold(link, dataset, run_id)

    def discard_stage(self, dataset: str) -> None:
        with self._linked() as link, transaction(link, dataset):
            self._drop_stage(link, dataset)

    def progress(self, dataset: str) -> str | None:
        with self._linked() as link:
            return records.progress(link, dataset)

    def staged(self, dataset: str) -> Staged | None:
        with self._linked() as link:
            return records.staged(link, dataset)

    def tables(self) -> list[TableInfo]:
        with self._linked() as link:
            found = _names(link)
            return [TableInfo(name, _count(link, name), self._bytes(link, name)) for name in found]

    def _dataset_names(self) -> list[str]:
        """For advice only, so a second failure must not hide the first."""
        with suppress(TrunklineError), self._linked() as link:
            return _names(link)
        return []

    def columns(self, dataset: str) -> list[ColumnInfo]:
        with self._linked() as link:
            return tables.columns(link, DATASETS, dataset)

    def count(self, dataset: str) -> int:
        with self._linked() as link:
            return _count(link, dataset) if dataset in tables.names(link, DATASETS) else 0

    def drop(self, dataset: str) -> None:
        with self._linked() as link, transaction(link, dataset):
            link.run(link.statements("drop_table", table=quoted(DATASETS, dataset)))
            self._drop_stage(link, dataset)
            records.forget(link, dataset)

    def rename(self, old: str, new: str) -> None:
        with self._linked() as link, transaction(link, old):
            if tables.columns(link, DATASETS, new):
                raise SettingsError(f"There is a dataset table named {new} already.")
            for (schema, source), (_, goal) in (
                ((DATASETS, old), (DATASETS, new)),
                (link.staging(old), link.staging(new)),
            ):
                if tables.columns(link, schema, source):
                    link.run(link.statements("rename_table", table=quoted(schema, source), name=goal))
            records.forget(link, new)
            records.rename(link, old, new)

    def loads(self, dataset: str, limit: int) -> list[LoadRecord]:
        with self._linked() as link:
            return records.loads(link, dataset, limit)

    def loads_of_run(self, dataset: str, run_id: str) -> list[LoadRecord]:
        with self._linked() as link:
            return records.loads_of_run(link, dataset, run_id)


def _names(link: Link) -> list[str]:
    return [name for name in tables.names(link, DATASETS) if tables.is_dataset(name)]


def _count(link: Link, dataset: str) -> int:
    return number(link, link.statements("count_rows", table=quoted(DATASETS, dataset)))


def _building(target: Target) -> Target:
    """How windows of a replacement add up: by key, or one after the other."""
    if target.method is not Method.REPLACE:
        return target
    return replace(target, method=Method.MERGE if target.key else Method.APPEND)


def _apply_all(
    link: Link,
    place: tuple[str, str],
    target: Target,
    window: Window,
    incoming: Incoming,
    applied: Applied,
) -> Loaded:
    """Every part of what came: the first replaces what the window replaces, the others follow it."""
    loaded = _apply(link, place, target, window, incoming, incoming.rows, applied)
    following = replace(target, method=Method.APPEND)
    while incoming.next_part():
        try:
            _apply(link, place, following, window, incoming, 1, applied)
        finally:
            incoming.check_part()
    return loaded + Loaded(rows=incoming.handed, inserted=incoming.handed)


def _apply(
    link: Link,
    place: tuple[str, str],
    target: Target,
    window: Window,
    incoming: Incoming,
    rows: int,
    applied: Applied,
) -> Loaded:
    schema, name = place
    types = tables.wanted_types(target, incoming.types)
    if place != (DATASETS, target.dataset):
        former = tables.stored_types(link, DATASETS, target.dataset)
        types = tables.together(former, types)
    stored = tables.prepare(link, schema, name, target, types)
    arrived = Arrived(incoming.relation, incoming.types, rows)
    return Application(link, quoted(schema, name), stored, target, window, arrived, applied).run()


def open_schemas(link: Link, schemas: Sequence[str]) -> None:
    """What every warehouse needs before its first load."""
    with transaction(link, ""):
        for schema in schemas:
            link.run(link.statements("create_schema", schema=schema))
        records.prepare(link)
