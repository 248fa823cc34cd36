"""What was committed to SQLite's log goes into the database file beside the requests, not within one."""

import logging
import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from trunkline.dialer.queries import SQLITE_CHECKPOINT

WORKS_BETWEEN = 1_000
BUSY_SECONDS = 10
_log = logging.getLogger("trunkline.dialer")


class Checkpoints:
    """A thread with a connection of its own. Where it cannot keep up, commits do its work themselves."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dialer-checkpoint")
        self._connection: sqlite3.Connection | None = None
        self._works = 0
        self._running: Future[None] | None = None

    def note(self, works: int) -> None:
        """So many works were committed."""
        self._works += works
        if self._works >= WORKS_BETWEEN and (self._running is None or self._running.done()):
            self._works = 0
            self._running = self._thread.submit(self._checkpoint)

    def close(self) -> None:
        self._thread.shutdown()
        if self._connection is not None:
            self._connection.close()

    def _checkpoint(self) -> None:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(
                    self._path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
                )
            self._connection.execute(SQLITE_CHECKPOINT)
        except sqlite3.Error as error:
            _log.warning("SQLite's log was not written into the database file this time: %s.", error)
