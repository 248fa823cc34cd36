"""Exports by request, poll and download: waiting, asking anew, giving up, and what is left behind."""

import asyncio
import tempfile
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fetch.exporter import (
    EXPORTS,
    JOB,
    OF_A_RANGE,
    REPORT,
    TODAY,
    VALUES,
    Came,
    Exporter,
    back,
    csv_of,
    days,
    days_of,
    http_of,
    read,
)
from tests.fetch.provider import KEY, NOON, Reading, Reply, reply
from trunkline.declare import Limit
from trunkline.errors import DataError, ProviderError, RetryLater
from trunkline.fetch.http import HttpSettings
from trunkline.fetch.jobs import Jobs, Preparing
from trunkline.fetch.source import Access, Surroundings, open_source
from trunkline.fetch.spend_memory import MemorySpendLog
from trunkline.fetch.windows import as_rows

WEEK = back(7, 1)
GONE = reply({"error": {"code": 404, "message": "Request with id r1 not found."}}, 404)
FAILED = reply({"status": "failed"})


# -- waiting ----------------------------------------------------------------------------------------


async def test_the_first_poll_comes_after_ten_seconds_and_pauses_grow(
    reading: Reading, exporter: Exporter
) -> None:
    exporter.processing = 6
    assert days_of(await read(reading, exporter, WEEK)) == days(7, 1)
    assert reading.clock.slept == [10, 5, 7.5, 11.25, 15, 15, 15]
    assert [came.at for came in exporter.of("poll")][:3] == [10, 15, 22.5]
    assert len(exporter.of("post")) == len(exporter.of("file")) == 1


async def test_an_export_that_is_there_already_is_polled_at_once(
    reading: Reading, exporter: Exporter
) -> None:
    exporter.processing = 1
    exporter.answering["post"] = lambda came: _repeated(exporter, came)
    assert days_of(await read(reading, exporter, WEEK)) == days(7, 1)
    assert reading.clock.slept == [5]


def _repeated(exporter: Exporter, came: Came) -> Reply:
    exporter.bodies["known"] = came.body
    return reply({"request_id": "known", "already_started": True})


async def test_a_wait_is_announced(reading: Reading, exporter: Exporter) -> None:
    await read(reading, exporter, back(1, 1))
    assert reading.announced == [
        (NOON + timedelta(seconds=10), "Acme is preparing the export"),
        (None, ""),
    ]
    assert reading.counters.waited_seconds == 10


def test_waits_for_several_exports_are_told_as_one(reading: Reading) -> None:
    preparing = Preparing(reading.counters, "Acme", reading.clock)
    for _ in range(3):
        preparing.begin(NOON)
    for _ in range(2):
        preparing.end()
    reasons = ["Acme is preparing the export", "Acme is preparing 2 exports", "Acme is preparing 3 exports"]
    assert reading.announced == [(NOON, reason) for reason in reasons], "one still goes on"
    preparing.end()
    assert reading.announced[-1] == (None, "")


async def test_too_long_a_preparation_ends_with_a_sentence(reading: Reading, exporter: Exporter) -> None:
    exporter.processing = 1_000
    with pytest.raises(RetryLater) as caught:
        await read(reading, exporter, back(1, 1))
    assert str(caught.value) == "Acme did not finish the export within 10 minutes (Stats, 13 Jun 2026)."
    assert "--timeout-minutes" in caught.value.todo
    assert 600 <= reading.clock.monotonic() <= 615
    assert len(exporter.of("post")) == 1


async def test_429_is_waited_for(reading: Reading, exporter: Exporter) -> None:
    exporter.replies["post"] = [reply({}, 429, Retry_After="30"), reply({}, 429, Retry_After="40")]
    assert days_of(await read(reading, exporter, WEEK)) == days(7, 1)
    assert [came.at for came in exporter.of("post")] == [0, 30, 70]


# -- asking anew ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
async def test_a_forgotten_export_is_asked_for_anew(
    reading: Reading, exporter: Exporter, status: int
) -> None:
    exporter.replies["poll"] = [reply({"status": "processing"}), replace(GONE, status=status)]
    assert days_of(await read(reading, exporter, WEEK)) == days(7, 1)
    assert [dict(came.body) for came in exporter.of("post")] == [{"nearer": 1, "farther": 7}] * 2
    assert [came.path for came in exporter.of("poll")] == ["/stats/r1", "/stats/r1", "/stats/r2"]


@pytest.mark.parametrize(
    ("reply_to_poll", "sentence"),
    [(GONE, "forgot the export again and again"), (FAILED, r"could not make the export \(status failed\)")],
)
async def test_it_is_asked_anew_a_few_times_and_then_told(
    reading: Reading, exporter: Exporter, reply_to_poll: Reply, sentence: str
) -> None:
    exporter.answering["poll"] = lambda _: reply_to_poll
    with pytest.raises(RetryLater, match=sentence) as caught:
        await read(reading, exporter, back(1, 1))
    assert "13 Jun 2026" in str(caught.value)
    assert caught.value.todo
    assert (len(exporter.of("post")), len(exporter.of("poll"))) == (4, 4)


async def test_a_failed_export_is_asked_for_anew(reading: Reading, exporter: Exporter) -> None:
    exporter.replies["poll"] = [FAILED, FAILED]
    assert days_of(await read(reading, exporter, WEEK)) == days(7, 1)
    assert (len(exporter.of("post")), reading.counters.retries) == (3, 2)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_file_that_is_gone_is_asked_for_anew(
    reading: Reading, exporter: Exporter, status: int
) -> None:
    exporter.files_elsewhere = True
    exporter.replies["file"] = [Reply(b"<Error><Code>AccessDenied</Code></Error>", status)]
    assert days_of(await read(reading, exporter, WEEK)) == days(7, 1)
    assert len(exporter.of("post")) == 2


@pytest.mark.parametrize(
    "content", [b"n,date_started\n1,2026-06-07 00:00:00\n2", b"<html></html>", b"n,date_started\n1,\xff\n"]
)
async def test_a_file_that_is_broken_is_asked_for_anew_and_then_told(
    reading: Reading, exporter: Exporter, content: bytes
) -> None:
    exporter.replies["file"] = [Reply(content)]
    assert days_of(await read(reading, exporter, WEEK)) == days(7, 1)
    exporter.answering["file"] = lambda _: Reply(content)
    with pytest.raises(DataError, match="Acme answered with") as caught:
        await read(reading, exporter, WEEK)
    assert caught.value.where == "Stats, 7 Jun 2026 to 13 Jun 2026"
    assert len(exporter.of("post")) == 2 + 4


async def test_a_download_that_breaks_off_begins_again_from_the_first_byte(
    reading: Reading, exporter: Exporter
) -> None:
    half = Reply(csv_of(*back(20, 1)), breaks=True)
    exporter.replies["file"] = [half, half]
    assert days_of(await read(reading, exporter, WEEK)) == days(7, 1)
    assert (len(exporter.of("file")), len(exporter.of("post"))) == (3, 1)


async def test_rows_of_other_days_alone_are_asked_for_anew_and_then_told(
    reading: Reading, exporter: Exporter
) -> None:
    exporter.replies["file"] = [Reply(csv_of(*back(8, 8)))]
    assert days_of(await read(reading, exporter, WEEK)) == days(7, 1)
    exporter.answering["file"] = lambda _: Reply(csv_of(*back(9, 8)))
    with pytest.raises(DataError, match="with rows of 2026-06-05 to 2026-06-06"):
        await read(reading, exporter, WEEK)


# -- days -------------------------------------------------------------------------------------------


async def test_today_is_asked_for_apart_and_comes_last(reading: Reading, exporter: Exporter) -> None:
    found = await read(reading, exporter, back(6, 0), chunk_days=4)
    assert [span for span, _ in found] == [back(6, 3), back(2, 1), back(0, 0)]
    assert days_of(found) == days(6, 0)
    bodies = [(came.body["nearer"], came.body["farther"]) for came in exporter.of("post")]
    assert sorted(bodies) == [(0, 0), (1, 2), (3, 6)]


async def test_rows_of_days_nobody_asked_for_are_left_out_and_told(
    reading: Reading, exporter: Exporter
) -> None:
    exporter.replies["file"] = [Reply(csv_of(*back(8, 0)))]
    assert days_of(await read(reading, exporter, WEEK)) == days(7, 1)
    assert reading.counters.notes == [
        "2 rows of 2026-06-06 to 2026-06-14 came with Stats, 7 Jun 2026 to 13 Jun 2026; "
        "they are left to those days."
    ]


async def test_rows_that_tell_no_day_are_asked_for_day_by_day(reading: Reading, exporter: Exporter) -> None:
    exporter.answering["file"] = lambda _: Reply(b"n\n7\n")
    found = await read(reading, exporter, back(3, 1))
    assert [span for span, _ in found] == [back(3, 3), back(2, 2), back(1, 1)]
    assert days_of(found) == days(3, 1)
    assert len(exporter.of("post")) == 1 + 3


async def test_figures_of_a_range_are_never_cut_into_days(reading: Reading, exporter: Exporter) -> None:
    exporter.answering["file"] = lambda _: Reply(b"n\n7\n")
    found = await read(reading, exporter, WEEK, OF_A_RANGE)
    assert [(span, [row["first_day"] for row in rows]) for span, rows in found] == [(WEEK, ["2026-06-07"])]


@pytest.mark.parametrize("content", [b"", b"\r\n"])
async def test_an_empty_file_has_no_rows_and_is_told(
    reading: Reading, exporter: Exporter, content: bytes
) -> None:
    exporter.answering["file"] = lambda _: Reply(content)
    assert await read(reading, exporter, WEEK) == [(WEEK, [])]
    assert ["empty file" in note for note in reading.counters.notes] == [True]


async def test_a_header_alone_has_no_rows_and_nothing_is_told(reading: Reading, exporter: Exporter) -> None:
    exporter.answering["file"] = lambda _: Reply(b"n,date_started\n")
    assert await read(reading, exporter, WEEK) == [(WEEK, [])]
    assert reading.counters.notes == []


async def test_a_column_of_the_file_cannot_take_the_place_of_one_made_here(
    reading: Reading, exporter: Exporter
) -> None:
    exporter.answering["file"] = lambda _: Reply(b"n,day,date_started\n1,Monday,2026-06-08 10:00:00\n")
    [(_, [row])] = await read(reading, exporter, WEEK)
    assert (row["day"], row["day_2"]) == ("2026-06-08", "Monday")


@pytest.mark.parametrize("body", [b"{}", b'{"request_id": ""}', b"[]", b'{"request_id": null}'])
async def test_an_answer_without_a_request_id_is_told(
    reading: Reading, exporter: Exporter, body: bytes
) -> None:
    exporter.answering["post"] = lambda _: Reply(body)
    with pytest.raises(DataError, match="without a request_id"):
        await read(reading, exporter, WEEK)


# -- several at a time ------------------------------------------------------------------------------


async def test_four_exports_are_prepared_at_a_time_and_come_in_order(
    reading: Reading, exporter: Exporter
) -> None:
    """No file is ready before four are asked for, as long as there are so many to ask for."""
    open_at_once: list[int] = []
    begin, poll = exporter.begin, exporter.poll

    def begun(came: Came) -> Reply:
        open_at_once.append(len(exporter.of("post")) - len(exporter.of("file")))
        return begin(came)

    def polled(came: Came) -> Reply:
        asked = len(exporter.of("post"))
        is_full = asked == 12 or asked - len(exporter.of("file")) >= JOB.in_flight
        return poll(came) if is_full else reply({"status": "processing"})

    exporter.answering |= {"post": begun, "poll": polled}
    found = await read(reading, exporter, back(12, 1), chunk_days=1)
    assert [span for span, _ in found] == [back(n, n) for n in range(12, 0, -1)]
    assert max(open_at_once) == JOB.in_flight == 4


async def test_a_limit_is_shared_by_all_who_ask(reading: Reading, exporter: Exporter) -> None:
    around = Surroundings(reading.clock, MemorySpendLog(), HttpSettings())
    access = Access(EXPORTS, {"api_key": KEY, "base_url": exporter.address})

    async def rows(values: dict[str, Any]) -> int:
        async with open_source(access, REPORT, {**VALUES, **values}, around) as source:
            return sum([len(page) async for page in source.rows(back(4, 1))])

    found = await asyncio.gather(*(rows({"chunk_days": 1}) for _ in range(3)))
    assert found == [4, 4, 4]
    times = [came.at for came in exporter.of("post")]
    assert len(times) == 12
    # The clock may go on for some waits of others between a permit and the request's arrival.
    assert max(sum(at <= other < at + 3_500 for other in times) for at in times) == 5
    assert len(exporter.of("poll")) == 12, "polls do not count"


async def test_the_limit_of_exports_counts_their_posts_alone(reading: Reading, exporter: Exporter) -> None:
    reading.limits = (Limit(2, 3_600),)
    async with http_of(reading, exporter.address) as http:
        for _ in range(2):
            await http.post("/stats", {"nearer": 1, "farther": 1}, asked_for="Stats", group="exports")
        assert reading.clock.monotonic() == 0
        await http.post("/stats", {"nearer": 1, "farther": 1}, asked_for="Stats", group="exports")
    assert reading.clock.monotonic() >= 3_600


# -- ending in the middle ---------------------------------------------------------------------------


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every temporary file that is made."""
    made: list[Any] = []
    make = tempfile.TemporaryFile

    def kept(*args: Any, **named: Any) -> Any:
        made.append(make(*args, **named))
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", kept)
    return made


def own_tasks() -> list[str]:
    """Tasks of the code under test that are still there."""
    coroutines: list[Any] = [t.get_coro() for t in asyncio.all_tasks() if t is not asyncio.current_task()]
    return [c.__qualname__ for c in coroutines if "trunkline/fetch" in c.cr_code.co_filename]


async def test_every_file_is_closed_at_the_end(
    reading: Reading, exporter: Exporter, files: list[Any]
) -> None:
    exporter.replies["file"] = [Reply(b"n\n1,2,3\n"), Reply(b"", 404)]
    await read(reading, exporter, back(3, 1), chunk_days=1)
    assert len(files) == 5
    assert all(file.closed for file in files)
    assert own_tasks() == []


@pytest.mark.parametrize("pages", [0, 1])
async def test_leaving_in_the_middle_leaves_no_file_and_no_task(
    reading: Reading, exporter: Exporter, files: list[Any], pages: int
) -> None:
    async with http_of(reading, exporter.address) as http:
        jobs = Jobs(http, REPORT, {**VALUES, "chunk_days": 1}, reading.counters, as_rows)
        async with aclosing(jobs.readings(back(8, 1))) as readings:
            async for file in readings:
                async with aclosing(file.pages()) as walk:
                    for _ in range(pages):
                        await anext(walk)
                break
    assert files
    assert all(file.closed for file in files)
    assert own_tasks() == []


@pytest.mark.parametrize("stage", ["post", "poll", "file"])
async def test_being_cancelled_leaves_no_file_and_no_task(
    reading: Reading, exporter: Exporter, files: list[Any], stage: str
) -> None:
    arrived, held = asyncio.Event(), asyncio.Event()
    usual = exporter.answering[stage]

    async def held_up(came: Came) -> Reply:
        if len(exporter.of(stage)) < 3:
            answer = usual(came)
            return answer if isinstance(answer, Reply) else await answer
        arrived.set()
        await held.wait()
        return Reply()

    exporter.answering[stage] = held_up
    task = asyncio.ensure_future(read(reading, exporter, back(9, 1), chunk_days=1))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    held.set()
    assert all(file.closed for file in files)
    assert own_tasks() == []


async def test_a_failure_of_one_ends_the_others(
    reading: Reading, exporter: Exporter, files: list[Any]
) -> None:
    def refusing(came: Came) -> Reply:
        if came.body["nearer"] == 3:
            return reply({"error": {"code": 400, "message": "Invalid timezone name"}}, 400)
        return exporter.begin(came)

    exporter.answering["post"] = refusing
    with pytest.raises(ProviderError, match="Invalid timezone name"):
        await read(reading, exporter, back(8, 1), chunk_days=1)
    assert all(file.closed for file in files)
    assert own_tasks() == []


def test_noon_is_long_after_midnight() -> None:
    # The tests above rely on it: nothing is remembered from yesterday.
    assert (NOON.hour * 3_600 > JOB.memory_seconds, TODAY) == (True, NOON.date())
