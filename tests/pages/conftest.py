from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.pages.browsing import Browsing
from trunkline.access.roles import Role
from trunkline.access.wrong_logins import WrongLogins
from trunkline.clock import FrozenWallClock
from trunkline.pages.application import Pages
from trunkline.pages.rooms import Rooms, rooms_of
from trunkline.pages.visit import SESSION
from trunkline.settings import load_settings
from trunkline.store.connection import open_store

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
PASSWORD = "correct horse battery"
ORIGIN = "http://trunkline.test"

Visitor = Callable[[Role | None], httpx.AsyncClient]


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    settings = load_settings(tmp_path / "home", {})
    store, clock = open_store(settings), FrozenWallClock(NOW)
    yield rooms_of(settings, store, clock, WrongLogins(store, clock, 100))
    store.close()


@pytest.fixture
async def visitor(rooms: Rooms) -> AsyncIterator[Visitor]:
    """Makes clients of the pages: one signed in for a role, None for nobody."""
    clients: list[httpx.AsyncClient] = []

    def client(role: Role | None) -> httpx.AsyncClient:
        cookies, headers = {}, {}
        if role is not None:
            email = f"{role}@example.com"
            users = {user.email: user for user in rooms.users.all()}
            user = users.get(email) or rooms.users.add(email, str(role).title(), role)
            session = rooms.sessions.begin(user, "127.0.0.1", "a test")
            cookies, headers = {SESSION: session.text}, {"x-form-token": session.form_token}
        transport = httpx.ASGITransport(Pages(rooms))
        clients.append(
            httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies, headers=headers)
        )
        return clients[-1]

    yield client
    for one in clients:
        await one.aclose()


@pytest.fixture
def browsing() -> Iterator[Browsing]:
    """A browser. As long as it is open Playwright has a loop of its own: no other test may be beside it."""
    with Browsing.opened() as found:
        yield found
