"""A real server with an owner who is signed in, for browsers."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.pages.conftest import PASSWORD
from tests.web.serving import served_for_many
from trunkline.access.roles import Role
from trunkline.access.sessions import Sessions
from trunkline.access.users import Users
from trunkline.clock import SystemClock
from trunkline.settings import load_settings
from trunkline.store.connection import open_store

PATIENCE = 60


@dataclass(frozen=True)
class Served:
    """A server's address, its home, and the cookie of its owner."""

    address: str
    home: Path
    session: str


@contextmanager
def loop_beside() -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """Runs coroutines on a loop in a thread: that of the test has Playwright's own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def owner_signed_in(home: Path, **env: str) -> str:
    """The session of a new owner, owner@example.com."""
    store, clock = open_store(load_settings(home, env)), SystemClock()
    user = Users(store, clock).add("owner@example.com", "Olive Owner", Role.OWNER, PASSWORD)
    session = Sessions(store, clock).begin(user, "127.0.0.1", "a test").text
    store.close()
    return session


@contextmanager
def served_pages(home: Path, **env: str) -> Iterator[Served]:
    """A server by the real clock, whose owner is owner@example.com."""
    session = owner_signed_in(home, **env)
    with served_for_many(home, None, **{"TRUNKLINE_FROZEN_CLOCK": "", **env}) as address:
        yield Served(address, home, session)
