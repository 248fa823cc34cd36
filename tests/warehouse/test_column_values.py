"""Declared columns from CSV texts and from JSON: the same values, in whichever way they are made."""

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.declare import Column, ColumnType, Stamp
from trunkline.warehouse import column_values
from trunkline.warehouse.column_values import from_json, from_texts
from trunkline.warehouse.types import ARROW

TEXT, INTEGER, NUMBER = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.NUMBER
BOOLEAN, INSTANT, DAY, JSON = ColumnType.BOOLEAN, ColumnType.INSTANT, ColumnType.DAY, ColumnType.JSON
MISFIT = object()

NEW_YORK = "America/New_York"
MINUTES = Column("talk_seconds", NUMBER, "", field="talk", factor=60.0)
MILLISECONDS = Column("seconds", NUMBER, "", field="ms", factor=0.001)
SPOILERS = {TEXT: None, JSON: None, BOOLEAN: "perhaps", INSTANT: "soon", DAY: "soon"}

# type | text in the file | held by the column; MISFIT: null there
RULES: list[tuple[ColumnType, str, Any]] = [
    (TEXT, "007", "007"),
    (TEXT, " a ", " a "),
    (INTEGER, "9007199254740993", 9007199254740993),
    (INTEGER, "-9223372036854775808", -(2**63)),
    (INTEGER, "9223372036854775808", MISFIT),
    (INTEGER, "007", 7),
    (INTEGER, "+7", 7),
    (INTEGER, "5.0", 5),
    (INTEGER, "-5.000", -5),
    (INTEGER, "5.5", MISFIT),
    (INTEGER, ".0", MISFIT),
    (INTEGER, "1e3", MISFIT),
    (INTEGER, "0x10", MISFIT),
    (INTEGER, "1,000", MISFIT),
    (NUMBER, "1.25", 1.25),
    (NUMBER, "-.5", -0.5),
    (NUMBER, "1e3", 1000.0),
    (NUMBER, "3", 3.0),
    (NUMBER, "9007199254740993", MISFIT),
    (NUMBER, "9007199254740992", 2.0**53),
    (NUMBER, "nan", MISFIT),
    (NUMBER, "inf", MISFIT),
    (NUMBER, "1e999", MISFIT),
    (NUMBER, "1,5", MISFIT),
    (NUMBER, "00:01:15", MISFIT),
    (BOOLEAN, "true", True),
    (BOOLEAN, "FALSE", False),
    (BOOLEAN, "1", True),
    (BOOLEAN, "0", False),
    (BOOLEAN, "Yes", True),
    (BOOLEAN, "no", False),
    (BOOLEAN, "t", True),
    (BOOLEAN, "2", MISFIT),
    (DAY, "2026-06-15", date(2026, 6, 15)),
    (DAY, "2026-02-30", MISFIT),
    (DAY, "0000-01-01", MISFIT),
    (DAY, "15.06.2026", MISFIT),
    (INSTANT, "2026-06-15T09:30:00-04:00", datetime(2026, 6, 15, 13, 30, tzinfo=UTC)),
    (INSTANT, "2026-06-15 09:30:00", MISFIT),
]


def texts(*values: str | None) -> Any:
    return pa.array(values, pa.string())


def held(column: Column, array: Any, zones: Any = None) -> list[Any]:
    found, misfits = from_texts(column, array, zones)
    assert found.type == ARROW[column.type]
    values: list[Any] = found.to_pylist()
    assert all(values[at] is None for at in misfits)
    return [MISFIT if at in misfits else value for at, value in enumerate(values)]


@pytest.mark.parametrize(("type_", "text", "value"), RULES)
def test_a_text_alone_and_beside_one_that_does_not_fit_is_the_same(
    type_: ColumnType, text: str, value: Any
) -> None:
    column = Column("c", type_, "")
    assert held(column, texts(text, None)) == [value, None]
    spoiler = SPOILERS.get(type_, "soon")
    assert held(column, texts(text, spoiler))[0] == value


@pytest.mark.parametrize("type_", list(ColumnType))
def test_empty_fields_are_null_in_every_type(type_: ColumnType) -> None:
    assert held(Column("c", type_, ""), texts(None, None)) == [None, None]


PLAIN = {
    TEXT: st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9),
    INTEGER: st.integers(-(2**63), 2**63 - 1).map(str),
    NUMBER: st.floats(allow_nan=False, allow_infinity=False).map(repr),
    BOOLEAN: st.sampled_from(["true", "false", "TRUE", "False"]),
    DAY: st.dates().map(str),
    INSTANT: st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)).map(lambda t: t.isoformat()),
}
ODD = st.sampled_from(["soon", "1.5.2", "0x1", "-", "+", "1e400", "2026-13-01", "NaN", "9" * 30, "5.0", "1."])


@pytest.mark.parametrize("type_", list(PLAIN))
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_texts_and_json_give_the_same_values(type_: ColumnType, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | PLAIN[type_], max_size=6))
    column = Column("c", type_, "")
    array, misfits = from_texts(column, texts(*values))
    other, others = from_json(column, values)
    assert (array.to_pylist(), misfits) == (other.to_pylist(), others)


@pytest.mark.parametrize("type_", list(PLAIN))
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_quick_way_and_the_slow_way_give_the_same_values(type_: ColumnType, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | PLAIN[type_] | ODD, max_size=6))
    column = Column("c", type_, "")
    together = held(column, texts(*values))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(column_values, "_quick_texts", lambda *_: None)
        patch.setattr(column_values, "quick", lambda *_: None)
        assert held(column, texts(*values)) == together


STAMPED = {
    Stamp.UTC: st.datetimes(datetime(1, 1, 1)).map(str),
    Stamp.LOCAL: st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(str),
    Stamp.EPOCH_MS: st.integers(0, 2**50).map(str),
}
ODD_STAMP = st.sampled_from(
    ["soon", "2026-06-15", "2026-06-15 09", "2026-06-15T09:30Z", "2026-02-30 00:00:00", "9" * 20, "-1", "1.5"]
)


@pytest.mark.parametrize("stamp", list(STAMPED))
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_instants_are_the_same_all_at_once_one_by_one_and_from_json(
    stamp: Stamp, data: st.DataObject
) -> None:
    values = data.draw(st.lists(st.none() | STAMPED[stamp] | ODD_STAMP, max_size=6))
    names = st.sampled_from([NEW_YORK, "Australia/Lord_Howe", "Nowhere/Here", None])
    zones = [data.draw(names) for _ in values]
    column = Column("c_at", INSTANT, "", field="c", stamp=stamp, zone_field="zone")
    together = held(column, texts(*values), texts(*zones))
    array, misfits = from_json(column, values, zones)
    assert [MISFIT if at in misfits else v for at, v in enumerate(array.to_pylist())] == together
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(column_values, "stamped", lambda *_: None)
        assert held(column, texts(*values), texts(*zones)) == together


@pytest.mark.parametrize("value", [5, 1.5, True, ["2026-06-15 09:30:00"]])
def test_numbers_are_no_written_times(value: Any) -> None:
    for stamp in (Stamp.UTC, Stamp.LOCAL):
        column = Column("c", INSTANT, "", stamp=stamp, zone_field="zone")
        assert from_json(column, [value], [NEW_YORK])[1] == [0]


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        (MINUTES, "1.25", 75.0),
        (MINUTES, "0.1", 6.0),
        (MINUTES, "0.02", 1.2),
        (MINUTES, "0", 0.0),
        (MINUTES, "-0.5", -30.0),
        (MILLISECONDS, "8951.029999999999", 8.95103),
        (MILLISECONDS, "1356998400000", 1356998400.0),
    ],
)
def test_lengths_become_seconds_without_noise(column: Column, text: str, value: float) -> None:
    assert held(column, texts(text, None)) == [value, None]
    assert from_json(column, [float(text), None])[0].to_pylist() == [value, None]
    assert held(column, texts(text, "soon")) == [value, MISFIT]
