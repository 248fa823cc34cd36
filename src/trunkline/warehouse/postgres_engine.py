"""The warehouse in a PostgreSQL database, over ADBC."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as postgres
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from trunkline.declare import Method, Window
from trunkline.errors import Cancelled, SettingsError, TrunklineError
from trunkline.warehouse import read, tables
from trunkline.warehouse.apply import Application, Arrived
from trunkline.warehouse.engine import SqlWarehouse, open_schemas
from trunkline.warehouse.link import Link, number
from trunkline.warehouse.mistakes import wrong_beginning
from trunkline.warehouse.postgres_errors import (
    is_an_interruption,
    is_the_servers,
    mistake,
    not_connected,
    translated,
)
from trunkline.warehouse.postgres_plans import check_plan
from trunkline.warehouse.statements import Sql, Statements, quoted
from trunkline.warehouse.target import DATASETS, RECORDS, Applied, Loaded, Target

STAGING = "trunkline_staging"
CONNECT_SECONDS = 10

_COPIED_WORDS = ("select", "with", "values", "table")


class PostgresLink:
    """One connection; a transaction begins with its first statement."""

    place = "ctid"
    takes_arrow = False

    def __init__(self, connection: postgres.Connection, where: str) -> None:
        self.statements = Statements("postgres")
        self._connection = connection
        self._where = where
        self._copied: list[postgres.Cursor] = []

    def run(self, sql: Sql, values: Sequence[object] = ()) -> None:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(str(sql), list(values) or None)
        except adbc_driver_manager.Error as error:
            raise translated(error, self._where) from None

    def rows(self, sql: Sql, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(str(sql), list(values) or None)
                found = cursor.fetch_arrow_table()
        except (adbc_driver_manager.Error, pa.ArrowException, OSError) as error:
            raise translated(error, self._where) from None
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def offer(self, rows: pa.Table | pa.RecordBatchReader) -> None:
        return None

    def ingest(self, name: str, table: pa.Table) -> None:
        """Outside of the load's transaction, so that a slow provider does not keep one open."""
        try:
            with self._connection.cursor() as cursor:
                cursor.adbc_ingest(name, without_nul(table), mode="append", temporary=True)
        except (adbc_driver_manager.Error, pa.ArrowException, OSError) as error:
            raise translated(error, self._where) from None
        self.commit()

    def cursor(self) -> postgres.Cursor:
        return self._connection.cursor()

    def batches(self, sql: Sql) -> pa.RecordBatchReader:
        try:
            cursor = self._connection.cursor()
            self._copied.append(cursor)  # a reader ends with its cursor
            cursor.execute(str(sql))
            found: pa.RecordBatchReader = cursor.fetch_record_batch()
            return found
        except adbc_driver_manager.Error as error:
            raise translated(error, self._where) from None

    def pour(self, schema: str, name: str, rows: pa.RecordBatchReader) -> None:
        clean = (batch for part in rows for batch in without_nul(pa.Table.from_batches([part])).to_batches())
        reader = pa.RecordBatchReader.from_batches(rows.schema, clean)
        try:
            with self._connection.cursor() as cursor:
                cursor.adbc_ingest(name, reader, mode="append", db_schema_name=schema)
        except (adbc_driver_manager.Error, pa.ArrowException, OSError) as error:
            raise translated(error, self._where) from None

    def staging(self, dataset: str) -> tuple[str, str]:
        return STAGING, dataset

    def begin(self) -> None:
        """Nothing to do: the driver begins one with the first statement."""

    def commit(self) -> None:
        try:
            self._connection.commit()
        except adbc_driver_manager.Error as error:
            raise translated(error, self._where) from None

    def rollback(self) -> None:
        with suppress(adbc_driver_manager.Error):
            self._connection.rollback()

    def lock(self, dataset: str) -> None:
        self.run(self.statements("generous_memory"))
        self.rows(self.statements("lock_name"), [dataset])

    def measure(self, table: str) -> None:
        self.run(self.statements("measure", table=table))

    def close(self) -> None:
        for cursor in self._copied:
            with suppress(adbc_driver_manager.Error):
                cursor.close()
        with suppress(adbc_driver_manager.Error):
            self._connection.rollback()
        with suppress(adbc_driver_manager.Error):
            self._connection.close()


class PostgresWarehouse(SqlWarehouse):
    """Dataset tables in the schema `datasets` of a PostgreSQL database (14 or newer)."""

    def __init__(self, url: str, *, read_only: bool = False, lock_seconds: int) -> None:
        self._where = _where(url)
        self._statements = Statements("postgres")
        self._reading: set[postgres.Connection] = set()
        try:
            self._root = postgres.connect(_with_limits(url, lock_seconds))
        except adbc_driver_manager.Error as error:
            raise not_connected(error, self._where) from None
        if not read_only:
            with self._linked() as link:
                open_schemas(link, (DATASETS, RECORDS, STAGING))

    def _connection(self) -> postgres.Connection:
        try:
            return self._root.adbc_clone()
        except adbc_driver_manager.Error as error:
            raise not_connected(error, self._where) from None

    @contextmanager
    def _linked(self) -> Iterator[Link]:
        link = PostgresLink(self._connection(), self._where)
        try:
            yield link
        finally:
            link.close()

    def _bytes(self, link: Link, dataset: str) -> int | None:
        return number(link, link.statements("table_bytes"), [quoted(DATASETS, dataset)])

    def _exchange(self, link: Link, target: Target, applied: Applied) -> Loaded:
        """Moves the staged table where there is none yet; else changes rows, so that views live on."""
        schema, name = link.staging(target.dataset)
        staged = quoted(schema, name)
        rows = number(link, link.statements("count_rows", table=staged))
        if not tables.columns(link, DATASETS, target.dataset):
            link.run(link.statements("move_table", table=staged, schema=DATASETS))
            return Loaded(rows=rows, inserted=rows)
        types = tables.stored_types(link, schema, name)
        target = replace(target, method=Method.REPLACE)
        stored = tables.prepare(link, DATASETS, target.dataset, target, types)
        arrived = Arrived(staged, types, rows, row=link.place)
        table = quoted(DATASETS, target.dataset)
        loaded = Application(link, table, stored, target, Window(), arrived, applied).run()
        link.run(link.statements("drop_table", table=staged))
        return loaded

    def reader(self, sql: str, parameters: Sequence[object] = ()) -> pa.RecordBatchReader:
        read.check_reading(sql)
        connection = self._connection()
        link = PostgresLink(connection, self._where)
        self._reading.add(connection)
        try:
            self._forbid_writing(link)
            cursor = connection.cursor()
            if read.first_word(sql) not in _COPIED_WORDS:
                cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
            cursor.execute(str(sql).rstrip().rstrip(";") + "\n", list(parameters) or None)
            source = cursor.fetch_record_batch()
        except adbc_driver_manager.Error as error:
            self._end_reading(link, connection)
            raise self._misread(error) from None
        except BaseException:
            self._end_reading(link, connection)
            raise

        def finish() -> None:
            with suppress(adbc_driver_manager.Error):
                cursor.close()
            self._end_reading(link, connection)

        return read.streamed(source, self._misread, finish)

    def check_own(self, sql: str) -> None:
        if read.first_word(sql) not in _COPIED_WORDS:
            raise wrong_beginning(read.first_word(sql), _COPIED_WORDS)
        link = PostgresLink(self._connection(), self._where)
        try:
            self._forbid_writing(link)
            with link.cursor() as cursor:
                cursor.adbc_prepare(str(sql))  # tells mistakes with their places in what the person wrote
            with link.cursor() as cursor:
                cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
                cursor.execute(str(self._statements("plan_of", statement=Sql(sql))))
                found = cursor.fetch_arrow_table().column(0).to_pylist()
        except (adbc_driver_manager.Error, pa.ArrowException) as error:
            raise self._misread(error) from None
        finally:
            link.close()
        check_plan(orjson.loads("".join(found)))

    def _forbid_writing(self, link: PostgresLink) -> None:
        link.run(self._statements("read_only_transaction"))
        link.run(self._statements("find_in_datasets"))
        if link.rows(self._statements("is_superuser"))[0][0]:
            link.run(self._statements("reading_role"))

    def _end_reading(self, link: PostgresLink, connection: postgres.Connection) -> None:
        self._reading.discard(connection)
        link.close()

    def interrupt(self) -> None:
        """What another thread asks for; Ctrl-C is heard by the driver itself while it waits."""
        for connection in tuple(self._reading):
            with suppress(adbc_driver_manager.Error):
                connection.adbc_cancel()

    def _misread(self, error: Exception) -> TrunklineError:
        if is_an_interruption(error):
            return Cancelled("The query was stopped.")
        if is_the_servers(error):
            return translated(error, self._where)
        return mistake(error).error(self._dataset_names())

    def close(self) -> None:
        with suppress(adbc_driver_manager.Error):
            self._root.close()


def without_nul(table: pa.Table) -> pa.Table:
    """The same rows without NUL characters, which PostgreSQL's text cannot hold."""
    for index, field in enumerate(table.schema):
        column = table.column(index)
        if pa.types.is_string(field.type) and any(_has_nul(chunk) for chunk in column.chunks):
            table = table.set_column(index, field, pc.replace_substring(column, "\0", ""))
    return table


def _has_nul(array: "pa.Array[Any]") -> bool:
    data = array.buffers()[2]
    return data is not None and b"\0" in data.to_pybytes()


def _parsed(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise SettingsError(
            "warehouse_url is no address.", todo="Write postgresql://user@host/database."
        ) from None
    return parts


def _where(url: str) -> str:
    """The database and host of an address, without user and password."""
    parts = _parsed(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.path.strip('/') or 'the default database'} at {parts.hostname or 'this machine'}{port}"


def _with_limits(url: str, lock_seconds: int) -> str:
    """The address with how long to wait for the server, and for a table that another session has locked.

    One thread loads everything: without an end to that wait one lock would hold up all datasets.
    """
    wanted = {"connect_timeout": str(CONNECT_SECONDS), "options": f"-c lock_timeout={lock_seconds}s"}
    missing = {name: value for name, value in wanted.items() if f"{name}=" not in url}
    if not missing:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(missing, quote_via=quote)}"
