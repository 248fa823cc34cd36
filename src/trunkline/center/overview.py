"""Datasets and runs as lists show them: many at once, each with what a person looks for first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from trunkline.center import overview_queries as queries
from trunkline.center.names import unknown
from trunkline.center.order_queries import WAITING as ORDER_WAITING
from trunkline.center.room import Center
from trunkline.center.runs import Run, from_record
from trunkline.center.schedules import MANUAL, Schedule, schedule_of
from trunkline.connectors import connector as connector_named
from trunkline.connectors import report as report_named

NEVER, WAITS = "never", "ordered"
"""States of a dataset beside those of its last run: it never ran; it waits for its turn."""
ID_DIGITS = 12


@dataclass(frozen=True)
class UnderWay:
    """What a dataset is at: a run that goes on, or an order that waits. `share` is 0 to 1 where known."""

    status: str
    run_id: str | None = None
    share: float | None = None
    rows_read: int = 0
    begins_at: datetime | None = None


@dataclass(frozen=True)
class Overview:
    """A dataset in a list. `last_status` is that of the last run that ended; instants are UTC."""

    id: int
    name: str
    account: str
    account_is_valid: bool
    connector: str
    connector_label: str
    report_label: str
    description: str
    owner_id: int | None
    tags: tuple[str, ...]
    schedule: Schedule | None
    is_paused: bool
    next_due_at: datetime | None
    last_status: str
    last_error: str
    last_at: datetime | None
    success_at: datetime | None
    under_way: UnderWay | None

    @property
    def status(self) -> str:
        return self.under_way.status if self.under_way else self.last_status


def of_datasets(
    center: Center, *, after: str = "", search: str = "", account: str = "", limit: int = 100
) -> list[Overview]:
    """Datasets by name, those after one where given."""
    with center.store.read() as tx:
        rows = queries.datasets_after(tx, after, search, account, limit)
        busy = _busy(queries.unended(tx), queries.waiting_orders(tx))
    return [_overview(row, busy.get(row["id"])) for row in rows]


def has_datasets(center: Center) -> bool:
    with center.store.read() as tx:
        return queries.count_datasets(tx) > 0


def under_way(center: Center, dataset_id: int) -> UnderWay | None:
    """What a dataset is at just now."""
    with center.store.read() as tx:
        orders = [row for row in queries.waiting_orders(tx) if row["dataset_id"] == dataset_id]
        return _busy(queries.unended(tx, dataset_id), orders).get(dataset_id)


def of_runs(center: Center, *, state: str = "", before: str = "", limit: int = 50) -> list[Run]:
    """Runs of all datasets, newest first. Raises SettingsError where `before` is no run's id."""
    since = _began(before) if before else None
    with center.store.read() as tx:
        rows = queries.newest_of_all(tx, state, before, since, limit)
    return [from_record(row) for row in rows]


def _began(run_id: str) -> datetime:
    """When a run began, which its id begins with, to the end of its millisecond."""
    try:
        milliseconds = int(run_id[:ID_DIGITS], 16)
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds + 1)
    except (ValueError, OverflowError):
        raise unknown("run", run_id, []) from None


def _busy(runs: queries.RunRows, orders: queries.RunRows) -> Mapping[int, UnderWay]:
    """By the ids of datasets; a run says more than its order."""
    found = {row["dataset_id"]: _ordered(row) for row in orders}
    return found | {row["dataset_id"]: _running(row) for row in runs if row["dataset_id"] is not None}


def _ordered(row: RowMapping) -> UnderWay:
    return UnderWay(WAITS, begins_at=row["begins_at"] if row["state"] == ORDER_WAITING else None)


def _running(row: RowMapping) -> UnderWay:
    return UnderWay(row["state"], row["id"], share_of(from_record(row)), row["rows_read"])


def share_of(run: Run) -> float | None:
    """How much of a run is done, 0 to 1: by rows where their number was told, else by windows."""
    if run.rows_expected:
        return min(1.0, run.rows_read / run.rows_expected)
    if run.windows_total:
        return min(1.0, run.windows_done / run.windows_total)
    return None


def _overview(row: RowMapping, busy: UnderWay | None) -> Overview:
    declared: Any = connector_named(row["connector"])
    schedule = None
    if row["kind"] and row["kind"] != MANUAL:
        schedule = schedule_of(row["kind"], row["words"], row["zone"], row["day_window"])
    return Overview(
        id=row["id"],
        name=row["name"],
        account=row["account"],
        account_is_valid=row["account_state"] != "invalid",
        connector=row["connector"],
        connector_label=declared.label,
        report_label=report_named(declared, row["report"]).label,
        description=row["description"],
        owner_id=row["owner_id"],
        tags=tuple(row["tags"] or ()),
        schedule=schedule,
        is_paused=bool(row["is_paused"]),
        next_due_at=row["next_due_at"],
        last_status=row["last_state"] or NEVER,
        last_error=row["last_error"] or "",
        last_at=row["last_ended_at"] or row["last_started_at"],
        success_at=row["success_at"],
        under_way=busy,
    )
