"""Answers that are files: read to their end before anything is used, and let go of afterwards."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from tests.fetch.provider import ACME, NOON, Provider, Reading, Reply
from trunkline.dates import DaySpan
from trunkline.declare import ByDays, Column, ColumnType, FileAnswer, OneWindow, Report, Row
from trunkline.errors import DataError, RetryLater, SettingsError
from trunkline.fetch.answer_files import Received
from trunkline.fetch.source import Access, open_source
from trunkline.fetch.source import Surroundings as Around
from trunkline.options import Option, Values

TODAY = NOON.date()
WEEK = DaySpan(TODAY - timedelta(days=6), TODAY)
ACCOUNT: Values = {"api_key": "s3cret-key-0123456789", "base_url": ""}


def lines(received: Received) -> Iterator[pa.RecordBatch]:
    """Each line is a row and a batch; `!` breaks off, `?` asks to wait, `#` is a note."""
    received.file.seek(0)
    for line in received.file.read().decode(received.charset or "ascii").splitlines():
        match line:
            case "!":
                raise DataError("It breaks off.")
            case "?":
                raise RetryLater("It is busy.", after_seconds=7)
            case "":
                yield pa.RecordBatch.from_pydict({"line": pa.array([], pa.string())})
            case _ if line.startswith("#"):
                received.notes.append(line)
            case _:
                yield pa.RecordBatch.from_pydict({"line": [line]})


def form(values: Values, span: DaySpan) -> Mapping[str, str]:
    return {"first": str(span.first), "last": str(span.last)}


REPORT = Report(
    "clicks",
    "Clicks",
    "",
    "/clicks",
    "",
    (Column("line", ColumnType.TEXT, ""),),
    pages=FileAnswer(form, lines, identity=("line",)),
    windows=ByDays("days"),
    options=(Option("days", "Days"),),
)
CLICKS = replace(
    ACME, reports=(REPORT,), form=lambda account: {"key": str(account["api_key"])}, headers=lambda _: {}
)
VALUES: Values = {"time_zone": "UTC", "days": 3}


def around(reading: Reading) -> Around:
    return Around(reading.clock, reading.log, reading.settings)


async def read(
    reading: Reading, provider: Provider, span: DaySpan | None = WEEK, report: Report = REPORT
) -> list[tuple[DaySpan | None, list[Row]]]:
    access = Access(CLICKS, {**ACCOUNT, "base_url": provider.address})
    async with open_source(access, report, VALUES, around(reading), reading.counters) as source:
        found = []
        async for window in source.windows(span):
            rows = [row async for page in window.pages for row in page]
            found.append((window.window.span, rows))
        return found


def text(content: str, type_: str = "text/plain") -> Reply:
    return Reply(content.encode(), headers={"Content-Type": type_})


async def test_each_window_is_one_request_and_equal_rows_are_numbered(
    reading: Reading, provider: Provider
) -> None:
    provider.says(text("a\nb\na"), text("a"), text(""))
    found = await read(reading, provider)
    assert [span for span, _ in found] == list(WEEK.pieces(3))
    told = [[(row["line"], row["occurrence"]) for row in rows] for _, rows in found]
    assert told == [[("a", "1"), ("b", "1"), ("a", "2")], [("a", "1")], []]
    assert found[0][1][0]["row_id"] == found[1][1][0]["row_id"]
    assert reading.counters.requests == 3


async def test_windows_of_other_kinds_are_one_and_undated_reports_ask_for_today(
    reading: Reading, provider: Provider
) -> None:
    provider.says(text("a"))
    whole = replace(REPORT, windows=OneWindow())
    assert [span for span, _ in await read(reading, provider, WEEK, whole)] == [WEEK]
    assert [span for span, _ in await read(reading, provider, None)] == [None]
    assert len(provider.asked) == 2


async def test_the_charset_is_that_of_the_content_type(reading: Reading, provider: Provider) -> None:
    provider.says(Reply("Zoë".encode("latin-1"), headers={"Content-Type": "text/plain; charset=latin-1"}))
    [(_, [row])] = await read(reading, provider, DaySpan(TODAY, TODAY))
    assert row["line"] == "Zoë"


async def test_nothing_of_a_file_that_breaks_off_is_used(reading: Reading, provider: Provider) -> None:
    provider.says(text("a\n#first\nb\n!"), text("a\n#second\nc"))
    [(_, rows)] = await read(reading, provider, DaySpan(TODAY, TODAY))
    assert [(row["line"], row["occurrence"]) for row in rows] == [("a", "1"), ("c", "1")]
    assert reading.counters.notes == ["#second"]
    assert reading.counters.retries == 1


async def test_a_wish_to_wait_is_heard(reading: Reading, provider: Provider) -> None:
    provider.says(text("?"), text("?"), text("a"))
    assert len(await read(reading, provider, DaySpan(TODAY, TODAY))) == 1
    assert reading.clock.slept == [7, 7]


async def test_what_stays_broken_is_told_after_three_times(reading: Reading, provider: Provider) -> None:
    provider.says(text("a\n!"))
    with pytest.raises(DataError, match="breaks off"):
        await read(reading, provider, DaySpan(TODAY, TODAY))
    assert len(provider.asked) == 3


async def test_files_are_closed_however_reading_ends(
    reading: Reading, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    make = tempfile.TemporaryFile

    def watched(**options: Any) -> Any:
        made.append(make(**options))
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", watched)
    provider.says(text("a"))
    await read(reading, provider)
    access = Access(CLICKS, {**ACCOUNT, "base_url": provider.address})
    async with open_source(access, REPORT, VALUES, around(reading), reading.counters) as source:
        async for _ in source.windows(WEEK):
            break
    provider.says(text("a"), text("!"))
    with pytest.raises(DataError):
        await read(reading, provider)
    assert len(made) >= 14
    assert all(file.closed for file in made)


async def test_a_disk_without_room_ends_it_with_a_sentence(
    reading: Reading, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(SettingsError, match="No space left"):
        await read(reading, provider)
    assert provider.asked == []
