"""What the shared algorithm needs from an engine: one connection that runs rendered statements."""

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from trunkline.warehouse.statements import Sql, Statements


class Link(Protocol):
    """One connection to an engine. Every error it raises is a TrunklineError."""

    statements: Statements
    place: str
    """The pseudo-column that tells a table's rows apart within a transaction."""
    takes_arrow: bool
    """Whether `offer` makes relations of Arrow tables."""

    def run(self, sql: Sql, values: Sequence[object] = ()) -> None: ...

    def rows(self, sql: Sql, values: Sequence[object] = ()) -> list[tuple[object, ...]]: ...

    def offer(self, rows: pa.Table | pa.RecordBatchReader) -> Sql | None:
        """Makes Arrow rows a relation without copying them; None where the engine cannot.

        A reader's relation can be read once.
        """

    def ingest(self, name: str, table: pa.Table) -> None:
        """Adds an Arrow table's rows to a temporary table that has its columns."""

    def batches(self, sql: Sql) -> pa.RecordBatchReader:
        """The rows of a statement as Arrow, read while they are asked for."""

    def pour(self, schema: str, name: str, rows: pa.RecordBatchReader) -> None:
        """Adds all rows of a reader to a table that has its columns, within the transaction."""

    def staging(self, dataset: str) -> tuple[str, str]:
        """Schema and name of the table in which a replace of the dataset is built."""

    def begin(self) -> None: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def lock(self, dataset: str) -> None:
        """Waits until no other transaction changes the dataset."""

    def measure(self, table: str) -> None:
        """Tells the planner the size of a temporary table."""


def number(link: Link, sql: Sql, values: Sequence[object] = ()) -> int:
    """The first value of the first row, as a count."""
    value = link.rows(sql, values)[0][0]
    return int(str(value)) if value is not None else 0
