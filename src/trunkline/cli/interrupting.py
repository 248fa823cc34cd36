"""Ctrl-C while a database is at work: the database is told at once, also where Python cannot listen."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from trunkline.errors import Cancelled


@contextmanager
def stoppable(interrupt: Callable[[], None]) -> Iterator[None]:
    """Within, Ctrl-C calls `interrupt`, and ends in KeyboardInterrupt whatever the database makes of it.

    Python runs its handlers between two steps of its own, and a query may be one step of an hour. But the
    signal itself is written to a pipe at once, where a thread hears of it. Only for the main thread.
    """
    with _listening(interrupt):
        try:
            yield
        except Cancelled:
            raise KeyboardInterrupt from None


@contextmanager
def _listening(interrupt: Callable[[], None]) -> Iterator[None]:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    former = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(reading, interrupt), daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(former)
        os.close(writing)
        listener.join()
        os.close(reading)


def _listen(reading: int, interrupt: Callable[[], None]) -> None:
    """Until the pipe's other end is closed. A byte is the number of a signal."""
    while numbers := os.read(reading, 64):
        if signal.SIGINT in numbers:
            interrupt()
