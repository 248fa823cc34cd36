"""The counts of runs whose process died: what the warehouse holds of them, to the last window.

A window is committed there before the run's record hears of it, so that a process killed in between
leaves a record that tells too little; and rows of a window that was never committed may stand in it.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping

from trunkline.center import history_queries, queries
from trunkline.center.room import Center
from trunkline.errors import RetryLater, TrunklineError
from trunkline.warehouse.target import Loaded, LoadRecord

if TYPE_CHECKING:
    from trunkline.center.writer import Writer

LOOKED_BACK = 20
"""Of so many failed runs the next run settles what nobody has looked at."""

LoadsOf = Callable[[str], list[LoadRecord]]


def settled(center: Center, dataset: str, rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
    """The rows of runs, those of dead ones with the counts of what they committed.

    While another process has the warehouse open for writing, they stay as they are until the next look.
    """
    if all(row["is_settled"] for row in rows):
        return [dict(row) for row in rows]
    # most looks at a history find nobody dead, and need no warehouse
    from trunkline.center import tables_of

    if not tables_of.is_made(center):
        return _settled(center, rows, lambda _: [])
    with suppress(TrunklineError), tables_of.warehouse_of(center, read_only=True) as warehouse:
        return _settled(center, rows, lambda run_id: warehouse.loads_of_run(dataset, run_id))
    return [dict(row) for row in rows]


async def settle_dead(center: Center, writer: "Writer", dataset_id: int, dataset: str) -> None:
    """The same for the newest failed runs of a dataset, by somebody who writes the warehouse.

    Where that is not to be had, the run that begins will fail for it, and says so.
    """
    with center.store.read() as tx:
        rows = history_queries.runs_of(tx, dataset_id, LOOKED_BACK, state="failed")
    if any(not row["is_settled"] for row in rows):
        with suppress(RetryLater):
            await writer.submit(
                lambda warehouse: _settled(center, rows, lambda run: warehouse.loads_of_run(dataset, run))
            )


def _settled(center: Center, rows: Sequence[RowMapping], loads_of: LoadsOf) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for row in rows:
        counts = {} if row["is_settled"] else {**_counts(row, loads_of(row["id"])), "is_settled": True}
        if counts:
            with center.store.begin() as tx:
                queries.update_run(tx, row["id"], counts)
        found.append({**row, **counts})
    return found


def _counts(row: RowMapping, loads: Sequence[LoadRecord]) -> dict[str, int]:
    """What the loads say; nothing where the warehouse has forgotten some of them."""
    windows = [load.loaded for load in loads if load.action != "swap"]
    if len(windows) < row["windows_done"]:
        return {}
    came = sum(windows, Loaded())
    swapped = [load.loaded for load in loads if load.action == "swap"]
    changed = swapped[-1] if swapped else came
    return {
        "windows_done": len(windows),
        "rows_read": came.rows,
        "rows_inserted": changed.inserted,
        "rows_updated": changed.updated,
        "rows_deleted": changed.deleted,
        "rows_unchanged": changed.unchanged,
    }
