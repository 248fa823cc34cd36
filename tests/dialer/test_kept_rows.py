"""What SQLite's rows are kept of settings, users and groups is what the file holds, whoever changes it."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ClauseElement, Table, bindparam, update
from sqlalchemy.sql import visitors

from tests.dialer.lead_calls import ask, change
from trunkline.dialer.agent_state import agent_named
from trunkline.dialer.database import Database
from trunkline.dialer.entrance import system_settings
from trunkline.dialer.keeping import KEEPINGS
from trunkline.dialer.kept_rows import MOST_ROWS_KEPT
from trunkline.dialer.login import group_named, user_signing_in
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase
from trunkline.dialer.tables import Tables

AGENT = {"agent_user": "1000", "stage": "csv"}
LEAD = {"lead_id": "1001", "field_name": "first_name"}


def sqlite(service: Service) -> SqliteDatabase:
    database = service.database
    assert isinstance(database, SqliteDatabase)
    return database


def others(service: Service, statement: str) -> None:
    """Change the file as another process would."""
    (file,) = (row[2] for row in sqlite(service).connection.execute("pragma database_list") if row[2])
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(statement)
    connection.close()


async def level(database: Database, user: str = "6666") -> Any:
    async with database.work() as work:
        row = await work.one(user_signing_in, user=user)
    return row and row["user_level"]


async def test_a_kept_row_is_not_read_again(service: Service) -> None:
    await level(service.database)
    seen: list[str] = []
    sqlite(service).connection.set_trace_callback(seen.append)
    assert await level(service.database) == 9
    assert not [text for text in seen if "users" in text]


async def test_changes_of_another_process_are_seen_at_once(service: Service) -> None:
    assert await ask(service, "lead_field_info", **LEAD) == "Custom"
    others(service, "update dialer360_users set modify_leads = '0' where user = '6666'")
    assert "DOES NOT HAVE PERMISSION" in await ask(service, "lead_field_info", **LEAD)
    others(service, "update dialer360_users set modify_leads = '1' where user = '6666'")
    others(service, "update dialer360_user_groups set allowed_campaigns = ' NONE '")
    assert "LIST NOT FOUND" in await ask(service, "lead_field_info", **LEAD)
    others(service, "update dialer360_user_groups set allowed_campaigns = ' -ALL-CAMPAIGNS- '")
    assert await ask(service, "lead_field_info", **LEAD) == "Custom"
    others(service, "update system_settings set allow_ip_lists = '1', system_ip_blacklist = 'x'")
    others(service, "insert into dialer360_ip_list_entries values ('x', '127.0.0.1')")
    assert "IP Address is not allowed" in await ask(service, "lead_field_info", **LEAD)


async def test_changes_of_this_process_are_seen_at_once(service: Service) -> None:
    assert await ask(service, "lead_field_info", **LEAD) == "Custom"
    await change(service, "users", {"user": "6666"}, modify_leads="0")
    assert "DOES NOT HAVE PERMISSION" in await ask(service, "lead_field_info", **LEAD)


def promoted(t: Tables) -> ClauseElement:
    return update(t["users"]).values(user_level=5).where(t["users"].c.user == bindparam("user"))


async def test_a_work_sees_what_it_has_changed_itself(service: Service) -> None:
    async with service.database.work() as work:
        before = await work.one(user_signing_in, user="6666")
        await work.update("users", {"user": "6666"}, user_level=8)
        after = await work.one(user_signing_in, user="6666")
        await work.run(promoted, user="6666")
        last = await work.one(user_signing_in, user="6666")
        await work.delete("users", user="6666")
        gone = await work.one(user_signing_in, user="6666")
    assert [row and row["user_level"] for row in (before, after, last, gone)] == [9, 8, 5, None]


async def test_what_was_undone_is_not_kept(service: Service) -> None:
    async def fail() -> None:
        async with service.database.work() as work:
            await work.update("users", {"user": "6666"}, user_level=8)
            assert (await work.one(user_signing_in, user="6666") or {})["user_level"] == 8
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await level(service.database) == 9


async def test_nobody_is_seen_once_there_is_somebody(service: Service) -> None:
    assert await level(service.database, "newone") is None
    async with service.database.work() as work:
        await work.insert("users", user="newone", user_level=7, **{"pass": ""})
    assert await level(service.database, "newone") == 7


async def test_a_row_that_was_given_may_be_changed_by_who_has_it(service: Service) -> None:
    for _ in range(2):
        async with service.database.work() as work:
            row = await work.one(group_named, user_group="ADMIN")
            settings = await work.one(system_settings)
            assert row is not None
            assert settings is not None
            assert row.pop("user_group") == "ADMIN"
            assert settings.pop("use_non_latin") == "0"


async def test_names_of_nobody_do_not_fill_the_memory(service: Service) -> None:
    for number in range(MOST_ROWS_KEPT + 10):
        await level(service.database, f"nobody{number}")
    assert len(sqlite(service).turns.kept.of(KEEPINGS[user_signing_in])) <= MOST_ROWS_KEPT


async def test_a_second_database_on_the_file_sees_the_same(service: Service, tmp_path: Path) -> None:
    other = SqliteDatabase(tmp_path / "service.db", service.database.tables)
    assert await level(other) == 9
    await change(service, "users", {"user": "6666"}, user_level=8)
    assert await level(other) == 8
    await other.close()


def test_a_statement_names_all_tables_that_it_reads() -> None:
    tables = Tables()
    for statement, keeping in KEEPINGS.items():
        parts = visitors.iterate(statement(tables))
        read = {tables.bare_name(part.name) for part in parts if isinstance(part, Table)}
        assert read == set(keeping.tables), statement


async def agent_says(service: Service) -> str:
    return (await ask(service, "agent_status", **AGENT)).split(",")[0]


async def test_what_an_agent_does_is_seen_when_another_process_changes_it(service: Service) -> None:
    assert await agent_says(service) == "INCALL"
    others(service, "update dialer360_live_agents set status = 'PAUSED' where user = '1000'")
    assert await agent_says(service) == "PAUSED"
    others(service, "delete from dialer360_live_agents where user = '1000'")
    assert "AGENT NOT LOGGED IN" in await ask(service, "agent_status", **AGENT)


async def test_what_an_agent_does_is_seen_when_another_changes_it_in_the_middle_of_a_turn(
    service: Service,
) -> None:
    async with service.database.work() as work:
        before = await work.one(agent_named, user="1000")
        others(service, "update dialer360_live_agents set status = 'PAUSED' where user = '1000'")
        after = await work.one(agent_named, user="1000")
    assert [(row or {})["status"] for row in (before, after)] == ["INCALL", "PAUSED"]


async def test_what_an_agent_does_is_seen_when_any_of_its_tables_changes(service: Service) -> None:
    assert await agent_says(service) == "INCALL"
    await change(service, "live_agents", {"user": "1000"}, status="PAUSED", lead_id=0)
    assert await agent_says(service) == "PAUSED"
    await change(service, "users", {"user": "1000"}, full_name="New Name")
    assert "New Name" in await ask(service, "agent_status", **AGENT)


async def test_what_an_agent_does_is_read_once_while_nothing_changes(service: Service) -> None:
    for _ in range(2):  # the first one's login is noted with the user
        await agent_says(service)
    seen: list[str] = []
    sqlite(service).connection.set_trace_callback(seen.append)
    assert await agent_says(service) == "INCALL"
    assert not [text for text in seen if "live_agents" in text]
