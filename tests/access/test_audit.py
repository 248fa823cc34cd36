"""The audit: what is written down, and how it is leafed through."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.databases import KINDS, fresh_store
from trunkline.access.audit import COMMAND_LINE, NOBODY, Audit
from trunkline.access.roles import Role
from trunkline.access.tables import audit_entries
from trunkline.access.users import Users
from trunkline.clock import FrozenWallClock
from trunkline.store.connection import Store
from trunkline.store.metadata import metadata
from trunkline.store.tables import users

NOW = datetime(2026, 6, 14, 12, tzinfo=UTC)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with fresh_store(request.param, tmp_path, migrate=False) as found:
        metadata.create_all(found.engine, [users, audit_entries])
        yield found


def test_pages_filters_and_actions(store: Store) -> None:
    clock = FrozenWallClock(NOW)
    ann = Users(store, clock).add("ann@example.com", "Ann", Role.OWNER)
    audit = Audit(store, clock)
    assert audit.page() == []
    assert audit.actions() == []
    audit.note(ann, "127.0.0.1", "dataset.removed", "Calls", rows=12)
    audit.note(None, "198.51.100.1", "sign_in.failed", "eve@example.com")
    audit.note(None, "", "user.added", "bob@example.com", role=Role.ANALYST, scopes=["a", "b"])
    newest, failed, first = audit.page()
    assert (newest.who, newest.detail) == (COMMAND_LINE, {"role": "analyst", "scopes": ["a", "b"]})
    assert (failed.who, failed.subject, failed.at) == (NOBODY, "eve@example.com", NOW)
    assert audit.page(before_id=failed.id) == [first]
    assert audit.page(limit=2) == [newest, failed]
    assert audit.page(action="dataset.removed") == [first]
    assert audit.page(who=" Ann@Example.com") == [first]
    assert audit.page(who=COMMAND_LINE) == [newest]
    assert audit.page(who="somebody@else") == []
    assert audit.actions() == ["dataset.removed", "sign_in.failed", "user.added"]


def test_texts_from_anywhere_fit(store: Store) -> None:
    audit = Audit(store, FrozenWallClock(NOW))
    audit.note(None, "x" * 99, "a" * 99, "long\n\x00" * 99, why="y" * 9_999)
    (entry,) = audit.page()
    assert len(entry.subject) == 190
    assert "\n" not in entry.subject
    assert len(entry.detail["why"]) == 500
