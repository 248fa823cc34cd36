"""Wrong logins counted by address, for all processes of an installation: who has too many must wait.

Counting costs a good login nothing. A wrong one counts here at once; soon after it is added in the store to
what other processes counted, and what they know is learned. So each further process lets an address that
must wait guess once more before it knows.
"""

import asyncio
import ipaddress
import logging
import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import exc

from trunkline.access import queries
from trunkline.clock import Clock
from trunkline.store.connection import Store

WINDOW = timedelta(minutes=15)
"""So long wrong logins count, and so long an address waits that has too many."""
MOST_ADDRESSES = 10_000
"""So many are remembered in a process. The store has the others."""
IPV6_OF_ONE = 64
"""An IPv6 user has a network of this size, and any address of it."""
LONGEST = 64

_log = logging.getLogger("trunkline.access")


@dataclass(frozen=True)
class Count:
    """Wrong logins of an address, and the end of the time in which they count, or of its waiting."""

    wrong: int
    until: datetime


class WrongLogins:
    """The wrong logins of each address. `most`: so many make it wait; 0: none is counted."""

    def __init__(self, store: Store, clock: Clock, most: int) -> None:
        self._store, self._clock, self._most = store, clock, most
        self._counts: OrderedDict[str, Count] = OrderedDict()
        self._waiting: dict[str, datetime] = {}
        self._unshared: dict[str, int] = {}
        self._sharing: asyncio.Task[None] | None = None

    def wait_seconds(self, address: str) -> int:
        """How long the address has to wait; 0: not at all."""
        if not self._waiting:
            return 0
        network = network_of(address)
        until = self._waiting.get(network)
        if until is None:
            return 0
        left = (until - self._clock.now()).total_seconds()
        if left <= 0:
            del self._waiting[network]
        return max(0, math.ceil(left))

    def note(self, address: str) -> None:
        """Count one more wrong login of the address."""
        if not self._most:
            return
        network = network_of(address)
        self._keep(network, after(self._counts.get(network), 1, self._most, self._clock.now()))
        self._unshared[network] = self._unshared.get(network, 0) + 1
        if self._sharing is None or self._sharing.done():
            self._sharing = asyncio.get_running_loop().create_task(self._share())

    async def learn(self) -> None:
        """Take up which addresses wait already."""
        if self._most:
            self._take(await asyncio.to_thread(self._waiting_in_store))

    async def close(self) -> None:
        """Wait until all that was counted is in the store."""
        if self._sharing is not None:
            await self._sharing

    async def _share(self) -> None:
        while self._unshared:
            some, self._unshared = self._unshared, {}
            try:
                self._take(await asyncio.to_thread(self._add, some))
            except Exception:
                _log.exception("Wrong logins could not be told to other processes.")

    def _add(self, wrong: Mapping[str, int]) -> dict[str, Count]:
        found = {network: self._add_one(network, count) for network, count in wrong.items()}
        with self._store.begin() as tx:
            queries.forget_wrong_logins(tx, self._clock.now())
        return found | self._waiting_in_store()

    def _add_one(self, network: str, wrong: int) -> Count:
        try:
            return self._counted(network, wrong)
        except exc.IntegrityError:  # another process was the first to count this address
            return self._counted(network, wrong)

    def _counted(self, network: str, wrong: int) -> Count:
        with self._store.begin() as tx:
            row = queries.wrong_logins_of(tx, network)
            had = Count(row.wrong, row.until_at) if row else None
            now = after(had, wrong, self._most, self._clock.now())
            write = queries.change_wrong_logins if had else queries.add_wrong_logins
            write(tx, network, now.wrong, now.until)
        return now

    def _waiting_in_store(self) -> dict[str, Count]:
        with self._store.read() as tx:
            rows = queries.most_wrong_logins(tx, self._most, self._clock.now(), MOST_ADDRESSES)
        return {row.network: Count(row.wrong, row.until_at) for row in rows}

    def _take(self, shared: Mapping[str, Count]) -> None:
        """What all processes counted. Here some more may have come meanwhile."""
        for network, count in shared.items():
            more = self._unshared.get(network, 0)
            self._keep(network, after(count, more, self._most, self._clock.now()) if more else count)

    def _keep(self, network: str, count: Count) -> None:
        self._counts.pop(network, None)
        self._counts[network] = count
        if count.wrong >= self._most:
            if network not in self._waiting:
                _log.warning("%s has had %d wrong logins, and waits.", network, count.wrong)
            self._waiting[network] = count.until
        else:
            self._waiting.pop(network, None)
        if len(self._counts) > MOST_ADDRESSES:
            network, _ = self._counts.popitem(last=False)
            self._waiting.pop(network, None)


def after(had: Count | None, wrong: int, most: int, now: datetime) -> Count:
    """The count with some more wrong logins. The last one that is allowed makes the waiting begin."""
    if had is None or had.until <= now:
        return Count(wrong, now + WINDOW)
    begins_to_wait = had.wrong < most <= had.wrong + wrong
    return Count(had.wrong + wrong, now + WINDOW if begins_to_wait else had.until)


@lru_cache(MOST_ADDRESSES)
def network_of(address: str) -> str:
    """What an address counts as: itself, of IPv6 its network; what is no address, as it is."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:LONGEST]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_OF_ONE), strict=False))
