"""The dialer's database as commands see it: statements made once, rows by name, one unit of work a request.

A statement is a function of the tables (`def lead(t): return select(…)`); see `compiling`.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Table

from trunkline.dialer.admissions import Admissions
from trunkline.dialer.compiling import Row, Rows, Statement
from trunkline.dialer.custom import Columns, Custom
from trunkline.dialer.tables import Tables

__all__ = [
    "Ahead",
    "Database",
    "Endings",
    "Journal",
    "Known",
    "Row",
    "Rows",
    "Statement",
    "Update",
    "Work",
]

Known = Mapping[tuple[Any, ...], Row | None]
"""First rows by the statement and the values that ask for them."""


@dataclass(frozen=True)
class Ahead:
    """A statement that reads in one go what several others will ask for, and what it knows of their rows."""

    statement: Statement
    known: Callable[[Row | None, Any], Known]


@dataclass(slots=True)
class Update:
    """New values for the rows of a table that have these old ones."""

    table: str
    where: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True)
class NewRow:
    """A row whose automatic id nobody asks for."""

    table: str
    values: Row


@dataclass(slots=True)
class Journal:
    """Rows of a table, all with the same columns; and a row of another with the automatic id of the last."""

    table: str
    rows: Sequence[Row]
    other: str
    id_column: str
    other_row: Row

    @property
    def shape(self) -> tuple[str, ...]:
        """Equal for those that can be written together: tables and columns."""
        return (self.table, self.other, *self.rows[0], *self.other_row)


@dataclass
class Endings:
    """What a work writes last, when nobody waits for it any more: so it can go in one piece."""

    updates: list[Update] = field(default_factory=list)
    inserts: list[NewRow] = field(default_factory=list)
    journal: Journal | None = None

    def __bool__(self) -> bool:
        return bool(self.updates or self.inserts) or self.journal is not None


class Work(Protocol):
    """One request's unit of work: everything it writes is kept together, or nothing of it."""

    endings: Endings
    """Written at the end of the work."""

    @property
    def admissions(self) -> Admissions | None:
        """Those that still hold; None where others change what they depend on unseen."""

    @property
    def has_written(self) -> bool:
        """Whether it has written anything yet. Until then it may wait for others, such as a slow reader."""

    async def one(self, statement: Statement, **values: Any) -> Row | None:
        """The first row, or None. A value that is a tuple or list fills an IN."""

    async def all(self, statement: Statement, **values: Any) -> list[Row]: ...

    def stream(self, statement: Statement, **values: Any) -> AsyncIterator[Rows]:
        """Rows in lists of a few thousand, without keeping them, however long the statement takes.

        Before the first write they come on a connection of their own, and others go on meanwhile.
        Raises RetryLater where too many others are being read.
        """

    async def look_ahead(self, ahead: Ahead, value: Any) -> None:
        """Read what will be asked for, where one way to the database costs less than several.

        Each row is given once, and none after a write.
        """

    async def run(self, statement: Statement, **values: Any) -> int:
        """Runs a statement that writes; the rows it changed."""

    async def insert(self, table: str, /, **values: Any) -> int:
        """Inserts a row, each value as its column stores it; the automatic id, 0 where there is none."""

    async def update(self, table: str, where: Mapping[str, Any], /, **values: Any) -> int:
        """Sets columns of the rows whose columns equal `where`; how many rows really changed."""

    async def delete(self, table: str, /, **where: Any) -> int: ...

    async def lock(self, *names: str) -> None:
        """Holds locks by name (`dialer/locks.py`) until this work has ended, and waits for them first.

        Without a name only the transaction begins. Raises RetryLater, or the driver's own error, where
        another work holds one of them for too long.
        """

    async def custom(self, list_id: int) -> Custom | None:
        """The table of a list's own fields as the database has it now; None where there is none.

        From then on its name is good for insert, update, delete and for statements (`custom_of_lead`).
        """


class Database(ABC):
    """An opened dialer database."""

    tables: Tables
    is_own: bool
    """Whether the tables are the product's own; else they are those of a dialer that reads them too."""

    @abstractmethod
    def work(self) -> AbstractAsyncContextManager[Work]:
        """A unit of work: kept when the context ends well and durable then, undone on an error."""

    @abstractmethod
    async def create_custom(self, list_id: int, columns: Columns) -> None:
        """Make the table of a list's own fields, where there is none yet."""

    @abstractmethod
    async def renumber(self, names: Collection[str] = ()) -> None:
        """Let automatic ids go on after the highest there is: those of some tables, or of all."""

    def counted(self, names: Collection[str]) -> "list[Table[Any]]":
        """Tables with automatic ids among those named, or among all."""
        some = [self.tables[name] for name in names] if names else self.tables
        return [t for t in some if t.autoincrement_column is not None]

    @abstractmethod
    async def close(self) -> None: ...
