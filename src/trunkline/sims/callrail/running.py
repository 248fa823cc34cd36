"""The pretend CallRail for people: served until interrupted."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from trunkline.sims.callrail.options import CallrailSimOptions
from trunkline.sims.callrail.server import CallrailSim

_say = partial(print, flush=True)


def run(options: CallrailSimOptions, port: int, announce: Callable[[str], None] = _say) -> None:
    """Serve on 127.0.0.1 until SIGINT or SIGTERM; says where it listens and how to use it."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(options, port, announce))


async def _serve(options: CallrailSimOptions, port: int, announce: Callable[[str], None]) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Not every platform lets an event loop take signals; KeyboardInterrupt remains there.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    sim = CallrailSim(options)
    await sim.start(port)
    try:
        for line in introduction(sim):
            announce(line)
        await ended.wait()
    finally:
        await sim.stop()


def introduction(sim: CallrailSim) -> Iterator[str]:
    """The lines that tell where it listens and how it is used."""
    data, *empty = [str(row["id"]) for row in sim.world.lists["accounts"]]
    yield f"trunkline sim callrail: listening on {sim.url}"
    others = f" ({', '.join(empty)}: without data)" if empty else ""
    yield f"API Key {sim.options.api_key}, Account ID {data}{others}"
    yield (
        f"trunkline account add callrail pretend-callrail "
        f"--api-key {sim.options.api_key} --account-id {data} --base-url {sim.url}"
    )
