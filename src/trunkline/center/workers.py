"""The processes that carry out orders, as others see them."""

from datetime import timedelta

from trunkline.center import order_queries
from trunkline.center.room import Center

ALIVE = timedelta(seconds=30)
"""So long ago at most a worker that lives has been heard of."""


def alive(center: Center) -> list[str]:
    """The ids of the workers that live; any process of this home may ask."""
    since = center.clock.now() - ALIVE
    with center.store.read() as tx:
        return [row["id"] for row in order_queries.all_workers(tx) if row["beat_at"] >= since]
