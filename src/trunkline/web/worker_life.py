"""A worker process ends with the process that started it, however that one ended."""

import multiprocessing
import os
import signal
import threading
import time

LOOKS_EVERY_SECONDS = 1.0


def ends_with(parent: int) -> None:
    """End this process as a request to end would, once its parent is another one than this."""
    threading.Thread(target=_wait_for_end, args=(parent,), name="parent", daemon=True).start()


def started_by() -> int:
    """The process that started this worker, which may be gone by now: then the system names another."""
    parent = multiprocessing.parent_process()
    return os.getppid() if parent is None or parent.pid is None else parent.pid


def _wait_for_end(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOKS_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
