from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.databases import KINDS, fresh_store
from trunkline.access.tables import audit_entries, kept_answers, sessions, tokens, user_links
from trunkline.clock import SteppedClock
from trunkline.store.connection import Store
from trunkline.store.metadata import metadata
from trunkline.store.tables import users

NOW = datetime(2026, 6, 14, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture(params=KINDS)
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store of each kind with the tables of those who sign in."""
    with fresh_store(request.param, tmp_path, migrate=False) as found:
        needed = [users, sessions, user_links, audit_entries, tokens, kept_answers]
        metadata.create_all(found.engine, needed)
        yield found


@pytest.fixture
def wall() -> SteppedClock:
    return SteppedClock(NOW)
