"""Walking pages: in order, several at once, to the end and no further."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from functools import partial
from typing import Any

import pytest

from tests.fetch.provider import KEY, LINKED, NUMBERED, Asked, Provider, Reading, Reply, directory, reply
from trunkline.declare import ByCursor, ByNumber, Paging, Report, Row, Single, Window
from trunkline.errors import DataError, ProviderError
from trunkline.fetch.asked import query_for
from trunkline.fetch.http import Answer
from trunkline.fetch.paging import DECODED_AT_ONCE, Lanes, Query, first_answer, in_order, pages, total_rows

Body = dict[str, Any]


def report(paging: Paging) -> Report:
    return directory("tags", "Tags", "/tags.json", paging=paging)


def query(paging: Paging) -> Query:
    return query_for(report(paging), {}, Window())


def numbers(start: int, end: int) -> list[Row]:
    return [{"id": n} for n in range(start, end)]


def page_of(total: int, page: int, size: int = 10, **more: Any) -> Reply:
    return reply({"tags": numbers((page - 1) * size, min(page * size, total)), **more})


async def read(provider: Provider, reading: Reading, paging: Paging) -> list[int]:
    """The ids of all rows, in the order they came."""
    asked = query(paging)
    async with reading.http(provider.address) as http:
        first = await first_answer(http, asked)
        return [
            row["id"] async for page in pages(http, asked, first) for row in asked.rows(http.subject, page)
        ]


# -- numbered pages --------------------------------------------------------------------------------


async def test_numbered_pages_come_in_order_and_each_once(provider: Provider, reading: Reading) -> None:
    provider.answering = lambda a: page_of(35, a.page, total_pages=4, total_records=35)
    assert await read(provider, reading, NUMBERED) == list(range(35))
    assert sorted(a.page for a in provider.asked) == [1, 2, 3, 4]
    assert {a.query["per_page"] for a in provider.asked} == {"10"}


async def test_so_many_pages_are_under_way_at_once_and_never_more(
    provider: Provider, reading: Reading
) -> None:
    under_way, most = 0, 0
    full = asyncio.Event()

    async def answer(asked: Asked) -> Reply:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if asked.page > 1:
            if under_way == NUMBERED.in_flight:
                full.set()
            await full.wait()
        under_way -= 1
        return page_of(90, asked.page, total_pages=9)

    provider.answering = answer
    assert await read(provider, reading, NUMBERED) == list(range(90))
    assert most == NUMBERED.in_flight


async def test_a_total_of_rows_is_enough_where_pages_are_not_counted(
    provider: Provider, reading: Reading
) -> None:
    provider.answering = lambda a: page_of(21, a.page, total_records=21)
    assert await read(provider, reading, NUMBERED) == list(range(21))
    assert len(provider.asked) == 3


async def test_pages_that_are_smaller_than_asked_for_are_counted_by_their_own_size(
    provider: Provider, reading: Reading
) -> None:
    """A provider may cap the page size; the totals of rows then means more pages."""
    provider.answering = lambda a: page_of(21, a.page, size=5, per_page=5, total_records=21)
    assert await read(provider, reading, NUMBERED) == list(range(21))


async def test_an_empty_list_is_one_request(provider: Provider, reading: Reading) -> None:
    provider.answering = lambda a: page_of(0, a.page, total_pages=0, total_records=0)
    assert await read(provider, reading, NUMBERED) == []
    assert len(provider.asked) == 1


async def test_pages_that_appear_while_reading_are_read_too(provider: Provider, reading: Reading) -> None:
    def answer(asked: Asked) -> Reply:
        total = 20 if asked.page == 1 else 41
        return page_of(total, asked.page, total_pages=-(-total // 10))

    provider.answering = answer
    assert await read(provider, reading, NUMBERED) == list(range(41))


async def test_a_count_that_grows_with_every_empty_page_ends(provider: Provider, reading: Reading) -> None:
    provider.answering = lambda a: page_of(15, a.page, total_pages=a.page + 1)
    assert await read(provider, reading, NUMBERED) == list(range(15))
    assert len(provider.asked) <= 4


@pytest.mark.parametrize("odd", [None, "4", True, 4.0])
async def test_a_count_that_is_no_whole_number_is_no_count(
    provider: Provider, reading: Reading, odd: object
) -> None:
    provider.answering = lambda a: page_of(35, a.page, total_pages=odd)
    assert await read(provider, reading, NUMBERED) == list(range(35))


# -- without totals --------------------------------------------------------------------------------


async def test_without_totals_a_short_page_is_the_last(provider: Provider, reading: Reading) -> None:
    provider.answering = lambda a: page_of(25, a.page)
    assert await read(provider, reading, NUMBERED) == list(range(25))
    assert len(provider.asked) == 3


async def test_without_totals_an_empty_page_ends_a_full_one(provider: Provider, reading: Reading) -> None:
    provider.answering = lambda a: page_of(20, a.page)
    assert await read(provider, reading, NUMBERED) == list(range(20))
    assert len(provider.asked) == 3


async def test_without_totals_a_capped_page_that_tells_its_size_is_not_taken_for_the_last(
    provider: Provider, reading: Reading
) -> None:
    provider.answering = lambda a: page_of(12, a.page, size=5, per_page=5)
    assert await read(provider, reading, NUMBERED) == list(range(12))


async def test_without_totals_a_linked_next_page_is_asked_for_after_a_short_one(
    provider: Provider, reading: Reading
) -> None:
    def answer(asked: Asked) -> Reply:
        link = {"Link": '<http://x/next>; rel="next"'} if asked.page < 3 else {}
        return Reply(page_of(9, asked.page, size=3).body, headers=link)

    provider.answering = answer
    assert await read(provider, reading, NUMBERED) == list(range(9))


async def test_a_provider_that_ignores_the_page_number_is_found_out(
    provider: Provider, reading: Reading
) -> None:
    provider.answering = lambda a: page_of(10, 1)
    with pytest.raises(DataError, match="same next page again and again"):
        await read(provider, reading, NUMBERED)
    assert len(provider.asked) == 2


# -- links and cursors -----------------------------------------------------------------------------


def linked(provider: Provider, total: int) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        at = int(asked.query.get("offset", 0))
        more = (at + 1) * 10 < total
        link = f"{provider.address}/tags?offset={at + 1}&q=%7E" if more else None
        return page_of(total, at + 1, next_page=link, has_next_page=more)

    return answer


async def test_links_are_followed_unmodified_to_the_end(provider: Provider, reading: Reading) -> None:
    provider.answering = linked(provider, 25)
    assert await read(provider, reading, LINKED) == list(range(25))
    assert [a.target for a in provider.asked] == [
        "/tags.json?per_page=10",
        "/tags?offset=1&q=%7E",
        "/tags?offset=2&q=%7E",
    ]


async def test_a_link_that_leads_to_another_host_stops_the_reading(
    provider: Provider, reading: Reading
) -> None:
    provider.says(page_of(10, 1, next_page="https://elsewhere.example/tags?offset=1", has_next_page=True))
    with pytest.raises(DataError, match=r"another host \(elsewhere\.example\)"):
        await read(provider, reading, LINKED)
    assert len(provider.asked) == 1


async def test_links_that_go_in_a_circle_end_with_an_error(provider: Provider, reading: Reading) -> None:
    provider.says(page_of(10, 1, next_page=f"{provider.address}/tags?offset=1", has_next_page=True))
    with pytest.raises(DataError, match="same next page again and again"):
        await read(provider, reading, LINKED)
    assert len(provider.asked) == 2


@pytest.mark.parametrize("link", [None, "", 7])
async def test_more_rows_without_a_link_to_them_are_not_lost_in_silence(
    provider: Provider, reading: Reading, link: object
) -> None:
    provider.says(page_of(10, 1, next_page=link, has_next_page=True))
    with pytest.raises(DataError, match="more rows but not where they are"):
        await read(provider, reading, LINKED)


async def test_a_link_is_not_followed_when_there_are_no_more_rows(
    provider: Provider, reading: Reading
) -> None:
    provider.says(page_of(10, 1, next_page=f"{provider.address}/tags?offset=1", has_next_page=False))
    assert await read(provider, reading, LINKED) == list(range(10))


@pytest.mark.parametrize("end", [{}, {"cursor": ""}, {"cursor": None}])
async def test_a_cursor_is_handed_back_until_it_is_empty(
    provider: Provider, reading: Reading, end: Body
) -> None:
    def answer(asked: Asked) -> Reply:
        cursor = asked.query.get("cursor")
        if cursor is None:
            return page_of(20, 1, cursor="a+b/c")
        assert cursor == "a+b/c"
        return page_of(20, 2, **end)

    provider.answering = answer
    assert await read(provider, reading, ByCursor(size="limit", rows=10)) == list(range(20))
    assert [a.query["limit"] for a in provider.asked] == ["10", "10"]


async def test_a_cursor_that_repeats_ends_with_an_error(provider: Provider, reading: Reading) -> None:
    provider.says(page_of(10, 1, cursor="same"))
    with pytest.raises(DataError, match="same next page again and again"):
        await read(provider, reading, ByCursor())
    assert len(provider.asked) == 2


async def test_a_single_answer_is_one_request_without_paging(provider: Provider, reading: Reading) -> None:
    provider.says(page_of(30, 1, size=30, total_pages=9, next_page="x", cursor="y"))
    assert await read(provider, reading, Single()) == list(range(30))
    assert [a.target for a in provider.asked] == ["/tags.json"]


# -- odd answers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ([], "with a list where the answer must be an object"),
        ("text", "with text where the answer must be an object"),
        (7, "with a number where the answer must be an object"),
        ({}, "with nothing where `tags` must be a list"),
        ({"tags": {}}, "with an object where `tags` must be a list"),
    ],
)
async def test_an_answer_of_another_shape_is_named(
    provider: Provider, reading: Reading, body: object, sentence: str
) -> None:
    provider.says(reply(body))
    with pytest.raises(DataError) as caught:
        await read(provider, reading, NUMBERED)
    assert sentence in str(caught.value)
    assert "page" not in caught.value.where


async def test_a_key_in_an_answer_of_another_shape_is_masked(provider: Provider, reading: Reading) -> None:
    provider.says(reply({"tags": f"the key {KEY} is on its way out"}))
    with pytest.raises(DataError) as caught:
        await read(provider, reading, NUMBERED)
    assert "is on its way out" in caught.value.sample
    assert KEY not in caught.value.sample


def test_only_numbered_pages_tell_a_total() -> None:
    answer = Answer({"total_records": 7}, None)
    assert total_rows(query(NUMBERED), answer) == 7
    assert total_rows(query(LINKED), answer) is None


# -- stopping in the middle ------------------------------------------------------------------------


def ours() -> set[str]:
    return {repr(t) for t in asyncio.all_tasks() if "trunkline" in repr(t.get_coro())}


@pytest.mark.parametrize("how", ["close", "cancel"])
async def test_leaving_between_pages_stops_the_pages_under_way(
    provider: Provider, reading: Reading, how: str
) -> None:
    reached = asyncio.Event()

    async def answer(asked: Asked) -> Reply:
        if asked.page > 2:
            reached.set()
            return Reply(hangs=True)
        return page_of(90, asked.page, total_pages=9)

    provider.answering = answer
    asked, seen = query(ByNumber(rows=10, in_flight=4)), 0

    async def two_pages() -> None:
        nonlocal seen
        async with aclosing(pages(http, asked, await first_answer(http, asked))) as walk:
            async for _ in walk:
                seen += 1
                if seen == 2 and how == "close":
                    await reached.wait()
                    return

    async with reading.http(provider.address) as http:
        working = asyncio.create_task(two_pages())
        await reached.wait()
        if how == "cancel":
            while seen < 2:
                await asyncio.sleep(0)
            working.cancel()
            with pytest.raises(asyncio.CancelledError):
                await working
        await asyncio.wait([working])
        assert ours() == set()
    assert seen == 2


async def test_a_refused_page_stops_the_others(provider: Provider, reading: Reading) -> None:
    async def answer(asked: Asked) -> Reply:
        if asked.page == 2:
            return reply({"error": "No"}, 400)
        return page_of(90, asked.page, total_pages=9) if asked.page == 1 else Reply(hangs=True)

    provider.answering = answer
    with pytest.raises(ProviderError, match="page 2"):
        await asyncio.wait_for(read(provider, reading, NUMBERED), 5)
    assert ours() == set()


def calls_of(one: Callable[[int], Awaitable[int]], count: int) -> Iterator[Callable[[], Awaitable[int]]]:
    return (partial(one, n) for n in range(count))


async def test_results_keep_the_order_of_their_calls_whatever_ends_first() -> None:
    gates = [asyncio.Event() for _ in range(5)]

    async def one(n: int) -> int:
        if n + 1 < len(gates):
            await gates[n + 1].wait()
        gates[n].set()
        return n

    assert [n async for n in in_order(calls_of(one, 5), Lanes(5))] == [0, 1, 2, 3, 4]


async def test_no_call_is_begun_that_nobody_waits_for() -> None:
    begun: list[int] = []

    async def one(n: int) -> int:
        begun.append(n)
        return n

    async with aclosing(in_order(calls_of(one, 100), Lanes(3))) as results:
        async for n in results:
            if n == 4:
                break
    assert len(begun) <= 4 + 3 + 1


async def test_of_all_walks_together_few_decoded_pages_wait_to_be_turned() -> None:
    waiting, most = 0, 0

    async def decoded(n: int) -> int:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        return n

    def turned(n: int) -> int:
        nonlocal waiting
        waiting -= 1
        return n

    async def walk() -> list[int]:
        return [n async for n in in_order(calls_of(decoded, 50), Lanes(8), then=turned)]

    assert await asyncio.gather(*(walk() for _ in range(8))) == [list(range(50))] * 8
    assert most <= DECODED_AT_ONCE + 1
