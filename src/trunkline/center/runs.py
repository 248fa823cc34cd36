"""Runs as the history tells them, and what may be done with one from outside."""

import os
import secrets
import socket
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from trunkline.center import datasets, occupancy, queries
from trunkline.center.datasets import Dataset
from trunkline.center.names import unknown
from trunkline.center.room import Center
from trunkline.errors import SettingsError

RUNNING, WAITING = "running", "waiting"
SUCCEEDED, FAILED, CANCELLED = "succeeded", "failed", "cancelled"
ENDED = (SUCCEEDED, FAILED, CANCELLED)


@dataclass
class Run:
    """A run as history, command line and pages show it; counts grow while it goes on.

    `seconds` and `waited_seconds` are lengths; `bytes` counts decoded answers.
    """

    id: str
    dataset: str
    trigger: str
    method: str
    status: str
    started_at: datetime
    ended_at: datetime | None = None
    rows_read: int = 0
    rows_expected: int | None = None
    rows_inserted: int = 0
    rows_updated: int = 0
    rows_deleted: int = 0
    rows_unchanged: int = 0
    windows_done: int = 0
    bytes: int = 0
    requests: int = 0
    retries: int = 0
    waited_seconds: float = 0.0
    seconds: float = 0.0
    waiting_until: datetime | None = None
    waiting_reason: str = ""
    days: str = ""
    warnings: list[str] = field(default_factory=list)
    error: str = ""
    error_kind: str = ""
    todo: str = ""

    def to_json(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True)
class Wish:
    """What of a dataset to read: what is due, everything anew, or some days once more.

    `since` and `until` name days as everywhere (2026-01-31, today-7, …), in the dataset's zone.
    """

    full: bool = False
    since: str = ""
    until: str = ""

    @property
    def is_backfill(self) -> bool:
        return bool(self.since or self.until)


def new_run_id(now: datetime) -> str:
    """Sorts by time; unique without asking anybody."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(4)}"


_RENAMED = {"status": "state", "dataset": "dataset_name"}
_IN_DETAIL = ("days",)


def to_record(run: Run) -> dict[str, Any]:
    """The columns of a run's row."""
    plain = {_RENAMED.get(n, n): v for n, v in run.to_json().items() if n not in _IN_DETAIL}
    return {**plain, "detail": {n: getattr(run, n) for n in _IN_DETAIL}}


def from_record(row: RowMapping) -> Run:
    detail = row["detail"] or {}
    values = {f.name: row[_RENAMED.get(f.name, f.name)] for f in fields(Run) if f.name not in _IN_DETAIL}
    return Run(**values, **{n: detail.get(n, "") for n in _IN_DETAIL})


def insert(center: Center, dataset: Dataset, run: Run) -> None:
    place = {
        "dataset_id": dataset.id,
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "heartbeat_at": run.started_at,
        "cancel_requested": False,
    }
    with center.store.begin() as tx:
        queries.insert_run(tx, {**to_record(run), **place})


def save(center: Center, run: Run) -> bool:
    """Write the run's state down; True when somebody has asked to cancel it."""
    with center.store.begin() as tx:
        queries.update_run(tx, run.id, {**to_record(run), "heartbeat_at": center.clock.now()})
        return queries.is_cancel_requested(tx, run.id)


def close(center: Center, dataset: Dataset, run: Run) -> None:
    """The run's last state, and the dataset's memory of its last run and last success."""
    marks = {"last_run_id": run.id}
    if run.status == SUCCEEDED:
        marks["last_success_run_id"] = run.id
    with center.store.begin() as tx:
        queries.update_run(tx, run.id, {**to_record(run), "heartbeat_at": center.clock.now()})
        queries.update_dataset(tx, dataset.id, marks)


def history(center: Center, name: str, limit: int = 20) -> list[Run]:
    """The newest runs of a dataset, newest first; none that says it runs while it does not."""
    dataset = datasets.get(center, name)
    occupancy.close_forsaken(center, dataset.id)
    with center.store.read() as tx:
        return [from_record(row) for row in queries.runs_of(tx, dataset.id, limit)]


def last(center: Center, dataset: Dataset, status: str | None = None) -> Run | None:
    occupancy.close_forsaken(center, dataset.id)
    with center.store.read() as tx:
        row = queries.last_run(tx, dataset.id, status)
    return from_record(row) if row else None


def by_id(center: Center, run_id: str) -> Run | None:
    """The run as it stands in the history."""
    with center.store.read() as tx:
        row = queries.run_by_id(tx, run_id)
    return from_record(row) if row else None


def cancel(center: Center, run_id: str) -> Run:
    """Ask a run to stop between two pages. Raises SettingsError for one that has ended."""
    with center.store.read() as tx:
        row = queries.run_by_id(tx, run_id)
    if row is None:
        raise unknown("run", run_id, [])
    if row["dataset_id"] is not None:
        occupancy.close_forsaken(center, row["dataset_id"])
    with center.store.begin() as tx:
        row = queries.run_by_id(tx, run_id) or row
        if row["state"] in ENDED:
            raise SettingsError(f"Run {run_id} has ended already ({row['state']}).")
        queries.update_run(tx, run_id, {"cancel_requested": True})
    return from_record(row)
