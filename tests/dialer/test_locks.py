"""Locks by name: held until a work has ended, by whichever connection, however it ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import ClauseElement, column, func, select, table

from tests.dialer.databases import made_database, opened_database
from trunkline.dialer.database import Database
from trunkline.dialer.locks import digits_of, in_order, lock_number, lock_text
from trunkline.dialer.passing_faults import will_pass
from trunkline.dialer.tables import Tables
from trunkline.errors import RetryLater
from trunkline.store.places import Place

LEAD = {"phone_number": "7275551212", "list_id": 101}
SECONDS = 20

Made = tuple[str, Place, Tables]
Two = tuple[str, Database, Database]


@pytest.fixture(scope="module", params=("postgresql", "mariadb"))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    kind = str(request.param)
    with made_database(kind, tmp_path_factory.mktemp("locks") / "home") as (place, tables):
        yield kind, place, tables


@pytest.fixture
async def two(made: Made) -> AsyncIterator[Two]:
    """The same database, opened twice as by two processes."""
    kind, place, tables = made
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(opened_database(place, tables)) for _ in range(2)]
        async with one.work() as work:
            await work.delete("list")
        yield kind, one, other


def waiting_on_postgresql(_: Tables) -> ClauseElement:
    there = table("pg_stat_activity", column("datname"), column("wait_event"))
    return (
        select(func.count().label("count"))
        .select_from(there)
        .where(there.c.datname == func.current_database(), there.c.wait_event == "advisory")
    )


def waiting_on_mariadb(_: Tables) -> ClauseElement:
    there = table("processlist", column("db"), column("state"), schema="information_schema")
    return (
        select(func.count().label("count"))
        .select_from(there)
        .where(there.c.db == func.database(), there.c.state == "User lock")
    )


WAITING = {"postgresql": waiting_on_postgresql, "mariadb": waiting_on_mariadb}


async def somebody_waits(kind: str, database: Database) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            async with database.work() as work:
                found = await work.one(WAITING[kind])
            if found and found["count"]:
                return


def leads(t: Tables) -> ClauseElement:
    return select(t["list"].c.lead_id)


async def add_if_none(database: Database, *names: str) -> bool:
    async with database.work() as work:
        await work.lock(*names)
        is_none = await work.one(leads) is None
        if is_none:
            await work.insert("list", **LEAD)
        return is_none


async def test_who_waits_for_a_lock_sees_what_its_holder_kept(two: Two) -> None:
    kind, one, other = two
    async with one.work() as work:
        await work.lock("a")
        assert await work.one(leads) is None
        second = asyncio.create_task(add_if_none(other, "a"))
        await somebody_waits(kind, one)
        await work.insert("list", **LEAD)
        assert not second.done()
    assert await second is False


async def test_other_names_do_not_wait(two: Two) -> None:
    _, one, other = two
    async with one.work() as work:
        await work.lock("a")
        async with asyncio.timeout(SECONDS):
            assert await add_if_none(other, "b")


async def _fail(_: asyncio.Event) -> None:
    raise ZeroDivisionError


async def _hang(is_in: asyncio.Event) -> None:
    is_in.set()
    await asyncio.Event().wait()


@pytest.mark.parametrize("end", [_fail, _hang])
async def test_a_lock_ends_with_its_work_however_that_ends(
    two: Two, end: Callable[[asyncio.Event], Awaitable[None]]
) -> None:
    _, one, other = two
    is_in = asyncio.Event()

    async def held() -> None:
        async with one.work() as work:
            await work.lock("a", "b")
            await work.insert("list", **LEAD)
            await end(is_in)

    task = asyncio.create_task(held())
    if end is _hang:
        await asyncio.wait_for(is_in.wait(), SECONDS)
        task.cancel()
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(outcome, ZeroDivisionError | asyncio.CancelledError)
    async with asyncio.timeout(SECONDS):
        assert await add_if_none(other, "b", "a")


async def test_who_was_cancelled_while_waiting_holds_nothing(two: Two) -> None:
    kind, one, other = two
    async with one.work() as work:
        await work.lock("a")
        second = asyncio.create_task(add_if_none(other, "a"))
        await somebody_waits(kind, one)
        second.cancel()
        (outcome,) = await asyncio.gather(second, return_exceptions=True)
        assert isinstance(outcome, asyncio.CancelledError)
    async with asyncio.timeout(SECONDS):
        assert await add_if_none(one, "a")
        assert not await add_if_none(other, "a")


async def test_locks_taken_in_any_order_stop_nobody(two: Two) -> None:
    _, *both = two
    names = ("a", "b", "c", "a")
    async with asyncio.timeout(SECONDS):
        adding = (add_if_none(both[n % 2], *(names if n % 3 else names[::-1])) for n in range(60))
        assert sum(await asyncio.gather(*adding)) == 1


async def test_waiting_ends(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    _, place, tables = made
    for kind in ("postgres", "mariadb"):
        monkeypatch.setattr(f"trunkline.dialer.{kind}_database.LOCK_SECONDS", 0.1)
    async with opened_database(place, tables) as one, opened_database(place, tables) as other:
        async with one.work() as work:
            await work.lock("a")
            with pytest.raises(Exception, match=r"lock timeout|works on the same key") as caught:
                await add_if_none(other, "a")
        assert isinstance(caught.value, RetryLater) or will_pass(caught.value)
        await add_if_none(other, "a")


@pytest.mark.parametrize("given", ["727-555 1212", "７２７５５５１２１２", "٧٢٧٥٥٥١٢١٢", "(727)5551212x"])
def test_texts_that_a_collation_may_hold_for_equal_have_one_name(given: str) -> None:
    assert digits_of(given) == "7275551212"


def test_names_are_taken_once_and_in_order() -> None:
    assert in_order(("b", "a", "b")) == ["a", "b"]


def test_each_installation_has_names_of_its_own() -> None:
    assert lock_number("dialer360_", "a") != lock_number("vicidial_", "a")
    assert -(2**63) <= lock_number("dialer360_", "a") < 2**63
    texts = {lock_text(database, "x_", "a") for database in ("one", "two")}
    assert len(texts) == 2
    assert {len(text) for text in texts} == {32}
