import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import ClauseElement, func, select

from tests.pages.conftest import Visitor
from tests.pages.dialing import PASSWORD, dialer_open
from trunkline.access.roles import Role
from trunkline.dialer.commands import ALL
from trunkline.dialer.resources import RESOURCES, resources
from trunkline.dialer.tables import Tables
from trunkline.pages.console import Opened
from trunkline.pages.rooms import Rooms

LIST = {"p.list_id": "2002", "p.list_name": "Spring", "p.campaign_id": "FIRST"}
AS = {"as_user": "apiuser", "sure": "yes"}


@pytest.fixture
async def opened(rooms: Rooms) -> AsyncIterator[Opened]:
    async with dialer_open(rooms) as found:
        yield found


def rows_of(table: str) -> Any:
    def statement(t: Tables) -> ClauseElement:
        return select(func.count().label("count")).select_from(t[table])

    return statement


async def count(opened: Opened, table: str) -> int:
    async with opened.service.database.work() as work:
        row = await work.one(rows_of(table))
    return int(row["count"]) if row else 0


def test_every_function_stands_in_one_resource() -> None:
    names = [name for some in RESOURCES.values() for name in some]
    assert sorted(names) == sorted(command.name for command in ALL)


def test_a_search_looks_at_names_sentences_and_parameters() -> None:
    assert [one.name for _, some in resources("agent_user_level DELETES") for one in some] == ["update_user"]
    assert "update_phone" in [one.name for _, some in resources("registration_password") for one in some]
    assert resources("no such words") == []


async def test_every_function_has_its_page(opened: Opened, visitor: Visitor) -> None:
    client = visitor(Role.ANALYST)
    page = (await client.get("/dialer")).text
    for command in ALL:
        assert f'href="/dialer/{command.name}"' in page
        own = await client.get(f"/dialer/{command.name}")
        assert own.status_code == 200, command.name
        for param in command.params:
            assert f"<code>{param.name}</code>" in own.text
        assert f"/api/v1/dialer/{command.name}" in own.text


async def test_what_is_searched_for_comes_as_a_part(visitor: Visitor) -> None:
    answer = await visitor(Role.ANALYST).get("/dialer?q=recording", headers={"hx-request": "true"})
    assert "recording_lookup" in answer.text
    assert "add_lead" not in answer.text
    assert "<html" not in answer.text


async def test_without_the_dialer_the_pages_say_so(visitor: Visitor) -> None:
    client = visitor(Role.OWNER)
    for path in ("/dialer", "/dialer/add_list", "/dialer/floor", "/dialer/users", "/dialer/audit"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert "not open in this server" in answer.text


async def test_a_call_is_made_once_and_heard_in_every_dialect(
    opened: Opened, rooms: Rooms, visitor: Visitor
) -> None:
    lists, logged = await count(opened, "lists"), await count(opened, "api_log")
    answer = await visitor(Role.OWNER).post("/dialer/add_list", data={**AS, **LIST})
    assert answer.status_code == 200
    assert "SUCCESS: add_list LIST HAS BEEN ADDED - apiuser|2002|" in answer.text
    assert "&#34;code&#34;: &#34;list_added&#34;" in answer.text
    assert answer.text.count("LIST HAS BEEN ADDED") >= 3
    assert "ALREADY EXISTS" not in answer.text.split('id="answers"')[1].split('id="parameters"')[0]
    assert await count(opened, "lists") == lists + 1
    assert await count(opened, "api_log") == logged + 1
    assert await count(opened, "audit_log") == 1
    (noted,) = rooms.audit.page()
    assert (noted.who, noted.action, noted.subject) == ("owner@example.com", "function.called", "add_list")
    again = await visitor(Role.OWNER).post("/dialer/add_list", data={**AS, **LIST})
    assert again.text.split('id="answers"')[1].count("LIST ALREADY EXISTS") >= 3


async def test_it_is_kept_in_the_dialect_that_was_chosen(opened: Opened, visitor: Visitor) -> None:
    data = {**AS, "kept_in": "json", "p.agent_user": "apiuser"}
    answer = await visitor(Role.OWNER).post("/dialer/agent_status", data=data, headers={"hx-request": "true"})
    assert re.search(r"status \d{3}", answer.text)
    assert "<html" not in answer.text
    assert 'id="tab-json" checked' in answer.text


async def test_what_writes_asks_first(opened: Opened, visitor: Visitor) -> None:
    lists = await count(opened, "lists")
    answer = await visitor(Role.OWNER).post("/dialer/add_list", data={"as_user": "apiuser", **LIST})
    assert answer.status_code == 422
    assert "tick the box" in answer.text
    assert 'value="Spring"' in answer.text
    assert await count(opened, "lists") == lists


async def test_an_analyst_needs_the_password_and_only_reads(opened: Opened, visitor: Visitor) -> None:
    client = visitor(Role.ANALYST)
    data = {"as_user": "apiuser", "as_password": PASSWORD, "p.user_groups": "ADMIN"}
    good = await client.post("/dialer/user_group_status", data=data)
    assert "This is the call that was made" in good.text
    assert PASSWORD not in good.text
    wrong = await client.post("/dialer/user_group_status", data={**data, "as_password": "wrong-one"})
    assert "The user was refused" in wrong.text
    assert "rehearsed" not in wrong.text.split('id="answers"')[1].split('id="parameters"')[0]
    refused = await client.post("/dialer/add_list", data={**AS, **LIST, "as_password": PASSWORD})
    assert refused.status_code == 403
    assert "none that change data" in refused.text


async def test_no_password_comes_back(opened: Opened, visitor: Visitor) -> None:
    given = {"p.agent_user": "ann", "p.agent_pass": "Secret-8", "p.agent_user_level": "5"}
    data = {**AS, **given, "p.agent_full_name": "Ann", "p.agent_user_group": "ADMIN"}
    answer = await visitor(Role.OWNER).post("/dialer/add_user", data=data)
    assert "USER HAS BEEN ADDED" in answer.text
    assert "Secret-8" not in answer.text
    assert "agent_pass=AGENT_PASS" in answer.text
    without = await visitor(Role.OWNER).post("/dialer/add_user", data={**data, "sure": ""})
    assert "Secret-8" not in without.text


async def test_a_function_that_is_switched_off_says_so(
    opened: Opened, rooms: Rooms, visitor: Visitor
) -> None:
    rooms.console.open(replace(opened, off={"add_list": ("admin_log",)}))
    client = visitor(Role.OWNER)
    assert "switched off" in (await client.get("/dialer")).text
    assert "lacks admin_log" in (await client.get("/dialer/add_list")).text


async def test_every_function_can_be_tried_without_a_parameter(opened: Opened, visitor: Visitor) -> None:
    client = visitor(Role.OWNER)
    for command in ALL:
        answer = await client.post(f"/dialer/{command.name}", data=AS, headers={"hx-request": "true"})
        assert answer.status_code == 200, command.name
        assert answer.text.count("rehearsed") == 2, command.name
    assert await count(opened, "audit_log") == 0
