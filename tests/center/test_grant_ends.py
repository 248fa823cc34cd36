"""When a sign-in ends, where the provider says so; and what is told of one that has ended."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.center.house import ENDED, REDIRECT, House
from tests.sims.dialpad.sign_in_page import click_through, sign_in_host
from trunkline.center import accounts, connecting, grant_queries, grants
from trunkline.center.alerts.incidents import newest
from trunkline.center.room import Center
from trunkline.clock import SteppedClock
from trunkline.fetch.sign_in import SignIn, TokenPair


@pytest.fixture
async def house(center: Center, clock: SteppedClock) -> AsyncIterator[House]:
    async with sign_in_host(clock) as host:
        yield House(center, host, clock)


def ends_at(house: House) -> datetime | None:
    with house.center.store.read() as tx:
        row = grant_queries.grant_of(tx, accounts.get(house.center, "main").id)
    assert row
    found: datetime | None = row["ends_at"]
    return found


async def test_a_sign_in_that_renews_itself_has_no_known_end(house: House) -> None:
    await house.connect()
    assert ends_at(house) is None


async def test_one_without_a_refresh_token_ends_with_its_token(house: House) -> None:
    now = house.clock.now()
    pending = connecting.begin(
        house.center, "dialpad", "main", house.client, REDIRECT, scopes=("calls:list",)
    )
    sent_to = await click_through(pending.authorize_url, "admin")
    await connecting.finish(house.center, pending, sent_to.partition("?")[2])
    end = ends_at(house)
    assert end is not None
    assert now < end <= now + timedelta(hours=1, seconds=10)


@pytest.mark.parametrize(("new", "moves"), [("another", True), ("", False)])
async def test_a_renewal_moves_the_end_unless_the_refresh_token_stays(
    house: House, monkeypatch: pytest.MonkeyPatch, new: str, moves: bool
) -> None:
    await house.connect()
    main = accounts.get(house.center, "main").id
    grants.save(house.center, main, TokenPair("a" * 20, "first", "", 3_600, 86_400))
    began = house.clock.now()
    assert ends_at(house) == began + timedelta(days=1)
    house.clock.advance(3_600)

    def refresh(_: SignIn, token: str) -> TokenPair:
        return TokenPair("b" * 20, new or token, "", 3_600, 86_400 if new else None)

    monkeypatch.setattr(SignIn, "refresh", refresh)
    access: Any = accounts.access(house.center, "main").grant
    assert await access.token() == "b" * 20
    assert ends_at(house) == began + timedelta(days=1, hours=1 if moves else 0)


async def test_one_that_has_ended_is_an_incident(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.connect()
    house.clock.advance(4_000)
    monkeypatch.setattr(SignIn, "refresh", lambda *_: None)
    access: Any = accounts.access(house.center, "main").grant
    refused = await asyncio.gather(access.token(), return_exceptions=True)
    assert str(refused[0]) == ENDED
    (incident,) = newest(house.center)
    assert (incident.kind, incident.text) == ("account_invalid", f"Account main: {ENDED}")
    monkeypatch.undo()
    await house.connect()
    assert newest(house.center, only_open=True) == []
