"""The one source of "now" and of waiting."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from trunkline.clock import FROZEN_VARIABLE, FrozenWallClock, SteppedClock, SystemClock, process_clock
from trunkline.errors import SettingsError

NOON = datetime(2026, 6, 14, 12, tzinfo=UTC)


def test_the_machines_clock_is_aware_utc_and_goes_on() -> None:
    clock = SystemClock()
    before, measured = clock.now(), clock.monotonic()
    assert before.tzinfo is UTC
    assert abs(before - datetime.now(UTC)) < timedelta(minutes=1)
    assert clock.now() >= before
    assert clock.monotonic() >= measured


async def test_a_wait_into_the_past_is_no_wait() -> None:
    await asyncio.wait_for(SystemClock().sleep(-5), 1)


def test_a_stepped_clock_stands_still_until_it_is_told() -> None:
    clock = SteppedClock(NOON.astimezone(timezone(timedelta(hours=2))))
    assert clock.now() == NOON
    assert clock.now().tzinfo is UTC
    clock.advance(90)
    assert clock.now() == NOON + timedelta(seconds=90)
    assert clock.monotonic() == 90


async def test_waiting_moves_a_stepped_clock_by_just_that_much() -> None:
    clock = SteppedClock(NOON)
    await clock.sleep(3_600)
    assert clock.now() == NOON + timedelta(hours=1)
    await clock.sleep(-1)
    assert clock.now() == NOON + timedelta(hours=1)


async def test_those_who_wait_are_woken_in_the_order_of_their_wishes_each_at_its_instant() -> None:
    clock = SteppedClock(NOON)
    woken: list[tuple[float, float]] = []

    async def wait(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic()))

    await asyncio.gather(*(wait(s) for s in (30, 10, 20, 0, 10)))
    assert woken == [(0, 0), (10, 10), (10, 10), (20, 20), (30, 30)]


async def test_who_waits_again_and_again_keeps_pace_with_who_waits_once() -> None:
    clock = SteppedClock(NOON)
    seen: list[str] = []

    async def often() -> None:
        for _ in range(5):
            await clock.sleep(10)
            seen.append(f"often {clock.monotonic():g}")

    async def once() -> None:
        await clock.sleep(35)
        seen.append(f"once {clock.monotonic():g}")

    await asyncio.gather(once(), often())
    assert seen == ["often 10", "often 20", "often 30", "once 35", "often 40", "often 50"]


async def test_many_waits_end_together() -> None:
    clock = SteppedClock(NOON)
    await asyncio.gather(*(clock.sleep(n % 17) for n in range(500)))
    assert clock.monotonic() == 16


async def test_a_cancelled_wait_neither_moves_the_clock_nor_holds_up_others() -> None:
    clock = SteppedClock(NOON)
    early, late = asyncio.create_task(clock.sleep(5)), asyncio.create_task(clock.sleep(10))
    await asyncio.sleep(0)
    early.cancel()
    await late
    assert clock.monotonic() == 10
    assert early.cancelled()
    await clock.sleep(1)
    assert clock.monotonic() == 11


def test_without_the_variable_a_process_has_the_machines_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FROZEN_VARIABLE, "")
    assert type(process_clock()) is SystemClock
    monkeypatch.delenv(FROZEN_VARIABLE)
    assert type(process_clock()) is SystemClock


@pytest.mark.parametrize(
    "text", ["2026-06-14T12:00:00Z", "2026-06-14T08:00:00-04:00", "2026-06-14 12:00+00:00"]
)
def test_the_variable_stops_the_wall_clock_only(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(FROZEN_VARIABLE, text)
    clock = process_clock()
    assert isinstance(clock, FrozenWallClock)
    assert clock.now() == clock.now() == NOON
    assert clock.now().tzinfo is UTC
    started = clock.monotonic()
    while clock.monotonic() == started:
        pass
    assert clock.monotonic() > started


@pytest.mark.parametrize("text", ["2026-06-14T12:00:00", "2026-06-14", "noon", "1781438400"])
def test_a_variable_that_names_no_instant_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(FROZEN_VARIABLE, text)
    with pytest.raises(SettingsError, match="no instant with an offset") as caught:
        process_clock()
    assert repr(text) in str(caught.value)
    assert "2026-06-14T12:00:00-04:00" in caught.value.todo
