"""The request budget: the same stories over the log in memory and those in each database."""

import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.store.databases import KINDS, empty, fresh_store, settings_at
from trunkline.declare import DAY, HOUR, MINUTE, Limit
from trunkline.errors import SettingsError
from trunkline.fetch.spend_memory import MemorySpendLog
from trunkline.fetch.spend_slots import limit_words, ruler_of
from trunkline.fetch.spending import Grant, SpendLog, Wait
from trunkline.store.budget import StoreSpendLog
from trunkline.store.connection import Store, open_store

NOON = datetime(2026, 6, 14, 12, tzinfo=UTC)
HUNDRED_A_MINUTE = Limit(100, MINUTE)
TEN_AN_HOUR = Limit(10, HOUR)
TWENTY_A_SECOND = Limit(20, 1)
EXPORTS = Limit(3, MINUTE, group="exports")

_numbers = count()


def new_account() -> str:
    """Hypothesis runs many stories on one log; each has an account of its own."""
    return f"callrail:{next(_numbers)}"


@contextmanager
def opened_log(kind: str, home: Path) -> Iterator[SpendLog]:
    if kind == "memory":
        yield MemorySpendLog()
        return
    with fresh_store(kind, home) as store:
        yield StoreSpendLog(store)


@pytest.fixture(scope="module", params=["memory", *KINDS])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def store(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store | None]:
    """One for all tests on a database; without rows at the beginning of each. None: in memory."""
    if kind == "memory":
        yield None
        return
    with fresh_store(kind, tmp_path_factory.mktemp("spends") / "home") as opened:
        yield opened


@pytest.fixture
def log(store: Store | None) -> SpendLog:
    if store is None:
        return MemorySpendLog()
    empty(store)
    return StoreSpendLog(store)


def granted(answer: Grant | Wait) -> Grant:
    assert isinstance(answer, Grant), answer
    return answer


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_grant_ends_with_its_slot(log: SpendLog) -> None:
    assert log.take("a", (HUNDRED_A_MINUTE,), 16, after(0.25)) == Grant(16, after(1))
    assert NOON < granted(log.take("a", (TWENTY_A_SECOND,), 16, NOON)).until <= after(0.017)


def test_a_grant_is_what_is_left(log: SpendLog) -> None:
    assert granted(log.take("a", (TEN_AN_HOUR,), 8, NOON)).tokens == 8
    assert granted(log.take("a", (TEN_AN_HOUR,), 8, NOON)).tokens == 2
    assert log.take("a", (TEN_AN_HOUR,), 8, NOON) == Wait(after(HOUR + 60), "10 requests an hour")


def test_tokens_come_back_when_their_whole_slot_is_older_than_the_window(log: SpendLog) -> None:
    log.take("a", (TEN_AN_HOUR,), 4, after(30))
    log.take("a", (TEN_AN_HOUR,), 6, after(60))
    free = after(HOUR + 60)
    just_before = free - timedelta(microseconds=1)
    assert log.take("a", (TEN_AN_HOUR,), 9, just_before) == Wait(free, "10 requests an hour")
    assert granted(log.take("a", (TEN_AN_HOUR,), 9, free)).tokens == 4


def test_every_limit_must_allow_it(log: SpendLog) -> None:
    limits = (HUNDRED_A_MINUTE, Limit(120, DAY))
    assert granted(log.take("a", limits, 500, NOON)).tokens == 100
    assert log.take("a", limits, 1, NOON) == Wait(after(61), "100 requests a minute")
    assert granted(log.take("a", limits, 500, after(61))).tokens == 20
    wait = log.take("a", limits, 1, after(200))
    assert wait == Wait(after(DAY + 24 * 60), "120 requests a day")


def test_a_group_counts_its_own_requests_only(log: SpendLog) -> None:
    everything = Limit(10, MINUTE)
    assert granted(log.take("a", (everything, EXPORTS), 9, NOON)).tokens == 3
    assert granted(log.take("a", (everything,), 9, NOON)).tokens == 7
    assert log.used("a", (everything, EXPORTS), NOON) == [(everything, 10), (EXPORTS, 3)]


def test_limits_of_the_same_length_share_one_count(log: SpendLog) -> None:
    strict = Limit(5, MINUTE)
    assert granted(log.take("a", (HUNDRED_A_MINUTE, strict), 9, NOON)).tokens == 5
    assert log.used("a", (HUNDRED_A_MINUTE, strict), NOON) == [(HUNDRED_A_MINUTE, 5), (strict, 5)]


def test_accounts_are_counted_apart(log: SpendLog) -> None:
    log.take("a", (TEN_AN_HOUR,), 10, NOON)
    for other in ("b", "A", "á"):
        assert granted(log.take(other, (TEN_AN_HOUR,), 10, NOON)).tokens == 10


def test_unused_tokens_can_be_taken_again(log: SpendLog) -> None:
    limits = (TEN_AN_HOUR, Limit(10, DAY))
    grant = granted(log.take("a", limits, 10, NOON))
    log.give_back("a", limits, grant, 7)
    assert [used for _, used in log.used("a", limits, NOON)] == [3, 3]
    assert granted(log.take("a", limits, 10, after(90))).tokens == 7


def test_more_than_was_taken_cannot_be_given_back(log: SpendLog) -> None:
    grant = granted(log.take("a", (TEN_AN_HOUR,), 4, NOON))
    log.give_back("a", (TEN_AN_HOUR,), grant, 5)
    log.give_back("never seen", (TEN_AN_HOUR,), grant, 1)
    assert log.used("a", (TEN_AN_HOUR,), NOON) == [(TEN_AN_HOUR, 4)]
    assert log.used("never seen", (TEN_AN_HOUR,), NOON) == [(TEN_AN_HOUR, 0)]


def test_nobody_takes_during_a_pause(log: SpendLog) -> None:
    log.pause("a", after(30), "the provider asks to wait")
    paused = Wait(after(30), "the provider asks to wait")
    assert log.take("a", (HUNDRED_A_MINUTE,), 1, NOON) == paused
    assert log.take("a", (), 1, NOON) == paused
    assert granted(log.take("b", (HUNDRED_A_MINUTE,), 1, NOON)).tokens == 1
    assert (log.paused("a", NOON), log.paused("b", NOON), log.paused("c", NOON)) == (paused, None, None)
    assert granted(log.take("a", (HUNDRED_A_MINUTE,), 1, after(30))).tokens == 1
    assert log.paused("a", after(30)) is None


def test_only_a_later_pause_beats_a_pause(log: SpendLog) -> None:
    log.pause("a", after(30), "first")
    log.pause("a", after(20), "earlier")
    assert log.take("a", (), 1, NOON) == Wait(after(30), "first")
    log.pause("a", after(40), "later")
    assert log.take("a", (), 1, NOON) == Wait(after(40), "later")


def test_the_longer_of_pause_and_limit_is_waited_for(log: SpendLog) -> None:
    log.take("a", (TEN_AN_HOUR,), 10, NOON)
    log.pause("a", after(30), "short")
    assert log.take("a", (TEN_AN_HOUR,), 1, NOON) == Wait(after(HOUR + 60), "10 requests an hour")
    log.pause("a", after(DAY), "long")
    assert log.take("a", (TEN_AN_HOUR,), 1, NOON) == Wait(after(DAY), "long")


def test_without_limits_everything_is_granted(log: SpendLog) -> None:
    assert log.take("a", (), 16, NOON) == Grant(16, after(1))
    assert log.used("a", (), NOON) == []


def test_at_least_one_token_is_granted(log: SpendLog) -> None:
    assert granted(log.take("a", (TEN_AN_HOUR,), 0, NOON)).tokens == 1


def test_a_limit_lowered_below_what_was_spent_waits_for_enough_to_come_back(log: SpendLog) -> None:
    for minute in range(5):
        log.take("a", (TEN_AN_HOUR,), 2, after(minute * 60))
    lowered = Limit(3, HOUR)
    assert log.take("a", (lowered,), 1, after(300)) == Wait(after(HOUR + 60 * 4), "3 requests an hour")


def test_a_limit_of_nothing_is_a_settings_error(log: SpendLog) -> None:
    with pytest.raises(SettingsError, match="0 requests an hour allows no request"):
        log.take("a", (Limit(0, HOUR),), 1, NOON)


def test_a_naive_time_is_a_value_error(log: SpendLog) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        log.take("a", (TEN_AN_HOUR,), 1, NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit(1000, HOUR), "1,000 requests an hour"),
        (Limit(1, 1), "1 request a second"),
        (Limit(10_000, DAY), "10,000 requests a day"),
        (Limit(5, 300), "5 requests in 5 minutes"),
        (Limit(5, 90), "5 requests in 90 seconds"),
        (Limit(5, 2 * DAY), "5 requests in 2 days"),
    ],
)
def test_a_limit_is_said_in_words(limit: Limit, words: str) -> None:
    assert limit_words(limit) == words


@pytest.mark.parametrize("seconds", [1, 7, 60, 90, HOUR, DAY])
def test_sixty_slots_cover_a_window(seconds: int) -> None:
    slot_ms = ruler_of(Limit(1, seconds)).slot_ms
    assert seconds * 1000 <= 60 * slot_ms < seconds * 1000 + 60


def test_old_slots_are_forgotten(tmp_path: Path) -> None:
    from sqlalchemy import func, select

    from trunkline.store.tables import budget_spends

    with fresh_store("sqlite", tmp_path) as store:
        log = StoreSpendLog(store)
        for second in range(0, 1000, 2):
            log.take("a", (HUNDRED_A_MINUTE,), 1, after(second))
        with store.read() as tx:
            assert tx.execute(select(func.count()).select_from(budget_spends)).scalar_one() <= 62


# ---- never more than a limit allows, in any span, whatever the story

Sent = list[tuple[int, int]]
LIMITS = (Limit(20, 1), Limit(90, 10), Limit(100, 60), Limit(7, 7))


def most_in_any_span(sent: Sent, seconds: int) -> int:
    """Requests as (microsecond, number), in order; spans are half open, like the limits."""
    length = seconds * 1_000_000
    return max(
        (sum(n for at, n in sent[i:] if at < start + length) for i, (start, _) in enumerate(sent)), default=0
    )


def tell_story(log: SpendLog, limits: tuple[Limit, ...], steps: list[tuple[int, int, int, int]]) -> Sent:
    """Steps: time passed, tokens wanted, tokens given back, how late in the grant the rest is used."""
    account, now, sent = new_account(), 0, Sent()
    for passed, wanted, unused, late in steps:
        now += passed
        answer = log.take(account, limits, wanted, NOON + timedelta(microseconds=now))
        if isinstance(answer, Wait):
            now = (answer.until - NOON) // timedelta(microseconds=1)
            answer = log.take(account, limits, wanted, answer.until)
        grant = granted(answer)
        used = max(0, grant.tokens - unused)
        last = (grant.until - NOON) // timedelta(microseconds=1) - 1
        now = now + (last - now) * late // 100
        sent.append((now, used))
        if grant.tokens > used:
            log.give_back(account, limits, grant, grant.tokens - used)
    return sent


stories = st.lists(
    st.tuples(st.integers(0, 3_000_000), st.integers(1, 40), st.integers(0, 5), st.integers(0, 100)),
    max_size=40,
)
chosen_limits = st.sets(st.sampled_from(LIMITS), min_size=1).map(tuple)


@given(steps=stories, limits=chosen_limits)
@example(steps=[(999_999, 40, 0, 100), (1, 40, 0, 0)] * 5, limits=(Limit(20, 1),))
@settings(max_examples=300, deadline=None)
def test_no_span_ever_holds_more_than_a_limit_in_memory(
    steps: list[tuple[int, int, int, int]], limits: tuple[Limit, ...]
) -> None:
    sent = tell_story(MemorySpendLog(), limits, steps)
    for limit in limits:
        assert most_in_any_span(sent, limit.seconds) <= limit.requests


@pytest.mark.parametrize("kind", KINDS)
def test_no_span_ever_holds_more_than_a_limit_in_a_store(kind: str, tmp_path: Path) -> None:
    with opened_log(kind, tmp_path) as log:

        @given(steps=stories, limits=chosen_limits)
        @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        def tell(steps: list[tuple[int, int, int, int]], limits: tuple[Limit, ...]) -> None:
            sent = tell_story(log, limits, steps)
            assert sent == tell_story(MemorySpendLog(), limits, steps)
            for limit in limits:
                assert most_in_any_span(sent, limit.seconds) <= limit.requests

        tell()


# ---- many take at once

LIMITED = (Limit(300, HOUR), Limit(400, DAY))


def take_until_waiting(log: SpendLog) -> int:
    taken = 0
    while isinstance(answer := log.take("shared", LIMITED, 7, NOON), Grant):
        unused = min(1, answer.tokens - 1)
        log.give_back("shared", LIMITED, answer, unused)
        taken += answer.tokens - unused
    return taken


def take_in_process(place: tuple[str, str]) -> int:
    store = open_store(settings_at(Path(place[0]), place[1]))
    try:
        return take_until_waiting(StoreSpendLog(store))
    finally:
        store.close()


def test_threads_together_take_exactly_the_limit(log: SpendLog) -> None:
    taken: list[int] = []
    threads = [threading.Thread(target=lambda: taken.append(take_until_waiting(log))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), log.used("shared", LIMITED, NOON)) == (8, [(LIMITED[0], 300), (LIMITED[1], 300)])
    assert sum(taken) == 300


@pytest.mark.parametrize("kind", KINDS)
def test_processes_together_take_exactly_the_limit(kind: str, tmp_path: Path) -> None:
    with fresh_store(kind, tmp_path / "home") as store:
        url = store.place.url
        driver = url.drivername.partition("+")[0]
        shown = "" if kind == "sqlite" else url.set(drivername=driver).render_as_string(hide_password=False)
        with multiprocessing.get_context("spawn").Pool(4) as pool:
            taken = pool.map(take_in_process, [(str(tmp_path / "home"), shown)] * 4)
        assert sum(taken) == 300
