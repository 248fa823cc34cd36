"""A copy of a whole warehouse is of one moment, on any engine and from any to any."""

import threading
from pathlib import Path

import pytest

from tests.warehouse.rows import applied, call, days, load, made, stored, target
from trunkline.declare import Method
from trunkline.settings import Settings, load_settings
from trunkline.warehouse.copying import copy_warehouse, is_empty, version_and_time
from trunkline.warehouse.duckdb_engine import DuckdbWarehouse
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.open import open_warehouse
from trunkline.warehouse.target import Staged


@pytest.fixture
def other(tmp_path: Path) -> Settings:
    return load_settings(tmp_path / "other", {})


def test_rows_records_and_a_replacement_being_built_go_over(warehouse: Warehouse, other: Settings) -> None:
    load(warehouse, target(Method.MERGE), days(0), [call("1", note="a"), call("2")], progress="half")
    load(warehouse, target(Method.MERGE, dataset="more"), days(0), [call("3", _extra='{"x": 1}')])
    built = target(Method.REPLACE, dataset="more")
    warehouse.stage(built, days(0), made([[call("9")]]), applied(progress="built"), "g1")
    sink = open_warehouse(other)
    assert is_empty(sink)
    for _ in range(2):  # a second copy replaces the first
        assert copy_warehouse(warehouse, sink) == {"calls": 2, "more": 1}
    assert sink.progress("calls") == "half"
    assert [c.name for c in sink.columns("calls")] == [c.name for c in warehouse.columns("calls")]
    assert [c.is_json for c in sink.columns("more")] == [c.is_json for c in warehouse.columns("more")]
    assert sink.loads("calls", 9) == warehouse.loads("calls", 9)
    loaded = load(sink, target(Method.MERGE), days(0), [call("1", note="a"), call("4")])
    assert (loaded.unchanged, loaded.inserted) == (1, 1)
    assert not is_empty(sink)
    assert sink.staged("more") == Staged("g1", "built")
    sink.swap(built, applied(), "g1")
    assert [row[0] for row in stored(sink, "more", "id")] == ["9"]
    sink.close()


def test_whole_loads_or_nothing_of_them_are_in_a_copy_made_meanwhile(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    enough = threading.Event()

    def load_on() -> None:
        number = 0
        while not enough.is_set():
            rows = [call(f"{number}-{n}") for n in range(50)]
            load(warehouse, target(Method.APPEND, key=()), days(number % 300), rows, progress=str(number))
            number += 1

    loading = threading.Thread(target=load_on)
    loading.start()
    try:
        for number in range(4):
            sink = open_warehouse(load_settings(tmp_path / f"copy{number}", {}))
            count = copy_warehouse(warehouse, sink).get("calls", 0)
            assert count % 50 == 0
            if count:
                assert sink.progress("calls") == str(count // 50 - 1)
                assert len(sink.loads("calls", 10_000)) == count // 50
            sink.close()
    finally:
        enough.set()
        loading.join()


def test_each_engine_tells_its_version_and_its_clock(warehouse: Warehouse) -> None:
    version, now = version_and_time(
        warehouse, "duckdb" if isinstance(warehouse, DuckdbWarehouse) else "postgres"
    )
    assert version
    assert now.utcoffset() is not None
