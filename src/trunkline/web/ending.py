"""Hearing that the server is told to end, before it waits for its open answers to come to their end."""

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType


def tell_when_ending(tell: Callable[[], None]) -> None:
    """Have `tell` called on this loop with the first signal to end; the server hears it as before.

    Called once the server listens for signals; it puts back what was there before by itself.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        _chain(number, lambda: loop.call_soon_threadsafe(tell))


def _chain(number: signal.Signals, tell: Callable[[], object]) -> None:
    former = signal.getsignal(number)
    if not callable(former):  # nobody listens: the process just ends
        return

    def hear(given: int, frame: FrameType | None) -> None:
        tell()
        former(given, frame)

    signal.signal(number, hear)
