"""What has to be done now and then while datasets are run: notices, and forgetting what is old."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from trunkline.center import datasets, orders, timetables
from trunkline.center.alerts import incidents
from trunkline.center.alerts.looking import look
from trunkline.center.alerts.sending import send_waiting
from trunkline.center.datasets import Dataset
from trunkline.center.pruning import prune
from trunkline.center.room import Center

LOOK_SECONDS = 60.0
SEND_SECONDS = 5.0
PRUNE_SECONDS = 6 * 3600.0
Work = Callable[[], Awaitable[None]]


class Housekeeping:
    """The works, each with the seconds between two times. Several processes may do them at once."""

    def __init__(self, center: Center) -> None:
        self._center = center
        self._sending: set[asyncio.Task[int]] = set()

    def works(self) -> list[tuple[float, Work]]:
        return [(LOOK_SECONDS, self._look), (SEND_SECONDS, self._send), (PRUNE_SECONDS, self._prune)]

    async def _look(self) -> None:
        await asyncio.to_thread(_look_at_all, self._center)

    async def _send(self) -> None:
        """A slow channel holds up neither the next look nor the other channels."""
        task = asyncio.create_task(send_waiting(self._center, self._center.clock))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        task.add_done_callback(_heard)

    async def _prune(self) -> None:
        await asyncio.to_thread(_forget, self._center)


def _heard(task: "asyncio.Task[int]") -> None:
    """What the store raised comes again with the next call; here it is only taken."""
    if not task.cancelled():
        task.exception()


def _look_at_all(center: Center) -> None:
    now = center.clock.now()
    all_of = {dataset.id: dataset for dataset in datasets.all_of(center)}
    found = timetables.of_all(center, list(all_of.values()))
    look(center, now, lambda dataset: _due(found.get(dataset.id), dataset, now))


def _due(timetable: timetables.Timetable | None, _: Dataset, now: datetime) -> datetime | None:
    """The latest time at which it should have been run."""
    if timetable is None or timetable.is_paused or timetable.next_due_at is None:
        return None
    return timetable.next_due_at if timetable.next_due_at <= now else timetable.last_due_at


def _forget(center: Center) -> None:
    now = center.clock.now()
    prune(center, now)
    orders.prune(center)
    days = center.settings.number("history_days")
    if days:
        incidents.prune(center, now - timedelta(days=days))
