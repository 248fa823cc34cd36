"""Streams that are open when the server is told to stop end at once: it would wait for their readers."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from trunkline.pages.streams import leaving

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def streams_end_with_the_server() -> Iterator[None]:
    """Have the signals that stop the server end open streams too; whoever hears them still does.

    The server has its own handlers in place by now. A thread that is not the main one has no signals.
    """
    leaving.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.getsignal(number) for number in SIGNALS}

    def leave(number: int, frame: FrameType | None) -> None:
        leaving.set()
        handler = former[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number, handler in former.items():
        if callable(handler):
            signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in former.items():
            if callable(handler):
                signal.signal(number, handler)
