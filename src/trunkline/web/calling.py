"""What makes calls real while the server runs: opened with it, and closed before its databases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trunkline.clock import Clock
from trunkline.dialer.asterisk.switchboard import Switchboard
from trunkline.dialer.opening import Dialer
from trunkline.settings import Settings
from trunkline.store.connection import Store
from trunkline.store.secrets import Vault

CALLING = "blind_monitor"
"""The function without whose tables a dialer has no queue."""


@asynccontextmanager
async def calling(
    dialer: Dialer, store: Store, settings: Settings, clock: Clock
) -> AsyncIterator[Switchboard]:
    """The switchboard over a dialer's queue, at work until the context ends."""
    has_queue = CALLING not in dialer.off
    board = Switchboard(dialer.database, store, Vault(settings), clock, has_queue=has_queue)
    await board.start()
    try:
        yield board
    finally:
        await board.close()
