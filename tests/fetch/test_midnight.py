"""Days around midnight: each is fetched exactly once, whatever the provider remembers and wherever it is."""

import asyncio
from collections import Counter as Count
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trunkline.clock import SteppedClock
from trunkline.connectors.dialpad import CONNECTOR
from trunkline.dates import DaySpan, day_start, instants, local_day
from trunkline.fetch.http import HttpSettings
from trunkline.fetch.source import Access, Surroundings, open_source
from trunkline.fetch.spend_memory import MemorySpendLog
from trunkline.options import resolve
from trunkline.sims.dialpad import DialpadSim, DialpadSimOptions
from trunkline.sims.dialpad.stats import KEPT_HISTORY, KEPT_TODAY, StatsRequest

ZONES = (
    "UTC",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
)
STATS = next(report for report in CONNECTOR.reports if report.name == "stats")
SETTLED = timedelta(hours=6)
"""All calls have ended so long before the first question, so that no answer is stale."""


@dataclass(frozen=True)
class Scene:
    """A local midnight, when a question is asked around it, which days, and how slowly the post is."""

    zone: str
    day: date
    seconds: float
    first: int
    last: int
    asked_before: float | None = None
    remembers_words: bool = True
    there_seconds: float = 0.0
    back_seconds: float = 0.0
    chunk_days: int = 31

    @property
    def asked_at(self) -> datetime:
        return day_start(self.day, ZoneInfo(self.zone)) + timedelta(seconds=self.seconds)

    @property
    def begins_at(self) -> datetime:
        return self.asked_at - timedelta(seconds=self.asked_before or 0)

    def span(self, now: datetime) -> DaySpan:
        today = local_day(now, ZoneInfo(self.zone))
        return DaySpan(today - timedelta(days=self.first), today - timedelta(days=self.last))


def remember_words(sim: DialpadSim) -> None:
    """Let the same words be answered from memory, though they mean other days since midnight."""
    begin, asked = sim.desk.begin, dict[bytes, StatsRequest]()

    def begun(sent: Any, key: str, now: datetime) -> tuple[StatsRequest, bool]:
        words = orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)
        known = asked.get(words)
        if known and now - known.made_at < (KEPT_TODAY if sent.get("is_today") else KEPT_HISTORY):
            return known, True
        asked[words], is_repeated = begin(sent, key, now)
        return asked[words], is_repeated

    sim.desk.begin = begun  # type: ignore[method-assign]


def slow_post(sim: DialpadSim, clock: SteppedClock, scene: Scene) -> None:
    """Let time pass while a request is on its way, and while its answer is: once, at the question itself."""
    begin, left = sim.desk.begin, [scene]

    def begun(sent: Any, key: str, now: datetime) -> tuple[StatsRequest, bool]:
        if not left or clock.now() < scene.asked_at:
            return begin(sent, key, now)
        left.clear()
        clock.advance(scene.there_seconds)
        found = begin(sent, key, clock.now())
        clock.advance(scene.back_seconds)
        return found

    sim.desk.begin = begun  # type: ignore[method-assign]


def starts(sim: DialpadSim, low: int, high: int) -> list[tuple[int, int]]:
    """Numbers and starts of the calls from one millisecond to another, both included."""
    found = (sim.world.timeline.at(position) for position in sim.world.timeline.between(low, high))
    return [(ref, start) for ref, start in found if start is not None]


def own_calls(sim: DialpadSim, span: DaySpan, zone: str) -> list[str]:
    """The company's calls of local days, by its own books."""
    low, high = (int(at.timestamp() * 1000) for at in instants(span, ZoneInfo(zone)))
    return sorted(str(sim.world.leg(ref, start).call_id) for ref, start in starts(sim, low, high - 1))


async def rows_of(
    around: Surroundings, access: Access, scene: Scene, span: DaySpan, **more: Any
) -> list[dict[str, Any]]:
    values = resolve(STATS.options, {"time_zone": scene.zone, "chunk_days": scene.chunk_days, **more})
    async with open_source(access, STATS, values, around) as source:
        return [row async for rows in source.rows(span) for row in rows]


async def fetched(around: Surroundings, access: Access, scene: Scene, span: DaySpan) -> list[str]:
    return sorted([str(row["call_id"]) for row in await rows_of(around, access, scene, span)])


def company(scene: Scene, clock: SteppedClock) -> DialpadSim:
    options = DialpadSimOptions(
        calls=50,
        days=8,
        users=6,
        until=scene.begins_at - SETTLED,
        processing_polls=0,
        processing_seconds=12,
        expiry_seconds=24 * 3_600,
        company_per_second=None,
        per_minute=None,
        stats_per_hour=None,
    )
    sim = DialpadSim(options, clock)
    settled = sim.world.until - timedelta(hours=3)
    for n in range(8):
        for seconds in (-1, 0):
            edge = day_start(scene.day - timedelta(days=n), ZoneInfo(scene.zone))
            if (at := edge + timedelta(seconds=seconds)) < settled:
                sim.world.add_calls(1, at=at)
    return sim


async def play(scene: Scene) -> tuple[DialpadSim, list[tuple[DaySpan, list[str]]]]:
    """What every question of the scene fetched."""
    clock = SteppedClock(scene.begins_at)
    found = []
    async with company(scene, clock) as sim:
        if scene.remembers_words:
            remember_words(sim)
        slow_post(sim, clock, scene)
        around = Surroundings(clock, MemorySpendLog(), HttpSettings())
        access = Access(CONNECTOR, {"api_key": "testkey", "base_url": sim.url})
        for _ in range(1 if scene.asked_before is None else 2):
            span = scene.span(clock.now())
            found.append((span, await fetched(around, access, scene, span)))
            clock.advance(max(0.0, (scene.asked_at - clock.now()).total_seconds()))
    return sim, found


def check(scene: Scene) -> None:
    sim, found = asyncio.run(play(scene))
    for span, ids in found:
        own = own_calls(sim, span, scene.zone)
        assert not [id_ for id_, count in Count(ids).items() if count > 1], f"doubled: {scene}"
        assert ids == own, f"other days: {scene}"


DAYS = st.sampled_from(
    [
        date(2026, 6, 15),
        date(2026, 1, 1),
        date(2024, 2, 29),
        # Around clock changes of New York, St. John's and Lord Howe.
        *(date(2026, 3, 8) + timedelta(days=n) for n in (0, 1)),
        *(date(2026, 11, 1) + timedelta(days=n) for n in (0, 1)),
        *(date(2026, 4, 5) + timedelta(days=n) for n in (0, 1)),
        *(date(2026, 10, 4) + timedelta(days=n) for n in (0, 1)),
    ]
)
AROUND = st.sampled_from([-1.0, 0.0, 1.0, -11.0, 3.0]) | st.integers(-7_200, 14_000).map(float)


def scenes(**fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Scene]:
    def ordered(scene: Scene) -> Scene:
        first, last = max(scene.first, scene.last), min(scene.first, scene.last)
        return Scene(**{**vars(scene), "first": first, "last": last})

    usual: dict[str, st.SearchStrategy[Any]] = {
        "zone": st.sampled_from(ZONES),
        "day": DAYS,
        "seconds": AROUND,
        "first": st.integers(0, 5),
        "last": st.integers(0, 3),
        "remembers_words": st.booleans(),
        "chunk_days": st.sampled_from([1, 2, 31]),
    }
    return st.builds(Scene, **(usual | fixed)).map(ordered)


bounded = settings(max_examples=40, deadline=None)


@bounded
@given(scenes())
def test_every_day_is_fetched_once(scene: Scene) -> None:
    check(scene)


@bounded
@given(scenes(asked_before=st.sampled_from([15.0, 600.0, 3_000.0]) | st.integers(14, 7_000).map(float)))
@example(Scene("America/New_York", date(2026, 6, 15), 1.0, 3, 1, asked_before=60.0))
@example(Scene("America/New_York", date(2026, 6, 15), 1.0, 3, 0, asked_before=60.0))
@example(Scene("Pacific/Apia", date(2026, 6, 15), 1.0, 0, 0, asked_before=60.0))
def test_a_question_of_yesterday_with_the_same_words_answers_none_of_today(scene: Scene) -> None:
    check(scene)


@bounded
@given(
    scenes(
        seconds=st.sampled_from([-1.0, -0.5, -5.0]),
        there_seconds=st.sampled_from([0.0, 0.2, 2.0, 8.0]),
        back_seconds=st.sampled_from([0.0, 0.2, 2.0, 8.0]),
        asked_before=st.none() | st.just(600.0),
    )
)
@example(Scene("UTC", date(2026, 6, 15), -1.0, 2, 1, there_seconds=2.0))
@example(Scene("UTC", date(2026, 6, 15), -1.0, 2, 1, back_seconds=2.0))
@example(Scene("UTC", date(2026, 6, 15), -1.0, 0, 0, back_seconds=2.0))
def test_midnight_may_pass_while_a_request_or_its_answer_is_on_the_way(scene: Scene) -> None:
    check(scene)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seconds", [-1.0, 1.0])
def test_the_last_seven_days_and_today_around_midnight(zone: str, seconds: float) -> None:
    check(Scene(zone, date(2026, 6, 15), seconds, 6, 0))


@pytest.mark.parametrize("last", [0, 1])
async def test_figures_asked_for_after_midnight_are_not_those_of_the_day_before(last: int) -> None:
    scene = Scene("Asia/Kathmandu", date(2026, 6, 15), 1.0, 3, last, asked_before=60.0)
    clock = SteppedClock(scene.begins_at)
    async with company(scene, clock) as sim:
        remember_words(sim)
        around = Surroundings(clock, MemorySpendLog(), HttpSettings())
        access = Access(CONNECTOR, {"api_key": "testkey", "base_url": sim.url})
        for _ in range(2):
            span = scene.span(clock.now())
            rows = await rows_of(around, access, scene, span, export_type="stats", group_by="date")
            assert [row["date"] for row in rows] == [str(day) for day in span]
            clock.advance((scene.asked_at - clock.now()).total_seconds())


def test_the_day_that_was_left_out_is_empty_and_the_others_are_whole() -> None:
    # Apia went from 29 to 31 December 2011.
    check(Scene("Pacific/Apia", date(2011, 12, 31), 1.0, 4, 0))


def test_the_company_has_calls_on_both_sides_of_midnight() -> None:
    scene = Scene("Asia/Kathmandu", date(2026, 6, 15), 1.0, 3, 1)
    sim, [(span, ids)] = asyncio.run(play(scene))
    assert len(ids) > 5
    # The last second of yesterday is too near: a call of it has not ended.
    for days in (DaySpan(day, day) for day in span if day < span.last):
        first, after = instants(days, ZoneInfo(scene.zone))
        edges = [(int(at.timestamp() * 1000) - early) for at, early in ((first, 0), (after, 1000))]
        assert all(starts(sim, edge, edge) for edge in edges), days


def test_words_remembered_from_yesterday_would_answer_with_other_days() -> None:
    """The memory that the tests above play is one that does harm where nobody looks."""
    clock = SteppedClock(datetime(2026, 6, 14, 23, 59, 50, tzinfo=UTC))
    sim = company(Scene("UTC", date(2026, 6, 15), 0.0, 1, 1), clock)
    remember_words(sim)
    body = {"stat_type": "calls", "export_type": "records", "days_ago_start": 1, "days_ago_end": 1}
    before, _ = sim.desk.begin(body, "k", clock.now())
    clock.advance(20)
    after, is_repeated = sim.desk.begin(body, "k", clock.now())
    assert (after.ask.window, is_repeated) == (before.ask.window, True)
