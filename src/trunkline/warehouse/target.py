"""What is loaded where, and what a load did."""

from dataclasses import dataclass, fields
from datetime import datetime

from trunkline.declare import Column, Method, Window

DATASETS = "datasets"
"""The schema of the dataset tables."""

RECORDS = "trunkline_warehouse"
"""The schema of load records, progress and staging."""


@dataclass(frozen=True)
class Target:
    """A dataset's table. `zone` is the IANA zone of its local days; `cursor` may be empty."""

    dataset: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    cursor: str
    method: Method
    zone: str


@dataclass
class Loaded:
    """Counts of one load. `rows` came; `duplicates` of them had a key that came again later.

    Without a key nothing can be told apart: rows that went are `deleted`, rows that came `inserted`.
    """

    rows: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    duplicates: int = 0

    def __add__(self, other: "Loaded") -> "Loaded":
        return Loaded(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True)
class Applied:
    """What is written in the transaction of the rows: the run, its instant, the caller's progress (JSON)."""

    run_id: str
    loaded_at: datetime
    progress: str


@dataclass(frozen=True)
class Staged:
    """An unfinished replace: which one, and how far it came."""

    generation: str
    progress: str


@dataclass(frozen=True)
class LoadRecord:
    """One transaction that changed a dataset. `action` is load, stage or swap; `window` as its text."""

    dataset: str
    run_id: str
    action: str
    method: str
    generation: str
    window: str
    loaded: Loaded
    loaded_at: datetime


@dataclass(frozen=True)
class TableInfo:
    """A dataset's size. `bytes` is None where the engine cannot tell it cheaply."""

    dataset: str
    rows: int
    bytes: int | None


@dataclass(frozen=True)
class ColumnInfo:
    """A column as it stands in the database. `is_json` columns hold JSON as text."""

    name: str
    type: str
    is_json: bool = False


def window_text(window: Window) -> str:
    return str(window)
