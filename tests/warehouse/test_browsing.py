"""Pages through a dataset leave no row out and show none twice, in any order, on every engine."""

import random
from typing import Any

import pytest

from tests.warehouse.rows import call, days, load, target
from trunkline.errors import SettingsError, TrunklineError
from trunkline.settings import Settings
from trunkline.warehouse.browsing import DUCKDB, POSTGRES, Browser, Filter, Wanted
from trunkline.warehouse.engine import Warehouse

COUNT = 137


@pytest.fixture
def browser(warehouse: Warehouse, settings: Settings) -> Browser:
    chance = random.Random(7)
    rows = [
        call(
            f"id{n:03}",
            n % 5,
            chance.choice([None, 1, 2, 3]),
            chance.choice([None, "It's 100 %", 'said "x"', "b", "ß"]),
        )
        for n in range(COUNT)
    ]
    load(warehouse, target(), days(0, 4), rows)
    return Browser(warehouse, POSTGRES if settings.text("warehouse_url") else DUCKDB)


def walked(browser: Browser, **wanted: Any) -> list[tuple[Any, ...]]:
    """All rows, page by page: id, seconds and note."""
    found: list[tuple[Any, ...]] = []
    after = ""
    for _ in range(COUNT):
        page = browser.page(Wanted("calls", after=after, limit=10, **wanted))
        names = [column.name for column in page.columns]
        places = [names.index(name) for name in ("id", "seconds", "note")]
        found += [tuple(row[at] for at in places) for row in page.rows]
        after = page.next_after
        if not after:
            return found
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("sort", ["", "seconds", "note", "started_at", "id", "_extra"])
@pytest.mark.parametrize("is_falling", [False, True])
def test_pages_show_every_row_once(browser: Browser, sort: str, is_falling: bool) -> None:
    found = walked(browser, sort=sort, is_falling=is_falling)
    assert sorted(row[0] for row in found) == [f"id{n:03}" for n in range(COUNT)]


def test_rows_are_in_order_and_what_is_missing_comes_last(browser: Browser) -> None:
    rising = [row[1] for row in walked(browser, sort="seconds")]
    falling = [row[1] for row in walked(browser, sort="seconds", is_falling=True)]
    there = sorted(value for value in rising if value is not None)
    missing = [None] * (COUNT - len(there))
    assert rising == there + missing
    assert falling == there[::-1] + missing


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ((Filter("seconds", "is", "2"),), lambda row: row[1] == 2),
        ((Filter("seconds", "from", "2"), Filter("seconds", "to", "2")), lambda row: row[1] == 2),
        ((Filter("seconds", "empty"),), lambda row: row[1] is None),
        ((Filter("note", "filled"),), lambda row: row[2] is not None),
        ((Filter("note", "contains", "IT'S 100 %"),), lambda row: row[2] == "It's 100 %"),
        ((Filter("note", "is", 'said "x"'),), lambda row: row[2] == 'said "x"'),
    ],
)
def test_filters(browser: Browser, filters: tuple[Filter, ...], fits: Any) -> None:
    found = walked(browser, filters=filters, sort="note")
    assert sorted(map(repr, walked(browser, filters=filters, sort="seconds"))) == sorted(map(repr, found))
    everything = walked(browser)
    assert sorted(map(repr, found)) == sorted(repr(row) for row in everything if fits(row))
    assert found


def test_the_statement_to_copy_gives_the_same_rows(browser: Browser, warehouse: Warehouse) -> None:
    filters = (Filter("note", "contains", "it's"), Filter("seconds", "from", "1"))
    copied = browser.copied(Wanted("calls", sort="id", is_falling=True, filters=filters))
    ids = [value for batch in warehouse.reader(copied) for value in batch.column("id").to_pylist()]
    assert ids == [row[0] for row in walked(browser, sort="id", is_falling=True, filters=filters)]


def test_a_profile_says_what_a_column_holds(browser: Browser) -> None:
    everything = walked(browser)
    found = browser.profile("calls", "seconds")
    there = [row[1] for row in everything if row[1] is not None]
    assert (found.rows, found.filled, found.different) == (COUNT, len(there), 3)
    assert (found.least, found.greatest) == ("1", "3")
    assert sum(count for _, count in found.common) == COUNT
    shares = browser.filled_shares("calls", COUNT)
    assert shares["seconds"] == pytest.approx(len(there) / COUNT)
    assert shares["id"] == 1


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("calls", sort="nothing"),
        Wanted("calls", sort='id"; drop table x; --'),
        Wanted("calls", filters=(Filter("nothing", "is", "1"),)),
        Wanted("calls", filters=(Filter("id", "drop", "1"),)),
        Wanted("calls", after="[]"),
        Wanted("calls", after="not json"),
    ],
)
def test_what_is_not_there_is_told(browser: Browser, wanted: Wanted) -> None:
    with pytest.raises(SettingsError):
        browser.page(wanted)


def test_a_value_of_another_type_is_told(browser: Browser) -> None:
    with pytest.raises(TrunklineError):
        browser.page(Wanted("calls", filters=(Filter("seconds", "is", "many"),)))
