"""The request budget: lumps from the shared log, waits that are told, tokens that go back."""

import asyncio
import itertools
import threading
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from tests.fetch.provider import NOON, Asked, Provider, Reading, Reply, WatchedClock, calls_report, reply
from trunkline.declare import HOUR, MINUTE, ByNumber, Limit, Window
from trunkline.errors import RetryLater
from trunkline.fetch.asked import query_for
from trunkline.fetch.budget import LUMP, Budget
from trunkline.fetch.paging import first_answer, pages
from trunkline.fetch.spend_memory import MemorySpendLog
from trunkline.fetch.spending import Grant, Wait

FIFTY_AN_HOUR = (Limit(50, HOUR),)


class TimedBudget(Budget):
    """Remembers the instant of each request it allowed."""

    def __init__(self, reading: Reading, sent: list[datetime]) -> None:
        super().__init__(reading.log, "acme", reading.limits, reading.clock, reading.counters)
        self.sent = sent

    async def spend(self) -> None:
        await super().spend()
        self.sent.append(self.now())


class CountingLog(MemorySpendLog):
    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self.given_back = 0

    def take(self, account: str, limits: tuple[Limit, ...], wanted: int, now: datetime) -> Grant | Wait:
        self.taken += 1
        return super().take(account, limits, wanted, now)

    def give_back(self, account: str, limits: tuple[Limit, ...], grant: Grant, unused: int) -> None:
        self.given_back += unused
        super().give_back(account, limits, grant, unused)


def busiest(sent: Sequence[datetime], length: timedelta) -> int:
    """The most requests in any span of that length."""
    ordered = sorted(sent)
    return max(bisect_left(ordered, start + length) - n for n, start in enumerate(ordered))


def used(reading: Reading, at: datetime = NOON) -> int:
    return reading.log.used("acme", reading.limits, at)[0][1]


async def spend(budget: Budget, times: int) -> None:
    for _ in range(times):
        await budget.spend()


async def test_four_lumps_pay_for_four_lumps_of_requests() -> None:
    log = CountingLog()
    budget = Reading(log=log, limits=(Limit(1_000, HOUR),)).budget()
    await spend(budget, 4 * LUMP)
    assert log.taken == 4


async def test_what_is_left_at_the_end_goes_back() -> None:
    reading = Reading(limits=FIFTY_AN_HOUR)
    budget = reading.budget()
    await spend(budget, 3)
    assert used(reading) == LUMP
    await budget.close()
    assert used(reading) == 3
    await budget.close()
    assert used(reading) == 3, "given back once only"


async def test_a_lump_is_not_spent_after_the_slot_it_was_counted_in() -> None:
    reading = Reading(limits=FIFTY_AN_HOUR)
    budget = reading.budget()
    await budget.spend()
    reading.clock.advance(90)
    await budget.spend()
    await budget.close()
    assert used(reading, reading.clock.now()) == 2


async def test_a_wait_is_told_with_its_end_and_its_reason_and_ends() -> None:
    reading = Reading(limits=(Limit(2, MINUTE),))
    budget = reading.budget()
    await spend(budget, 3)
    due = NOON + timedelta(seconds=61)
    assert reading.announced == [(due, "2 requests a minute"), (None, "")]
    assert reading.clock.now() >= due
    assert reading.counters.waited_seconds == reading.clock.monotonic()


async def test_a_long_wait_is_told_once_although_it_is_napped() -> None:
    reading = Reading(limits=(Limit(1, HOUR),))
    await spend(reading.budget(), 2)
    assert len(reading.clock.slept) > 60
    assert max(reading.clock.slept) <= 60
    assert [why for _, why in reading.announced] == ["1 request an hour", ""]


async def test_a_wait_ends_early_when_another_gives_back_and_is_taken_back() -> None:
    reading = Reading(limits=(Limit(LUMP, HOUR),))
    first, second = reading.budget(), reading.budget()
    await first.spend()
    waiting = asyncio.create_task(second.spend())
    while not reading.clock.slept:
        await asyncio.sleep(0)
    await first.close()
    await waiting
    assert reading.clock.monotonic() < 600, "long before the hour is over"
    assert reading.announced[0][1] == f"{LUMP} requests an hour"
    assert reading.announced[-1] == (None, "")


async def test_a_cancelled_wait_is_taken_back() -> None:
    class Endless(WatchedClock):
        async def sleep(self, seconds: float) -> None:
            await asyncio.Event().wait()

    reading = Reading(clock=Endless(), limits=(Limit(1, HOUR),))
    budget = reading.budget()
    await budget.spend()
    waiting = asyncio.create_task(budget.spend())
    while not reading.announced:
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert reading.announced[-1] == (None, "")


async def test_a_lump_granted_to_a_cancelled_request_goes_back() -> None:
    asked, answer, taken = threading.Event(), threading.Event(), threading.Event()

    class SlowLog(MemorySpendLog):
        def take(self, account: str, limits: tuple[Limit, ...], wanted: int, now: datetime) -> Grant | Wait:
            asked.set()
            assert answer.wait(5)
            try:
                return super().take(account, limits, wanted, now)
            finally:
                taken.set()

    reading = Reading(log=SlowLog(), limits=FIFTY_AN_HOUR)
    budget = reading.budget()
    spending = asyncio.create_task(budget.spend())
    await asyncio.to_thread(asked.wait, 5)
    spending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await spending
    answer.set()
    await budget.close()
    await asyncio.to_thread(taken.wait, 5)
    assert used(reading) == 0


async def test_a_log_that_cannot_be_asked_is_an_error_of_the_request() -> None:
    class Locked(MemorySpendLog):
        def take(self, account: str, limits: tuple[Limit, ...], wanted: int, now: datetime) -> Grant | Wait:
            raise RetryLater("The database is locked.")

    budget = Reading(log=Locked()).budget()
    with pytest.raises(RetryLater, match="locked"):
        await budget.spend()
    await budget.close()


async def test_a_pause_holds_although_tokens_are_in_hand() -> None:
    reading = Reading(limits=FIFTY_AN_HOUR)
    budget = reading.budget()
    await budget.spend()
    until = NOON + timedelta(seconds=20)
    await budget.pause(until, "Acme asks to wait (429)")
    await budget.spend()
    assert reading.clock.now() == until
    assert reading.announced == [(until, "Acme asks to wait (429)"), (None, "")]


async def test_a_pause_holds_for_a_lump_that_was_being_asked_for() -> None:
    """The answer of the log is on its way when the provider asks for a pause."""
    answered, paused = threading.Event(), threading.Event()

    class SlowLog(MemorySpendLog):
        def take(self, account: str, limits: tuple[Limit, ...], wanted: int, now: datetime) -> Grant | Wait:
            answer = super().take(account, limits, wanted, now)
            answered.set()
            assert paused.wait(5)
            return answer

    reading = Reading(log=SlowLog(), limits=FIFTY_AN_HOUR)
    budget = reading.budget()
    spending = asyncio.create_task(budget.spend())
    await asyncio.to_thread(answered.wait, 5)
    until = NOON + timedelta(seconds=20)
    await budget.pause(until, "Acme asks to wait (429)")
    paused.set()
    await spending
    assert reading.clock.now() >= until


async def test_a_shorter_pause_does_not_shorten_a_longer_one() -> None:
    reading = Reading()
    budget = reading.budget()
    await budget.pause(NOON + timedelta(seconds=50), "long")
    await budget.pause(NOON + timedelta(seconds=10), "short")
    await budget.spend()
    assert reading.clock.now() == NOON + timedelta(seconds=50)


async def test_a_pause_stops_every_budget_of_the_account_and_no_other() -> None:
    reading = Reading(limits=FIFTY_AN_HOUR)
    mine, yours = reading.budget(), reading.budget()
    others = Budget(reading.log, "another account", reading.limits, reading.clock, reading.counters)
    await mine.pause(NOON + timedelta(seconds=20), "Acme asks to wait (429)")
    await others.spend()
    assert reading.clock.now() == NOON
    await yours.spend()
    assert reading.clock.now() == NOON + timedelta(seconds=20)


async def test_two_budgets_on_one_log_share_and_neither_starves() -> None:
    reading = Reading(limits=FIFTY_AN_HOUR)
    sent: list[list[datetime]] = [[], []]
    budgets = [TimedBudget(reading, mine) for mine in sent]
    await asyncio.gather(*(spend(budget, 120) for budget in budgets))
    assert busiest([*sent[0], *sent[1]], timedelta(hours=1)) <= 50
    first_to_end = min(max(mine) for mine in sent)
    behind = min(sum(at <= first_to_end for at in mine) for mine in sent)
    assert behind >= 60, f"the slower one got {behind} of 120 when the other was done"


async def test_many_requests_at_once_keep_the_limit() -> None:
    reading = Reading(limits=(Limit(7, MINUTE), Limit(30, HOUR)))
    sent: list[datetime] = []
    budget = TimedBudget(reading, sent)
    await asyncio.gather(*(budget.spend() for _ in range(70)))
    assert len(sent) == 70
    assert busiest(sent, timedelta(minutes=1)) <= 7
    assert busiest(sent, timedelta(hours=1)) <= 30


async def test_eighty_pages_under_fifty_an_hour_wait_and_come_complete(provider: Provider) -> None:
    """An hourly limit is waited for, not failed on, and holds in every span of sixty minutes."""
    reading = Reading(limits=FIFTY_AN_HOUR)
    per_page, total = 250, 20_000

    def answer(asked: Asked) -> Reply:
        first = (asked.page - 1) * per_page
        return reply(
            {
                "total_pages": total // per_page,
                "total_records": total,
                "calls": [{"id": f"CAL{n}"} for n in range(first, min(first + per_page, total))],
            }
        )

    provider.answering = answer
    sent: list[datetime] = []
    query = query_for(calls_report(ByNumber(rows=per_page)), {"account_id": "ACC1"}, Window())
    async with reading.http(provider.address, TimedBudget(reading, sent)) as http:
        ids = [
            row["id"]
            async for page in pages(http, query, await first_answer(http, query))
            for row in page.body["calls"]
        ]
    assert ids == [f"CAL{n}" for n in range(total)]
    assert len(sent) == len(provider.asked) == 80
    assert busiest(sent, timedelta(hours=1)) <= 50
    assert [why for _, why in reading.announced] == ["50 requests an hour", ""]
    assert 3_600 <= reading.counters.waited_seconds <= 3_700
    assert reading.counters.retries == 0


def test_the_busiest_span_is_counted_right() -> None:
    at = [NOON + timedelta(seconds=s) for s in (0, 10, 59, 60, 61)]
    assert busiest(at, timedelta(seconds=60)) == 4
    assert busiest(list(itertools.repeat(NOON, 3)), timedelta(seconds=1)) == 3


async def test_a_wait_of_a_moment_is_not_told() -> None:
    told: list[datetime | None] = []
    reading = Reading(limits=(Limit(2, 1),))
    reading.counters.on_wait = lambda until, _: told.append(until)
    budget = Budget(reading.log, "acme", reading.limits, reading.clock, reading.counters)
    await spend(budget, 6)
    assert reading.counters.waited_seconds > 1
    assert told == []


async def test_a_pause_of_one_group_holds_nobody_else_up() -> None:
    reading = Reading(limits=FIFTY_AN_HOUR)
    exports = Budget(reading.log, "acme", reading.limits, reading.clock, reading.counters, lump=1)
    others = Budget(reading.log, "acme", reading.limits, reading.clock, reading.counters)
    await exports.pause(NOON + timedelta(hours=1), "asked to wait", only_here=True)
    await spend(others, 3)
    assert reading.clock.now() == NOON
    await spend(exports, 1)
    assert reading.clock.now() >= NOON + timedelta(hours=1)
