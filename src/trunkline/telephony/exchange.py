"""The Asterisk servers of an installation, each with one connection, by the names they are known by."""

from collections.abc import Callable

from trunkline.clock import Clock
from trunkline.telephony.access import ManagerAccess, Patience
from trunkline.telephony.asterisk import Asterisk

Find = Callable[[str], ManagerAccess | None]


class Exchange:
    """Hands out `Asterisk`; `find` tells the access of a server, None where it has none."""

    def __init__(self, find: Find, clock: Clock, patience: Patience | None = None) -> None:
        self._find, self._clock, self._patience = find, clock, patience
        self._servers: dict[str, Asterisk] = {}

    async def at(self, server: str) -> Asterisk | None:
        """The server with the access it has now. One whose access has changed is connected anew."""
        access = self._find(server)
        kept = self._servers.get(server)
        if kept is not None and kept.access != access:
            del self._servers[server]
            await kept.close()
            kept = None
        if kept is None and access is not None:
            kept = self._servers[server] = Asterisk(access, self._clock, self._patience)
        return kept

    async def close(self) -> None:
        """End all connections."""
        servers, self._servers = self._servers, {}
        for server in servers.values():
            await server.close()
