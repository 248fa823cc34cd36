"""The columns of a dataset after a run, and how they differ from those after the run before."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from trunkline.center.alerts import queries
from trunkline.center.alerts.incidents import close_one, open_one
from trunkline.center.alerts.kinds import DATASET, SCHEMA_CHANGED
from trunkline.center.alerts.notices import Subject
from trunkline.center.datasets import Dataset
from trunkline.center.room import Center
from trunkline.errors import TrunklineError
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.types import EXTRA

Changes = dict[str, list[str]]
MOST_NAMED = 10
_log = logging.getLogger("trunkline.alerts")


def schema_of(warehouse: Warehouse, dataset: str, new_fields: Iterable[str]) -> dict[str, str]:
    """The table's columns with their types, and the fields that no column takes, as of type `_extra`."""
    columns = {c.name: "JSON" if c.is_json else c.type for c in warehouse.columns(dataset)}
    return {**{name: EXTRA for name in new_fields if name not in columns}, **columns}


def schema_read(center: Center, dataset: Dataset, columns: Mapping[str, str]) -> None:
    """Compare the columns after a success with those after the one before; fails no run, whatever happens.

    `columns` are names with types, and new fields as `schema_of` gives them.
    """
    try:
        _compare(center, Subject(DATASET, dataset.id, dataset.name), columns)
    except (TrunklineError, IntegrityError) as error:
        _log.warning("The columns of %s were not compared: %s", dataset.name, error)


def _compare(center: Center, subject: Subject, columns: Mapping[str, str]) -> None:
    if not columns:
        return  # there is no table before the first row
    with center.store.read() as tx:
        former = queries.known_columns(tx, subject.id)
    changes = changes_of(former, columns) if former is not None else None
    if former is None or changes:
        with center.store.begin() as tx:
            queries.remember_columns(tx, subject.id, kept_of(former, columns))
            version = {"dataset_id": subject.id, "seen_at": center.clock.now(), "columns": dict(columns)}
            queries.add_version(tx, {**version, "changes": changes or {}})
    if former is None:
        return
    close_one(center, SCHEMA_CHANGED, subject, f"Nothing more has changed since in {subject.name}.")
    if changes:
        text = f"{subject.name} has other columns than before: {sentence_of(changes)}"
        todo = f"Look at queries that use them: `trunkline dataset show {subject.name}`"
        open_one(center, SCHEMA_CHANGED, subject, text, todo=todo, detail=changes)


@dataclass(frozen=True)
class SchemaVersion:
    """The columns a dataset had from an instant on, and how they differed from those before."""

    seen_at: datetime
    columns: dict[str, str]
    changes: Changes


def versions(center: Center, dataset_id: int) -> list[SchemaVersion]:
    """The versions of a dataset's columns, oldest first; none before its first success."""
    with center.store.read() as tx:
        rows = queries.versions_of(tx, dataset_id)
    return [SchemaVersion(row["seen_at"], row["columns"], row["changes"]) for row in rows]


def changes_of(former: Mapping[str, str], now: Mapping[str, str]) -> Changes:
    """What has come, gone and changed its type; empty for no change.

    A field that no column takes cannot go: it may only be rare.
    """
    gone = [name for name, type_ in former.items() if name not in now and type_ != EXTRA]
    both = [name for name in now if name in former and former[name] != now[name]]
    changes = {
        "appeared": sorted(name for name in now if name not in former),
        "disappeared": sorted(gone),
        "changed": sorted(f"{name}: {former[name]} to {now[name]}" for name in both),
    }
    return changes if any(changes.values()) else {}


def kept_of(former: Mapping[str, str] | None, now: Mapping[str, str]) -> dict[str, str]:
    """What to remember: the columns, and every field that ever came without one."""
    rare = {name: type_ for name, type_ in (former or {}).items() if type_ == EXTRA}
    return {**rare, **now}


def sentence_of(changes: Changes) -> str:
    words = {"appeared": "new", "disappeared": "gone", "changed": "of another type"}
    parts = [f"{words[what]}: {_some(names)}" for what, names in changes.items() if names]
    return "; ".join(parts) + "."


def _some(names: list[str]) -> str:
    rest = f", … ({len(names)} in all)" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + rest
