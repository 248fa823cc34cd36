import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.declare import Column, ColumnType
from trunkline.errors import DataError
from trunkline.warehouse import column_values
from trunkline.warehouse.batches import Batcher, Misfit
from trunkline.warehouse.types import ARROW
from trunkline.warehouse.values import encoded, fitted, quick

TEXT, INTEGER, NUMBER = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.NUMBER
BOOLEAN, INSTANT, DAY, JSON = ColumnType.BOOLEAN, ColumnType.INSTANT, ColumnType.DAY, ColumnType.JSON

MISFIT = object()


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


# column type | delivered | held by the column; MISFIT: null there, and the value in _extra
RULES: list[tuple[ColumnType, Any, Any]] = [
    (TEXT, "CAL1", "CAL1"),
    (TEXT, "", ""),
    (TEXT, "Zoë ☎ 😀", "Zoë ☎ 😀"),
    (TEXT, "a\0b", "a\0b"),
    (TEXT, 123, "123"),
    (TEXT, 10**30, "1000000000000000000000000000000"),
    (TEXT, 1.5, "1.5"),
    (TEXT, True, "true"),
    (TEXT, False, "false"),
    (TEXT, ["a", 1, None], '["a",1,null]'),
    (TEXT, {"a": {"b": "ü"}}, '{"a":{"b":"ü"}}'),
    (TEXT, [], "[]"),
    (TEXT, None, None),
    (TEXT, "half of a pair \ud800", MISFIT),
    (INTEGER, 27, 27),
    (INTEGER, 0, 0),
    (INTEGER, 27.0, 27),
    (INTEGER, "27", 27),
    (INTEGER, "-27", -27),
    (INTEGER, "+27", 27),
    (INTEGER, "007", 7),
    (INTEGER, "", None),
    (INTEGER, None, None),
    (INTEGER, 2**63 - 1, 2**63 - 1),
    (INTEGER, -(2**63), -(2**63)),
    (INTEGER, "9223372036854775807", 2**63 - 1),
    (INTEGER, 2**63, MISFIT),
    (INTEGER, 10**400, MISFIT),
    (INTEGER, 1e19, MISFIT),
    (INTEGER, "9223372036854775808", MISFIT),
    (INTEGER, "9" * 5_000, MISFIT),
    (INTEGER, 1.5, MISFIT),
    (INTEGER, True, MISFIT),
    (INTEGER, "27.0", MISFIT),
    (INTEGER, "0xff", MISFIT),
    (INTEGER, "1_000", MISFIT),
    (INTEGER, " 27", MISFIT),
    (INTEGER, "27\n", MISFIT),
    (INTEGER, "٣", MISFIT),
    (INTEGER, "n/a", MISFIT),
    (INTEGER, [27], MISFIT),
    (INTEGER, {}, MISFIT),
    (NUMBER, 1.5, 1.5),
    (NUMBER, 3, 3.0),
    (NUMBER, 2**60, 2.0**60),
    (NUMBER, "1.5", 1.5),
    (NUMBER, "-.5", -0.5),
    (NUMBER, "+1e3", 1000.0),
    (NUMBER, "5.", 5.0),
    (NUMBER, "12", 12.0),
    (NUMBER, "", None),
    (NUMBER, None, None),
    (NUMBER, 2**53 + 1, MISFIT),
    (NUMBER, "9007199254740993", MISFIT),
    (NUMBER, 10**400, MISFIT),
    (NUMBER, "1e999", MISFIT),
    (NUMBER, "NaN", MISFIT),
    (NUMBER, "-Infinity", MISFIT),
    (NUMBER, "inf", MISFIT),
    (NUMBER, True, MISFIT),
    (NUMBER, "$1.50", MISFIT),
    (NUMBER, "1,5", MISFIT),
    (NUMBER, [], MISFIT),
    (BOOLEAN, True, True),
    (BOOLEAN, False, False),
    (BOOLEAN, "true", True),
    (BOOLEAN, "FALSE", False),
    (BOOLEAN, "True", True),
    (BOOLEAN, 0, False),
    (BOOLEAN, 1, True),
    (BOOLEAN, "", None),
    (BOOLEAN, None, None),
    (BOOLEAN, 2, MISFIT),
    (BOOLEAN, 1.0, MISFIT),
    (BOOLEAN, "1", MISFIT),
    (BOOLEAN, "yes", MISFIT),
    (BOOLEAN, [], MISFIT),
    (INSTANT, "2017-01-24T11:27:48.119-05:00", at(2017, 1, 24, 16, 27, 48, 119_000)),
    (INSTANT, "2016-06-06T07:06:01.000Z", at(2016, 6, 6, 7, 6, 1)),
    (INSTANT, "2016-10-10T00:00:00-0000", at(2016, 10, 10)),
    (INSTANT, "2017-01-24T11:27:48-0500", at(2017, 1, 24, 16, 27, 48)),
    (INSTANT, "2017-01-24T11:27:48-05", at(2017, 1, 24, 16, 27, 48)),
    (INSTANT, "2017-01-24 11:27:48+00:00", at(2017, 1, 24, 11, 27, 48)),
    (INSTANT, "2017-01-24T11:27Z", at(2017, 1, 24, 11, 27)),
    (INSTANT, "2017-01-24T11Z", at(2017, 1, 24, 11)),
    (INSTANT, "2017-01-24T11:27:48.1Z", at(2017, 1, 24, 11, 27, 48, 100_000)),
    (INSTANT, "2017-01-24T11:27:48.123456Z", at(2017, 1, 24, 11, 27, 48, 123_456)),
    (INSTANT, "2017-01-24T11:27:48.1234569Z", at(2017, 1, 24, 11, 27, 48, 123_456)),
    (INSTANT, "2017-01-24T11:27:48.123456789+0530", at(2017, 1, 24, 5, 57, 48, 123_456)),
    (INSTANT, "1969-12-31T23:59:59.999999999Z", at(1969, 12, 31, 23, 59, 59, 999_999)),
    (INSTANT, "0001-01-01T00:00:00Z", at(1, 1, 1)),
    (INSTANT, "9999-12-31T23:59:59.999999Z", at(9999, 12, 31, 23, 59, 59, 999_999)),
    (INSTANT, "", None),
    (INSTANT, None, None),
    (INSTANT, "2017-01-24T11:27:48", MISFIT),
    (INSTANT, "2017-01-24", MISFIT),
    (INSTANT, "2017-01-24Z", MISFIT),
    (INSTANT, "2017-02-30T11:27:48Z", MISFIT),
    (INSTANT, "2017-01-24T24:00:00Z", MISFIT),
    (INSTANT, "2017-01-24T23:59:60Z", MISFIT),
    (INSTANT, "2017-01-24T11:27:48+25:00", MISFIT),
    (INSTANT, "2017-01-24T11:27:48+23:99", MISFIT),
    (INSTANT, "2017-01-24T11:27:48.1234567891Z", MISFIT),
    (INSTANT, "2017-01-24T11:27:48.Z", MISFIT),
    (INSTANT, "2017-01-24T11:27:48Z ", MISFIT),
    (INSTANT, "2017-01-24T11:27:48Z\n", MISFIT),
    (INSTANT, "0000-01-01T00:00:00Z", MISFIT),
    (INSTANT, "0001-01-01T00:00:00+05:00", MISFIT),
    (INSTANT, "9999-12-31T23:59:59-05:00", MISFIT),
    (INSTANT, 1_485_275_268, MISFIT),
    (INSTANT, 1.5, MISFIT),
    (INSTANT, True, MISFIT),
    (INSTANT, {"date": "2017-01-24"}, MISFIT),
    (DAY, "2017-01-24", date(2017, 1, 24)),
    (DAY, "0001-01-01", date(1, 1, 1)),
    (DAY, "", None),
    (DAY, None, None),
    (DAY, "2017-02-30", MISFIT),
    (DAY, "2017-1-4", MISFIT),
    (DAY, "20170124", MISFIT),
    (DAY, "2017-W04-2", MISFIT),
    (DAY, "0000-01-01", MISFIT),
    (DAY, "2017-01-24T00:00:00", MISFIT),
    (DAY, "2017-01-24T00:00:00-05:00", MISFIT),
    (DAY, 20170124, MISFIT),
    (JSON, {"a": [1, 2.5, None, True]}, '{"a":[1,2.5,null,true]}'),
    (JSON, [], "[]"),
    (JSON, "text", '"text"'),
    (JSON, "", '""'),
    (JSON, 5, "5"),
    (JSON, False, "false"),
    (JSON, None, None),
    (JSON, [2**70], "[1180591620717411303424]"),
    (JSON, ["a\0b"], '["a\\u0000b"]'),
    (JSON, {"a": "\ud800"}, '{"a":"\\ud800"}'),
]


def shown(value: Any) -> str:
    return "misfit" if value is MISFIT else ascii(value)[:40]


rules = pytest.mark.parametrize(
    ("type_", "delivered", "held"), RULES, ids=[f"{t}-{shown(d)}-{shown(h)}" for t, d, h in RULES]
)
both_ways = pytest.mark.usefixtures("way")


@pytest.fixture(params=["whole columns first", "value by value"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "value by value":
        monkeypatch.setattr(column_values, "quick", lambda type_, values: None)


def column(type_: ColumnType, name: str = "it", **more: Any) -> Column:
    return Column(name, type_, "What is tested", **more)


def extras(batch: pa.RecordBatch) -> list[Any]:
    return [json.loads(text) if text is not None else None for text in batch.column("_extra").to_pylist()]


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same, where Python also takes 1 for true."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


@both_ways
@rules
def test_a_value_lands_by_the_rules_of_its_column(type_: ColumnType, delivered: Any, held: Any) -> None:
    batch = Batcher([column(type_)]).batch([{"it": delivered}])
    expected = (None, {"it": delivered}) if held is MISFIT else (held, None)
    assert batch.column("it").type == ARROW[type_]
    assert batch.column("it").to_pylist() == [expected[0]]
    assert same(extras(batch), [expected[1]])


@both_ways
@pytest.mark.parametrize("type_", ColumnType)
def test_values_land_beside_others_as_they_do_alone(type_: ColumnType) -> None:
    cases = [(delivered, held) for t, delivered, held in RULES if t is type_]
    batcher = Batcher([column(type_)])
    batch = batcher.batch([{"it": delivered} for delivered, _ in cases])
    assert batch.column("it").to_pylist() == [None if held is MISFIT else held for _, held in cases]
    assert same(extras(batch), [{"it": delivered} if held is MISFIT else None for delivered, held in cases])
    misfits = sum(held is MISFIT for _, held in cases)
    assert sum(m.count for m in batcher.misfits.values()) == misfits


@rules
def test_a_whole_column_is_never_taken_otherwise_than_its_values(
    type_: ColumnType, delivered: Any, held: Any
) -> None:
    for values in ([delivered], [delivered, None], [delivered, delivered]):
        taken = quick(type_, values)
        array, misfits = fitted(type_, values)
        assert bool(misfits) is (held is MISFIT)
        if taken is not None:
            assert not misfits
            assert taken.equals(array)


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        (TEXT, ["a", None]),
        (INTEGER, [1, None]),
        (INTEGER, ["27", "", None]),
        (NUMBER, [1, 2.5, None]),
        (NUMBER, ["1.5", "", None]),
        (BOOLEAN, [True, False, None]),
        (INSTANT, ["2017-01-24T11:27:48.119-05:00", "2016-06-06T07:06:01.000Z", "", None]),
        (INSTANT, ["2017-01-24T11:27:48.123456789Z", "2016-06-06T07:06:01Z", None]),
        (DAY, ["2017-01-24", "", None]),
        (JSON, [{"a": 1}, [], None]),
        *((type_, [None, None]) for type_ in ColumnType),
        *((type_, []) for type_ in ColumnType),
    ],
)
def test_usual_columns_are_taken_whole(type_: ColumnType, values: list[Any]) -> None:
    assert quick(type_, values) is not None


@both_ways
def test_a_column_reads_its_field_and_a_misfit_keeps_the_fields_name() -> None:
    columns = [column(INTEGER, "length_seconds", field="duration"), column(TEXT, "id")]
    batcher = Batcher(columns)
    batch = batcher.batch([{"id": 1, "duration": 7}, {"id": "2", "duration": "n/a"}])
    assert batch.schema.names == ["length_seconds", "id", "_extra"]
    assert batch.column("length_seconds").to_pylist() == [7, None]
    assert batch.column("id").to_pylist() == ["1", "2"]
    assert extras(batch) == [None, {"duration": "n/a"}]
    assert batcher.misfits == {"length_seconds": Misfit(1, ('"n/a"',), INTEGER)}
    assert batcher.warnings() == [
        'length_seconds: 1 value is no integer (such as "n/a"); '
        "it is kept in _extra as duration and the column is empty there."
    ]


@both_ways
def test_two_columns_of_one_field_each_take_what_fits_them() -> None:
    batch = Batcher([column(DAY, "day", field="date"), column(INSTANT, "hour_at", field="date")]).batch(
        [{"date": "2017-01-24"}, {"date": "2017-01-24T11:00:00Z"}, {"date": "soon"}]
    )
    assert batch.column("day").to_pylist() == [date(2017, 1, 24), None, None]
    assert batch.column("hour_at").to_pylist() == [None, at(2017, 1, 24, 11), None]
    assert extras(batch) == [{"date": "2017-01-24"}, {"date": "2017-01-24T11:00:00Z"}, {"date": "soon"}]


@both_ways
def test_rows_of_many_shapes_and_orders_keep_their_places() -> None:
    rows: list[dict[str, Any]] = [
        {"id": "1", "value": 1},
        {"value": 2, "id": "2"},
        {"id": "3"},
        {},
        {"id": "5", "mood": "good", "value": "x"},
        {"mood": None, "id": "6"},
        {"mood": "bad", "new": [1]},
    ]
    batcher = Batcher([column(TEXT, "id"), column(INTEGER, "value")])
    batch = batcher.batch(rows)
    assert batch.column("id").to_pylist() == ["1", "2", "3", None, "5", "6", None]
    assert batch.column("value").to_pylist() == [1, 2, None, None, None, None, None]
    assert extras(batch)[:4] == [None, None, None, None]
    assert extras(batch)[4:] == [{"mood": "good", "value": "x"}, None, {"mood": "bad", "new": [1]}]
    assert batcher.unknown == {"mood": 2, "new": 1}
    assert batcher.misfits["value"].count == 1


@both_ways
@pytest.mark.parametrize(
    "rows",
    [
        [{"a": 1, "b": 2}, {"a": 3, "c": 4}],
        [{"a": 1, "c": 4}, {"a": 3, "b": 2}],
        [{"z": 1}, {"y": 2}],
        [{"a": 1}, {"a": 2}],
    ],
)
def test_rows_with_as_many_but_other_fields_are_told_apart(rows: list[dict[str, Any]]) -> None:
    batch = Batcher([column(INTEGER, "a"), column(INTEGER, "b")]).batch(rows)
    assert batch.column("a").to_pylist() == [row.get("a") for row in rows]
    assert batch.column("b").to_pylist() == [row.get("b") for row in rows]
    unknown = [{n: v for n, v in row.items() if n not in {"a", "b"}} or None for row in rows]
    assert extras(batch) == unknown


def test_a_new_field_is_kept_counted_and_told() -> None:
    batcher = Batcher([column(TEXT, "id")])
    batch = batcher.batch([{"id": str(n), "sentiment_score": n} for n in range(250)])
    assert extras(batch) == [{"sentiment_score": n} for n in range(250)]
    assert batcher.unknown == {"sentiment_score": 250}
    assert batcher.warnings() == ["New field sentiment_score is kept in _extra (250 rows)."]


def test_a_new_field_without_a_value_leaves_no_trace() -> None:
    batcher = Batcher([column(TEXT, "id")])
    batch = batcher.batch([{"id": "1", "sentiment_score": None}])
    assert (extras(batch), dict(batcher.unknown), batcher.warnings()) == ([None], {}, [])


def test_counts_go_on_over_batches_and_the_first_sample_stays() -> None:
    batcher = Batcher([column(INTEGER, "duration")])
    for text in ("n/a", "none"):
        batcher.batch([{"duration": text, "new": 1} for _ in range(600)])
    assert batcher.misfits == {"duration": Misfit(1_200, ('"n/a"', '"none"'), INTEGER)}
    assert batcher.warnings() == [
        'duration: 1,200 values are no integer (such as "n/a"); '
        "they are kept in _extra and the column is empty there.",
        "New field new is kept in _extra (1,200 rows).",
    ]


def test_a_sample_is_bounded() -> None:
    batcher = Batcher([column(INTEGER)])
    batcher.batch([{"it": "long " * 1_000}])
    assert len(batcher.misfits["it"].sample) == 80
    assert batcher.misfits["it"].sample.startswith('"long long')


def test_a_secret_column_shows_no_sample() -> None:
    batcher = Batcher([column(INTEGER, "pin", secret=True)])
    batcher.batch([{"pin": "hunter2"}])
    assert batcher.misfits["pin"] == Misfit(1, (), INTEGER)
    assert batcher.warnings() == [
        "pin: 1 value is no integer; it is kept in _extra and the column is empty there."
    ]


def test_many_new_fields_are_told_in_few_sentences() -> None:
    batcher = Batcher([])
    batcher.batch([{f"field_{n}": n for n in range(25)}])
    told = batcher.warnings()
    assert told[:1] == ["New field field_0 is kept in _extra (1 row)."]
    assert told[20:] == ["5 further new fields are kept in _extra."]


@pytest.mark.parametrize("name", ["a\ud800", "a\nb", "n" * 500, ""])
def test_a_warning_can_be_printed_whatever_the_field_is_called(name: str) -> None:
    batcher = Batcher([column(INTEGER)])
    batch = batcher.batch([{name: "\ud800", "it": "\ud800"}])
    assert extras(batch) == [{name: "\ud800", "it": "\ud800"}]
    for sentence in batcher.warnings():
        assert sentence.encode()
        assert "\n" not in sentence
        assert len(sentence) < 250


def test_no_rows_make_an_empty_batch_with_all_columns() -> None:
    batch = Batcher([column(type_, type_.value) for type_ in ColumnType]).batch([])
    assert batch.num_rows == 0
    assert batch.schema.types == [*ARROW.values(), pa.string()]


def test_a_declared_field_that_never_comes_is_null() -> None:
    batch = Batcher([column(type_, type_.value) for type_ in ColumnType]).batch(
        [{"text": "a"}, {"text": "b"}]
    )
    assert batch.schema.types == [*ARROW.values(), pa.string()]
    assert [batch.column(type_.value).null_count for type_ in ColumnType] == [0, 2, 2, 2, 2, 2, 2]


@pytest.mark.parametrize("row", [[1, 2], "text", None, 5, ["long"] * 1_000])
def test_a_row_that_is_no_object_is_refused_with_a_short_sample(row: Any) -> None:
    with pytest.raises(DataError, match="no object") as refused:
        Batcher([column(TEXT)]).batch([{"it": "a"}, row])
    assert refused.value.where == "row 2"
    assert refused.value.sample == encoded(row)[:200]


def test_a_value_nested_beyond_reason_is_refused() -> None:
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(DataError, match="nested too deeply"):
        Batcher([column(JSON)]).batch([{"it": deep}])


def test_a_value_nested_as_deep_as_a_page_can_be_is_kept() -> None:
    deep = orjson.loads(b"[" * 500 + b"]" * 500)
    batch = Batcher([column(JSON)]).batch([{"it": deep, "new": deep}])
    assert batch.column("it").to_pylist() == ["[" * 500 + "]" * 500]


# Any rows: what is delivered is found again.

EVERY = tuple(column(type_, type_.value, field=f"f_{type_.value}") for type_ in ColumnType)

texts = st.text(st.one_of(st.characters(), st.just("\ud800")), max_size=8) | st.sampled_from(
    [str(delivered) for _, delivered, _ in RULES if isinstance(delivered, str)]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
big = st.integers(-(2**70), 2**70)
values = st.recursive(
    scalars | big,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from([c.source for c in EVERY]) | st.sampled_from(["new", "text", "_extra", "\ud800"])
any_rows = st.lists(st.dictionaries(fields, values, max_size=9), max_size=8)
plausible = {c: st.sampled_from([d for t, d, h in RULES if t is c.type and h is not MISFIT]) for c in EVERY}
plain_rows = st.lists(st.fixed_dictionaries({c.source: plausible[c] for c in EVERY}), max_size=8)

HELD: dict[ColumnType, Callable[[Any, Any], bool]] = {
    TEXT: lambda cell, value: cell == value if isinstance(value, str) else same(json.loads(cell), value),
    INTEGER: lambda cell, value: cell == int(value) and not isinstance(value, bool),
    NUMBER: lambda cell, value: cell == (float(value) if isinstance(value, str) else value),
    BOOLEAN: lambda cell, value: str(cell).lower() == str(value).lower() or cell == value,
    INSTANT: lambda cell, value: cell == datetime.fromisoformat(value),
    DAY: lambda cell, value: cell.isoformat() == value,
    JSON: lambda cell, value: same(json.loads(cell), value),
}


def found(declared: Column, cell: Any, value: Any, extra: dict[str, Any]) -> bool:
    if cell is not None:
        return declared.source not in extra and HELD[declared.type](cell, value)
    empty = value is None or (value == "" and declared.type not in {TEXT, JSON})
    return empty or same(extra[declared.source], value)


@settings(deadline=None)
@given(any_rows | plain_rows)
def test_every_value_delivered_is_found_again(rows: list[dict[str, Any]]) -> None:
    batcher = Batcher(EVERY)
    batch = batcher.batch(rows)
    assert batch.num_rows == len(rows)
    batch.validate(full=True)
    sources = {c.source for c in EVERY}
    undeclared = 0
    for row, cells, extra in zip(rows, batch.to_pylist(), extras(batch), strict=True):
        for declared in EVERY:
            assert found(declared, cells[declared.name], row.get(declared.source), extra or {})
        unknown = {n: v for n, v in row.items() if n not in sources and v is not None}
        undeclared += len(unknown)
        assert same({n: v for n, v in (extra or {}).items() if n not in sources}, unknown)
    kept = sum(len(extra) for extra in extras(batch) if extra)
    assert sum(batcher.unknown.values()) == undeclared
    assert sum(m.count for m in batcher.misfits.values()) == kept - undeclared


@settings(deadline=None)
@given(any_rows | plain_rows)
def test_whole_columns_and_single_values_give_the_same_batch(rows: list[dict[str, Any]]) -> None:
    whole, single = Batcher(EVERY), Batcher(EVERY)
    with pytest.MonkeyPatch.context() as patch:
        first = whole.batch(rows)
        patch.setattr(column_values, "quick", lambda type_, values: None)
        second = single.batch(rows)
    assert first.equals(second)
    assert (whole.misfits, whole.unknown) == (single.misfits, single.unknown)
    assert whole.warnings() == single.warnings()
