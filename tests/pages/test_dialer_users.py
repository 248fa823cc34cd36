import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.pages.conftest import Visitor
from tests.pages.dialing import PASSWORD, dialer_open
from trunkline.access.roles import Role
from trunkline.dialer import api_users
from trunkline.dialer.audit_table import Wanted, entries_of
from trunkline.dialer.command import Dialect
from trunkline.dialer.commands import ALL
from trunkline.dialer.database import Row
from trunkline.dialer.login import user_named
from trunkline.pages.console import Opened
from trunkline.pages.rooms import Rooms

ANN = {
    "user": "ann",
    "full_name": "Ann",
    "password": "Secret-8",
    "level": "8",
    "group": "ADMIN",
    "active": "yes",
    "functions": "some",
    "function": ["add_lead", "agent_status"],
    "right": ["vdc_agent_api_access", "modify_leads"],
}
REFUSED = re.compile("PERMISSION|Login incorrect")


@pytest.fixture
async def opened(rooms: Rooms) -> AsyncIterator[Opened]:
    async with dialer_open(rooms) as found:
        yield found


async def row_of(opened: Opened, user: str) -> Row:
    async with opened.service.database.work() as work:
        row = await work.one(user_named, user=user)
    assert row is not None
    return row


async def test_the_first_user_is_made_here(rooms: Rooms, visitor: Visitor) -> None:
    async with dialer_open(rooms, is_set_up=False) as opened:
        client = visitor(Role.OWNER)
        assert "Make the first API user" in (await client.get("/dialer/users")).text
        assert "there is none yet" in (await client.get("/dialer/add_lead")).text
        form = {"user": "apiuser", "password": "x", "campaign": "FIRST", "list_id": "1001"}
        wrong = await client.post("/dialer/users/+first", data=form)
        assert wrong.status_code == 422
        assert "must have 2 to 20" in wrong.text
        made = await client.post("/dialer/users/+first", data={**form, "password": PASSWORD})
        assert made.status_code == 303
        page = (await client.get("/dialer/users")).text
        assert "apiuser" in page
        assert f"{len(ALL)} of {len(ALL)}" in page
        assert (await row_of(opened, "apiuser"))["active"] == "Y"


async def test_a_user_is_added_and_changed(opened: Opened, visitor: Visitor) -> None:
    client = visitor(Role.ADMIN)
    added = await client.post("/dialer/users", data=ANN)
    assert added.headers["location"] == "/dialer/users/ann"
    before = await row_of(opened, "ann")
    assert before["api_allowed_functions"] == " agent_status add_lead "
    page = (await client.get("/dialer/users/ann")).text
    assert before["pass_hash"]
    assert before["pass_hash"] not in page
    change = {
        **ANN,
        "password": "",
        "function": ["add_lead"],
        "right": ["vdc_agent_api_access"],
        "active": "",
    }
    changed = await client.post("/dialer/users/ann", data=change)
    assert changed.status_code == 303
    after = await row_of(opened, "ann")
    assert (after["active"], after["modify_leads"], after["pass_hash"]) == ("N", "0", before["pass_hash"])
    found, _ = await entries_of(opened.service.database, Wanted(record="users/ann"))
    assert [entry.function for entry in found] == ["console", "console"]
    assert found[0].changes[0]["before"]["active"] == "Y"
    assert "Secret-8" not in str(found)
    assert found[1].changes[0]["after"]["pass_hash"] == "***"
    audit = (await client.get("/dialer/audit?function=console")).text
    assert "users/ann" in audit
    assert "admin@example.com" in audit


async def test_what_does_not_fit_stands_under_its_field(opened: Opened, visitor: Visitor) -> None:
    client = visitor(Role.ADMIN)
    wrong: dict[str, Any] = {**ANN, "user": "a b", "level": "77", "group": "NONE", "password": "no spaces!"}
    answer = await client.post("/dialer/users", data=wrong)
    assert answer.status_code == 422
    for text in ("A name has 2 to 20", "A level from 1 to 9", "no such user group", "A password has 2 to 20"):
        assert text in answer.text
    assert "no spaces!" not in answer.text
    again = await client.post("/dialer/users", data={**ANN, "user": "apiuser"})
    assert "There is a user apiuser already" in again.text
    gone = await client.post("/dialer/users/nobody", data=ANN)
    assert gone.status_code == 422


async def test_functions_that_only_the_dialer_knows_stay_allowed(opened: Opened, visitor: Visitor) -> None:
    await visitor(Role.ADMIN).post("/dialer/users", data=ANN)
    async with opened.service.database.work() as work:
        await work.update("users", {"user": "ann"}, api_allowed_functions=" add_lead update_did ")
    await visitor(Role.ADMIN).post("/dialer/users/ann", data={**ANN, "password": ""})
    assert "update_did" in (await row_of(opened, "ann"))["api_allowed_functions"].split()


@pytest.mark.parametrize(
    "change",
    [{}, {"active": ""}, {"level": "7"}, {"functions": "all"}, {"right": ["view_reports", "modify_users"]}],
    ids=str,
)
async def test_what_a_user_lacks_is_what_a_call_says(
    opened: Opened, visitor: Visitor, change: dict[str, Any]
) -> None:
    await visitor(Role.ADMIN).post("/dialer/users", data={**ANN, **change})
    async with opened.service.database.work() as work:
        row = await work.one(api_users.shown_user, user="ann")
    assert row is not None
    for command in ALL:
        params = {"function": command.name, "user": "ann", "source": "test"}
        reply = await opened.service.answer(params, Dialect.DOCUMENTED, "127.0.0.1", is_proven=True)
        assert bool(REFUSED.search(reply.text)) == bool(api_users.lacks(row, command)), command.name


async def test_users_come_a_page_at_a_time(opened: Opened, visitor: Visitor) -> None:
    async with opened.service.database.work() as work:
        for number in range(60):
            await work.insert("users", user=f"u{number:03}", user_level=8, active="Y", **{"pass": ""})
        await work.insert("users", user="agent", user_level=1, active="Y", **{"pass": ""})
    client = visitor(Role.OWNER)
    first = (await client.get("/dialer/users")).text
    assert 'href="/dialer/users/agent"' not in first
    more = first.split('class="button" href="')[1].split('"')[0]
    second = (await client.get(more)).text
    assert 'href="/dialer/users/u059"' in second
    assert 'href="/dialer/users/u000"' not in second


async def test_the_audit_is_filtered_and_paged(opened: Opened, visitor: Visitor) -> None:
    client = visitor(Role.OWNER)
    for number in range(2000, 2055):
        lists = {"p.list_id": str(number), "p.list_name": f"List <{number}>", "p.campaign_id": "FIRST"}
        await opened.service.answer(
            {"function": "add_list", "user": "apiuser", "source": "test"}
            | {name[2:]: value for name, value in lists.items()},
            Dialect.DOCUMENTED,
            "127.0.0.1",
            is_proven=True,
        )
    page = (await client.get("/dialer/audit")).text
    assert "lists/2054" in page
    assert "lists/2004" not in page
    older = page.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "lists/2004" in (await client.get(older)).text
    one = (await client.get("/dialer/audit?record=2001&user=apiuser&function=add_list")).text
    assert one.count('class="card entry"') == 1
    assert "Nothing fits" in (await client.get("/dialer/audit?user=nobody")).text
    assert (await client.get("/dialer/audit?before=x")).status_code == 200
