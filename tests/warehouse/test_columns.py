"""How a dataset's table grows: new columns, wider types, odd names."""

from datetime import date

import pytest

from tests.warehouse.rows import NOON, batch, call, days, load, query, statement, stored, target
from trunkline.declare import ColumnType, Method, Window
from trunkline.errors import DataError
from trunkline.warehouse.engine import Warehouse

ODD_NAMES = (
    "at", "select", "Order", "with space", 'quo"te', "semi;colon", "é", "rowid2", "n", "t", "i", "_odd",
    "group", "{table}", "$1", "window", "user", "dot.ted", "per%cent", "'",
)  # fmt: skip


def sql_types(warehouse: Warehouse) -> dict[str, str]:
    return {c.name: c.type.lower() for c in warehouse.columns("calls")}


def test_a_new_column_is_added(warehouse: Warehouse) -> None:
    load(warehouse, target(), days(0), [call("a")])
    wide = batch([call("b", score=0.5)], {"score": ColumnType.NUMBER})
    load(warehouse, target(), days(0), wide)
    assert stored(warehouse, "calls", "id", "score") == [("a", None), ("b", 0.5)]


def test_several_new_columns_and_a_wider_type_at_once(warehouse: Warehouse) -> None:
    load(warehouse, target(), days(0), [call("a"), call("b")])
    types = {"x": ColumnType.TEXT, "y": ColumnType.JSON, "seconds": ColumnType.TEXT}
    goal = target(types={**types, "id": ColumnType.TEXT, "started_at": ColumnType.INSTANT})
    loaded = load(warehouse, goal, days(0), batch([call("b", seconds="long", x="1", y="[]")], types))  # type: ignore[arg-type]
    assert loaded.updated == 1
    assert stored(warehouse, "calls", "id", "seconds", "x", "y") == [
        ("a", "60", None, None),
        ("b", "long", "1", "[]"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "value", "kept"),
    [
        (ColumnType.INTEGER, ColumnType.NUMBER, 1, 1.0),
        (ColumnType.INTEGER, ColumnType.TEXT, 1, "1"),
        (ColumnType.BOOLEAN, ColumnType.TEXT, True, "true"),
        (ColumnType.DAY, ColumnType.TEXT, date(2026, 3, 1), "2026-03-01"),
        (ColumnType.JSON, ColumnType.TEXT, "[1]", "[1]"),
        (ColumnType.BOOLEAN, ColumnType.INTEGER, True, "true"),
    ],
)
def test_a_type_widens_and_keeps_its_values(
    warehouse: Warehouse, before: ColumnType, after: ColumnType, value: object, kept: object
) -> None:
    for kind, rows in ((before, [{"id": "a", "v": value}]), (after, [{"id": "b"}])):
        types = {"id": ColumnType.TEXT, "v": kind}
        load(warehouse, target(cursor="", types=types), days(0), batch(rows, types))
    assert stored(warehouse, "calls", "id", "v") == [("a", kept), ("b", None)]


def test_an_instant_that_becomes_text_is_still_the_same_instant(warehouse: Warehouse) -> None:
    load(warehouse, target(), days(0), [call("a")])
    types = {"id": ColumnType.TEXT, "started_at": ColumnType.TEXT}
    load(
        warehouse, target(cursor="", types=types), days(0), batch([{"id": "b", "started_at": "soon"}], types)
    )
    assert stored(warehouse, "calls", "started_at")[0][0].startswith("2026-03-01 12:00:00+00")


@pytest.mark.parametrize("stored_as", [ColumnType.NUMBER, ColumnType.TEXT])
def test_a_narrower_type_never_narrows(warehouse: Warehouse, stored_as: ColumnType) -> None:
    wide = {"id": ColumnType.TEXT, "v": stored_as}
    value = 1.5 if stored_as is ColumnType.NUMBER else "1.5"
    load(warehouse, target(cursor="", types=wide), days(0), batch([{"id": "a", "v": value}], wide))
    before = sql_types(warehouse)
    narrow = {"id": ColumnType.TEXT, "v": ColumnType.INTEGER}
    for _ in range(2):
        load(warehouse, target(cursor="", types=narrow), days(0), batch([{"id": "b", "v": 2}], narrow))
    assert sql_types(warehouse) == before
    assert stored(warehouse, "calls", "id", "v")[1] == ("b", 2.0 if stored_as is ColumnType.NUMBER else "2")


def test_a_key_whose_type_widened_still_matches(warehouse: Warehouse) -> None:
    number = {"id": ColumnType.INTEGER}
    load(warehouse, target(cursor="", types=number), days(0), batch([{"id": 1}, {"id": 2}], number))
    text = {"id": ColumnType.TEXT}
    assert load(warehouse, target(cursor="", types=text), days(0), batch([{"id": "2"}], text)).unchanged == 1
    assert (
        load(warehouse, target(cursor="", types=number), days(0), batch([{"id": 1}], number)).unchanged == 1
    )
    assert warehouse.count("calls") == 2


def test_no_column_is_ever_dropped(warehouse: Warehouse) -> None:
    load(warehouse, target(), days(0), [call("a", note="x")])
    types = {"id": ColumnType.TEXT}
    for method in (Method.MERGE, Method.REPLACE):
        load(warehouse, target(method, types=types), Window(), batch([{"id": "b"}], types))
        assert "note" in sql_types(warehouse)


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("key", [("id",), ODD_NAMES[:6]])
def test_odd_names_work(warehouse: Warehouse, method: Method, key: tuple[str, ...]) -> None:
    types = {"id": ColumnType.TEXT, **dict.fromkeys(ODD_NAMES, ColumnType.TEXT), "at_": ColumnType.INSTANT}
    goal = target(method, dataset="select", key=key, cursor="at_", types=types)
    row = {name: name for name in types} | {"at_": NOON}
    for note in ("1", "1", "2"):
        load(warehouse, goal, days(0), batch([{**row, "user": note}], types))
    found = stored(warehouse, "select", *types)
    assert set(found) <= {tuple({**row, "user": note}[n] for n in types) for note in ("1", "2")}
    assert len(found) == 1


def test_a_cursor_with_an_odd_name(warehouse: Warehouse) -> None:
    types = {"id": ColumnType.TEXT, "at": ColumnType.INSTANT}
    goal = target(Method.PARTITION, key=(), cursor="at", types=types)
    for _ in range(2):
        load(warehouse, goal, days(0), batch([{"id": "a", "at": NOON}], types))
    assert warehouse.count("calls") == 1


def test_json_columns_are_known(warehouse: Warehouse) -> None:
    types = {"id": ColumnType.TEXT, "tags": ColumnType.JSON}
    load(warehouse, target(cursor="", types=types), days(0), batch([{"id": "a", "tags": '["x"]'}], types))
    assert [c.name for c in warehouse.columns("calls") if c.is_json] == ["tags", "_extra"]
    assert query(warehouse, statement("sort_of_json")) == [{"id": "a", "tags": '["x"]'}]


def test_dataset_names_of_full_length(warehouse: Warehouse) -> None:
    names = ["d" * 62 + end for end in "ab"]
    for name in names:
        goal = target(Method.REPLACE, dataset=name)
        load(warehouse, goal, Window(), [call(name[-1])])
    assert [stored(warehouse, name, "id") for name in names] == [[("a",)], [("b",)]]


def test_a_null_column_takes_the_declared_type(warehouse: Warehouse) -> None:
    import pyarrow as pa

    nothing = pa.RecordBatch.from_pydict({"id": ["a"], "seconds": pa.nulls(1), "other": pa.nulls(1)})
    load(warehouse, target(), days(0), nothing)
    assert sql_types(warehouse)["seconds"] in ("bigint",)
    assert sql_types(warehouse)["other"] in ("text", "varchar")


def test_a_type_that_somebody_else_gave_is_refused(warehouse: Warehouse) -> None:
    load(warehouse, target(), days(0), [call("a")])
    with warehouse._linked() as link:  # type: ignore[attr-defined]
        link.run(statement("foreign_type"))
        link.commit() if link.statements.dialect == "postgres" else None
    with pytest.raises(DataError, match="odd of calls is"):
        load(warehouse, target(), days(0), [call("a")])
