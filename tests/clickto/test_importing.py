"""History moves over: nothing twice, nothing lost, each day whole or not at all, on all three databases."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.clickto.conftest import NEW_YORK, SAMPLE_CSV, SAMPLE_XML, empty
from tests.clickto.reports import Values, bring_in, csv_file, report, row, values_of, xml_file
from trunkline.clickto import queries
from trunkline.clickto.account import Account, Unit
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.selection import Form, Selection
from trunkline.clickto.tables import activity
from trunkline.clock import SteppedClock
from trunkline.errors import RetryLater, SettingsError
from trunkline.store.connection import Store

DAYS = [f"Mar {day:02} 2017 9:0{minute} AM" for day in (1, 2, 3) for minute in (0, 1)]


def add_blocks(store: Store, *numbers: int) -> None:
    blocks = Blocks(store, SteppedClock(datetime(2026, 6, 14, tzinfo=UTC)))
    for number in numbers:
        blocks.add({"kind": "call", "description": "x"}, number)


def of_block(store: Store, number: int) -> list[Values]:
    return values_of(report(store, selection=Selection(block_ids=(number,))))


def everything(store: Store) -> list[Values]:
    return values_of(report(store))


@pytest.mark.parametrize("sample", [SAMPLE_CSV, SAMPLE_XML])
def test_the_sample_comes_back_byte_for_byte(store: Store, sample: Any) -> None:
    done = bring_in(store, sample.read_bytes())
    assert (done.rows, done.added, done.days, done.changed_values) == (2, 2, 2, 0)
    assert (done.first_day, done.last_day) == ("2017-01-13", "2017-02-01")
    assert report(store) == SAMPLE_CSV.read_bytes()
    assert report(store, Form.XML) == SAMPLE_XML.read_bytes()


def test_the_same_file_again_adds_nothing(store: Store) -> None:
    bring_in(store, SAMPLE_CSV.read_bytes())
    for sample in (SAMPLE_CSV, SAMPLE_XML):
        done = bring_in(store, sample.read_bytes())
        assert (done.added, done.already_there) == (0, 2)
    assert report(store) == SAMPLE_CSV.read_bytes()


def test_files_that_overlap_add_what_is_missing(store: Store) -> None:
    rows = [row(time, ref=str(number)) for number, time in enumerate(DAYS)]
    assert bring_in(store, csv_file(rows[:3])).added == 3
    again = bring_in(store, csv_file(rows[1:]))  # the second day was only half there
    assert (again.added, again.already_there) == (3, 2)
    assert everything(store) == rows


def test_equal_rows_of_a_file_are_all_kept(store: Store) -> None:
    twice = [row(), row(), row(ref="other")]
    assert bring_in(store, csv_file(twice)).added == 3
    assert bring_in(store, csv_file(twice)).added == 0
    more = bring_in(store, csv_file([*twice, row()]))
    assert (more.added, more.already_there) == (1, 3)
    assert Counter(everything(store)) == Counter([row(), row(), row(), row(ref="other")])


def test_rows_need_not_be_in_order(store: Store) -> None:
    rows = [row(time, ref=str(number)) for number, time in enumerate(DAYS)]
    mixed = [rows[number] for number in (5, 0, 3, 2, 4, 1)]
    done = bring_in(store, csv_file(mixed))
    assert (done.added, done.days) == (6, 3)
    assert everything(store) == rows


def test_activity_can_belong_to_a_block(store: Store) -> None:
    add_blocks(store, 7, 9)
    shared, rest = row(ref="shared"), row(ref="rest")
    bring_in(store, csv_file([shared, rest]))
    done = bring_in(store, csv_file([shared]), 7)  # it was there without a block, and now has one
    assert (done.added, done.assigned, done.already_there) == (0, 1, 0)
    assert (of_block(store, 7), len(everything(store))) == ([shared], 2)
    other = bring_in(store, csv_file([shared]), 9)  # like it, but a click of another block
    assert (other.added, other.assigned) == (1, 0)
    assert bring_in(store, csv_file([shared]), 9).already_there == 1
    whole = bring_in(store, csv_file([shared, rest, shared]))  # a report of all blocks has all three
    assert (whole.added, whole.already_there) == (0, 3)
    assert len(everything(store)) == 3


def test_a_block_must_be_there(store: Store) -> None:
    with pytest.raises(SettingsError, match="There is no block 7"):
        bring_in(store, SAMPLE_CSV.read_bytes(), 7)
    assert everything(store) == []


def test_a_day_comes_in_whole_or_not_at_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(time, ref=str(number)) for number, time in enumerate(DAYS)]
    write = queries.add_activity

    def failing(tx: Any, records: Any) -> None:
        write(tx, records)
        if records[0]["ref"] == "2":
            raise RetryLater("The disk is gone.")

    monkeypatch.setattr(queries, "add_activity", failing)
    with pytest.raises(RetryLater):
        bring_in(store, csv_file(rows))
    assert everything(store) == rows[:2]
    monkeypatch.undo()
    done = bring_in(store, csv_file(rows))
    assert (done.added, done.already_there) == (4, 2)
    assert everything(store) == rows


def test_local_times_print_as_they_came_whatever_the_zone(store: Store) -> None:
    """Skipped and doubled times too: they have no instant, and are counted."""
    rows = [row("Mar 12 2017 02:30 am"), row("Nov 5 2017 1:30 AM"), row("Nov 5 2017 4:30 AM")]
    done = bring_in(store, csv_file(rows))
    assert (done.added, done.without_instant) == (3, 2)
    assert everything(store) == rows
    with store.read() as tx:
        instants = list(tx.execute(select(activity.c.clicked_at).order_by(activity.c.id)).scalars())
    assert instants == [None, None, datetime(2017, 11, 5, 9, 30, tzinfo=UTC)]
    elsewhere = Account(ZoneInfo("Asia/Kolkata"), Unit.SECONDS)
    assert bring_in(store, csv_file(rows), account=elsewhere).added == 0


def test_values_that_no_report_can_hold_are_changed_and_counted(store: Store) -> None:
    content = (
        csv_file([row(name="X", ref="Y")]).replace(b'"X"', b'"two\r\nlines"').replace(b'"Y"', b'"a\x00b"')
    )
    done = bring_in(store, content)
    assert (done.added, done.changed_values) == (1, 2)
    assert everything(store) == [row(name="two lines", ref="a\ufffdb")]
    assert bring_in(store, content).already_there == 1


def test_long_and_odd_values_fit_every_database(store: Store) -> None:
    rows = [row(page="x" * 100_000, name="😀" * 300, ref="'; DROP TABLE clickto_activity; -- \\ % ${}")]
    assert bring_in(store, xml_file(rows)).added == 1
    assert everything(store) == rows
    assert bring_in(store, csv_file(rows)).added == 0


def test_progress_is_told(light_store: Store) -> None:
    heard: list[tuple[str, int, int | None]] = []
    rows = [row(DAYS[number % 6]) for number in range(1_000)]
    bring_in(light_store, csv_file(rows), on_rows=lambda *said: heard.append(said))
    assert heard[:2] == [("read", 500, None), ("read", 1_000, None)]
    assert [total for what, _, total in heard if what == "written"] == [1_000] * 3
    assert heard[-1] == ("written", 1_000, 1_000)


refs = st.sampled_from(["", "a", "b", "é"])
histories = st.lists(st.tuples(st.sampled_from(DAYS), refs), max_size=12)


@given(first=histories, second=histories)
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_equal_rows_there_are_as_many_as_the_fuller_file_has(
    light_store: Store, first: list[tuple[str, str]], second: list[tuple[str, str]]
) -> None:
    empty(light_store)
    files = [[row(time, ref=ref) for time, ref in some] for some in (first, second)]
    for rows in (*files, *files):
        bring_in(light_store, csv_file(rows))
    assert Counter(everything(light_store)) == Counter(files[0]) | Counter(files[1])


def test_the_account_of_tests_is_the_default_one() -> None:
    assert (NEW_YORK.zone.key, NEW_YORK.unit) == ("America/New_York", Unit.MINUTES)
