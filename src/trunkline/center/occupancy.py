"""Who works on a dataset: one process at a time, by a file lock that ends with its process.

The lock is the truth. What the history says of a run under way is believed only while the lock is held.
Where the store is on a server, and so may have several machines, the lock is a lease (`leases.py`).
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import RowMapping
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from trunkline.center import leases, order_queries, queries
from trunkline.center.room import Center
from trunkline.clock import local_text
from trunkline.errors import RetryLater
from trunkline.store.places import DatabaseKind

SECONDS_OF_A_LOOK = 0.2
"""Somebody who only looks whether the lock is free holds it for an instant; a run waits that long for it."""

GONE = {
    "state": "failed",
    "error": "The run's process ended before the run did.",
    "error_kind": "retry_later",
    "todo": "Nothing was lost: the next run goes on where this one was.",
    "waiting_until": None,
    "waiting_reason": "",
    "is_settled": False,
}


@contextmanager
def held(center: Center, dataset_id: int, name: str) -> Iterator[str]:
    """Nobody else runs, changes or removes the dataset meanwhile. Gives the holder of a lease, or "".

    Raises RetryLater, naming the run, when somebody does.
    """
    if _has_leases(center):
        with leases.held(center, dataset_id) as holder:
            if holder is None:
                raise _occupied(center, dataset_id, name)
            yield holder
        return
    with _file(center, dataset_id).open("w") as lock:
        try:
            _taken_patiently(lock)
        except BlockingIOError:
            raise _occupied(center, dataset_id, name) from None
        yield ""


def check_free(center: Center, dataset_id: int, name: str) -> None:
    """Raises RetryLater, naming the run, while the dataset is being run or changed."""
    with held(center, dataset_id, name):
        return


def close_dead(center: Center, dataset_id: int) -> None:
    """End the runs whose process is gone. Only the holder of the dataset's lock may call this."""
    with center.store.begin() as tx:
        queries.close_unended_runs(tx, dataset_id, {**GONE, "ended_at": center.clock.now()})


def close_forsaken(center: Center, dataset_id: int) -> None:
    """End the runs whose process is gone, for somebody who only looks.

    A run writes its record after it has taken the lock. So what was open before the lock was seen free
    is dead, and a run that begins this instant is not touched.
    """
    with center.store.read() as tx:
        open_runs = [row["id"] for row in queries.unended_runs(tx, dataset_id)]
    if open_runs and _is_free(center, dataset_id):
        with center.store.begin() as tx:
            ended = {**GONE, "ended_at": center.clock.now()}
            queries.close_unended_runs(tx, dataset_id, ended, open_runs)


def unended(center: Center) -> tuple[list[RowMapping], list[RowMapping]]:
    """Runs that have not ended: those that go on, and those whose process is gone. Changes nothing."""
    alive: list[RowMapping] = []
    gone: list[RowMapping] = []
    with center.store.read() as tx:
        ids = order_queries.datasets_with_unended_runs(tx)
        found = {dataset_id: queries.unended_runs(tx, dataset_id) for dataset_id in ids}
    for dataset_id, rows in found.items():
        (gone if _is_free(center, dataset_id) else alive).extend(rows)
    return alive, gone


def _has_leases(center: Center) -> bool:
    """Several machines may share a store, and none sees the locks of another."""
    return center.store.dialect is not DatabaseKind.SQLITE


def _is_free(center: Center, dataset_id: int) -> bool:
    if _has_leases(center):
        return leases.is_free(center, dataset_id)
    with _file(center, dataset_id).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _taken_patiently(lock: IO[str]) -> None:
    patient = Retrying(
        retry=retry_if_exception_type(BlockingIOError),
        stop=stop_after_delay(SECONDS_OF_A_LOOK),
        wait=wait_fixed(SECONDS_OF_A_LOOK / 10),
        reraise=True,
    )
    patient(fcntl.flock, lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _file(center: Center, dataset_id: int) -> Path:
    folder = center.settings.home / "locks"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"dataset-{dataset_id}.lock"


def _occupied(center: Center, dataset_id: int, name: str) -> RetryLater:
    with center.store.read() as tx:
        open_runs = queries.unended_runs(tx, dataset_id)
    if not open_runs:
        return RetryLater(
            f"{name} is being changed by another process just now.", todo="Try again in a moment."
        )
    run = open_runs[0]
    return RetryLater(
        f"{name} is being run (run {run['id']}, since {local_text(run['started_at'])}).",
        todo=f"Wait for it to end, or cancel it first: `trunkline cancel {run['id']}`",
    )
