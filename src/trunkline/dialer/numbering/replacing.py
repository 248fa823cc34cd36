"""A table's rows replaced or added to, wholly or not at all: on all three databases, own or a dialer's."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, insert

from trunkline.dialer.numbering import queries
from trunkline.dialer.numbering.shipped import Row
from trunkline.dialer.opening import DialerPlace
from trunkline.dialer.tables import Tables
from trunkline.store.engines import engine_for
from trunkline.store.faults import faults_told

ROWS_AT_ONCE, VALUES_AT_ONCE = 1_000, 500

Batches = Iterable[Sequence[Row]]


class Filling:
    """One table, opened to be filled: nobody sees any of it before the end, nothing stays of a failure."""

    def __init__(self, connection: Connection, tables: Tables, name: str, twin: str = "") -> None:
        self._connection = connection
        self._t = t = tables[name]
        self._kinds = tables.kinds(name)
        self._twin = twin
        self._target: Any = t.to_metadata(type(t.metadata)(), name=twin) if twin else t

    @property
    def count(self) -> int:
        """How many rows there were."""
        return queries.count_of(self._connection, self._t)

    def keys(self, key: tuple[str, ...]) -> set[tuple[str, ...]]:
        """The keys of the rows there are."""
        found = self._connection.execute(queries.keys_of(self._t, key))
        return {tuple(str(value) for value in row) for row in found}

    def empty(self) -> None:
        """Take away what was there. A twin was made empty."""
        if not self._twin:
            queries.delete_all(self._connection, self._t)

    def take_away(self, column: str, values: Sequence[str]) -> None:
        """Take away the rows that have one of some values."""
        for at in range(0, len(values), VALUES_AT_ONCE):
            some = values[at : at + VALUES_AT_ONCE]
            queries.delete_where(self._connection, self._target, column, some)

    def add(self, rows: Sequence[Row]) -> None:
        if rows:
            kept = [{name: self._kinds[name].kept(value) for name, value in row.items()} for row in rows]
            self._connection.execute(insert(self._target), kept)


@contextmanager
def filling(where: DialerPlace, name: str, *, keeps: bool) -> Iterator[Filling]:
    """A table by its bare name. `keeps`: its rows stay, others are added.

    Raises RetryLater or SettingsError for what the database refuses.
    """
    tables = Tables(where.prefix)
    t = tables[name]
    engine = engine_for(where.place)
    try:
        with faults_told(where.place), engine.connect() as connection:
            with connection.begin():
                queries.lock_table(connection, where, t.name)
                is_whole = queries.knows_transactions(connection, where, t.name)
                if is_whole:
                    yield Filling(connection, tables, name)
            if not is_whole:
                with _twin(connection, tables, name, keeps) as found:
                    yield found
    finally:
        engine.dispose()


@contextmanager
def _twin(connection: Connection, tables: Tables, name: str, keeps: bool) -> Iterator[Filling]:
    """A second table that takes the place of the first: how a table without transactions is replaced."""
    t = tables[name]
    twin = f"{t.name}_{secrets.token_hex(4)}"
    try:
        queries.make_twin(connection, t, twin, filled=keeps)
        yield Filling(connection, tables, name, twin)
        connection.commit()
        queries.exchange(connection, t, twin)
    except BaseException:
        queries.drop_twin(connection, twin)
        raise


def in_batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
