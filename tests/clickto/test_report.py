"""The report: what it selects, in which order, the same from every database and in both ways."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from tests.clickto.conftest import NEW_YORK
from tests.clickto.reports import Values, bring_in, csv_file, report, row, values_of, xml_file
from trunkline.clickto.account import Account, Unit
from trunkline.clickto.activity import Activity, Click, Ending
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.columns import NAMES
from trunkline.clickto.formats import CsvWriter, XmlWriter
from trunkline.clickto.report import FIRST_ROWS, report_pieces
from trunkline.clickto.selection import Form, Selection
from trunkline.clock import SteppedClock
from trunkline.errors import DataError, TrunklineError
from trunkline.store.connection import Store
from trunkline.store.places import DatabaseKind

CLICKED = datetime(2026, 6, 15, 2, 5, 59, tzinfo=UTC)  # still the 14th in New York
ROWS = [
    row("Jan 31 2017 11:59 PM", ref="last of January"),
    row("Feb 01 2017 12:00 AM", ref="first"),
    row("Feb 01 2017 12:00 AM", ref="second"),
    row("Feb 14 2017 9:00 AM", ref="a"),
    row("Feb 28 2017 11:59 PM", ref="a "),
    row("Mar 01 2017 12:00 AM", ref="A"),
]


def add_block(store: Store, number: int) -> None:
    clock = SteppedClock(CLICKED)
    Blocks(store, clock).add({"kind": "call", "description": "x"}, number)


def refs(store: Store, selection: Selection) -> list[str]:
    return [values[3] for values in values_of(report(store, selection=selection))]


@pytest.fixture
def filled(store: Store) -> Store:
    add_block(store, 7)
    add_block(store, 9)
    bring_in(store, csv_file(ROWS[::-2]), 7)
    bring_in(store, csv_file(ROWS[::-1]))
    return store


@pytest.mark.parametrize(
    ("selection", "wanted"),
    [
        (Selection(), ["last of January", "first", "second", "a", "a ", "A"]),
        (Selection(date(2017, 2, 1), date(2017, 2, 28)), ["first", "second", "a", "a "]),
        (Selection(date(2017, 2, 1), date(2017, 2, 1)), ["first", "second"]),
        (Selection(date(2018, 1, 1), date(2018, 12, 31)), []),
        (Selection(date.min, date(2017, 1, 31)), ["last of January"]),
        (Selection(ref="a"), ["a"]),
        (Selection(ref="a "), ["a "]),
        (Selection(ref="A"), ["A"]),
        (Selection(ref="a' OR '1'='1"), []),
        (Selection(ref="%"), []),
        (Selection(block_ids=(7,)), ["first", "a", "A"]),
        (Selection(block_ids=(7, 9)), ["first", "a", "A"]),
        (Selection(block_ids=(9,)), []),
        (Selection(block_ids=()), []),
        (Selection(block_ids=(2**53,)), []),
    ],
)
def test_a_selection_has_its_rows_in_the_order_of_time(
    filled: Store, selection: Selection, wanted: list[str]
) -> None:
    assert refs(filled, selection) == wanted
    assert report(filled, Form.XML, selection).count(b"<record>") == len(wanted)


def test_equal_times_stand_in_the_order_of_the_file(store: Store) -> None:
    rows = [row(ref=str(number)) for number in range(30)]
    bring_in(store, csv_file(rows))
    assert refs(store, Selection()) == [str(number) for number in range(30)]


def test_large_reports_come_in_pieces_that_make_the_same_whole(store: Store) -> None:
    rows = [
        row(f"Mar {1 + number // 100:02} 2017 1:00 PM", page="x" * 500, ref=str(number))
        for number in range(1_500)
    ]
    bring_in(store, csv_file(rows))
    for writer, whole in ((CsvWriter("utf-8"), csv_file(rows)), (XmlWriter(), xml_file(rows))):
        pieces = list(report_pieces(store, Selection(), Unit.MINUTES, writer))
        assert b"".join(pieces) == whole
        assert len(pieces) > 2
        assert pieces[0].count(b"Mar 01 2017") == FIRST_ROWS


def test_what_is_written_meanwhile_does_not_mix_in(store: Store) -> None:
    rows = [row("Mar 01 2017 1:00 PM", ref=str(number)) for number in range(2_000)]
    bring_in(store, csv_file(rows))
    pieces = report_pieces(store, Selection(), Unit.MINUTES, CsvWriter("utf-8"))
    first = next(pieces)
    bring_in(store, csv_file([row("Mar 02 2017 1:00 PM", ref="later")]))
    assert values_of(first + b"".join(pieces)) == rows
    assert len(values_of(report(store))) == 2_001


def test_a_report_can_be_left_in_the_middle(store: Store) -> None:
    """And its connection is given back, which MariaDB's driver would first read to the end."""
    bring_in(store, csv_file([row("Mar 01 2017 1:00 PM", page="x" * 200)] * 3_000))
    for _ in range(20):
        for writer in (CsvWriter("utf-8"), XmlWriter()):
            pieces = report_pieces(store, Selection(), Unit.MINUTES, writer)
            next(pieces)
            pieces.close()
    assert len(values_of(report(store))) == 3_000


def test_readers_take_no_connection_from_the_pool(store: Store) -> None:
    rows = [row("Mar 01 2017 1:00 PM")] * 500
    bring_in(store, csv_file(rows))
    readers: list[Iterator[bytes]] = [
        report_pieces(store, Selection(), Unit.MINUTES, XmlWriter()) for _ in range(16)
    ]
    heads = [next(reader) for reader in readers]
    with store.begin() as tx:  # more of them than the pool has connections
        assert tx.execute(text("SELECT 1")).scalar() == 1
    wholes = {head + b"".join(reader) for head, reader in zip(heads, readers, strict=True)}
    assert wholes == {xml_file(rows)}


def test_postgresql_writes_the_same_csv_itself(filled: Store) -> None:
    if filled.dialect is not DatabaseKind.POSTGRESQL:
        return
    hard = row(
        "Mar 05 2017 1:00 PM", name='a "b",\\n é漢😀 \t', page=" ", referral_keywords="NULL", ref="\\."
    )
    bring_in(filled, csv_file([hard] * 2_000))
    for selection in (
        Selection(),
        Selection(block_ids=(7,)),
        Selection(block_ids=()),
        Selection(ref="$1 %s ' \\"),
    ):
        for charset in ("utf-8", "iso-8859-1"):
            writer = CsvWriter(charset)
            rows = b"".join(report_pieces(filled, selection, Unit.MINUTES, writer))
            assert asyncio.run(copied(filled, selection, writer)) == rows


async def copied(store: Store, selection: Selection, writer: CsvWriter) -> bytes:
    from trunkline.clickto.copying import copy_report

    pieces: list[bytes] = []

    async def take(piece: bytes) -> None:
        pieces.append(piece)

    await copy_report(store.place, selection, Unit.MINUTES, writer, take)
    assert all(pieces)
    return b"".join(pieces)


def test_a_database_that_fails_is_told_in_words(store: Store) -> None:
    with store.begin() as tx:
        tx.execute(text("ALTER TABLE clickto_activity RENAME TO clickto_away"))
    try:
        with pytest.raises(TrunklineError) as caught:
            report(store)
    finally:
        with store.begin() as tx:
            tx.execute(text("ALTER TABLE clickto_away RENAME TO clickto_activity"))
    assert "SELECT" not in str(caught.value)


# -- clicks of this installation -----------------------------------------------------------------


def clicked(store: Store, seconds: int, account: Account = NEW_YORK) -> int:
    activity = Activity(store, SteppedClock(CLICKED), account)
    click = Click(7, "On Call\nNumber", "0001112222", ref="r", ip_address="192.0.2.1")
    number = activity.begin(click)
    if seconds >= 0:
        activity.end(number, Ending("ANSWER", "BUSY", seconds, "5556667777"))
    return number


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, "0"), (1, "1"), (59, "1"), (60, "1"), (61, "2"), (3600, "60"), (3601, "61")]
)
def test_durations_are_whole_minutes_rounded_up_or_seconds(store: Store, seconds: int, minutes: str) -> None:
    add_block(store, 7)
    clicked(store, seconds)
    for unit, printed in ((Unit.MINUTES, minutes), (Unit.SECONDS, str(seconds))):
        for form in Form:
            assert f"{printed}".encode() in report(store, form, unit=unit)
        assert values_of(report(store, unit=unit))[0][NAMES.index("call_duration")] == printed


def test_a_click_is_there_before_its_call_and_as_it_ended(store: Store) -> None:
    add_block(store, 7)
    clicked(store, -1)
    begun = dict(zip(NAMES, values_of(report(store))[0], strict=True))
    assert (begun["click_time"], begun["call_duration"], begun["call_1_result"]) == (
        "Jun 14 2026 10:05 PM",
        "0",
        "",
    )
    assert (begun["click_description"], begun["caller_id"]) == ("On Call Number", "0001112222")
    number = clicked(store, 61)
    ended = dict(zip(NAMES, values_of(report(store))[1], strict=True))
    assert (ended["number_connected"], ended["call_1_result"], ended["call_2_result"]) == (
        "5556667777",
        "ANSWER",
        "BUSY",
    )
    with pytest.raises(DataError, match=f"There is no activity {number + 1}"):
        Activity(store, SteppedClock(CLICKED), NEW_YORK).end(number + 1, Ending("", "", 0))


def test_days_of_clicks_are_those_of_the_accounts_zone(store: Store) -> None:
    add_block(store, 7)
    clicked(store, 1)
    clicked(store, 1, Account(ZoneInfo("Asia/Kolkata"), Unit.MINUTES))
    times = [values[NAMES.index("click_time")] for values in values_of(report(store))]
    assert times == ["Jun 14 2026 10:05 PM", "Jun 15 2026 7:35 AM"]
    assert len(refs(store, Selection(date(2026, 6, 14), date(2026, 6, 14)))) == 1


def test_a_report_of_own_clicks_brought_in_again_adds_nothing(store: Store) -> None:
    add_block(store, 7)
    clicked(store, 61)
    whole = report(store)
    assert bring_in(store, whole).already_there == 1
    assert report(store) == whole


def test_pages_of_activity_go_through_everything_once(store: Store) -> None:
    add_block(store, 7)
    rows: list[Values] = [
        row("Mar 01 2017 1:00 PM", ref=str(number), call_duration="2") for number in range(25)
    ]
    bring_in(store, csv_file(rows))
    clicked(store, 61)
    activity = Activity(store, SteppedClock(CLICKED), NEW_YORK)
    seen, after, pages = [], None, 0
    while pages == 0 or after is not None:
        page, after = activity.page(Selection(), 10, after)
        seen += page
        pages += 1
    assert (pages, [one["ref"] for one in seen]) == (3, [str(number) for number in range(25)] + ["r"])
    imported, own = seen[0], seen[-1]
    assert (imported["duration_seconds"], imported["duration_is_estimated"], imported["state"]) == (
        120,
        True,
        "imported",
    )
    assert (imported["local_time"], imported["clicked_at"]) == (
        "2017-03-01T13:00",
        datetime(2017, 3, 1, 18, tzinfo=UTC),
    )
    assert (own["duration_seconds"], own["duration_is_estimated"], own["call_duration"]) == (61, False, "2")
    assert (own["clicked_at"], own["block_id"], own["state"]) == (CLICKED, 7, "ended")
