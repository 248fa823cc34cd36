"""The warehouse in one DuckDB file."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from trunkline.errors import Cancelled, SettingsError, TrunklineError
from trunkline.warehouse import read, tables
from trunkline.warehouse.apply import OWN
from trunkline.warehouse.duckdb_errors import (
    is_an_interruption,
    is_the_files,
    mistake,
    not_opened,
    translated,
)
from trunkline.warehouse.engine import SqlWarehouse, open_schemas
from trunkline.warehouse.link import Link, number
from trunkline.warehouse.mistakes import ONE_STATEMENT, wrong_beginning
from trunkline.warehouse.statements import Sql, Statements, listed, quoted
from trunkline.warehouse.target import DATASETS, RECORDS, Applied, Loaded, Target
from trunkline.warehouse.types import SQL, Types, same_storage

CHECKPOINT_MB = 512
"""So much is logged before DuckDB moves it into the file; with little, that costs more than loading."""

COPY_ROWS = 10_000
"""So many rows at a time are taken out for a copy of the whole warehouse."""

_LOSSY = re.compile(r"\b(?:BIT|BIGNUM|UHUGEINT|TIME WITH TIME ZONE|GEOMETRY|VARIANT)\b")

Translate = Callable[[Exception], TrunklineError]


class DuckdbLink:
    """One connection to the open file, with its own temporary tables."""

    place = "rowid"
    takes_arrow = True

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, writing: threading.Lock, translate: Translate
    ) -> None:
        self.statements = Statements("duckdb")
        self._connection = connection
        self._writing = writing
        self._translate = translate

    def run(self, sql: Sql, values: Sequence[object] = ()) -> None:
        try:
            self._connection.execute(sql, list(values))
        except duckdb.Error as error:
            raise self._translate(error) from None

    def rows(self, sql: Sql, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        try:
            found = self._connection.sql(sql, params=list(values)).to_arrow_table()
        except duckdb.Error as error:
            raise self._translate(error) from None
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def offer(self, rows: pa.Table | pa.RecordBatchReader) -> Sql:
        self._connection.register("trunkline_arrived", rows)
        return quoted("trunkline_arrived")

    def ingest(self, name: str, table: pa.Table) -> None:
        names = listed(quoted(column) for column in table.column_names)
        incoming = self.offer(table)
        self.run(self.statements("append_ingested", table=name, columns=names, incoming=incoming))
        self._connection.unregister("trunkline_arrived")

    def batches(self, sql: Sql) -> pa.RecordBatchReader:
        try:
            found: pa.RecordBatchReader = self._connection.sql(sql).to_arrow_reader(COPY_ROWS)
            return found
        except duckdb.Error as error:
            raise self._translate(error) from None

    def pour(self, schema: str, name: str, rows: pa.RecordBatchReader) -> None:
        names = listed(quoted(column) for column in rows.schema.names)
        incoming = self.offer(rows)
        table = quoted(schema, name)
        self.run(self.statements("append_ingested", table=table, columns=names, incoming=incoming))
        self._connection.unregister("trunkline_arrived")

    def staging(self, dataset: str) -> tuple[str, str]:
        return DATASETS, "_staged_" + dataset

    def begin(self) -> None:
        self._writing.acquire()
        try:
            self.run(self.statements("begin"))
        except BaseException:
            self._writing.release()
            raise

    def commit(self) -> None:
        self.run(self.statements("commit"))
        self._writing.release()

    def rollback(self) -> None:
        try:
            with suppress(duckdb.Error):
                self._connection.execute(self.statements("rollback"))
        finally:
            self._writing.release()

    def lock(self, dataset: str) -> None:
        """Nothing to do: this process is the only one, and it writes one transaction at a time."""

    def measure(self, table: str) -> None:
        """Nothing to do: DuckDB counts rows as they come."""

    def close(self) -> None:
        with suppress(duckdb.Error):
            self._connection.close()


class DuckdbWarehouse(SqlWarehouse):
    """Dataset tables in a DuckDB file, which one process at a time can open for writing."""

    def __init__(
        self, path: Path, *, memory_mb: int = 180, threads: int = 1, read_only: bool = False
    ) -> None:
        self._path = path
        self._read_only = read_only
        self._config: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": str(path) + ".tmp",
            "preserve_insertion_order": False,
            "checkpoint_threshold": f"{CHECKPOINT_MB}MB",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        }
        self._statements = Statements("duckdb")
        self._writing = threading.Lock()
        self._opening = threading.Lock()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._reading: set[duckdb.DuckDBPyConnection] = set()
        self._connection()

    def _connection(self) -> duckdb.DuckDBPyConnection:
        """A new connection; the file is opened again when a failure had closed it."""
        with self._opening:
            if self._root is None:
                self._root = self._open()
            try:
                return self._root.cursor()
            except duckdb.Error as error:
                raise self._translate(error) from None

    def _open(self) -> duckdb.DuckDBPyConnection:
        try:
            if not self._read_only:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            elif not self._path.exists():
                raise SettingsError("There is no warehouse yet.", todo="Run a dataset first.")
            root = duckdb.connect(str(self._path), read_only=self._read_only, config=self._config)
            root.execute(self._statements("utc"))
            root.execute(self._statements("no_external_access"))
            root.execute(self._statements("lock_configuration"))
        except duckdb.Error as error:
            raise self._translate(error) from None
        except OSError as error:
            raise not_opened(self._path, error) from None
        if not self._read_only:
            open_schemas(DuckdbLink(root, self._writing, self._translate), (DATASETS, RECORDS))
        return root

    @contextmanager
    def _linked(self) -> Iterator[Link]:
        link = DuckdbLink(self._connection(), self._writing, self._translate)
        try:
            yield link
        finally:
            link.close()

    def _translate(self, error: Exception) -> TrunklineError:
        if isinstance(error, duckdb.FatalException | duckdb.InternalException):
            self._forget()
        return translated(error, self._path)

    def _forget(self) -> None:
        """After a fatal error the open file refuses everything; the next call opens it again."""
        root, self._root = self._root, None
        with suppress(duckdb.Error):
            if root is not None:
                root.close()

    def _bytes(self, link: Link, dataset: str) -> int | None:
        return None

    def _exchange(self, link: Link, target: Target, applied: Applied) -> Loaded:
        former = tables.stored_types(link, DATASETS, target.dataset)
        schema, name = link.staging(target.dataset)
        table, staged = quoted(DATASETS, target.dataset), quoted(schema, name)
        loaded = Loaded(inserted=number(link, link.statements("count_rows", table=staged)))
        loaded.rows = loaded.inserted
        if former:
            loaded.deleted = number(link, link.statements("count_rows", table=table))
            if target.key and loaded.deleted:
                stored = tables.stored_types(link, schema, name)
                _compare(link, target, (table, former), (staged, stored), loaded)
            link.run(link.statements("drop_table", table=table))
        link.run(link.statements("rename_table", table=staged, name=target.dataset))
        return loaded

    def reader(self, sql: str, parameters: Sequence[object] = ()) -> pa.RecordBatchReader:
        connection = self._connection()
        self._reading.add(connection)
        try:
            _check_reading(connection, sql)
            connection.execute(self._statements("find_in_datasets"))
            connection.execute(self._statements("begin_read_only"))
            relation = self._without_lossy(connection.sql(sql, params=list(parameters)))
            types = [str(type_) for type_ in relation.types]
            source = relation.to_arrow_reader(4_096)
        except duckdb.Error as error:
            self._end_reading(connection)
            raise self._misread(error) from None
        except BaseException:
            self._end_reading(connection)
            raise
        as_json = [at for at, type_ in enumerate(types) if type_ == "JSON"]
        finish = partial(self._end_reading, connection)
        return read.with_json(read.streamed(source, self._misread, finish), as_json)

    def _end_reading(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._reading.discard(connection)
        connection.close()

    def check_own(self, sql: str) -> None:
        """Nothing to do: there is nothing else in the file."""

    def interrupt(self) -> None:
        for connection in tuple(self._reading):
            connection.interrupt()

    def beside(self) -> "DuckdbWarehouse":
        """The same open file, with readers of its own: to interrupt them ends nobody else's."""
        return _Beside(self)

    def _without_lossy(self, relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
        """Columns of types that Arrow does not know, as DuckDB's own text."""
        lossy = [bool(_LOSSY.search(str(type_))) for type_ in relation.types]
        if not any(lossy):
            return relation
        columns = listed(
            self._statements("read_as_text" if odd else "read_as_is", place=Sql(at), column=name)
            for at, (name, odd) in enumerate(zip(relation.columns, lossy, strict=True), start=1)
        )
        # DuckDB takes a subclass of str for the name of one column.
        return relation.project(str(columns))

    def _misread(self, error: Exception) -> TrunklineError:
        if is_an_interruption(error):
            return Cancelled("The query was stopped.")
        if is_the_files(error):
            return self._translate(error)
        return mistake(error).error(self._dataset_names())

    def close(self) -> None:
        """Closes the file and, where nothing else holds it, moves the log into it."""
        root, self._root = self._root, None
        if root is None:
            return
        with suppress(duckdb.Error):
            if not self._read_only:
                root.execute(self._statements("checkpoint"))
        with suppress(duckdb.Error):
            root.close()


class _Beside(DuckdbWarehouse):
    """Another's open file. To close it leaves the file open."""

    def __init__(self, shared: DuckdbWarehouse) -> None:
        self.__dict__.update(shared.__dict__)
        self._shared = shared
        self._reading = set()

    def _connection(self) -> duckdb.DuckDBPyConnection:
        return self._shared._connection()

    def _forget(self) -> None:
        self._shared._forget()

    def close(self) -> None:
        for connection in tuple(self._reading):
            self._end_reading(connection)


def _compare(
    link: Link, target: Target, old: tuple[Sql, Types], new: tuple[Sql, Types], loaded: Loaded
) -> None:
    """Splits the counts of a swap by key."""

    def values(names: Iterable[str], stored: Types) -> Sql:
        return listed(_as(link, name, stored, new[1]) for name in names)

    compared = [name for name in new[1] if name not in OWN]
    sql = link.statements(
        "compare_generations",
        old=old[0],
        new=new[0],
        old_key=values(target.key, old[1]),
        new_key=values(target.key, new[1]),
        old_columns=values(compared, old[1]),
        new_columns=values(compared, new[1]),
    )
    both, differing = (int(str(value)) for value in link.rows(sql)[0])
    both = min(both, loaded.inserted, loaded.deleted)
    loaded.inserted -= both
    loaded.deleted -= both
    loaded.updated = min(differing, both)
    loaded.unchanged = both - loaded.updated


def _as(link: Link, name: str, stored: Types, wanted: Types) -> Sql:
    if name not in stored:
        return link.statements("nothing", type=SQL[wanted[name]])
    if same_storage(stored[name], wanted[name]):
        return link.statements("stored_value", column=name)
    return link.statements("stored_cast", column=name, type=SQL[wanted[name]])


def _check_reading(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    kinds = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    found = connection.extract_statements(sql)
    if not found:
        raise wrong_beginning("", ())
    if len(found) > 1:
        raise SettingsError(f"These are {len(found)} statements, not one.", todo=ONE_STATEMENT)
    if found[0].type not in kinds:
        raise wrong_beginning(read.first_word(sql), ())
