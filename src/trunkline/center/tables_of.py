"""The tables of datasets, seen from the Data Center: facts, export, dropping."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trunkline.center.datasets import Dataset
from trunkline.center.room import Center
from trunkline.errors import SettingsError, TrunklineError
from trunkline.warehouse.browsing import DUCKDB, POSTGRES, Browser
from trunkline.warehouse.engine import Tables
from trunkline.warehouse.open import DUCKDB_FILE, open_warehouse


@contextmanager
def warehouse_of(center: Center, *, read_only: bool = False) -> Iterator[Tables]:
    warehouse = (center.open_tables or open_warehouse)(center.settings, read_only=read_only)
    try:
        yield warehouse
    finally:
        warehouse.close()


@contextmanager
def browsing(center: Center) -> Iterator[Browser | None]:
    """What looks through the datasets; None where there is no warehouse yet."""
    if not is_made(center):
        yield None
        return
    dialect = POSTGRES if center.settings.text("warehouse_url").strip() else DUCKDB
    with warehouse_of(center, read_only=True) as warehouse:
        yield Browser(warehouse, dialect)


def table_facts(center: Center, dataset: Dataset) -> dict[str, Any]:
    """Rows and columns of the dataset's table; None and [] before its first load."""
    try:
        return _facts(center, dataset)
    except TrunklineError as error:  # what the store knows can be shown all the same
        return {"rows": None, "columns": [], "table_note": str(error)}


def is_made(center: Center) -> bool:
    """Whether there is a warehouse yet: a DuckDB file comes with the first run."""
    return bool(center.settings.text("warehouse_url")) or (center.settings.home / DUCKDB_FILE).exists()


def _facts(center: Center, dataset: Dataset) -> dict[str, Any]:
    if not is_made(center):
        return {"rows": None, "columns": []}
    with warehouse_of(center, read_only=True) as warehouse:
        if dataset.name not in {t.dataset for t in warehouse.tables()}:
            return {"rows": None, "columns": []}
        meaning = {c.name: c.meaning for c in dataset.report.columns}
        columns = [
            {"name": c.name, "type": c.type, "meaning": meaning.get(c.name, "")}
            for c in warehouse.columns(dataset.name)
        ]
        return {"rows": warehouse.count(dataset.name), "columns": columns}


def export_to(center: Center, name: str, format_: str | None, target: str) -> int:
    """Write the table to a file, pipe or device, or with - to standard output; the number of rows.

    Without a format the file's ending says it. Raises SettingsError for an empty path, one in the home
    folder, one that cannot be written, and an ending that does not go with the format.
    """
    from trunkline.warehouse.export import export, format_for

    _check_target(center, target)
    chosen = format_for(target, format_)
    with warehouse_of(center, read_only=True) as warehouse:
        return export(warehouse, name, chosen, target)


def _check_target(center: Center, target: str) -> None:
    if not target.strip():
        raise SettingsError("The path (--to) is empty.", todo="Name a file, or - for standard output.")
    home = os.path.realpath(center.settings.home)
    if target != "-" and Path(os.path.realpath(target)).is_relative_to(home):
        raise SettingsError(f"{target} lies in Trunkline's own folder.", todo="Write to another folder.")


def export_to_target(
    center: Center, name: str, format_: str | None, target: str, warehouse: Tables | None = None
) -> tuple[int, str]:
    """Write the table into a saved target; the number of rows, and the place in words.

    A process that has the warehouse open gives it. Raises what `targets.put` does.
    """
    from trunkline.center import targets
    from trunkline.warehouse.export import EXPORT_FORMATS, export

    saved = targets.get(center, target)
    chosen = format_ or "parquet"
    assert chosen in EXPORT_FORMATS, "the command line offers these alone"

    def write(path: str) -> int:
        if warehouse is not None:
            return export(warehouse, name, chosen, path)
        with warehouse_of(center, read_only=True) as opened:
            return export(opened, name, chosen, path)

    return targets.put(center, saved, f"{name}.{chosen}", write)


def drop(center: Center, name: str) -> None:
    if not is_made(center):
        return
    with warehouse_of(center) as warehouse:
        warehouse.drop(name)
