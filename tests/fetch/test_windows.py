"""Cutting days into windows, whatever the provider tells and however its rows lie."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import ceil, log2
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fetch.provider import KEY, Reading, calls_report
from trunkline.dates import DaySpan
from trunkline.declare import ByLink, ByNumber, ByPoints, ByTotal, OneWindow, Paging, Report, Row
from trunkline.errors import DataError
from trunkline.fetch.credentials import KeyCredentials
from trunkline.fetch.http import Answer, Http, Params
from trunkline.fetch.windows import TOO_MANY, cut, fixed_pieces
from trunkline.options import Values

PER_PAGE, WANTED = 10, 40
FIRST = date(2025, 1, 1)
VALUES: Values = {"account_id": "ACC1", "time_zone": "UTC"}
NUMBERED = ByNumber(rows=PER_PAGE, in_flight=1)
LINKED = ByLink("next_page", "has_next_page", rows=PER_PAGE)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Calendar(Http):
    """A provider with so many calls on each day, without any network."""

    def __init__(self, counts: Sequence[int], *, tells: bool = True, per_page: int = PER_PAGE) -> None:
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
        self.tells, self.per_page = tells, per_page
        self.ids = [
            (FIRST + timedelta(days=n), f"{n}-{i}") for n, count in enumerate(counts) for i in range(count)
        ]
        self.asked: list[Mapping[str, Any]] = []
        self.before: Callable[[int], None] = lambda _: None

    @property
    def span(self) -> DaySpan:
        return DaySpan(FIRST, self.ids[-1][0])

    async def get(self, path: str, params: Params, *, asked_for: str, gone: tuple[int, ...] = ()) -> Answer:
        return self._page(params, int(str(params.get("page", 1))))

    async def follow(self, link: str, *, asked_for: str) -> Answer:
        start, end, page = link.split("|")
        return self._page({"start_date": start, "end_date": end}, int(page))

    def _page(self, params: Params, page: int) -> Answer:
        self.asked.append({**params, "page": page})
        self.before(len(self.asked))
        start, end = str(params["start_date"]), str(params["end_date"])
        first, last = date.fromisoformat(start), date.fromisoformat(end)
        rows = [{"id": i} for day, i in self.ids if first <= day <= last]
        body: Row = {"calls": rows[(page - 1) * self.per_page : page * self.per_page]}
        if self.tells:
            body |= {"total_pages": ceil(len(rows) / self.per_page), "total_records": len(rows)}
        more = page * self.per_page < len(rows)
        body |= {"has_next_page": more, "next_page": f"{start}|{end}|{page + 1}" if more else None}
        return Answer(body, None)


@dataclass
class Walked:
    """What came of cutting and reading: windows with the ids read in each."""

    spans: list[DaySpan] = field(default_factory=list)
    ids: list[list[str]] = field(default_factory=list)
    expected: list[int | None] = field(default_factory=list)

    def needed(self, per_page: int) -> int:
        """The requests that the pages of these windows need."""
        return sum(max(1, ceil(len(set(ids)) / per_page)) for ids in self.ids)


async def walk(
    http: Calendar,
    span: DaySpan,
    paging: Paging = NUMBERED,
    wanted: int = WANTED,
    report: Report | None = None,
) -> Walked:
    walked = Walked()
    report = report or calls_report(paging)
    async for reading in cut(http, report, VALUES, span, wanted_rows=wanted, counters=http.counters):
        assert reading.window.span is not None
        walked.spans.append(reading.window.span)
        walked.expected.append(reading.expected)
        walked.ids.append([row["id"] async for rows in reading.pages() for row in rows])
    return walked


def whole(counts: Sequence[int]) -> DaySpan:
    return DaySpan(FIRST, FIRST + timedelta(days=len(counts) - 1))


def covers(spans: Sequence[DaySpan], span: DaySpan) -> bool:
    return [day for piece in spans for day in piece] == list(span)


COUNTS = st.lists(
    st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 60), st.integers(200, 300)),
    min_size=1,
    max_size=80,
)


@UNHURRIED
@given(COUNTS, st.sampled_from(["totals", "no totals", "links"]))
def test_any_days_are_covered_once_in_order_and_every_row_comes_once(counts: list[int], kind: str) -> None:
    http = Calendar(counts, tells=kind == "totals")
    walked = asyncio.run(walk(http, whole(counts), LINKED if kind == "links" else NUMBERED))
    assert covers(walked.spans, whole(counts))
    assert [i for ids in walked.ids for i in ids] == [i for _, i in http.ids]
    assert http.counters.notes == []


@UNHURRIED
@given(COUNTS)
def test_with_totals_no_window_of_several_days_is_much_too_large(counts: list[int]) -> None:
    walked = asyncio.run(walk(Calendar(counts), whole(counts)))
    for span, ids in zip(walked.spans, walked.ids, strict=True):
        assert len(ids) <= WANTED * TOO_MANY or span.days == 1


@UNHURRIED
@given(COUNTS)
def test_cutting_costs_little_more_than_the_pages(counts: list[int]) -> None:
    """Each answer that was cut smaller is wasted; a crowded day may cost a few of them, not more."""
    http = Calendar(counts)
    walked = asyncio.run(walk(http, whole(counts)))
    crowded = sum(ceil(count / WANTED) for count in counts if count)
    wasted = len(http.asked) - walked.needed(PER_PAGE)
    assert wasted <= (1 + log2(len(counts))) * (1 + crowded)
    assert wasted <= len(walked.spans) + 2 + 2 * log2(len(counts))


@UNHURRIED
@given(COUNTS)
def test_without_totals_cutting_wastes_one_request_at_most(counts: list[int]) -> None:
    http = Calendar(counts, tells=False)
    walked = asyncio.run(walk(http, whole(counts)))
    empty_last_pages = sum(len(ids) % PER_PAGE == 0 and bool(ids) for ids in walked.ids)
    assert len(http.asked) <= walked.needed(PER_PAGE) + empty_last_pages + 1


@UNHURRIED
@given(COUNTS)
def test_following_links_wastes_no_request(counts: list[int]) -> None:
    http = Calendar(counts, tells=False)
    walked = asyncio.run(walk(http, whole(counts), LINKED))
    assert len(http.asked) == walked.needed(PER_PAGE)


@pytest.mark.parametrize("kind", ["totals", "no totals", "links"])
@pytest.mark.parametrize("wanted", [20_000, 5_000])
async def test_twenty_thousand_calls_over_390_days_need_at_most_a_hundred_requests(
    kind: str, wanted: int
) -> None:
    counts = [51 + (n % 7 == 0) * 2 for n in range(390)]
    http = Calendar(counts, tells=kind == "totals", per_page=250)
    paging = ByLink("next_page", "has_next_page", rows=250) if kind == "links" else ByNumber(rows=250)
    walked = await walk(http, whole(counts), paging, wanted)
    assert sum(len(ids) for ids in walked.ids) == sum(counts) >= 20_000
    assert len(http.asked) <= 100


async def test_what_fits_one_window_is_not_cut_and_costs_its_pages() -> None:
    http = Calendar([1] * 50)
    walked = await walk(http, whole([1] * 50))
    assert walked.spans == [whole([1] * 50)]
    assert walked.expected == [50]
    assert len(http.asked) == 5


async def test_even_days_are_cut_into_even_windows_with_one_wasted_answer() -> None:
    http = Calendar([4] * 100)
    walked = await walk(http, whole([4] * 100))
    assert [span.days for span in walked.spans] == [10] * 10
    assert len(http.asked) == 40 + 1


async def test_the_first_page_of_a_window_is_used_and_not_fetched_twice() -> None:
    http = Calendar([4] * 10)
    await walk(http, whole([4] * 10))
    assert [asked["page"] for asked in http.asked] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "counts",
    [
        [3_000] + [0] * 700,
        [0] * 700 + [3_000],
        [0] * 350 + [3_000] + [0] * 350,
        [2**n for n in range(12)],
        [2**n for n in reversed(range(12))],
        [60, 0] * 60,
    ],
)
async def test_lopsided_days_do_not_loop(counts: list[int]) -> None:
    http = Calendar(counts)
    walked = await walk(http, whole(counts))
    assert covers(walked.spans, whole(counts))
    assert len(http.asked) <= walked.needed(PER_PAGE) + len(walked.spans) + 2 * log2(len(counts))


async def test_a_crowded_single_day_is_one_window() -> None:
    http = Calendar([1_000])
    walked = await walk(http, whole([1_000]))
    assert walked.spans == [whole([1_000])]
    assert len(http.asked) == 100


# -- windows that do not depend on rows ------------------------------------------------------------


def test_points_are_cut_by_the_days_a_point_needs() -> None:
    report = replace(calls_report(), windows=ByPoints("interval", {"day": 200, "hour": 8}))
    span = DaySpan(date(2025, 1, 1), date(2026, 2, 4))
    by_day = fixed_pieces(report, {"interval": "day"}, span)
    assert [piece.days for piece in by_day if piece] == [200, 200]
    assert covers([piece for piece in by_day if piece], span)
    assert fixed_pieces(report, {"interval": "month"}, span) == [span]


async def test_a_report_of_one_window_is_asked_for_whole() -> None:
    http = Calendar([4] * 100)
    report = replace(calls_report(NUMBERED), windows=OneWindow())
    walked = await walk(http, whole([4] * 100), report=report)
    assert walked.spans == [whole([4] * 100)]
    assert len(http.asked) == 40


def test_an_undated_report_is_one_window_without_days() -> None:
    assert fixed_pieces(replace(calls_report(), windows=ByTotal()), {}, None) == [None]


# -- rows that move while they are read ------------------------------------------------------------


async def test_a_row_that_slips_over_a_page_border_is_found_by_reading_again() -> None:
    """Newest first: a call arrives after page 1, so page 2 repeats a row, and page 1 lacks the new one."""
    http = Calendar([25])

    def arrive(request: int) -> None:
        if request == 2:
            http.ids.insert(0, (FIRST, "new"))

    http.before = arrive
    walked = await walk(http, whole([25]))
    assert {i for ids in walked.ids for i in ids} == {i for _, i in http.ids}
    assert len(http.asked) == 3 + 3
    assert http.counters.notes == []


async def test_a_row_pulled_over_a_page_border_by_a_deleted_one_is_found_too() -> None:
    http = Calendar([25])

    def vanish(request: int) -> None:
        if request == 2:
            del http.ids[0]

    http.before = vanish
    walked = await walk(http, whole([25]))
    assert {i for _, i in http.ids} <= {i for ids in walked.ids for i in ids}
    assert http.counters.notes == []


async def test_rows_that_arrive_at_the_end_need_no_second_reading() -> None:
    http = Calendar([20])

    def arrive(request: int) -> None:
        if request == 2:
            http.ids += [(FIRST, f"new {n}") for n in range(15)]

    http.before = arrive
    walked = await walk(http, whole([20]))
    assert [i for ids in walked.ids for i in ids] == [i for _, i in http.ids]
    assert len(http.asked) == 4


async def test_a_total_that_never_adds_up_ends_with_a_note() -> None:
    http = Calendar([25])
    http.ids[7] = http.ids[6]
    walked = await walk(http, whole([25]))
    assert len({i for ids in walked.ids for i in ids}) == 24
    assert len(http.asked) == 2 * 3
    assert http.counters.notes == [
        "Acme counts 25 rows for Calls, 1 Jan 2025 but delivered 24 different ones, also when asked again."
    ]


async def test_a_window_that_shifts_at_every_reading_is_read_three_times_at_most() -> None:
    http = Calendar([25])

    def arrive(request: int) -> None:
        http.ids.insert(0, (FIRST, f"new {request}"))

    http.before = arrive
    await walk(http, whole([25]))
    assert len(http.asked) < 3 * 6


# -- rows that are none ----------------------------------------------------------------------------


class Odd(Calendar):
    def __init__(self, *rows: object) -> None:
        super().__init__([1])
        self.odd = rows

    async def get(self, path: str, params: Params, *, asked_for: str, gone: tuple[int, ...] = ()) -> Answer:
        return Answer({"calls": list(self.odd), "total_records": len(self.odd)}, None)


@pytest.mark.parametrize("odd", [None, "CAL1", 7, ["CAL1"]])
async def test_a_row_that_is_no_record_is_named(odd: object) -> None:
    with pytest.raises(DataError, match="sent a row that is no record") as caught:
        await walk(Odd({"id": "1"}, odd), whole([1]))
    assert caught.value.sample == str(odd)


@pytest.mark.parametrize("row", [{}, {"id": None}])
async def test_a_row_without_its_key_is_named_by_what_it_has(row: Row) -> None:
    with pytest.raises(DataError, match="sent a row without its id") as caught:
        await walk(Odd({"id": "1"}, {**row, "name": "Ann", "note": f"key {KEY}"}), whole([1]))
    assert caught.value.sample == "name=Ann, note=key •••"


async def test_a_secret_column_is_not_shown_in_a_sample() -> None:
    report = calls_report()
    secret = replace(report, columns=(*report.columns, replace(report.columns[0], name="code", secret=True)))
    with pytest.raises(DataError) as caught:
        await walk(Odd({"id": None, "code": "4711", "name": "Ann"}), whole([1]), report=secret)
    assert caught.value.sample == "name=Ann"


async def test_both_parts_of_a_key_are_needed() -> None:
    report = replace(calls_report(), key=("grouped_by", "key"))
    with pytest.raises(DataError, match="without its grouped_by and key"):
        await walk(Odd({"grouped_by": "source", "key": None}), whole([1]), report=report)
    walked = await walk(
        Odd({"grouped_by": "source", "key": "a", "id": "1"}, {"grouped_by": "source", "key": "b", "id": "2"}),
        whole([1]),
        report=report,
    )
    assert walked.ids == [["1", "2"]]
