"""Rows a page at a time, on every engine: each once, in one order, whatever is loaded meanwhile."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pytest

from tests.warehouse.rows import batch, call, days, load, target
from trunkline.declare import ColumnType, Method
from trunkline.errors import SettingsError
from trunkline.settings import Settings
from trunkline.warehouse.engine import Warehouse
from trunkline.warehouse.row_pages import Place, row_page


def walked(
    warehouse: Warehouse,
    settings: Settings,
    key: Sequence[str],
    *,
    limit: int = 2,
    is_unique: bool = True,
    between: Callable[[], Any] | None = None,
) -> list[dict[str, Any]]:
    """All rows; `between`: done after the first page."""
    rows: list[dict[str, Any]] = []
    place: Place | None = None
    for _ in range(100):
        page = row_page(warehouse, settings, "calls", key, place, limit, is_unique=is_unique)
        assert len(page.rows) <= limit
        rows += orjson.loads(orjson.dumps(page.rows, default=str))
        if page.place is None:
            return rows
        place = page.place
        if between is not None:
            between()
            between = None
    raise AssertionError("the pages do not end")


def test_rows_come_in_the_order_of_their_key(warehouse: Warehouse, settings: Settings) -> None:
    load(warehouse, target(), days(0), [call(id_, note=f"n{id_}") for id_ in "edcba"])

    def more() -> None:
        load(warehouse, target(), days(1), [call(id_, day=1) for id_ in ("0", "c1", "zz")])

    rows = walked(warehouse, settings, ["id"], between=more)
    assert [row["id"] for row in rows] == ["a", "b", "c", "c1", "d", "e", "zz"]
    assert rows[0]["note"] == "na"
    assert not any(name.startswith("trunkline") for name in rows[0])


@pytest.mark.parametrize(
    "key", [["seconds"], ["started_at"], ["id", "seconds"], ["started_at", "id"]], ids=" and ".join
)
def test_keys_of_every_type(key: list[str], warehouse: Warehouse, settings: Settings) -> None:
    goal = target(key=key)
    same = 5 if "id" in key else 10
    load(warehouse, goal, days(0, 9), [call(str(n % same), day=n, seconds=n) for n in range(10)])
    rows = walked(warehouse, settings, key, limit=3)
    assert sorted(row["seconds"] for row in rows) == list(range(10))


def test_without_a_key_each_row_comes_once_equal_ones_too(warehouse: Warehouse, settings: Settings) -> None:
    goal = target(Method.APPEND, key=())
    rows = [
        *([call("same")] * 5),
        call("b"),
        call("c", note=None),
        call(None, seconds=None),
        *([call("d")] * 3),
    ]
    load(warehouse, goal, days(0), rows)
    for limit in (1, 2, 3, 4, 100):
        found = walked(warehouse, settings, (), limit=limit)
        assert sorted(str(row["id"]) for row in found) == sorted(str(row["id"]) for row in rows), limit


def test_the_same_key_may_stand_many_times(warehouse: Warehouse, settings: Settings) -> None:
    goal = target(Method.APPEND, key=())
    load(warehouse, goal, days(0), [call("a", seconds=n) for n in range(7)])
    found = walked(warehouse, settings, ["id"], limit=2, is_unique=False)
    assert sorted(row["seconds"] for row in found) == list(range(7))


def test_a_table_that_was_never_loaded_has_no_rows(warehouse: Warehouse, settings: Settings) -> None:
    assert walked(warehouse, settings, ["id"]) == []


def test_a_place_of_another_table_is_refused(warehouse: Warehouse, settings: Settings) -> None:
    load(warehouse, target(), days(0), [call("a")])
    with pytest.raises(SettingsError):
        row_page(warehouse, settings, "calls", ["id"], Place(("a", "b")), 5, is_unique=True)


def test_a_mark_that_is_none_of_the_column_is_told(warehouse: Warehouse, settings: Settings) -> None:
    load(warehouse, target(key=["seconds"]), days(0), [call("a")])
    with pytest.raises(SettingsError):
        row_page(warehouse, settings, "calls", ["seconds"], Place(("no number",)), 5, is_unique=True)


def test_json_columns_are_json(warehouse: Warehouse, settings: Settings) -> None:
    types = {"id": ColumnType.TEXT, "tags": ColumnType.JSON}
    goal = target(types=types, cursor="")
    load(warehouse, goal, days(0), batch([{"id": "a", "tags": '["x", 1]'}], types))
    assert walked(warehouse, settings, ["id"])[0]["tags"] == ["x", 1]
