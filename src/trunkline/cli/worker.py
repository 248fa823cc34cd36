"""`trunkline worker`: a process that runs datasets when they are due."""

import asyncio
import signal
from contextlib import ExitStack
from typing import Any

import click

from trunkline.cli.flags import home_option


@click.command()
@home_option
def worker(home: str | None) -> None:
    """Run datasets when they are due, and those that others want, until interrupted.

    Several workers, on several machines, share the work where store_url and warehouse_url name PostgreSQL.
    Without that one process does it alone.
    """
    from trunkline.cli.rooms import center_at
    from trunkline.cli.run import _loop_runner
    from trunkline.daemon.address import WORKER, check_not_restored, only_server
    from trunkline.daemon.listening import is_shared

    with center_at(home) as center, ExitStack() as alone:
        check_not_restored(center.settings.home)
        if not is_shared(center.settings):
            alone.enter_context(only_server(center.settings.home, WORKER))
        _loop_runner()(_until_stopped(center))


async def _until_stopped(center: Any) -> None:
    import pyarrow as pa

    from trunkline.center.engine import Engine
    from trunkline.center.writer import Writer

    # Arrow's own allocator keeps what it once had.
    pa.set_memory_pool(pa.system_memory_pool())
    stopped = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    center.vault.make_ready()
    with Writer(center.settings) as writer:
        engine = Engine(center, writer)
        await engine.start()
        click.echo(f"trunkline: worker {engine.worker} is ready")
        try:
            await stopped.wait()
        finally:
            await engine.stop()
