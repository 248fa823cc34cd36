"""Runs as the history tells them, and what may be done with one from outside."""

import getpass
import os
import secrets
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from trunkline.center import datasets, history_queries, occupancy, queries, settling
from trunkline.center.datasets import Dataset
from trunkline.center.names import unknown
from trunkline.center.phases import Phase, phases_of
from trunkline.center.room import Center
from trunkline.center.run_log import RunLog
from trunkline.errors import SettingsError

RUNNING, WAITING = "running", "waiting"
SUCCEEDED, FAILED, CANCELLED = "succeeded", "failed", "cancelled"
RESET = "reset"
"""The state of what is no run: somebody emptied the dataset."""
ENDED = (SUCCEEDED, FAILED, CANCELLED, RESET)
RETRIED = (FAILED, CANCELLED)
"""What may be tried again."""
STATES = (RUNNING, WAITING, *ENDED)

MANUAL, SCHEDULED, RETRY, BACKFILL, FULL = "manual", "scheduled", "retry", "backfill", "full"


@dataclass
class Run:
    """A run as history, command line and pages show it; counts grow while it goes on.

    `seconds` and `waited_seconds` are lengths; `bytes` counts decoded answers. `windows_total` is an
    estimate until the last window has begun. `misfits` tells of values that did not fit their column:
    column, count, expected, up to three samples. `wish` is what was asked for, where it was more than what
    is due: full, since, until.
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
    windows_total: int | None = None
    bytes: int = 0
    requests: int = 0
    retries: int = 0
    waits: int = 0
    waited_seconds: float = 0.0
    seconds: float = 0.0
    waiting_until: datetime | None = None
    waiting_reason: str = ""
    days: str = ""
    days_read: int | None = None
    started_by: str = ""
    attempt: int = 1
    retry_of: str | None = None
    wish: dict[str, Any] = field(default_factory=dict)
    phases: list[Phase] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    misfits: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    error_kind: str = ""
    todo: str = ""

    def to_json(self) -> dict[str, Any]:
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return {**plain, "phases": [phase.to_json() for phase in self.phases]}


@dataclass(frozen=True)
class Origin:
    """Why a run is made: what kind it is, who asked for it, and which attempt it is.

    `retry_of` is the run it tries again; `queued_at` (UTC) when it began to wait for its turn.
    """

    trigger: str = MANUAL
    started_by: str = ""
    attempt: int = 1
    retry_of: str | None = None
    queued_at: datetime | None = None

    def kind(self, wish: "Wish") -> str:
        """The type that the history shows: what a person wished for says more than that it was a person."""
        if self.trigger != MANUAL:
            return self.trigger
        return BACKFILL if wish.is_backfill else FULL if wish.full else MANUAL


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

    def to_json(self) -> dict[str, Any]:
        """What was asked for; empty for what is due."""
        return {name: value for name, value in asdict(self).items() if value}


def os_user() -> str:
    """Who runs this process, for the history: the name of the account on this machine, else its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account that has no name, as in containers
        return f"uid {os.getuid()}"


def new_run_id(now: datetime) -> str:
    """Sorts by time; unique without asking anybody."""
    return f"{id_at(now)}{secrets.token_hex(4)}"


def id_at(instant: datetime) -> str:
    """What ids of runs that began then start with: those of earlier runs are smaller."""
    return f"{int(instant.timestamp() * 1000):012x}"


_RENAMED = {"status": "state", "dataset": "dataset_name"}
_IN_DETAIL = ("days", "days_read", "misfits", "wish")


def to_record(run: Run) -> dict[str, Any]:
    """The columns of a run's row."""
    names = [f.name for f in fields(Run) if f.name not in (*_IN_DETAIL, "phases")]
    detail = {n: getattr(run, n) for n in _IN_DETAIL}
    detail["phases"] = [phase.to_record() for phase in run.phases]
    return {**{_RENAMED.get(n, n): getattr(run, n) for n in names}, "detail": detail}


def from_record(row: RowMapping | Mapping[str, Any]) -> Run:
    detail = row["detail"] or {}
    inside = (*_IN_DETAIL, "phases")
    values = {f.name: row[_RENAMED.get(f.name, f.name)] for f in fields(Run) if f.name not in inside}
    return Run(**values, **{n: detail[n] for n in _IN_DETAIL if n in detail}, phases=phases_of(detail))


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


def save(center: Center, run: Run, log: RunLog | None = None) -> bool:
    """Write the run's state and its new log lines down; True when somebody has asked to cancel it."""
    with _saving(center, run, log) as tx:
        return queries.is_cancel_requested(tx, run.id)


def close(center: Center, dataset: Dataset, run: Run, log: RunLog | None = None) -> None:
    """The run's last state, and the dataset's memory of its last run and last success."""
    marks = {"last_run_id": run.id}
    if run.status == SUCCEEDED:
        marks["last_success_run_id"] = run.id
    with _saving(center, run, log) as tx:
        queries.update_dataset(tx, dataset.id, marks)


@contextmanager
def _saving(center: Center, run: Run, log: RunLog | None) -> Iterator[Connection]:
    unsaved = log.unsaved() if log else None
    with center.store.begin() as tx:
        queries.update_run(tx, run.id, {**to_record(run), "heartbeat_at": center.clock.now()})
        if unsaved and unsaved.gone:
            history_queries.drop_lines(tx, run.id, *unsaved.gone)
        if unsaved and unsaved.lines:
            history_queries.add_lines(tx, [{"run_id": run.id, **asdict(line)} for line in unsaved.lines])
        yield tx
    if log and unsaved:
        log.saved(unsaved)


def by_id(center: Center, run_id: str) -> Run | None:
    with center.store.read() as tx:
        row = queries.run_by_id(tx, run_id)
    return from_record(row) if row else None


def history(center: Center, name: str, limit: int = 20, *, before: str = "", state: str = "") -> list[Run]:
    """The newest runs of a dataset, newest first; none that says it runs while it does not.

    `before` is the id of a run that is newer than all of them; `state` leaves out the others.
    """
    dataset = datasets.get(center, name)
    occupancy.close_forsaken(center, dataset.id)
    with center.store.read() as tx:
        rows = history_queries.runs_of(tx, dataset.id, limit, before, state)
    return _settled(center, dataset, rows)


def last(center: Center, dataset: Dataset, status: str | None = None) -> Run | None:
    occupancy.close_forsaken(center, dataset.id)
    with center.store.read() as tx:
        row = queries.last_run(tx, dataset.id, status)
    return _settled(center, dataset, [row])[0] if row else None


def get(center: Center, name: str, run_id: str) -> Run:
    """One run of a dataset. Raises SettingsError where the dataset has none of that id."""
    dataset = datasets.get(center, name)
    occupancy.close_forsaken(center, dataset.id)
    with center.store.read() as tx:
        row = queries.run_by_id(tx, run_id)
    if row is None or row["dataset_id"] != dataset.id:
        raise SettingsError(
            f"{name} has no run {run_id!r}.", todo=f"`trunkline dataset history {name}` lists its runs."
        )
    return _settled(center, dataset, [row])[0]


def _settled(center: Center, dataset: Dataset, rows: Sequence[RowMapping]) -> list[Run]:
    """The runs, each dead one with the counts that the warehouse has of it."""
    return [from_record(row) for row in settling.settled(center, dataset.name, rows)]


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
    return from_record(dict(row))
