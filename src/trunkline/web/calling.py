"""What makes calls real while the server runs: opened with it, and closed before its databases."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from trunkline.clock import Clock
from trunkline.dialer.asterisk.switchboard import Switchboard
from trunkline.dialer.opening import Dialer
from trunkline.settings import Settings
from trunkline.store.connection import Store
from trunkline.store.secrets import Vault
from trunkline.telephony.asterisk import Asterisk

CALLING = "blind_monitor"
"""The function without whose tables a dialer has no queue."""


def lines_of(board: Switchboard) -> Callable[[str], Awaitable[Asterisk | None]]:
    """How others reach the servers that the switchboard has managers of, as they are known now."""

    async def line(server_ip: str) -> Asterisk | None:
        await board.look()
        return await board.exchange.at(server_ip)

    return line


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
