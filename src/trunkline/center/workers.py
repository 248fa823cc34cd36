"""The processes that carry out orders, as others see them."""

import os
import socket
from datetime import timedelta

from trunkline.center import order_queries
from trunkline.center.room import Center

ALIVE = timedelta(seconds=30)
"""So long ago at most a worker that lives has been heard of."""


def alive(center: Center) -> list[str]:
    """The ids of the workers that live; any process of this home may ask.

    Of one on this machine it is known at once that it was killed.
    """
    since = center.clock.now() - ALIVE
    with center.store.read() as tx:
        rows = [row for row in order_queries.all_workers(tx) if row["beat_at"] >= since]
    return [row["id"] for row in rows if row["host"] != socket.gethostname() or _has_process(row["pid"])]


def _has_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another account's
    return True
