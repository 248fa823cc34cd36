"""A pretend service for people: served until interrupted."""

import asyncio
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from trunkline.sims.serving import PretendService

S = TypeVar("S", bound=PretendService)

say = partial(print, flush=True)


def serve_until_interrupted(
    sim: S, port: int, introduction: Callable[[S], Iterable[str]], announce: Callable[[str], None] = say
) -> None:
    """Serve on 127.0.0.1 until SIGINT or SIGTERM; says where it listens and how to use it."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(sim, port, introduction, announce))


async def _serve(
    sim: S, port: int, introduction: Callable[[S], Iterable[str]], announce: Callable[[str], None]
) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Not every platform lets an event loop take signals; KeyboardInterrupt remains there.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await sim.start(port)
    try:
        for line in introduction(sim):
            announce(line)
        await ended.wait()
    finally:
        await sim.stop()
