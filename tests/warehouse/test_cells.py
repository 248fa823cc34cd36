"""Every type that a query can answer with, as JSON, CSV and in a table."""

import csv
import io
import json
from typing import Any

import pyarrow as pa
import pytest

from tests.warehouse.rows import statement
from trunkline.warehouse.cells import shown
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.export import write_rows
from trunkline.warehouse.opaque import duration_text

INTERVAL = "P1Y2M3DT4H5M6.789S"
DUCKDB: dict[str, tuple[Any, str]] = {
    "1.50::DECIMAL(10, 2)": (1.5, "1.50"),
    "170141183460469231731687303715884105727::HUGEINT": (2**127 - 1, str(2**127 - 1)),
    "340282366920938463463374607431768211455::UHUGEINT": (str(2**128 - 1), str(2**128 - 1)),
    "sum(7::BIGINT)": (7, "7"),
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID": ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",) * 2,
    "TIME '12:30:00'": ("12:30:00", "12:30:00"),
    "TIME '12:30:00.25'": ("12:30:00.250000", "12:30:00.250000"),
    "'12:30:00+02'::TIMETZ": ("12:30:00+02", "12:30:00+02"),
    "TIMESTAMP '2026-01-01 12:00:00'": ("2026-01-01T12:00:00", "2026-01-01T12:00:00"),
    "TIMESTAMPTZ '2026-01-01 12:00:00+02'": ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z"),
    "TIMESTAMP_NS '2026-01-01 12:00:00.123456789'": ("2026-01-01T12:00:00.123456789",) * 2,
    "'-infinity'::TIMESTAMP": ("-infinity", "-infinity"),
    "'infinity'::DATE": ("infinity", "infinity"),
    "DATE '2026-01-31'": ("2026-01-31", "2026-01-31"),
    "'\\xAA\\x00'::BLOB": ("aa00", "aa00"),
    "[1, 2, NULL]": ([1, 2, None], "[1,2,null]"),
    "[INTERVAL 1 DAY, NULL]": (["P1D", None], '["P1D",null]'),
    "array_value(1.5::FLOAT, 0.1::FLOAT)": ([1.5, 0.1], "[1.5,0.1]"),
    "{'a': 1, 'b': INTERVAL 1 DAY, 'c': 'infinity'::DATE}": (
        {"a": 1, "b": "P1D", "c": "infinity"},
        '{"a":1,"b":"P1D","c":"infinity"}',
    ),
    "MAP {'k': 1, 'm': NULL}": ({"k": 1, "m": None}, '{"k":1,"m":null}'),
    "MAP {1: [TIME '12:00']}": ({"1": ["12:00:00"]}, '{"1":["12:00:00"]}'),
    "'x'::ENUM ('x', 'y')": ("x", "x"),
    "union_value(n := 1)": (1, "1"),
    "'101'::BIT": ("101", "101"),
    "'{\"a\": [1]}'::JSON": ({"a": [1]}, '{"a": [1]}'),
    "12345678901234567890123456789::BIGNUM": ("12345678901234567890123456789",) * 2,
    "INTERVAL '1 year 2 months 3 days 04:05:06.789'": (INTERVAL, INTERVAL),
    "0.1::FLOAT": (0.1, "0.1"),
    "'nan'::DOUBLE": ("NaN", "nan"),
    "'infinity'::DOUBLE": ("Infinity", "inf"),
    "'-infinity'::FLOAT": ("-Infinity", "-inf"),
    "['nan'::DOUBLE]": (["NaN"], '["NaN"]'),
    "true": (True, "true"),
    "NULL": (None, ""),
    "NULL::INTERVAL": (None, ""),
    "NULL::INTEGER[]": (None, ""),
    "NULL::STRUCT(a INTEGER)": (None, ""),
}
POSTGRES: dict[str, tuple[Any, str]] = {
    "1.50::numeric(10, 2)": (1.5, "1.50"),
    "123456789012345678901234567890::numeric": (
        123456789012345678901234567890,
        "123456789012345678901234567890",
    ),
    "'NaN'::numeric": ("NaN", "nan"),
    "sum(7::bigint)": (7, "7"),
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid": ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",) * 2,
    "interval '1 year 2 months 3 days 04:05:06.789'": (INTERVAL, INTERVAL),
    "'\\xaa00'::bytea": ("aa00", "aa00"),
    "array[1, 2, null]": ([1, 2, None], "[1,2,null]"),
    "array[interval '1 day']": (["P1D"], '["P1D"]'),
    "array[1.5::numeric]": ([1.5], "[1.5]"),
    "array['a', null]": (["a", None], '["a",null]'),
    "'{\"a\": [1]}'::json": ({"a": [1]}, '{"a": [1]}'),
    "'{\"a\": [1]}'::jsonb": ({"a": [1]}, '{"a": [1]}'),
    "array['{}'::jsonb]": ([{}], "[{}]"),
    "'12:30:00+02'::timetz": ("12:30:00+02:00", "12:30:00+02:00"),
    "'12:30:00.5-03:30'::timetz": ("12:30:00.500000-03:30", "12:30:00.500000-03:30"),
    "time '12:30'": ("12:30:00", "12:30:00"),
    "timestamptz '2026-01-01 12:00+02'": ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z"),
    "timestamp '2026-01-01 12:00'": ("2026-01-01T12:00:00", "2026-01-01T12:00:00"),
    "'infinity'::timestamptz": ("infinity", "infinity"),
    "'-infinity'::date": ("-infinity", "-infinity"),
    "'NaN'::float8": ("NaN", "nan"),
    "'-Infinity'::float8": ("-Infinity", "-inf"),
    "B'101'": ("101", "101"),
    "'10.0.0.0/8'::inet": ("10.0.0.0/8", "10.0.0.0/8"),
    "'127.0.0.1'::inet": ("127.0.0.1", "127.0.0.1"),
    "null": (None, ""),
}


def written(warehouse: Warehouse, value: str, format: str) -> str:
    stream = io.BytesIO()
    with warehouse.reader(statement("one_value").replace("VALUE", value)) as reader:
        write_rows(reader, format, stream)
    return stream.getvalue().decode()


def in_a_table(warehouse: Warehouse, value: str) -> str:
    with warehouse.reader(statement("one_value").replace("VALUE", value)) as reader:
        (cell,) = shown(reader.read_next_batch().column("x"))
    return str(cell)


@pytest.mark.parametrize(
    ("settings", "value"),
    [*(("duckdb", value) for value in DUCKDB), *(("postgres", value) for value in POSTGRES)],
    indirect=["settings"],
)
def test_every_type(warehouse: Warehouse, request: pytest.FixtureRequest, value: str) -> None:
    known = DUCKDB if request.node.callspec.params["settings"] == "duckdb" else POSTGRES
    as_json, as_text = known[value]
    assert json.loads(written(warehouse, value, "json")) == [{"n": 1, "x": as_json}]
    assert json.loads(written(warehouse, value, "jsonl")) == {"n": 1, "x": as_json}
    (row,) = csv.DictReader(io.StringIO(written(warehouse, value, "csv")))
    assert row["x"] == as_text
    if not as_text.endswith("Z"):
        assert in_a_table(warehouse, value).casefold() == (as_text or "None").casefold()


@pytest.mark.parametrize("format", ["json", "jsonl"])
@pytest.mark.parametrize("settings", ["duckdb"], indirect=True)
def test_numbers_keep_all_digits(warehouse: Warehouse, format: str) -> None:
    assert '"x":1.50}' in written(warehouse, "1.50::DECIMAL(10, 2)", format)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ((0, 0, 0), "PT0S"),
        ((14, 0, 0), "P1Y2M"),
        ((-14, 3, 0), "P-1Y-2M3D"),
        ((0, 0, -1_500_000_000), "PT-1.5S"),
        ((0, -1, 3_600_000_000_000), "P-1DT1H"),
        ((0, 0, 90 * 60_000_000_000 + 1), "PT1H30M0.000000001S"),
    ],
)
def test_intervals_in_iso_8601(value: tuple[int, int, int], said: str) -> None:
    assert duration_text(pa.scalar(value, pa.month_day_nano_interval()).as_py()) == said


def test_a_table_shows_naive_times_as_they_are() -> None:
    batch = pa.array([0], pa.timestamp("us"))
    assert shown(batch) == ["1970-01-01T00:00:00"]
