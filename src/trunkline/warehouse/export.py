"""Datasets and query results as CSV, JSON, JSON lines and Parquet, batch by batch."""

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Protocol, TypeAlias, cast

import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from trunkline.errors import SettingsError
from trunkline.warehouse.cells import json_values, text_array
from trunkline.warehouse.destination import STANDARD_OUTPUT, Counted, opened
from trunkline.warehouse.engine import Tables
from trunkline.warehouse.sink import Sink
from trunkline.warehouse.statements import Statements, quoted
from trunkline.warehouse.target import DATASETS

EXPORT_FORMATS = ("csv", "jsonl", "parquet")
ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
"""What a file's ending says of its format."""
STREAM_FORMATS = ("csv", "jsonl", "json")
DOWNLOAD_FORMATS = ("csv", "jsonl", "parquet", "xlsx")
PART = 262_144
"""Bytes of a file that are sent at once."""

Array: TypeAlias = "pa.Array[Any]"


class _Writer(Protocol):
    def write(self, batch: pa.RecordBatch) -> None: ...

    def finish(self) -> None: ...


def format_for(path: str, given: str | None) -> str:
    """The format of an export: the one given, else that of the file's ending; csv where it has none.

    A pipe, a device or a folder has no ending that counts. Raises SettingsError for an ending that says
    nothing, and for one that says something else than what is given.
    """
    place = Path(path)
    is_file = path != STANDARD_OUTPUT and (place.is_file() or not place.exists())
    ending = place.suffix.lower() if is_file else ""
    told = ENDINGS.get(ending)
    if given is None and ending and told is None:
        raise SettingsError(
            f"The ending {ending} of {path} is that of no export format.",
            todo=f"Let it end in {', '.join(ENDINGS)}, or give --format {'|'.join(EXPORT_FORMATS)}.",
        )
    if given and told and given != told:
        raise SettingsError(
            f"--format is {given}, but {path} ends in {ending}, which says {told}.",
            todo="Leave --format out, or give the file another ending.",
        )
    return given or told or EXPORT_FORMATS[0]


def export(warehouse: Tables, dataset: str, format: str, path: str, *, output: BinaryIO | None = None) -> int:
    """Writes a dataset to a file, or with `-` to standard output; returns the number of rows.

    A regular file appears whole or not at all. Raises SettingsError for a place that cannot be written,
    an unknown format or dataset.
    """
    if format not in EXPORT_FORMATS:
        raise SettingsError(
            f"There is no export format {format!r}.", todo=f"Choose {', '.join(EXPORT_FORMATS)}."
        )
    columns = warehouse.columns(dataset)
    if not columns:
        raise SettingsError(f"The dataset {dataset} holds nothing yet.", todo="Run it first.")
    json_columns = {c.name for c in columns if c.is_json}
    everything = Statements("")("all_columns", table=quoted(DATASETS, dataset))
    binary = format == "parquet"
    with (
        opened(path, binary=binary, output=output) as stream,
        warehouse.reader(everything) as reader,
    ):
        return write_rows(reader, format, stream, json_columns=json_columns)


def export_spreadsheet(warehouse: Tables, dataset: str, path: Path) -> None:
    """Writes a dataset to an XLSX file. Raises SettingsError for one that holds nothing yet."""
    if not warehouse.columns(dataset):
        raise SettingsError(f"The dataset {dataset} holds nothing yet.", todo="Run it first.")
    everything = Statements("")("all_columns", table=quoted(DATASETS, dataset))
    with warehouse.reader(everything) as reader, path.open("wb") as file:
        for piece in pieces(reader.schema, reader, "xlsx"):
            file.write(piece)


def write_rows(
    reader: pa.RecordBatchReader, format: str, stream: BinaryIO, *, json_columns: Collection[str] = ()
) -> int:
    """Writes batches to a stream as csv, jsonl, json or parquet; returns the number of rows.

    `json_columns` hold JSON as text and are written as JSON values where the format has them.
    """
    if format not in _WRITERS:
        raise SettingsError(f"There is no format {format!r}.", todo=f"Choose {', '.join(_WRITERS)}.")
    writer = _WRITERS[format](reader.schema, stream, frozenset(json_columns))
    rows = 0
    for batch in reader:
        writer.write(batch)
        rows += batch.num_rows
    writer.finish()
    return rows


def pieces(schema: pa.Schema, batches: Iterable[pa.RecordBatch], format: str) -> Iterator[bytes]:
    """The bytes of a file in DOWNLOAD_FORMATS, for who sends them on; empty ones while there is none yet."""
    if format == "xlsx":
        yield from _spreadsheet(schema, batches)
        return
    sink = Sink()
    writer = _WRITERS[format](schema, cast(BinaryIO, sink), frozenset())
    yield sink.take()
    for batch in batches:
        writer.write(batch)
        yield sink.take()
    writer.finish()
    yield sink.take()


def _spreadsheet(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Its parts can be put together only when all rows are there; so it is a file until then."""
    from trunkline.warehouse.spreadsheet import Spreadsheet

    with TemporaryFile() as file:
        sheet = Spreadsheet(_distinct(schema.names), schema, cast(BinaryIO, file))
        try:
            yield b""
            for batch in batches:
                sheet.write(batch)
                yield b""
            sheet.finish()
        finally:
            sheet.close()
        file.seek(0)
        while part := file.read(PART):
            yield part


class _Csv:
    def __init__(self, schema: pa.Schema, stream: BinaryIO, json_columns: Collection[str]) -> None:
        names = _distinct(schema.names)
        self._schema = pa.schema(
            [pa.field(name, _csv_type(field.type)) for name, field in zip(names, schema, strict=True)]
        )
        options = pa_csv.WriteOptions(quoting_style="needed")
        self._writer = pa_csv.CSVWriter(stream, self._schema, write_options=options)

    def write(self, batch: pa.RecordBatch) -> None:
        arrays = [_csv_array(array) for array in batch.columns]
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))

    def finish(self) -> None:
        self._writer.close()


_CSV_TYPES: tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_boolean,
    pa.types.is_string,
)


def _csv_type(type_: pa.DataType) -> pa.DataType:
    return type_ if any(is_it(type_) for is_it in _CSV_TYPES) else pa.string()


def _csv_array(array: Array) -> Array:
    return array if any(is_it(array.type) for is_it in _CSV_TYPES) else text_array(array)


class _JsonLines:
    """One object per row and line; also the rows of the JSON list."""

    def __init__(self, schema: pa.Schema, stream: BinaryIO, json_columns: Collection[str]) -> None:
        self._names = _distinct(schema.names)
        self._json = [name in json_columns for name in self._names]
        self._stream = stream

    def write(self, batch: pa.RecordBatch) -> None:
        self._stream.write(b"".join(line + b"\n" for line in self.objects(batch)))

    def finish(self) -> None:
        pass

    def objects(self, batch: pa.RecordBatch) -> Iterator[bytes]:
        columns = [
            json_values(array, is_json=is_json)
            for array, is_json in zip(batch.columns, self._json, strict=True)
        ]
        for row in zip(*columns, strict=True):
            yield orjson.dumps(dict(zip(self._names, row, strict=True)))


class _JsonList:
    def __init__(self, schema: pa.Schema, stream: BinaryIO, json_columns: Collection[str]) -> None:
        self._lines = _JsonLines(schema, stream, json_columns)
        self._stream = stream
        self._lead = b"["

    def write(self, batch: pa.RecordBatch) -> None:
        for line in self._lines.objects(batch):
            self._stream.write(self._lead + b"\n" + line)
            self._lead = b","

    def finish(self) -> None:
        self._stream.write(b"[]\n" if self._lead == b"[" else b"\n]\n")


class _Parquet:
    """Batches are gathered to row groups that readers like, still bounded."""

    ROWS = 50_000

    def __init__(self, schema: pa.Schema, stream: BinaryIO, json_columns: Collection[str]) -> None:
        self._writer = pq.ParquetWriter(cast(BinaryIO, Counted(stream)), schema, compression="zstd")
        self._kept: list[pa.RecordBatch] = []
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        self._kept.append(batch)
        self._rows += batch.num_rows
        if self._rows >= self.ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._kept:
            self._writer.write_table(pa.Table.from_batches(self._kept))
        self._kept, self._rows = [], 0

    def finish(self) -> None:
        self._flush()
        self._writer.close()


_WRITERS: dict[str, Callable[[pa.Schema, BinaryIO, Collection[str]], _Writer]] = {
    "csv": _Csv,
    "jsonl": _JsonLines,
    "json": _JsonList,
    "parquet": _Parquet,
}


def _distinct(names: list[str]) -> list[str]:
    """Names of a result made distinct, as a query may name two columns alike: id, id_2."""
    seen: dict[str, int] = {}
    made = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return made
