"""Who was let in a moment ago is let in again without being looked up, and never further than before."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.dialer.lead_calls import LOGIN, ask, change
from trunkline.dialer.command import Dialect
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase

LEAD = {"lead_id": "1001", "field_name": "first_name"}


class Hand:
    """A clock that is set."""

    def __init__(self) -> None:
        self.at = datetime(2026, 6, 14, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock(service: Service, monkeypatch: pytest.MonkeyPatch) -> Hand:
    hand = Hand()
    monkeypatch.setattr(service, "_clock", hand)
    return hand


@contextmanager
def statements(service: Service) -> Iterator[list[str]]:
    assert isinstance(service.database, SqliteDatabase)
    connection: sqlite3.Connection = service.database.connection
    seen: list[str] = []
    connection.set_trace_callback(seen.append)
    yield seen
    connection.set_trace_callback(None)


def admissions(service: Service) -> dict[Any, Any]:
    assert isinstance(service.database, SqliteDatabase)
    return service.database.turns.kept.admissions._kept


async def admitted(service: Service) -> None:
    for _ in range(2):  # the first notes the login of this second
        assert await ask(service, "lead_field_info", **LEAD) == "Custom"
    assert admissions(service)


async def test_the_same_user_is_not_looked_up_again(service: Service, clock: Hand) -> None:
    await admitted(service)
    with statements(service) as seen:
        assert await ask(service, "lead_field_info", **LEAD) == "Custom"
    assert not [text for text in seen if "users" in text or "system_settings" in text]


async def test_another_password_or_user_or_source_is_another_matter(service: Service, clock: Hand) -> None:
    await admitted(service)
    assert "Login incorrect" in await ask(service, "lead_field_info", **LEAD, **{"pass": "1235"})
    await admitted(service)
    assert "Login incorrect" in await ask(service, "lead_field_info", **LEAD, user="6667")
    await admitted(service)
    assert "Invalid Source" in await ask(service, "lead_field_info", **LEAD, source="x")


async def test_another_function_asks_for_its_own_rights(service: Service, clock: Hand) -> None:
    await change(service, "users", {"user": "6666"}, modify_users="0")
    await admitted(service)
    assert "DOES NOT HAVE PERMISSION" in await ask(service, "add_user", agent_user="newone")


async def test_an_address_that_must_wait_waits(service: Service, clock: Hand) -> None:
    class Waiting:
        def wait_seconds(self, address: str) -> int:
            return 900

        def note(self, address: str) -> None: ...

    await admitted(service)
    service._wrong_logins = Waiting()
    assert "Too many login attempts" in await ask(service, "lead_field_info", **LEAD)


async def test_each_second_notes_its_first_login(service: Service, clock: Hand) -> None:
    await admitted(service)
    clock.at += timedelta(seconds=1)
    with statements(service) as seen:
        await ask(service, "lead_field_info", **LEAD)
    assert [text for text in seen if text.startswith("UPDATE dialer360_users")]


async def test_users_by_address_or_with_few_lists_are_looked_up_each_time(
    service: Service, clock: Hand
) -> None:
    await change(service, "users", {"user": "6666"}, api_list_restrict="1")
    for _ in range(3):
        await ask(service, "lead_field_info", **LEAD)
    assert not admissions(service)
    await change(service, "users", {"user": "6666"}, api_list_restrict="0")
    await change(service, "system_settings", {}, allow_ip_lists="1")
    for _ in range(3):
        await ask(service, "lead_field_info", **LEAD)
    assert not admissions(service)


async def test_from_another_address_the_login_is_noted(service: Service, clock: Hand) -> None:
    await admitted(service)
    params = {**LOGIN, "function": "lead_field_info", **LEAD}
    with statements(service) as seen:
        reply = await service.answer(params, Dialect.DOCUMENTED, "127.0.0.2")
    assert reply.text.startswith("Custom")
    assert [text for text in seen if text.startswith("UPDATE dialer360_users") and "127.0.0.2" in text]
