"""Exports: what was loaded is in the file, whole or not at all."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.rows import NOON, applied, batch, call, days, load, made, statement, target
from trunkline.declare import ColumnType
from trunkline.errors import SettingsError
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.export import export, write_rows

TYPES = {kind.value: kind for kind in ColumnType}
FULL: dict[str, Any] = {
    "text": 'say "hi", é\nand more',
    "integer": 7,
    "number": 1.5,
    "boolean": True,
    "instant": datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC),
    "day": date(2026, 3, 1),
    "json": '{"a": [1, "x"]}',
}
EMPTY = {"text": "empty", "json": "not json {"}


@pytest.fixture
def typed(warehouse: Warehouse) -> Warehouse:
    goal = target(key=("text",), cursor="", types=TYPES)
    warehouse.load(goal, days(0), made([batch([FULL, EMPTY], TYPES)]), applied())
    return warehouse


def lines(path: Path) -> list[dict[str, Any]]:
    return sorted((json.loads(line) for line in path.read_text().splitlines()), key=lambda r: r["text"])


def test_json_lines(typed: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    assert export(typed, "calls", "jsonl", str(path)) == 2
    empty, full = lines(path)
    assert full["json"] == {"a": [1, "x"]}
    assert full["instant"] == "2026-03-01T12:00:00.250000Z"
    assert (full["day"], full["boolean"], full["number"]) == ("2026-03-01", True, 1.5)
    assert full["text"] == FULL["text"]
    assert empty["json"] == "not json {"
    assert empty["integer"] is None
    assert full["_loaded_at"] == "2026-03-01T12:00:00Z"


def test_csv(typed: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    assert export(typed, "calls", "csv", str(path)) == 2
    with path.open(newline="", encoding="utf-8") as file:
        empty, full = sorted(csv.DictReader(file), key=lambda r: r["text"])
    assert full["text"] == FULL["text"]
    assert full["instant"] == "2026-03-01T12:00:00.250000Z"
    assert (full["integer"], full["boolean"], full["day"]) == ("7", "true", "2026-03-01")
    assert json.loads(full["json"]) == {"a": [1, "x"]}
    assert empty["integer"] == ""


def test_parquet_round_trip(typed: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    assert export(typed, "calls", "parquet", str(path)) == 2
    rows = sorted(pq.read_table(path).to_pylist(), key=lambda r: str(r["text"]))
    assert {name: rows[1][name] for name in FULL} == FULL
    assert rows[1]["_loaded_at"] == NOON


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_to_a_stream(typed: Warehouse, format: str) -> None:
    stream = io.BytesIO()
    assert export(typed, "calls", format, "-", output=stream) == 2
    assert b"2026-03-01T12:00:00Z" in stream.getvalue()


def test_parquet_to_a_stream_that_cannot_seek(typed: Warehouse) -> None:
    class Pipe(io.BytesIO):
        def tell(self) -> int:
            raise io.UnsupportedOperation("tell")

    stream = Pipe()
    assert export(typed, "calls", "parquet", "-", output=stream) == 2
    assert pq.read_table(io.BytesIO(stream.getvalue())).num_rows == 2


def test_parquet_does_not_go_to_a_terminal(typed: Warehouse) -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    with pytest.raises(SettingsError, match="terminal"):
        export(typed, "calls", "parquet", "-", output=Terminal())


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_an_empty_dataset(warehouse: Warehouse, tmp_path: Path, format: str) -> None:
    load(warehouse, target(), days(0))
    assert export(warehouse, "calls", format, str(tmp_path / "out")) == 0
    assert (tmp_path / "out").exists()


def test_a_missing_folder_is_told(typed: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        export(typed, "calls", "csv", str(tmp_path / "none" / "calls.csv"))
    with pytest.raises(SettingsError, match="is a folder"):
        export(typed, "calls", "csv", str(tmp_path))


def test_an_unknown_format_or_dataset_is_told(typed: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="xlsx"):
        export(typed, "calls", "xlsx", str(tmp_path / "x"))
    with pytest.raises(SettingsError, match="holds nothing"):
        export(typed, "unheard", "csv", str(tmp_path / "x"))


def test_a_failed_export_leaves_the_old_file(typed: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("old")

    class Broken:
        def columns(self, dataset: str) -> object:
            return typed.columns(dataset)

        def reader(self, sql: str) -> pa.RecordBatchReader:
            def batches() -> Iterator[pa.RecordBatch]:
                yield batch([call("a")])
                raise SettingsError("the database went away")

            return pa.RecordBatchReader.from_batches(batch([call("a")]).schema, batches())

    with pytest.raises(SettingsError, match="went away"):
        export(Broken(), "calls", "csv", str(path))  # type: ignore[arg-type]
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["calls.csv"]


def test_a_query_as_a_json_list(warehouse: Warehouse) -> None:
    stream = io.BytesIO()
    with warehouse.reader(statement("two_alike")) as reader:
        assert write_rows(reader, "json", stream) == 1
    assert json.loads(stream.getvalue()) == [{"id": 1, "id_2": 2, "text": "x"}]


def test_an_empty_json_list() -> None:
    stream = io.BytesIO()
    nothing = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), iter([]))
    assert write_rows(nothing, "json", stream) == 0
    assert json.loads(stream.getvalue()) == []


def test_types_that_only_queries_make() -> None:
    odd = pa.RecordBatch.from_pydict(
        {
            "list": pa.array([[1, 2]]),
            "decimal": pa.array([Decimal("12.50")], pa.decimal128(38, 2)),
            "plain": pa.array([datetime(2026, 1, 1)], pa.timestamp("us")),
            "bytes": pa.array([b"\xff"]),
            "nothing": pa.nulls(1),
        }
    )
    for format in ("csv", "jsonl", "json"):
        stream = io.BytesIO()
        write_rows(pa.RecordBatchReader.from_batches(odd.schema, iter([odd])), format, stream)
        assert b"12.50" in stream.getvalue()
        assert b"2026-01-01T00:00:00" in stream.getvalue()
