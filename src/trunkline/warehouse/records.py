"""What the warehouse remembers of its loads, in the same transaction as the rows."""

from datetime import UTC, datetime

from trunkline.declare import Window
from trunkline.errors import TakenOver
from trunkline.warehouse.link import Link, number
from trunkline.warehouse.statements import Sql
from trunkline.warehouse.target import Applied, Loaded, LoadRecord, Staged, Target, window_text


def prepare(link: Link) -> None:
    for name in ("create_loads", "create_progress", "create_staged", "create_holders"):
        link.run(link.statements(name))


def hold(link: Link, dataset: str, run_id: str) -> None:
    link.run(link.statements("delete_holder"), [dataset])
    link.run(link.statements("add_holder"), [dataset, run_id])


def check_held(link: Link, dataset: str, run_id: str) -> None:
    """Raises TakenOver where a later run holds the dataset."""
    found = link.rows(link.statements("get_holder"), [dataset])
    if found and str(found[0][0]) != run_id:
        raise TakenOver(f"Run {found[0][0]} has taken {dataset} over.")


def add_load(
    link: Link, action: str, target: Target, window: Window, applied: Applied, loaded: Loaded, generation: str
) -> None:
    link.run(
        link.statements("add_load"),
        [
            target.dataset, applied.run_id, action, target.method.value, generation, window_text(window),
            loaded.rows, loaded.inserted, loaded.updated, loaded.deleted, loaded.unchanged,
            loaded.duplicates, applied.loaded_at,
        ],
    )  # fmt: skip


def was_loaded(link: Link, target: Target, window: Window, applied: Applied) -> bool:
    values = [target.dataset, applied.run_id, "load", "", window_text(window)]
    return number(link, link.statements("count_same_loads"), values) > 0


def was_staged(link: Link, target: Target, window: Window, generation: str) -> bool:
    values = [target.dataset, generation, window_text(window)]
    return number(link, link.statements("count_staged_windows"), values) > 0


def was_swapped(link: Link, dataset: str, generation: str) -> bool:
    return number(link, link.statements("count_swaps"), [dataset, generation]) > 0


def loads(link: Link, dataset: str, limit: int) -> list[LoadRecord]:
    found = link.rows(link.statements("last_loads", limit=Sql(int(limit))), [dataset])
    return [_record(row) for row in found]


def loads_of_run(link: Link, dataset: str, run_id: str) -> list[LoadRecord]:
    return [_record(row) for row in link.rows(link.statements("loads_of_run"), [dataset, run_id])]


def _record(row: tuple[object, ...]) -> LoadRecord:
    texts = [str(value) for value in row[:6]]
    counts = [int(str(value)) for value in row[6:12]]
    at = row[12]
    assert isinstance(at, datetime)
    dataset, run_id, action, method, generation, days = texts
    return LoadRecord(dataset, run_id, action, method, generation, days, Loaded(*counts), at.astimezone(UTC))


def progress(link: Link, dataset: str) -> str | None:
    found = link.rows(link.statements("get_progress"), [dataset])
    return str(found[0][0]) if found else None


def keep_progress(link: Link, dataset: str, applied: Applied) -> None:
    link.run(link.statements("delete_progress"), [dataset])
    values = [dataset, applied.progress, applied.run_id, applied.loaded_at]
    link.run(link.statements("add_progress"), values)


def staged(link: Link, dataset: str) -> Staged | None:
    found = link.rows(link.statements("get_staged"), [dataset])
    return Staged(str(found[0][0]), str(found[0][1])) if found else None


def keep_staged(link: Link, dataset: str, state: Staged) -> None:
    forget_staged(link, dataset)
    link.run(link.statements("add_staged"), [dataset, state.generation, state.progress])


def forget_staged(link: Link, dataset: str) -> None:
    link.run(link.statements("delete_staged"), [dataset])


def forget(link: Link, dataset: str) -> None:
    for name in ("delete_progress", "delete_staged", "delete_loads", "delete_holder"):
        link.run(link.statements(name), [dataset])


def rename(link: Link, old: str, new: str) -> None:
    for name in ("rename_progress", "rename_staged", "rename_loads", "rename_holders"):
        link.run(link.statements(name), [old, new])
