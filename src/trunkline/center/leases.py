"""Who works on a dataset, where several machines share a store: a lease that runs out unless it is renewed.

A holder on this machine also keeps a file locked, so that one that was killed is known at once. Elsewhere,
and for one that hangs, the lease runs out. What a holder of old still does is refused by the warehouse
(`Warehouse.hold`).
"""

import fcntl
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from trunkline.center import order_queries as queries
from trunkline.center.room import Center

LEASE = timedelta(seconds=30)
"""So long a dataset stays taken by one who says nothing any more."""


@contextmanager
def held(center: Center, dataset_id: int) -> Iterator[str | None]:
    """The lease, by the holder's word for itself; None where somebody else has it."""
    holder = f"{socket.gethostname()[:100]}-{os.getpid()}-{secrets.token_hex(8)}"
    file = _file(center, holder)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield holder if _taken(center, dataset_id, holder) else None
        finally:
            file.unlink(missing_ok=True)
            with center.store.begin() as tx:
                queries.end_lease(tx, dataset_id, holder)


def renew(center: Center, dataset_id: int, holder: str) -> bool:
    """Keep it for a while more; False when somebody else has it by now."""
    with center.store.begin() as tx:
        return queries.renew_lease(tx, dataset_id, holder, center.clock.now() + LEASE)


def is_free(center: Center, dataset_id: int) -> bool:
    with center.store.read() as tx:
        lease = queries.lease_of(tx, dataset_id)
    return lease is None or lease["until_at"] < center.clock.now() or _is_dead(center, lease["holder"])


def _taken(center: Center, dataset_id: int, holder: str) -> bool:
    now = center.clock.now()
    values = {"holder": holder, "host": socket.gethostname(), "until_at": now + LEASE}
    with center.store.read() as tx:
        lease = queries.lease_of(tx, dataset_id)
    dead = lease["holder"] if lease is not None and _is_dead(center, lease["holder"]) else ""
    with suppress(IntegrityError), center.store.begin() as tx:  # another may add the first lease meanwhile
        is_taken = queries.take_lease(tx, dataset_id, values, now, dead)
        if is_taken and dead:
            _file(center, dead).unlink(missing_ok=True)  # not before: it is what tells that it is dead
        return is_taken
    return False


def _is_dead(center: Center, holder: str) -> bool:
    """Whether a holder's process on this machine, and with this home, is gone; of others nothing is known."""
    file = _file(center, holder)
    try:
        with file.open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):
        return False
    return True


def _file(center: Center, holder: str) -> Path:
    folder = center.settings.home / "locks"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"lease-{holder}.lock"
