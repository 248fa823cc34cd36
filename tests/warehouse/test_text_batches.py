"""Parts of a CSV file as batches: known columns typed, unknown ones kept as text, misfits kept and told."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.connectors.dialpad.stats_columns import stats_columns
from trunkline.declare import Column, ColumnType, Stamp
from trunkline.warehouse.batches import Batcher, Misfit
from trunkline.warehouse.types import ARROW

CALLS = stats_columns({})
NEW_YORK, LORD_HOWE = "America/New_York", "Australia/Lord_Howe"
COLUMNS = (
    Column("call_id", ColumnType.INTEGER, ""),
    Column("date_started", ColumnType.TEXT, ""),
    Column(
        "started_at", ColumnType.INSTANT, "", field="date_started", stamp=Stamp.LOCAL, zone_field="timezone"
    ),
    Column("talk", ColumnType.NUMBER, ""),
    Column("talk_seconds", ColumnType.NUMBER, "", field="talk", factor=60.0),
    Column("key", ColumnType.INTEGER, "", secret=True),
    Column("timezone", ColumnType.TEXT, ""),
)


def part(**columns: Sequence[str | None]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: pa.array(v, pa.string()) for name, v in columns.items()})


def turned(batcher: Batcher, page: pa.RecordBatch) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = batcher.page(page).to_pylist()
    return rows


def test_known_columns_are_typed_and_one_field_may_make_several() -> None:
    page = part(
        timezone=[NEW_YORK], talk=["1.25"], date_started=["2026-06-15 09:30:00"], call_id=["9007199254740993"]
    )
    batcher = Batcher(COLUMNS)
    assert turned(batcher, page) == [
        {
            "call_id": 9007199254740993,
            "date_started": "2026-06-15 09:30:00",
            "started_at": datetime(2026, 6, 15, 13, 30, tzinfo=UTC),
            "talk": 1.25,
            "talk_seconds": 75.0,
            "key": None,
            "timezone": NEW_YORK,
            "_extra": None,
        }
    ]
    assert batcher.warnings() == []


def test_columns_stand_in_their_declared_order_and_new_ones_behind() -> None:
    found = Batcher(COLUMNS).page(part(new_one=["x"], timezone=[NEW_YORK], call_id=["1"]))
    assert found.schema.names == [*(c.name for c in COLUMNS), "_extra", "new_one"]
    assert found.schema.types == [*(ARROW[c.type] for c in COLUMNS), pa.string(), pa.string()]
    assert found.column("new_one").to_pylist() == ["x"]


def test_an_empty_part_has_all_columns() -> None:
    found = Batcher(COLUMNS).page(part(call_id=[], more=[]))
    assert found.num_rows == 0
    assert found.schema.names == [*(c.name for c in COLUMNS), "_extra", "more"]


def test_a_value_that_does_not_fit_is_kept_as_it_came_and_told_once() -> None:
    batcher = Batcher(COLUMNS)
    rows = turned(batcher, part(call_id=["1", "CAL2", "3", "x4"], talk=["1", "2", None, "long"]))
    assert [row["call_id"] for row in rows] == [1, None, 3, None]
    assert [row["_extra"] and orjson.loads(row["_extra"]) for row in rows] == [
        None,
        {"call_id": "CAL2"},
        None,
        {"call_id": "x4", "talk": "long"},
    ]
    assert batcher.misfits["call_id"] == Misfit(2, ('"CAL2"', '"x4"'), ColumnType.INTEGER)
    assert (batcher.misfits["talk"].count, batcher.misfits["talk_seconds"].count) == (1, 1)
    turned(batcher, part(call_id=["y5"]))
    assert batcher.misfits["call_id"].count == 3
    assert any("call_id: 3 values are no integer" in text for text in batcher.warnings())


def test_the_sample_of_a_secret_column_is_not_told() -> None:
    batcher = Batcher(COLUMNS)
    turned(batcher, part(key=["s3cret"]))
    assert batcher.misfits["key"].sample == ""
    assert not any("s3cret" in text for text in batcher.warnings())


@pytest.mark.parametrize("zone", [None, "Mars/Olympus"])
def test_a_local_time_without_its_zone_has_no_instant_and_is_told(zone: str | None) -> None:
    batcher = Batcher(COLUMNS)
    time = "2026-06-15 09:30:00"
    rows = turned(batcher, part(date_started=[time, time, None], timezone=[zone, NEW_YORK, zone]))
    assert [row["started_at"] for row in rows] == [None, datetime(2026, 6, 15, 13, 30, tzinfo=UTC), None]
    assert [row["date_started"] for row in rows] == [time, time, None]
    assert orjson.loads(rows[0]["_extra"]) == {"date_started": time}
    assert batcher.misfits["started_at"].count == 1
    [told] = batcher.warnings()
    assert told.startswith("started_at: 1 value is no local date and time")
    assert "as date_started" in told


def test_a_file_without_a_zone_column_has_no_instants() -> None:
    batcher = Batcher(COLUMNS)
    [row] = turned(batcher, part(date_started=["2026-06-15 09:30:00"]))
    assert row["started_at"] is None
    assert batcher.misfits["started_at"].count == 1


def test_several_zones_in_one_part_are_each_their_own() -> None:
    time = "2026-11-01 01:30:00"
    rows = turned(Batcher(COLUMNS), part(date_started=[time, time], timezone=[NEW_YORK, LORD_HOWE]))
    assert [row["started_at"] for row in rows] == [
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        datetime(2026, 10, 31, 14, 30, tzinfo=UTC),
    ]


def test_rows_as_json_come_the_same_way() -> None:
    batcher = Batcher(COLUMNS)
    texts = {"call_id": "7", "date_started": "2026-06-15 09:30:00", "talk": "0.5", "timezone": NEW_YORK}
    found = batcher.page([texts]).to_pylist()
    assert found == turned(batcher, part(**{name: [value] for name, value in texts.items()}))


FIELDS = sorted({c.source for c in CALLS} - {"day"})
WORDS = st.none() | st.sampled_from(
    ["1", "0.25", "true", "no", NEW_YORK, LORD_HOWE, "soon", "2026-03-08 02:30:00", "9007199254740993", "5.0"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(FIELDS, WORDS)), min_size=1, max_size=4))
def test_nothing_of_any_row_is_lost(rows: list[dict[str, str | None]]) -> None:
    batcher = Batcher(CALLS)
    found = turned(batcher, part(**{name: [row[name] for row in rows] for name in FIELDS}))
    by_source = {c.source: [d.name for d in CALLS if d.source == c.source] for c in CALLS}
    for row, kept in zip(rows, found, strict=True):
        extra = orjson.loads(kept["_extra"] or "{}")
        for name, sent in row.items():
            if sent is not None:
                assert extra.get(name) == sent or all(kept[c] is not None for c in by_source[name]), name


def test_unknown_columns_of_figures_become_numbers_where_they_hold_nothing_else() -> None:
    texts = pa.RecordBatch.from_pydict(
        {
            "total": ["3", None, "12"],
            "average": ["1.5", "2", None],
            "user_id": ["5", "6", "7"],
            "ext": ["007", "008", "9"],
            "team": ["a", "1", None],
            "never": pa.array([None, None, None], pa.string()),
        }
    )
    figures = Batcher((), infers_numbers=True).text_batch(texts).to_pydict()
    assert figures["total"] == [3, None, 12]
    assert figures["average"] == [1.5, 2.0, None]
    assert (figures["user_id"], figures["team"]) == (["5", "6", "7"], ["a", "1", None])
    assert figures["ext"] == ["007", "008", "9"]
    assert Batcher(()).text_batch(texts).to_pydict()["total"] == ["3", None, "12"]
