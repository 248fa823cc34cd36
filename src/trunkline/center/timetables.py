"""The schedules of datasets as they are kept: changing them, and taking what is due.

Several processes may look at once. Each due time is taken by exactly one of them (`claim`), and times
that passed while nobody looked are taken together, as one.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from trunkline.center import schedule_queries as queries
from trunkline.center.datasets import Dataset
from trunkline.center.names import unknown
from trunkline.center.retries import RetryPolicy
from trunkline.center.room import Center
from trunkline.center.schedules import MANUAL, Schedule, schedule_of
from trunkline.errors import SettingsError

log = logging.getLogger(__name__)
INSTANT = timedelta(microseconds=1)
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Timetable:
    """When a dataset is read, and how often its failed runs are tried again. Instants are UTC."""

    schedule: Schedule
    retries: RetryPolicy = RetryPolicy()
    is_paused: bool = False
    next_due_at: datetime | None = None
    last_due_at: datetime | None = None

    def next_times(self, now: datetime, count: int = 5) -> list[datetime]:
        """The next due times, with the offset of the schedule's zone; none while it is paused."""
        return [] if self.is_paused else self.schedule.next_times(now, count)

    def to_json(self) -> dict[str, Any]:
        return {**self.schedule.to_json(), "is_paused": self.is_paused}


@dataclass(frozen=True)
class Due:
    """A dataset that is due: `due_at` is the newest of the times that passed. Instants are UTC."""

    dataset_id: int
    name: str
    due_at: datetime
    next_at: datetime | None
    retries: RetryPolicy
    seen_due_at: datetime
    seen_version: int


def of(center: Center, dataset: Dataset) -> Timetable:
    with center.store.read() as tx:
        row = queries.schedule_of(tx, dataset.id)
    return _timetable(row) if row else _none(center)


def in_transaction(tx: Connection, dataset_id: int) -> Timetable | None:
    """None for a dataset that was never given a schedule or a policy."""
    row = queries.schedule_of(tx, dataset_id)
    return _timetable(row) if row else None


def of_all(center: Center, datasets: Sequence[Dataset]) -> Mapping[int, Timetable]:
    """By the ids of the datasets."""
    with center.store.read() as tx:
        found = {row["dataset_id"]: row for row in queries.all_schedules(tx)}
    none = _none(center)
    return {d.id: _timetable(found[d.id]) if d.id in found else none for d in datasets}


def set_schedule(
    center: Center, dataset: Dataset, kind: str, words: str, *, between: str = "", zone: str | None = None
) -> Timetable:
    """Give a dataset a schedule; a zone that is not given stays as it was. A paused one stays paused.

    Raises SettingsError with a Problem for each wrong field.
    """
    with _changed(center, dataset) as change:
        zone = zone if zone is not None else change.before.schedule.zone
        change.after = replace(change.before, schedule=schedule_of(kind, words, zone, between))
    return change.after


def set_zone(center: Center, dataset: Dataset, zone: str) -> Timetable:
    with _changed(center, dataset) as change:
        old = change.before.schedule
        change.after = replace(change.before, schedule=schedule_of(old.kind, old.words, zone, old.between))
    return change.after


def pause(center: Center, dataset: Dataset) -> Timetable:
    """Nothing is due until `resume`. Raises SettingsError for a dataset without due times."""
    return _set_paused(center, dataset, True)


def resume(center: Center, dataset: Dataset) -> Timetable:
    """Due times count from now on: none that passed meanwhile is caught up."""
    return _set_paused(center, dataset, False)


def _set_paused(center: Center, dataset: Dataset, is_paused: bool) -> Timetable:
    with _changed(center, dataset) as change:
        if change.before.schedule.kind == MANUAL:
            raise SettingsError(
                f"{dataset.name} has no schedule that could be {'paused' if is_paused else 'resumed'}.",
                todo=f"Give it one first: `trunkline dataset schedule {dataset.name} --every 1h`",
            )
        change.after = replace(change.before, is_paused=is_paused)
    return change.after


def set_retries(center: Center, dataset: Dataset, policy: RetryPolicy) -> Timetable:
    with _changed(center, dataset) as change:
        change.after = replace(change.before, retries=policy)
    return change.after


def due_now(center: Center, limit: int = MOST_AT_ONCE) -> list[Due]:
    """The datasets that are due, the longest waiting first; nothing is taken by looking.

    A schedule that can no longer be understood (its zone is gone) is taken out, and the log says so.
    """
    now = center.clock.now()
    with center.store.read() as tx:
        rows = queries.due(tx, now, limit)
    return [found for row in rows if (found := _due(center, row, now)) is not None]


def next_due_at(center: Center) -> datetime | None:
    """When the next dataset is due, UTC; it may be past. None when nothing will be."""
    with center.store.read() as tx:
        return queries.next_due(tx)


def claim(tx: Connection, due: Due) -> bool:
    """Take a due time in a transaction of the caller's; False when another process took it, or the
    schedule was changed or paused meanwhile.

    What follows from it (the record that a run is wanted) belongs into the same transaction.
    """
    return queries.advance(tx, due.dataset_id, due.seen_version, due.seen_due_at, due.next_at, due.due_at)


def _due(center: Center, row: RowMapping, now: datetime) -> Due | None:
    seen = row["next_due_at"]
    try:
        timetable = _timetable(row)
        newest = timetable.schedule.latest_due(seen - INSTANT, now)
        next_at = timetable.schedule.next_after(now)
    except SettingsError as error:
        log.warning("the schedule of %s is taken out: %s", row["name"], error)
        with center.store.begin() as tx:
            queries.advance(tx, row["dataset_id"], row["version"], seen, None, None)
        return None
    return Due(
        row["dataset_id"], row["name"], newest or seen, next_at, timetable.retries, seen, row["version"]
    )


@dataclass
class TimetableChange:
    """What there is, and what is to be there instead."""

    before: Timetable
    after: Timetable


@contextmanager
def _changed(center: Center, dataset: Dataset) -> Iterator[TimetableChange]:
    """What a dataset has, to be replaced in `after`; the next due time of what changed counts from now."""
    with center.store.begin() as tx:
        if not queries.lock_dataset(tx, dataset.id):
            raise unknown("dataset", dataset.name, [])
        with changed_in(center, tx, dataset.id) as change:
            yield change


@contextmanager
def changed_in(center: Center, tx: Connection, dataset_id: int) -> Iterator[TimetableChange]:
    """The same in a transaction of the caller's, where nobody else changes the dataset.

    What changes nothing writes nothing.
    """
    row = queries.schedule_of(tx, dataset_id)
    before = _timetable(row) if row else _none(center)
    change = TimetableChange(before, before)
    yield change
    now = center.clock.now()
    change.after = _with_next(change, dataset_id, now)
    record = {**_record(change.after), "updated_at": now}
    if change.after == before:
        return
    if row:
        queries.update_schedule(tx, dataset_id, record)
    else:
        queries.insert_schedule(tx, dataset_id, record)


def _with_next(change: TimetableChange, dataset_id: int, now: datetime) -> Timetable:
    """Where neither schedule nor pause changed, a time that is due and not yet taken stays due."""
    before, after = change.before, change.after
    schedule = after.schedule.spread(dataset_id)
    is_same = (schedule, after.is_paused) == (before.schedule, before.is_paused)
    if is_same and before.next_due_at is not None:
        return after
    next_at = None if after.is_paused else schedule.next_after(now)
    return replace(after, schedule=schedule, next_due_at=next_at)


def _none(center: Center) -> Timetable:
    return Timetable(Schedule(MANUAL, "", center.settings.text("timezone")))


def _timetable(row: RowMapping) -> Timetable:
    schedule = Schedule(row["kind"], row["words"], row["zone"], row["day_window"])
    return Timetable(
        schedule=schedule.spread(row["dataset_id"]),
        retries=RetryPolicy(row["retry_count"], row["retry_delay_seconds"]),
        is_paused=row["is_paused"],
        next_due_at=row["next_due_at"],
        last_due_at=row["last_due_at"],
    )


def _record(timetable: Timetable) -> dict[str, Any]:
    schedule = timetable.schedule
    return {
        "kind": schedule.kind,
        "words": schedule.words,
        "day_window": schedule.between,
        "zone": schedule.zone,
        "is_paused": timetable.is_paused,
        "next_due_at": timetable.next_due_at,
        "retry_count": timetable.retries.count,
        "retry_delay_seconds": timetable.retries.delay_seconds,
    }
