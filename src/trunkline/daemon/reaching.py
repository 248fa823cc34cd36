"""Whether a server of the home folder has the installation open: then commands go through it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.settings import Settings

if TYPE_CHECKING:
    from trunkline.daemon.client import Server
    from trunkline.warehouse.engine import Tables


def running_server(settings: Settings) -> "Server | None":
    """The server to go through, if one runs. Raises RetryLater when it does not answer."""
    from trunkline.daemon.address import socket_of

    if not socket_of(settings.home).exists():
        return None
    from trunkline.daemon.client import server_of

    return server_of(settings)


def copying(settings: Settings) -> "Callable[[Path], None] | None":
    """What copies the warehouse's file to another, where a server has it open."""
    if settings.text("warehouse_url").strip() or (server := running_server(settings)) is None:
        return None
    return server.copy


def open_tables(settings: Settings, *, read_only: bool = False) -> "Tables":
    """The dataset tables; those of a file that a server has open through that server."""
    from trunkline.warehouse.open import open_warehouse

    if not settings.text("warehouse_url").strip() and (server := running_server(settings)):
        from trunkline.daemon.tables import ServedTables

        return ServedTables(server)
    return open_warehouse(settings, read_only=read_only)
