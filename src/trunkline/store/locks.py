"""Locks that hold across processes while something slow is done, and end with their holder.

On a server the lock belongs to a connection, so that all machines that share the store share it; beside
an SQLite file it is a file lock. Neither outlives its process, and none depends on anybody's clock.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trunkline.errors import RetryLater
from trunkline.store import queries
from trunkline.store.connection import Store
from trunkline.store.faults import faults_told
from trunkline.store.places import DatabaseKind

WAIT_SECONDS = 120
SECONDS_BETWEEN_TRIES = 0.05


@contextmanager
def locked(store: Store, subject: str, number: int, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """The one process that works on this row of this subject. Raises RetryLater after too long a wait.

    Holds no transaction of the store open on SQLite, where that would keep every writer waiting.
    """
    if store.dialect is DatabaseKind.SQLITE:
        assert store.place.file is not None
        with _file_locked(store.place.file.parent / "locks" / f"{subject}-{number}.lock", wait_seconds):
            yield
    else:
        with _server_locked(store, subject, number, wait_seconds):
            yield


@contextmanager
def _file_locked(file: Path, wait_seconds: float) -> Iterator[None]:
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with file.open("w") as lock:
        for _ in range(max(1, round(wait_seconds / SECONDS_BETWEEN_TRIES))):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                threading.Event().wait(SECONDS_BETWEEN_TRIES)
        else:
            raise _too_long()
        yield


@contextmanager
def _server_locked(store: Store, subject: str, number: int, wait_seconds: float) -> Iterator[None]:
    seconds = max(1, round(wait_seconds))
    with store.engine.connect() as connection:
        with faults_told(store.place):
            if store.dialect is DatabaseKind.POSTGRESQL:
                queries.lock_subject_postgresql(connection, subject, number, seconds)
            elif not queries.lock_subject_mariadb(connection, subject, number, seconds):
                raise _too_long()
        try:
            yield
        finally:
            with faults_told(store.place):
                if store.dialect is DatabaseKind.MARIADB:
                    queries.unlock_subject_mariadb(connection, subject, number)
                connection.rollback()


def _too_long() -> RetryLater:
    return RetryLater("Another process of this installation has been doing the same for too long.")
