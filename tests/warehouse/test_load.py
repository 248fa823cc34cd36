"""What each update method does to a dataset, on every engine."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from tests.warehouse.rows import NOON, applied, batch, call, days, load, query, statement, stored, target
from trunkline.declare import ColumnType, Method, Window
from trunkline.errors import DataError
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.target import Loaded

ALL = Window()


def ids(warehouse: Warehouse, dataset: str = "calls") -> list[str]:
    return [row[0] for row in stored(warehouse, dataset, "id")]


class TestMerge:
    def test_first_load_inserts_everything(self, warehouse: Warehouse) -> None:
        loaded = load(warehouse, target(), days(0), [call("a"), call("b")], [call("c")])
        assert loaded == Loaded(rows=3, inserted=3)
        assert ids(warehouse) == ["a", "b", "c"]

    def test_the_same_again_changes_nothing(self, warehouse: Warehouse) -> None:
        load(warehouse, target(), days(0), [call("a"), call("b")])
        assert load(warehouse, target(), days(0), [call("b"), call("a")], run="run-2") == Loaded(
            rows=2, unchanged=2
        )
        assert stored(warehouse, "calls", "id", "_run_id") == [("a", "run-1"), ("b", "run-1")]

    def test_only_rows_that_differ_are_rewritten(self, warehouse: Warehouse) -> None:
        load(warehouse, target(), days(0), [call("a"), call("b"), call("c")])
        loaded = load(
            warehouse, target(), days(0), [call("a"), call("b", note="late"), call("d")], run="run-2"
        )
        assert loaded == Loaded(rows=3, inserted=1, updated=1, unchanged=1)
        assert stored(warehouse, "calls", "id", "note", "_run_id") == [
            ("a", "", "run-1"),
            ("b", "late", "run-2"),
            ("c", "", "run-1"),
            ("d", "", "run-2"),
        ]

    def test_the_last_of_equal_keys_wins(self, warehouse: Warehouse) -> None:
        first = load(warehouse, target(), days(0), [call("a", note="1"), call("b"), call("a", note="2")])
        assert first == Loaded(rows=3, inserted=2, duplicates=1)
        again = load(warehouse, target(), days(0), [call("a", note="3")], [call("a", note="4"), call("c")])
        assert again == Loaded(rows=3, inserted=1, updated=1, duplicates=1)
        assert stored(warehouse, "calls", "id", "note") == [("a", "4"), ("b", ""), ("c", "")]

    def test_null_and_value_differ(self, warehouse: Warehouse) -> None:
        load(warehouse, target(), days(0), [call("a", note=None)])
        assert load(warehouse, target(), days(0), [call("a", note="")]).updated == 1
        assert load(warehouse, target(), days(0), [call("a", note=None)]).updated == 1

    def test_columns_that_did_not_come_keep_their_values(self, warehouse: Warehouse) -> None:
        load(warehouse, target(), days(0), [call("a", note="kept"), call("b", note="kept too")])
        few = [{"id": "a", "seconds": 61}, {"id": "b", "seconds": 60}, {"id": "c", "seconds": 1}]
        assert load(warehouse, target(), days(0), few) == Loaded(rows=3, inserted=1, updated=1, unchanged=1)
        assert stored(warehouse, "calls", "id", "seconds", "note") == [
            ("a", 61, "kept"),
            ("b", 60, "kept too"),
            ("c", 1, None),
        ]

    def test_a_key_of_two_columns(self, warehouse: Warehouse) -> None:
        goal = target(key=("id", "seconds"))
        load(warehouse, goal, days(0), [call("a", seconds=1), call("a", seconds=2)])
        loaded = load(warehouse, goal, days(0), [call("a", seconds=2, note="x"), call("b", seconds=2)])
        assert loaded == Loaded(rows=2, inserted=1, updated=1)
        assert stored(warehouse, "calls", "id", "seconds", "note") == [
            ("a", 1, ""),
            ("a", 2, "x"),
            ("b", 2, ""),
        ]

    def test_long_keys(self, warehouse: Warehouse) -> None:
        keys = [f"{'k' * 300}{number}" for number in range(500)]
        load(warehouse, target(), days(0), [call(k) for k in keys[:400]])
        assert load(warehouse, target(), days(0), [call(k) for k in keys[100:]]) == Loaded(
            rows=400, inserted=100, unchanged=300
        )

    def test_an_empty_window_makes_the_table(self, warehouse: Warehouse) -> None:
        assert load(warehouse, target(), days(0), progress='{"to": 1}') == Loaded()
        assert warehouse.count("calls") == 0
        assert warehouse.progress("calls") == '{"to": 1}'
        assert [c.name for c in warehouse.columns("calls")][:2] == ["id", "started_at"]

    @pytest.mark.parametrize("method", [Method.MERGE, Method.APPEND, Method.PARTITION, Method.REPLACE])
    def test_a_null_in_the_key_is_refused(self, warehouse: Warehouse, method: Method) -> None:
        load(warehouse, target(method), days(0), [call("a")], progress="before")
        with pytest.raises(DataError, match="calls has no id") as caught:
            load(warehouse, target(method), days(0), [call("b")], [call(None)], progress="after")
        assert caught.value.where == "calls.id"
        assert (ids(warehouse), warehouse.progress("calls")) == (["a"], "before")

    def test_a_key_column_that_did_not_come_is_refused(self, warehouse: Warehouse) -> None:
        with pytest.raises(DataError, match="calls has no id"):
            load(warehouse, target(), days(0), [{"seconds": 1}])


class TestAppend:
    def test_rows_that_are_there_are_never_changed(self, warehouse: Warehouse) -> None:
        goal = target(Method.APPEND)
        load(warehouse, goal, days(0), [call("a")])
        loaded = load(warehouse, goal, days(0), [call("a", note="new"), call("b"), call("b")], run="run-2")
        assert loaded == Loaded(rows=3, inserted=1, unchanged=1, duplicates=1)
        assert stored(warehouse, "calls", "id", "note") == [("a", ""), ("b", "")]

    def test_without_days_each_run_adds_a_snapshot(self, warehouse: Warehouse) -> None:
        goal = target(Method.APPEND)
        load(warehouse, goal, ALL, [call("a"), call("b")])
        assert load(warehouse, goal, ALL, [call("a"), call("c")], run="run-2").inserted == 2
        assert ids(warehouse) == ["a", "a", "b", "c"]

    def test_the_same_run_adds_its_snapshot_once(self, warehouse: Warehouse) -> None:
        goal = target(Method.APPEND, key=())
        load(warehouse, goal, days(0), [call("a")])
        assert load(warehouse, goal, days(0), [call("a")]) == Loaded(rows=1, unchanged=1)
        load(warehouse, goal, days(1), [call("a", 1)])
        assert ids(warehouse) == ["a", "a"]
        assert len(warehouse.loads("calls", 10)) == 2


class TestPartition:
    def test_the_days_of_the_window_are_replaced(self, warehouse: Warehouse) -> None:
        goal = target(Method.PARTITION, key=())
        load(warehouse, goal, days(0, 2), [call("a", 0), call("b", 1), call("c", 2), call("c", 2)])
        loaded = load(warehouse, goal, days(1), [call("d", 1)])
        assert loaded == Loaded(rows=1, inserted=1, deleted=1)
        assert ids(warehouse) == ["a", "c", "c", "d"]

    def test_an_empty_day_empties_the_day(self, warehouse: Warehouse) -> None:
        goal = target(Method.PARTITION, key=())
        load(warehouse, goal, days(0, 1), [call("a", 0), call("b", 1)])
        assert load(warehouse, goal, days(1)) == Loaded(deleted=1)
        assert ids(warehouse) == ["a"]

    def test_an_empty_day_empties_the_day_of_a_keyed_dataset(self, warehouse: Warehouse) -> None:
        goal = target(Method.PARTITION)
        load(warehouse, goal, days(0, 1), [call("a", 0), call("b", 1)])
        assert load(warehouse, goal, days(1)) == Loaded(deleted=1)
        assert ids(warehouse) == ["a"]

    def test_days_are_local(self, warehouse: Warehouse) -> None:
        goal = target(Method.PARTITION, key=(), zone="America/New_York")
        at = [datetime(2026, 3, 2, 4, 59, tzinfo=UTC), datetime(2026, 3, 2, 5, 0, tzinfo=UTC)]
        load(
            warehouse,
            goal,
            days(0, 1),
            [{"id": "late", "started_at": at[0]}, {"id": "x", "started_at": at[1]}],
        )
        load(warehouse, goal, days(1))
        assert ids(warehouse) == ["late"]

    def test_a_day_of_23_hours(self, warehouse: Warehouse) -> None:
        goal = target(Method.PARTITION, key=(), zone="America/New_York")
        after = datetime(2026, 3, 9, 4, 0, tzinfo=UTC)
        load(warehouse, goal, days(8), [{"id": "monday", "started_at": after}])
        assert load(warehouse, goal, days(7)) == Loaded()
        assert ids(warehouse) == ["monday"]

    def test_a_row_without_time_belongs_to_the_first_day_of_its_window(self, warehouse: Warehouse) -> None:
        goal = target(Method.PARTITION, key=())
        lost = {"id": "lost", "started_at": None}
        load(warehouse, goal, days(0, 1), [lost, call("b", 1)])
        load(warehouse, goal, days(0, 1), [lost, call("b", 1)])
        assert ids(warehouse) == ["b", "lost"]
        load(warehouse, goal, days(1), [call("b", 1)])
        assert ids(warehouse) == ["b", "lost"]
        load(warehouse, goal, days(0))
        assert ids(warehouse) == ["b"]

    def test_a_row_outside_its_window_is_not_doubled(self, warehouse: Warehouse) -> None:
        goal = target(Method.PARTITION, key=())
        for _ in range(2):
            load(warehouse, goal, days(0), [call("a", 0), call("stray", 5)])
        assert ids(warehouse) == ["a", "stray"]

    def test_by_key_only_what_differs_is_written(self, warehouse: Warehouse) -> None:
        goal = target(Method.PARTITION)
        load(warehouse, goal, days(0, 1), [call("a", 0), call("b", 1), call("c", 1), call("gone", 1)])
        new = [call("b", 1), call("c", 1, note="x"), call("new", 1)]
        assert load(warehouse, goal, days(1), new) == Loaded(
            rows=3, inserted=1, updated=1, deleted=1, unchanged=1
        )
        assert ids(warehouse) == ["a", "b", "c", "new"]

    def test_a_key_that_moved_to_another_day_is_not_doubled(self, warehouse: Warehouse) -> None:
        goal = target(Method.PARTITION)
        load(warehouse, goal, days(0), [call("a", 0)])
        assert load(warehouse, goal, days(1), [call("a", 1)]).updated == 1
        assert ids(warehouse) == ["a"]

    def test_by_a_date(self, warehouse: Warehouse) -> None:
        types = {"day": ColumnType.DAY, "calls": ColumnType.INTEGER}
        goal = target(Method.PARTITION, key=(), cursor="day", types=types)
        rows = [{"day": date(2026, 3, 1), "calls": 1}, {"day": date(2026, 3, 2), "calls": 2}]
        load(warehouse, goal, days(0, 1), batch(rows, types))
        load(warehouse, goal, days(1), batch([{"day": date(2026, 3, 2), "calls": 3}], types))
        assert stored(warehouse, "calls", "calls") == [(1,), (3,)]

    def test_without_a_cursor_the_window_tells_the_day(self, warehouse: Warehouse) -> None:
        goal = target(Method.PARTITION, key=(), cursor="")
        load(warehouse, goal, days(0), [call("a")])
        load(warehouse, goal, days(1), [call("b")])
        load(warehouse, goal, days(1), [call("c")])
        assert ids(warehouse) == ["a", "c"]

    def test_columns_that_did_not_come_become_null(self, warehouse: Warehouse) -> None:
        goal = target(Method.PARTITION)
        load(warehouse, goal, days(0), [call("a", note="old")])
        load(warehouse, goal, days(0), [{"id": "a", "started_at": NOON}])
        assert stored(warehouse, "calls", "id", "note") == [("a", None)]

    def test_only_partitions_have_the_day_column(self, warehouse: Warehouse) -> None:
        load(warehouse, target(Method.PARTITION, dataset="parts"), days(0), [call("a")])
        load(warehouse, target(dataset="merged"), days(0), [call("a")])
        assert "_day" in [c.name for c in warehouse.columns("parts")]
        assert "_day" not in [c.name for c in warehouse.columns("merged")]


class TestReplace:
    def test_by_key(self, warehouse: Warehouse) -> None:
        goal = target(Method.REPLACE)
        load(warehouse, goal, ALL, [call("a"), call("b"), call("c")])
        loaded = load(warehouse, goal, ALL, [call("a"), call("b", note="x"), call("d")])
        assert loaded == Loaded(rows=3, inserted=1, updated=1, deleted=1, unchanged=1)
        assert ids(warehouse) == ["a", "b", "d"]

    def test_without_a_key(self, warehouse: Warehouse) -> None:
        goal = target(Method.REPLACE, key=())
        load(warehouse, goal, ALL, [call("a"), call("a")])
        assert load(warehouse, goal, ALL, [call("b")]) == Loaded(rows=1, inserted=1, deleted=2)
        assert ids(warehouse) == ["b"]

    @pytest.mark.parametrize("key", [(), ("id",)])
    def test_by_nothing(self, warehouse: Warehouse, key: tuple[str, ...]) -> None:
        goal = target(Method.REPLACE, key=key)
        load(warehouse, goal, ALL, [call("a"), call("b")])
        assert load(warehouse, goal, ALL) == Loaded(deleted=2)
        assert warehouse.count("calls") == 0


def test_more_rows_than_fit_in_memory(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trunkline.warehouse.incoming.ROWS_IN_MEMORY", 10)
    rows = [call(f"{number:03}", note="x" * number) for number in range(95)]
    pieces = [rows[start : start + 7] for start in range(0, 95, 7)]
    assert load(warehouse, target(), days(0), *pieces, [call("000", note="last")]) == Loaded(
        rows=96, inserted=95, duplicates=1
    )
    assert stored(warehouse, "calls", "id", "note")[:2] == [("000", "last"), ("001", "x")]
    assert load(warehouse, target(), days(0), *pieces[1:]).unchanged == 88


def test_a_column_that_appears_after_the_first_rows_were_put_aside(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trunkline.warehouse.incoming.ROWS_IN_MEMORY", 2)
    wide = batch([call("c", more=1.5)], {"more": ColumnType.NUMBER, "seconds": ColumnType.NUMBER})
    load(warehouse, target(), days(0), [call("a"), call("b")], wide)
    assert stored(warehouse, "calls", "id", "seconds", "more") == [
        ("a", 60.0, None),
        ("b", 60.0, None),
        ("c", 60.0, 1.5),
    ]


def test_every_row_says_which_run_brought_it(warehouse: Warehouse) -> None:
    load(warehouse, target(), days(0), [call("a", _extra='{"new_field": 1}')])
    assert stored(warehouse, "calls", "_run_id", "_loaded_at", "_extra") == [
        ("run-1", NOON, '{"new_field": 1}')
    ]


def test_every_type_comes_back_as_it_went(warehouse: Warehouse) -> None:
    types = {kind.value: kind for kind in ColumnType}
    row = {
        "text": "O'Brien “é” 漢 😀\n\t\"",
        "integer": -(2**62),
        "number": 0.1,
        "boolean": False,
        "instant": datetime(2026, 3, 8, 6, 59, 59, 123456, tzinfo=UTC),
        "day": date(1999, 12, 31),
        "json": '{"a": [1, null]}',
    }
    goal = target(key=("text",), cursor="", types=types)
    load(warehouse, goal, ALL, batch([row, {"text": "nothing"}], types))
    found = stored(warehouse, "calls", *types)
    assert found[0] == tuple(row[name] for name in types) or found[1] == tuple(row[name] for name in types)
    assert load(warehouse, goal, ALL, batch([row, {"text": "nothing"}], types)).unchanged == 2


def test_nul_characters_do_not_stop_a_load(warehouse: Warehouse) -> None:
    load(warehouse, target(), days(0), [call("a", note="be\0fore"), call("b")])
    assert stored(warehouse, "calls", "note")[1][0].replace("\0", "") == "before"


def test_an_error_of_the_rows_passes_unchanged(warehouse: Warehouse) -> None:
    def broken() -> object:
        yield batch([call("a")])
        raise KeyError("fetch")

    with pytest.raises(KeyError, match="fetch"):
        warehouse.load(target(), days(0), broken(), applied())  # type: ignore[arg-type]
    assert warehouse.count("calls") == 0
    assert warehouse.progress("calls") is None


def test_a_list_is_no_column(warehouse: Warehouse) -> None:
    bad = pa.RecordBatch.from_pydict({"id": ["a"], "list": [[1]]})
    with pytest.raises(DataError, match="list"):
        warehouse.load(target(), days(0), iter([bad]), applied())


def test_load_records_tell_each_transaction(warehouse: Warehouse) -> None:
    load(warehouse, target(), days(0), [call("a"), call("a")], progress="p1")
    load(warehouse, target(), days(1), [call("b")], run="run-2", progress="p2")
    newest, first = sorted(warehouse.loads("calls", 10), key=lambda r: r.run_id, reverse=True)
    assert (first.run_id, first.action, first.method, first.window) == (
        "run-1",
        "load",
        "merge",
        "2026-03-01..2026-03-01",
    )
    assert first.loaded == Loaded(rows=2, inserted=1, duplicates=1)
    assert (newest.window, newest.loaded_at) == ("2026-03-02..2026-03-02", NOON)
    assert warehouse.progress("calls") == "p2"
    assert len(warehouse.loads("calls", 1)) == 1
    assert warehouse.loads_of_run("calls", first.run_id) == [first]
    assert warehouse.loads_of_run("calls", "none") == []


def test_datasets_do_not_touch_each_other(warehouse: Warehouse) -> None:
    load(warehouse, target(dataset="one"), days(0), [call("a")], progress="1")
    load(warehouse, target(Method.REPLACE, dataset="two"), ALL, [call("b")], progress="2")
    assert (ids(warehouse, "one"), ids(warehouse, "two")) == (["a"], ["b"])
    assert (warehouse.progress("one"), warehouse.progress("two")) == ("1", "2")
    assert [(t.dataset, t.rows) for t in warehouse.tables()] == [("one", 1), ("two", 1)]


def test_a_dataset_needs_no_schema_in_a_query(warehouse: Warehouse) -> None:
    load(warehouse, target(), days(0), [call("a", note="x")])
    assert query(warehouse, statement("one_note"), ["a"]) == [{"note": "x"}]
    assert query(warehouse, statement("everything_of_datasets", "calls"))[0]["id"] == "a"


def test_counts_add_up() -> None:
    assert Loaded(1, 2, 3, 4, 5, 6) + Loaded(1, 1, 1, 1, 1, 1) == Loaded(2, 3, 4, 5, 6, 7)
