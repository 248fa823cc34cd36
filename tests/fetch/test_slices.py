"""Windows cut into slices of milliseconds: every call once, few requests, and a clean end after a failure."""

import asyncio
import bisect
from collections.abc import Sequence
from contextlib import aclosing
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fetch.provider import ID, Reading
from trunkline.date_menus import DIALPAD_DATES
from trunkline.dates import DaySpan, instants
from trunkline.declare import ByCursor, ByTotal, Dates, Report, Row
from trunkline.errors import ProviderError
from trunkline.fetch.credentials import KeyCredentials
from trunkline.fetch.http import Answer, Http, Params
from trunkline.fetch.slices import MOST_SLICES, ROWS_OF_A_SLICE, cut_evenly, slices_for
from trunkline.fetch.windows import cut
from trunkline.options import Values

PER_PAGE, WANTED, IN_FLIGHT = 50, 2_400, 8
REPORT = Report(
    "calls",
    "Calls",
    "",
    "/calls",
    "items",
    (ID,),
    key=("id",),
    pages=ByCursor(in_flight=IN_FLIGHT),
    windows=ByTotal(),
    dates=Dates(DIALPAD_DATES, "after", "before", is_epoch_ms=True, within="at"),
    absent_is_empty=True,
)
# Days of 23, 23.5, 24.5 and 25 hours, clocks that skip midnight, a day that never was, quarter hours.
PLACES = [
    ("America/New_York", date(2025, 3, 6)),
    ("America/New_York", date(2025, 10, 30)),
    ("Australia/Lord_Howe", date(2025, 4, 3)),
    ("Australia/Lord_Howe", date(2025, 10, 2)),
    ("Africa/Cairo", date(2024, 4, 23)),
    ("Pacific/Apia", date(2011, 12, 27)),
    ("Asia/Kathmandu", date(2025, 6, 1)),
]
UNHURRIED = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])

Edges = tuple[int, int]


class Times(Http):
    """A provider of calls at instants, newest first, without any network.

    With `adds_at_edges` a call appears at the first and the last millisecond of every stretch that is
    asked for; with `is_loose` its edges take in one millisecond too many on either side.
    """

    def __init__(self, instants_of_calls: Sequence[int]) -> None:
        reading = Reading()
        super().__init__(
            "http://acme",
            KeyCredentials({}),
            subject=reading.http("").subject,
            budget=reading.budget(),
            clock=reading.clock,
            counters=reading.counters,
            settings=reading.settings,
        )
        self.counters = reading.counters
        self.times = sorted(instants_of_calls)
        self.adds_at_edges = self.is_loose = False
        self.asked: list[Edges] = []
        self.stretches: list[Edges] = []
        self.under_way = self.most_under_way = 0
        self.fails_at: int | None = None

    async def get(self, path: str, params: Params, *, asked_for: str, gone: tuple[int, ...] = ()) -> Answer:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(0)
            return self._page(int(str(params["after"])), int(str(params["before"])), params.get("cursor"))
        finally:
            self.under_way -= 1

    def _page(self, after: int, before: int, cursor: object) -> Answer:
        self.asked.append((after, before))
        if len(self.asked) == self.fails_at:
            raise ProviderError("Acme refused a slice (400).", status=400)
        if cursor is None:
            self.stretches.append((after + 1, before))
            if self.adds_at_edges:
                self._add(after + 1, before - 1)
        edges = (after, before) if self.is_loose else (after + 1, before - 1)
        low, high = bisect.bisect_left(self.times, edges[0]), bisect.bisect_right(self.times, edges[1])
        rest = [at for at in self.times[low:high] if cursor is None or at < int(str(cursor))]
        page = rest[-PER_PAGE:][::-1]
        items: list[Row] = [{"id": str(at), "at": str(at)} for at in page]
        more = {"cursor": str(page[-1])} if len(rest) > len(page) else {}
        return Answer({"items": items, **more}, None)

    def _add(self, *instants_of_calls: int) -> None:
        self.times = sorted({*self.times, *instants_of_calls})


async def walk(
    http: Times, span: DaySpan, zone: str, wanted: int = WANTED
) -> list[tuple[DaySpan, list[int]]]:
    """Each window with the instants of the calls read in it."""
    found: list[tuple[DaySpan, list[int]]] = []
    values: Values = {"time_zone": zone}
    async with aclosing(
        cut(http, REPORT, values, span, wanted_rows=wanted, counters=http.counters)
    ) as readings:
        async for reading in readings:
            assert reading.window.span is not None
            times = [int(row["at"]) async for rows in reading.pages() for row in rows]
            found.append((reading.window.span, times))
    return found


def edges_of(span: DaySpan, zone: str) -> Edges:
    first, after = instants(span, ZoneInfo(zone))
    return round(first.timestamp() * 1000), round(after.timestamp() * 1000)


def calls_of(counts: Sequence[int], first: date, zone: str, chance: Random) -> list[int]:
    """So many calls on each day, all different; on one day in three they crowd into a few minutes."""
    times: set[int] = set()
    for n, count in enumerate(counts):
        low, high = edges_of(DaySpan(first + timedelta(days=n), first + timedelta(days=n)), zone)
        if high == low:
            continue
        busy_until = low + 600_000 if chance.random() < 0.3 else high
        times.update(chance.randrange(low, busy_until) for _ in range(count))
    return sorted(times)


def span_of(first: date, days: int) -> DaySpan:
    return DaySpan(first, first + timedelta(days=days - 1))


COUNTS = st.lists(
    st.one_of(st.just(0), st.integers(0, 40), st.integers(300, 900), st.integers(2_000, 4_000)),
    min_size=1,
    max_size=12,
)


@UNHURRIED
@given(COUNTS, st.sampled_from(PLACES), st.booleans(), st.booleans(), st.integers(0, 2**32))
def test_every_call_of_the_span_comes_once_and_with_its_own_day(
    counts: list[int], place: tuple[str, date], at_edges: bool, is_loose: bool, seed: int
) -> None:
    zone, first = place
    around = [0, *counts, 0]
    span = span_of(first, len(counts))
    http = Times(calls_of(around, first - timedelta(days=1), zone, Random(seed)))
    http.adds_at_edges, http.is_loose = at_edges, is_loose
    low, high = edges_of(span, zone)
    http.times += [low - 1, high]
    http.times.sort()
    windows = asyncio.run(walk(http, span, zone))
    assert sorted(at for _, times in windows for at in times) == [at for at in http.times if low <= at < high]
    for window, times in windows:
        start, end = edges_of(window, zone)
        assert all(start <= at < end for at in times)
    assert [day for window, _ in windows for day in window] == list(span)
    # A window that was cut smaller begins where the one it came from began.
    stretches = sorted(dict(http.stretches).items())
    assert (stretches[0][0], stretches[-1][1]) == (low, high)
    assert all(one[1] == other[0] for one, other in pairwise(stretches))
    assert http.most_under_way <= IN_FLIGHT


@UNHURRIED
@given(st.integers(0, 2**41), st.integers(1, 2**33), st.integers(1, MOST_SLICES))
def test_slices_touch_and_cover_the_whole(first: int, length: int, count: int) -> None:
    slices = cut_evenly((first, first + length), count)
    assert (slices[0][0], slices[-1][1], len(slices)) == (first, first + length, count)
    assert all(one[1] == other[0] for one, other in pairwise(slices))
    sizes = [after - start for start, after in slices]
    assert max(sizes) - min(sizes) <= 1


async def test_calls_at_the_edges_of_slices_come_once() -> None:
    zone, first = PLACES[0]
    http = Times(calls_of([1_800] * 6, first, zone, Random(3)))
    http.adds_at_edges = http.is_loose = True
    before = set(http.times)
    windows = await walk(http, span_of(first, 6), zone)
    found = [at for _, times in windows for at in times]
    added = set(http.times) - before
    assert len(added) >= 2 * len(windows) * 4
    assert sorted(found) == http.times


async def test_requests_are_about_the_pages_and_one_for_each_slice() -> None:
    zone, first = PLACES[0]
    http = Times(calls_of([1_200] * 14, first, zone, Random(4)))
    windows = await walk(http, span_of(first, 14), zone)
    rows = len(http.times)
    assert len(http.stretches) <= rows / ROWS_OF_A_SLICE + len(windows)
    assert len(http.asked) <= rows / PER_PAGE + len(http.stretches)
    assert len(http.stretches) > 2 * len(windows), "they are sliced"


async def test_the_days_after_a_busy_one_are_not_sliced_beyond_what_a_window_is_worth() -> None:
    zone, first = PLACES[0]
    http = Times(calls_of([20_000, *[3] * 30], first, zone, Random(5)))
    await walk(http, span_of(first, 31), zone)
    pages = -(-20_000 // PER_PAGE)
    assert len(http.asked) <= pages + MOST_SLICES + 31


async def test_years_without_calls_do_not_make_one_window_of_all_that_follow() -> None:
    zone, first, years, busy = "Europe/Paris", date(2000, 1, 1), 9_000, 200
    times = calls_of([60] * busy, first + timedelta(days=years), zone, Random(9))
    http = Times(times)
    windows = await walk(http, span_of(first, years + busy), zone)
    assert sorted(at for _, found in windows for at in found) == http.times
    assert max(len(found) for _, found in windows) <= 2 * WANTED
    assert http.most_under_way == IN_FLIGHT
    searching = 2 * years.bit_length()
    assert len(http.asked) <= len(times) / PER_PAGE + len(times) / ROWS_OF_A_SLICE + len(windows) + searching


async def test_a_few_calls_more_than_thought_waste_nothing() -> None:
    zone, first = PLACES[0]
    http = Times(calls_of([20, *[35] * 20], first, zone, Random(10)))
    windows = await walk(http, span_of(first, 21), zone)
    assert len(http.stretches) == len(windows) <= 4


@pytest.mark.parametrize("a_day", [0, 1, 20])
async def test_a_small_company_is_not_sliced(a_day: int) -> None:
    zone, first = PLACES[0]
    span = span_of(first, 20)
    http = Times(calls_of([a_day] * 20, first, zone, Random(6)))
    windows = await walk(http, span, zone)
    assert http.stretches == [edges_of(window, zone) for window, _ in windows]
    assert len(windows) <= 4


def test_few_rows_are_one_slice_and_many_are_no_more_than_are_worth_it() -> None:
    assert [slices_for(rows) for rows in (0, 1, ROWS_OF_A_SLICE * 2 - 1)] == [1, 1, 1]
    assert slices_for(ROWS_OF_A_SLICE * 2) == 2
    assert slices_for(10**9) == MOST_SLICES


@pytest.mark.parametrize("nth", [30, 33, 39, 47])
async def test_a_slice_that_fails_ends_the_others(nth: int) -> None:
    zone, first = PLACES[0]
    http = Times(calls_of([1_200] * 6, first, zone, Random(7)))
    http.fails_at = nth
    mine = asyncio.current_task()
    with pytest.raises(ProviderError, match="refused a slice"):
        await walk(http, span_of(first, 6), zone)
    assert http.most_under_way == IN_FLIGHT, "others were under way"
    assert http.under_way == 0
    assert asyncio.all_tasks() == {mine}
    asked = len(http.asked)
    assert asked <= nth + 2 * IN_FLIGHT, "not all slices before the failed one to their end"
    await asyncio.sleep(0)
    assert len(http.asked) == asked


async def test_a_reader_who_leaves_in_the_middle_leaves_nothing_under_way() -> None:
    zone, first = PLACES[0]
    http = Times(calls_of([1_200] * 6, first, zone, Random(8)))
    values: Values = {"time_zone": zone}
    async with aclosing(
        cut(http, REPORT, values, span_of(first, 6), wanted_rows=WANTED, counters=http.counters)
    ) as readings:
        async for reading in readings:
            async with aclosing(reading.pages()) as pages:
                async for _ in pages:
                    if http.most_under_way == IN_FLIGHT:
                        break
            if http.most_under_way == IN_FLIGHT:
                break
    assert http.most_under_way == IN_FLIGHT
    assert http.under_way == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
