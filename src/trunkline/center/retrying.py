"""A run that is wanted once more by a person: which of its ways there are, and the order for it."""

from dataclasses import dataclass

from trunkline.center import occupancy, orders, queries, runs, workers
from trunkline.center.names import unknown
from trunkline.center.order_queries import WAITING
from trunkline.center.orders import Order
from trunkline.center.room import Center
from trunkline.center.runs import Run, Wish
from trunkline.errors import RetryLater, SettingsError


@dataclass(frozen=True)
class Failed:
    """A run that can be tried again, the wish of it, and the order that waits to, if one does."""

    run: Run
    wish: Wish
    order: Order | None


def failed(center: Center, run_id: str) -> Failed:
    """Raises SettingsError for a run that is not there or went well, RetryLater for one that goes on."""
    with center.store.read() as tx:
        row = queries.run_by_id(tx, run_id)
    if row is None:
        raise unknown("run", run_id, [])
    if row["dataset_id"] is None:
        raise SettingsError(f"The dataset {row['dataset_name']} of this run is gone.")
    occupancy.close_forsaken(center, row["dataset_id"])
    run = runs.by_id(center, run_id)
    assert run is not None, "runs of a dataset are forgotten after months"
    order = orders.of_run(center, run_id)
    is_under_way = order is not None and order.state != WAITING and bool(workers.alive(center))
    if run.status not in runs.ENDED or (run.status in runs.RETRIED and is_under_way):
        raise RetryLater(
            f"Run {run_id} goes on, or is tried again just now.",
            todo=f"`trunkline dataset history {run.dataset}` shows what becomes of it.",
        )
    if run.status not in runs.RETRIED:
        raise SettingsError(
            f"Run {run_id} has not failed ({run.status}).",
            todo=f"To read what is due: `trunkline run {run.dataset}`",
        )
    return Failed(run, _wish_of(run), order)


def order_again(center: Center, failed: Failed, started_by: str) -> Order:
    """Order the same once more; an order that waits for its next attempt waits no longer instead."""
    if failed.order is not None and orders.hasten(center, failed.order):
        return orders.get(center, failed.order.id)
    return orders.want(center, failed.run.dataset, failed.wish, started_by=started_by, retry_of=failed.run.id)


def _wish_of(run: Run) -> Wish:
    if run.wish or run.trigger not in (runs.FULL, runs.BACKFILL):
        return Wish(**run.wish)
    if run.trigger == runs.FULL:
        return Wish(full=True)
    raise SettingsError(
        f"What days run {run.id} was to read was not kept yet in its time.",
        todo=f"Name them: `trunkline run {run.dataset} --since DATE --until DATE`",
    )
