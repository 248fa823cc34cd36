"""Replacing a large dataset: windows go to a staging table, which then becomes the dataset."""

from collections.abc import Callable, Sequence

import pytest

from tests.warehouse.rows import Row, applied, batch, call, days, load, made, query, statement, stored, target
from trunkline.declare import ColumnType, Method, Window
from trunkline.errors import DataError, SettingsError
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.target import Loaded, Staged, Target

REPLACE = target(Method.REPLACE)


def stage(
    warehouse: Warehouse,
    goal: Target,
    window: Window,
    *batches: Sequence[Row],
    generation: str = "g1",
    progress: str = "{}",
) -> Loaded:
    return warehouse.stage(goal, window, made(batches), applied("run-s", progress), generation)


def test_nothing_is_seen_before_the_swap(warehouse: Warehouse) -> None:
    load(warehouse, REPLACE, Window(), [call("old")], progress="before")
    stage(warehouse, REPLACE, days(0), [call("a")], progress="1")
    stage(warehouse, REPLACE, days(1), [call("b"), call("c")], progress="2")
    assert stored(warehouse, "calls", "id") == [("old",)]
    assert [t.dataset for t in warehouse.tables()] == ["calls"]
    assert warehouse.staged("calls") == Staged("g1", "2")
    assert warehouse.progress("calls") == "before"


@pytest.mark.parametrize("method", [Method.REPLACE, Method.MERGE, Method.APPEND, Method.PARTITION])
def test_the_swap_counts_by_key(warehouse: Warehouse, method: Method) -> None:
    goal = target(method)
    load(warehouse, goal, days(0), [call("gone"), call("same"), call("other", note="1")])
    stage(warehouse, goal, days(0), [call("same"), call("other", note="2")])
    stage(warehouse, goal, days(1), [call("new", 1)])
    loaded = warehouse.swap(goal, applied("run-s", "after"), "g1")
    assert loaded == Loaded(rows=3, inserted=1, updated=1, deleted=1, unchanged=1)
    assert stored(warehouse, "calls", "id", "note") == [("new", ""), ("other", "2"), ("same", "")]
    assert warehouse.staged("calls") is None
    assert warehouse.progress("calls") == "after"
    assert load(warehouse, goal, days(1), [call("new", 1)]).inserted == 0


def test_without_a_key_all_rows_went_and_came(warehouse: Warehouse) -> None:
    goal = target(Method.REPLACE, key=())
    load(warehouse, goal, Window(), [call("a"), call("b")])
    stage(warehouse, goal, days(0), [call("a")])
    stage(warehouse, goal, days(0), [call("a")])
    assert warehouse.swap(goal, applied(), "g1") == Loaded(rows=1, inserted=1, deleted=2)
    assert stored(warehouse, "calls", "id") == [("a",)]


def test_the_first_load_can_be_staged(warehouse: Warehouse) -> None:
    stage(warehouse, REPLACE, days(0), [call("a"), call("a", note="x")])
    assert warehouse.swap(REPLACE, applied(), "g1") == Loaded(rows=1, inserted=1)
    assert stored(warehouse, "calls", "id", "note") == [("a", "x")]
    assert [c.name for c in warehouse.columns("calls") if c.is_json] == ["_extra"]


def test_an_empty_replacement_empties_the_dataset(warehouse: Warehouse) -> None:
    load(warehouse, REPLACE, Window(), [call("a")])
    stage(warehouse, REPLACE, days(0))
    assert warehouse.swap(REPLACE, applied(), "g1") == Loaded(deleted=1)
    assert warehouse.count("calls") == 0


def test_columns_and_wide_types_outlive_a_swap(warehouse: Warehouse) -> None:
    load(warehouse, REPLACE, Window(), [call("a", note="x")])
    stage(warehouse, REPLACE, days(0), [{"id": "a", "seconds": 1}])
    warehouse.swap(REPLACE, applied(), "g1")
    assert stored(warehouse, "calls", "id", "seconds", "note") == [("a", 1, None)]


def test_staging_goes_on_after_the_process_ended(
    warehouse: Warehouse, reopen: Callable[[], Warehouse]
) -> None:
    stage(warehouse, REPLACE, days(0), [call("a")], progress="1")
    again = reopen()
    assert again.staged("calls") == Staged("g1", "1")
    stage(again, REPLACE, days(1), [call("b")], progress="2")
    again.swap(REPLACE, applied(), "g1")
    assert stored(again, "calls", "id") == [("a",), ("b",)]


def test_another_generation_starts_anew(warehouse: Warehouse) -> None:
    stage(warehouse, REPLACE, days(0), [call("a")])
    stage(warehouse, REPLACE, days(1), [call("b")], generation="g2")
    with pytest.raises(DataError, match="not there any more"):
        warehouse.swap(REPLACE, applied(), "g1")
    warehouse.swap(REPLACE, applied(), "g2")
    assert stored(warehouse, "calls", "id") == [("b",)]


def test_a_swap_told_twice_happens_once(warehouse: Warehouse) -> None:
    stage(warehouse, REPLACE, days(0), [call("a")])
    warehouse.swap(REPLACE, applied(), "g1")
    assert warehouse.swap(REPLACE, applied(), "g1") == Loaded()
    assert warehouse.count("calls") == 1


def test_snapshots_can_be_staged(warehouse: Warehouse) -> None:
    goal = target(Method.APPEND)
    load(warehouse, goal, Window(), [call("a")], run="1")
    load(warehouse, goal, Window(), [call("a")], run="2")
    stage(warehouse, goal, Window(), [call("a"), call("a")])
    warehouse.swap(goal, applied(), "g1")
    assert warehouse.count("calls") == 2


def test_a_discarded_stage_is_gone(warehouse: Warehouse) -> None:
    stage(warehouse, REPLACE, days(0), [call("a")])
    warehouse.discard_stage("calls")
    warehouse.discard_stage("calls")
    assert warehouse.staged("calls") is None
    stage(warehouse, REPLACE, days(0), [call("b")])
    warehouse.swap(REPLACE, applied(), "g1")
    assert stored(warehouse, "calls", "id") == [("b",)]


def test_a_renamed_dataset_takes_everything_along(warehouse: Warehouse) -> None:
    load(warehouse, REPLACE, Window(), [call("a")], progress="p")
    stage(warehouse, REPLACE, days(0), [call("b")], progress="s")
    warehouse.rename("calls", "phone")
    assert (warehouse.count("calls"), warehouse.count("phone")) == (0, 1)
    assert (warehouse.progress("phone"), warehouse.progress("calls")) == ("p", None)
    assert warehouse.staged("phone") == Staged("g1", "s")
    assert {record.dataset for record in warehouse.loads("phone", 9)} == {"phone"}
    warehouse.swap(target(Method.REPLACE, dataset="phone"), applied(), "g1")
    assert stored(warehouse, "phone", "id") == [("b",)]


def test_a_name_that_is_taken_is_refused(warehouse: Warehouse) -> None:
    load(warehouse, REPLACE, Window(), [call("a")])
    load(warehouse, target(dataset="other"), days(0), [call("b")])
    with pytest.raises(SettingsError, match="other"):
        warehouse.rename("calls", "other")
    assert stored(warehouse, "other", "id") == [("b",)]


def test_a_dropped_dataset_leaves_nothing(warehouse: Warehouse) -> None:
    load(warehouse, REPLACE, Window(), [call("a")])
    stage(warehouse, REPLACE, days(0), [call("b")])
    warehouse.drop("calls")
    warehouse.drop("calls")
    assert warehouse.tables() == []
    assert (warehouse.progress("calls"), warehouse.staged("calls")) == (None, None)
    assert (warehouse.loads("calls", 9), warehouse.columns("calls")) == ([], [])
    assert load(warehouse, REPLACE, Window(), [call("c")]).inserted == 1


@pytest.mark.parametrize("settings", ["postgres"], indirect=True)
def test_views_of_a_dataset_outlive_a_swap(warehouse: Warehouse) -> None:
    load(warehouse, REPLACE, Window(), [call("a")])
    with warehouse._linked() as link:  # type: ignore[attr-defined]
        link.run(statement("a_view"))
        link.commit()
    stage(warehouse, REPLACE, days(0), [call("b")])
    warehouse.swap(REPLACE, applied(), "g1")
    assert query(warehouse, statement("the_view")) == [{"id": "b"}]


def test_a_swap_counts_by_key_though_types_widened(warehouse: Warehouse) -> None:
    number, text = ({"id": kind, "n": kind} for kind in (ColumnType.INTEGER, ColumnType.TEXT))
    old = batch([{"id": 1, "n": 1}, {"id": 2, "n": 2}], number)
    load(warehouse, target(Method.REPLACE, cursor="", types=number), Window(), old)
    goal = target(Method.REPLACE, cursor="", types=text)
    new = batch([{"id": "1", "n": "1"}, {"id": "2", "n": "two"}, {"id": "3"}], text)
    warehouse.stage(goal, Window(), iter([new]), applied(), "g1")
    assert warehouse.swap(goal, applied(), "g1") == Loaded(rows=3, inserted=1, updated=1, unchanged=1)
    assert stored(warehouse, "calls", "id", "n") == [("1", "1"), ("2", "two"), ("3", None)]
