"""Wrong logins by address: counted here and for all processes, until the address must wait."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.store.databases import KINDS, fresh_store
from trunkline.access import wrong_logins
from trunkline.access.tables import wrong_logins as table
from trunkline.access.wrong_logins import WINDOW, Count, WrongLogins, after, network_of
from trunkline.clock import SteppedClock
from trunkline.store.connection import Store
from trunkline.store.metadata import metadata

NOW = datetime(2026, 6, 14, 12, tzinfo=UTC)
HERE, THERE = "203.0.113.9", "198.51.100.1"
QUARTER = int(WINDOW.total_seconds())


@contextmanager
def small_store(kind: str, home: Path) -> Iterator[Store]:
    """A store with the one table that is needed."""
    home.mkdir(exist_ok=True)
    with fresh_store(kind, home, migrate=False) as found:
        metadata.create_all(found.engine, [table])
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with small_store("sqlite", tmp_path) as found:
        yield found


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


async def noted(counts: WrongLogins, address: str, times: int) -> None:
    for _ in range(times):
        counts.note(address)
    await counts.close()


async def test_the_last_one_allowed_makes_its_address_wait(store: Store, clock: SteppedClock) -> None:
    counts = WrongLogins(store, clock, 3)
    await noted(counts, HERE, 2)
    assert counts.wait_seconds(HERE) == 0
    await noted(counts, HERE, 1)
    assert counts.wait_seconds(HERE) == QUARTER
    assert counts.wait_seconds(THERE) == 0


async def test_the_waiting_ends_and_counting_begins_anew(store: Store, clock: SteppedClock) -> None:
    counts = WrongLogins(store, clock, 3)
    await noted(counts, HERE, 3)
    clock.advance(QUARTER - 1)
    assert counts.wait_seconds(HERE) == 1
    clock.advance(1)
    assert counts.wait_seconds(HERE) == 0
    await noted(counts, HERE, 2)
    assert counts.wait_seconds(HERE) == 0


async def test_old_ones_do_not_count(store: Store, clock: SteppedClock) -> None:
    counts = WrongLogins(store, clock, 3)
    await noted(counts, HERE, 2)
    clock.advance(QUARTER)
    await noted(counts, HERE, 2)
    assert counts.wait_seconds(HERE) == 0


async def test_nothing_is_counted_where_none_are_too_many(store: Store, clock: SteppedClock) -> None:
    counts = WrongLogins(store, clock, 0)
    await noted(counts, HERE, 500)
    assert counts.wait_seconds(HERE) == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_processes_count_together_and_a_new_one_knows(
    kind: str, tmp_path: Path, clock: SteppedClock
) -> None:
    with small_store(kind, tmp_path) as store:
        one, other = WrongLogins(store, clock, 10), WrongLogins(store, clock, 10)
        await asyncio.gather(noted(one, HERE, 5), noted(other, HERE, 4))
        assert (one.wait_seconds(HERE), other.wait_seconds(HERE)) == (0, 0)
        await noted(one, HERE, 1)
        assert one.wait_seconds(HERE) == QUARTER
        await noted(other, THERE, 1)
        assert other.wait_seconds(HERE) == QUARTER, "it learns of others with what it counts itself"
        started = WrongLogins(store, clock, 10)
        await started.learn()
        assert started.wait_seconds(HERE) == QUARTER


@pytest.mark.parametrize("kind", KINDS)
async def test_many_at_once_lose_none(kind: str, tmp_path: Path, clock: SteppedClock) -> None:
    with small_store(kind, tmp_path) as store:
        processes = [WrongLogins(store, clock, 1_000) for _ in range(4)]
        await asyncio.gather(
            *(noted(one, f"203.0.113.{n}", 5) for one in processes for n in range(3) for _ in range(2))
        )
        with store.read() as tx:
            assert list(tx.execute(select(table.c.wrong))) == [(40,)] * 3


async def test_what_no_longer_counts_is_forgotten(store: Store, clock: SteppedClock) -> None:
    counts = WrongLogins(store, clock, 3)
    for n in range(20):
        counts.note(f"203.0.113.{n}")
    await counts.close()
    clock.advance(QUARTER)
    await noted(counts, HERE, 1)
    with store.read() as tx:
        assert list(tx.execute(select(table.c.network))) == [(HERE,)]


async def test_no_more_addresses_are_remembered_than_there_is_room_for(
    store: Store, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrong_logins, "MOST_ADDRESSES", 50)
    counts = WrongLogins(store, clock, 2)
    for n in range(200):
        counts.note(f"10.0.0.{n}")
        counts.note(f"10.0.0.{n}")
        assert len(counts._counts) <= 50
        assert len(counts._waiting) <= 50
    await counts.close()
    with store.read() as tx:
        assert tx.execute(select(func.count()).select_from(table)).scalar() == 200


async def test_a_store_that_fails_does_not_stop_the_counting_here(
    store: Store, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    counts = WrongLogins(store, clock, 3)
    monkeypatch.setattr(store, "begin", None)
    await noted(counts, HERE, 3)
    assert counts.wait_seconds(HERE) == QUARTER
    assert "could not be told to other processes" in caplog.text


def test_an_ipv6_network_is_one_address() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of("::ffff:203.0.113.9") == network_of("203.0.113.9") == "203.0.113.9"
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert len(network_of("x" * 500)) == 64


def test_waiting_is_not_made_longer_by_more_wrong_logins() -> None:
    waits = after(Count(2, NOW + WINDOW / 2), 1, 3, NOW)
    assert waits == Count(3, NOW + WINDOW)
    assert after(waits, 5, 3, NOW + timedelta(minutes=5)) == Count(8, NOW + WINDOW)
