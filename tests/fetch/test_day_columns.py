"""The day of exported rows, and rows that belong to other days than those of their window."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from trunkline.dates import DaySpan
from trunkline.fetch.day_columns import ADDED, DAY, FIRST_DAY, LAST_DAY, DayColumns, day_field

FIRST, LAST = date(2026, 6, 10), date(2026, 6, 12)
PIECE = DaySpan(FIRST, LAST)


def table(*texts: str | None) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(
        {"n": pa.array(range(len(texts)), pa.int64()), "date_started": pa.array(texts, pa.string())}
    )


def added(dated: DayColumns, *batches: pa.RecordBatch) -> list[dict[str, object]]:
    return [row for batch in dated.added(iter(batches)) for row in batch.to_pylist()]


@pytest.mark.parametrize(
    ("names", "field"),
    [
        (("call_id", "date", "date_started"), "date_started"),
        (("date", "call_id"), "date"),
        (("call_id", "date_connected", "date_ended"), "date_connected"),
        (("call_id", "updated"), None),
        ((), None),
    ],
)
def test_the_first_known_column_tells_the_day_else_one_that_begins_with_date(
    names: tuple[str, ...], field: str | None
) -> None:
    assert day_field(names, ("date_started", "date")) == field


def test_each_row_gets_its_day_and_the_days_of_its_window() -> None:
    rows = added(DayColumns(PIECE, "date_started", PIECE), table("2026-06-10 00:00:00", "2026-06-12T23:59"))
    assert [row[DAY] for row in rows] == ["2026-06-10", "2026-06-12"]
    assert {(row[FIRST_DAY], row[LAST_DAY]) for row in rows} == {("2026-06-10", "2026-06-12")}


def test_only_wanted_columns_are_added() -> None:
    [row] = added(DayColumns(PIECE, "date_started", PIECE, (DAY,)), table("2026-06-11 08:00:00"))
    assert set(row) == {"n", "date_started", DAY}
    [row] = added(DayColumns(PIECE, None, PIECE, (FIRST_DAY, LAST_DAY)), table("2026-06-11 08:00:00"))
    assert set(row) == {"n", "date_started", FIRST_DAY, LAST_DAY}


def test_rows_of_one_day_that_tell_none_are_of_that_day() -> None:
    day = DaySpan(FIRST, FIRST)
    assert [row[DAY] for row in added(DayColumns(day, None, day, (DAY,)), table("x", None))] == [
        str(FIRST)
    ] * 2


@pytest.mark.parametrize("text", [None, "", "11.06.2026", "soon", "2026-6-1 00:00"])
def test_a_row_that_tells_no_day_is_kept_without_one(text: str | None) -> None:
    dated = DayColumns(PIECE, "date_started", PIECE)
    assert [row[DAY] for row in added(dated, table("2026-06-11 01:00:00", text))] == ["2026-06-11", None]
    assert (dated.strange, dated.all_strange) == (0, False)


def test_rows_around_the_window_that_were_asked_for_are_left_to_their_days_in_silence() -> None:
    dated = DayColumns(PIECE, "date_started", DaySpan(FIRST - timedelta(days=1), LAST + timedelta(days=1)))
    rows = added(dated, table("2026-06-09 23:59:59", "2026-06-10 00:00:00", "2026-06-13 00:00:00"))
    assert [row["n"] for row in rows] == [1]
    assert (dated.strange, dated.strange_days, dated.all_strange) == (0, "", False)


def test_rows_nobody_asked_for_are_left_out_and_counted() -> None:
    dated = DayColumns(PIECE, "date_started", PIECE)
    rows = added(
        dated,
        table("2026-06-09 23:59:59", "2026-06-10 00:00:00"),
        table("2026-06-13 00:00:00", "2026-06-09 01:00:00"),
    )
    assert [row[DAY] for row in rows] == ["2026-06-10"]
    assert (dated.strange, dated.strange_days, dated.all_strange) == (3, "2026-06-09 to 2026-06-13", False)


def test_a_file_of_other_days_alone_is_known_as_such() -> None:
    dated = DayColumns(PIECE, "date_started", PIECE)
    assert added(dated, table("2026-06-09 23:59:59")) == []
    assert (dated.all_strange, dated.strange_days) == (True, "2026-06-09")


def test_an_empty_batch_keeps_its_columns() -> None:
    [batch] = DayColumns(PIECE, "date_started", PIECE).added(iter([table()]))
    assert batch.num_rows == 0
    assert set(ADDED) <= set(batch.schema.names)
