"""Exports that happen by themselves: a dataset's table into saved targets, after each successful run.

The file always has the same name and takes the place of the former one, whole or not at all. So whoever
reads it finds the newest state where the last one was, and nothing piles up.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from trunkline.center import datasets, targets
from trunkline.center import standing_export_queries as queries
from trunkline.center.alerts.incidents import close_one, open_one
from trunkline.center.alerts.kinds import DATASET, EXPORT_FAILED
from trunkline.center.alerts.notices import Subject
from trunkline.center.datasets import Dataset
from trunkline.center.names import unknown
from trunkline.center.room import Center
from trunkline.center.runs import Run
from trunkline.center.writer import Writer
from trunkline.errors import SettingsError, TrunklineError
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.export import EXPORT_FORMATS, export

USUAL_FORMAT = "parquet"
_log = logging.getLogger("trunkline.exports")


@dataclass(frozen=True)
class StandingExport:
    """An export that is made after each successful run. `last_at` (UTC) is that of the last file written;
    `last_error` is empty when the last try has written one."""

    dataset: str
    target_id: int
    target: str
    format: str
    last_at: datetime | None
    last_error: str

    @property
    def file_name(self) -> str:
        return f"{self.dataset}.{self.format}"

    def to_json(self) -> dict[str, Any]:
        shown = ("dataset", "target", "format", "last_at", "last_error")
        return {**{name: getattr(self, name) for name in shown}, "file": self.file_name}


def add(center: Center, dataset: Dataset, target: str, format_: str | None) -> StandingExport:
    """Keep an export of a dataset; one that is kept already stays as it is.

    Raises SettingsError for an unknown target or format.
    """
    chosen = format_ or USUAL_FORMAT
    if chosen not in EXPORT_FORMATS:
        raise SettingsError(f"There is no format {chosen!r}.", todo=f"Choose {', '.join(EXPORT_FORMATS)}.")
    target_id = targets.id_of(center, target)
    values = {"dataset_id": dataset.id, "target_id": target_id, "format": chosen}
    try:
        with center.store.begin() as tx:
            queries.insert_export(tx, {**values, "created_at": center.clock.now()})
    except IntegrityError:
        pass  # it is kept already
    found = [one for one in of(center, dataset) if (one.target_id, one.format) == (target_id, chosen)]
    if not found:
        raise unknown("dataset", dataset.name, [])  # removed meanwhile, or its target was
    return found[0]


def of(center: Center, dataset: Dataset) -> list[StandingExport]:
    with center.store.read() as tx:
        rows = queries.of_dataset(tx, dataset.id)
    names = ("target_id", "target", "format", "last_at", "last_error")
    return [StandingExport(dataset.name, **{name: row[name] for name in names}) for row in rows]


def stop(center: Center, dataset: Dataset, target: str, format_: str | None = None) -> list[StandingExport]:
    """End the exports of a dataset to a target, in one format or all; the files stay.

    Raises SettingsError where there is none.
    """
    ended = [one for one in of(center, dataset) if one.target == target and format_ in (None, one.format)]
    if not ended:
        kind = f" as {format_}" if format_ else ""
        raise SettingsError(
            f"{dataset.name} is not exported to {target}{kind} after its runs.",
            todo=f"`trunkline dataset export {dataset.name} --standing` lists where it is.",
        )
    with center.store.begin() as tx:
        for one in ended:
            queries.delete_export(tx, dataset.id, one.target_id, one.format)
    _close_if_well(center, dataset, "The exports that failed were stopped.")
    return ended


async def export_after(center: Center, writer: Writer, name: str, run: Run) -> list[StandingExport]:
    """Make all exports of the dataset `name` that has been run, and return them with what became of them.

    Nothing is raised: what fails is noted, is an incident, and is tried again after the next run. The
    table is read on the writer's thread; files go out to a bucket on another.
    """
    try:
        dataset = await asyncio.to_thread(datasets.get, center, name)
        standing = await asyncio.to_thread(of, center, dataset)
        for one in standing:
            error = await _made(center, writer, one)
            await asyncio.to_thread(_note, center, dataset, one, error, run)
        return await asyncio.to_thread(of, center, dataset) if standing else []
    except TrunklineError as error:  # the store is away, say; the run has ended well all the same
        _log.warning("The exports of %s could not be noted: %s", name, error)
        return []


async def _made(center: Center, writer: Writer, one: StandingExport) -> str:
    """Why it could not be written; empty when it was."""
    loop = asyncio.get_running_loop()

    async def on_the_writers_thread(path: str) -> int:
        def work(warehouse: Warehouse) -> int:
            return export(warehouse, one.dataset, one.format, path)

        return await writer.submit(work)

    def write(path: str) -> int:
        return asyncio.run_coroutine_threadsafe(on_the_writers_thread(path), loop).result()

    def put() -> None:
        targets.put(center, targets.get(center, one.target), one.file_name, write)

    try:
        await asyncio.to_thread(put)
    except TrunklineError as error:
        return " ".join(filter(None, (str(error), error.todo)))
    except Exception as error:  # whatever it is, it must not turn a good run into a failed one
        _log.exception("The export of %s to %s met something unforeseen.", one.dataset, one.target)
        return f"Trunkline met something unforeseen: {type(error).__name__}."
    return ""


def _note(center: Center, dataset: Dataset, one: StandingExport, error: str, run: Run) -> None:
    values: dict[str, Any] = {"last_error": error}
    if not error:
        values["last_at"] = center.clock.now()
    with center.store.begin() as tx:
        queries.note(tx, dataset.id, one.target_id, one.format, values)
    if not error:
        _close_if_well(center, dataset, f"{dataset.name} has been exported again.")
        return
    _log.warning("%s was not exported to %s: %s", dataset.name, one.target, error)
    detail = {"run": run.id, "target": one.target, "format": one.format}
    text = f"{dataset.name} was not exported to {one.target}: {error}"
    todo = f"Try the target: `trunkline target test {one.target}`. It is exported again after the next run."
    open_one(center, EXPORT_FAILED, _subject(dataset), text, todo=todo, detail=detail)


def _close_if_well(center: Center, dataset: Dataset, text: str) -> None:
    if not _failed(of(center, dataset)):
        close_one(center, EXPORT_FAILED, _subject(dataset), text)


def _failed(standing: Sequence[StandingExport]) -> bool:
    return any(one.last_error for one in standing)


def _subject(dataset: Dataset) -> Subject:
    return Subject(DATASET, dataset.id, dataset.name)
