"""The API of an installation in an empty folder, asked in this process."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.rest.asking import ACCOUNT_ID, ORIGIN, token_for
from trunkline.access.audit import Audit
from trunkline.access.roles import Role
from trunkline.access.sessions import Sessions
from trunkline.access.users import User, Users
from trunkline.access.wrong_logins import WrongLogins
from trunkline.center import accounts
from trunkline.center.room import Center
from trunkline.clock import FrozenWallClock
from trunkline.daemon.reaching import open_tables
from trunkline.rest.application import rest_app
from trunkline.rest.callers import Callers
from trunkline.rest.operations import RestRooms
from trunkline.settings import Settings, load_settings
from trunkline.sims.callrail import CallrailSim, CallrailSimOptions
from trunkline.store.budget import StoreSpendLog
from trunkline.store.connection import open_store
from trunkline.store.secrets import Vault
from trunkline.web.guesses import Guesses

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
Api = Callable[..., httpx.AsyncClient]


@contextmanager
def rooms_over(settings: Settings) -> Iterator[RestRooms]:
    """The rooms of an installation with these settings."""
    store, clock = open_store(settings), FrozenWallClock(NOW)
    center = Center(settings, clock, store, Vault(settings), StoreSpendLog(store), None, open_tables)
    sessions = Sessions(store, clock)
    guesses = Guesses(clock, WrongLogins(store, clock, 100))
    callers = Callers(store, clock, sessions, guesses)
    yield RestRooms(center, Users(store, clock), sessions, callers, Audit(store, clock))
    store.close()


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[RestRooms]:
    with rooms_over(load_settings(tmp_path / "home", {"TRUNKLINE_HTTP_RETRIES": "0"})) as found:
        yield found


@pytest.fixture
def app(rooms: RestRooms) -> FastAPI:
    return rest_app(rooms, Guesses(rooms.clock))


@pytest.fixture
def person(rooms: RestRooms) -> Callable[[Role], User]:
    """The one user of a role."""

    def found(role: Role) -> User:
        email = f"{role}@example.com"
        known = {user.email: user for user in rooms.users.all()}
        return known.get(email) or rooms.users.add(email, str(role).title(), role)

    return found


@pytest.fixture
async def api(rooms: RestRooms, app: FastAPI, person: Callable[[Role], User]) -> AsyncIterator[Api]:
    """Makes clients: with a token of somebody of a role, kept to scopes where given; None: with none."""
    clients: list[httpx.AsyncClient] = []

    def client(role: Role | None = Role.OWNER, scopes: list[str] | None = None) -> httpx.AsyncClient:
        headers = {}
        if role is not None:
            headers["authorization"] = f"Bearer {token_for(rooms, person(role), scopes)}"
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        clients.append(httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers))
        return clients[-1]

    yield client
    for one in clients:
        await one.aclose()


@pytest.fixture
async def office(rooms: RestRooms) -> AsyncIterator[Any]:
    """A pretend CallRail, and the account `main` of it."""
    options = CallrailSimOptions(strict=True, until=NOW)
    async with CallrailSim(options, rooms.clock) as sim:
        values = {"api_key": "testkey", "account_id": ACCOUNT_ID, "base_url": sim.url}
        accounts.add(rooms.center, "callrail", "main", values, accounts.Verdict(accounts.VALID))
        yield sim
