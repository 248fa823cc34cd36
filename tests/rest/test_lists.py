"""Lists a page at a time: everything once, in one order, whatever is added meanwhile."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.rest.asking import V1, refused
from tests.rest.conftest import NOW, Api
from trunkline.access.roles import Role
from trunkline.center import accounts, datasets
from trunkline.center.runs import Run, insert, new_run_id
from trunkline.rest.every import OPERATIONS
from trunkline.rest.operations import RestRooms
from trunkline.sims.callrail import CallrailSim

PAGED = [one.path for one in OPERATIONS if one.answer and "next" in one.answer.model_fields]


async def walked(
    client: httpx.AsyncClient, path: str, between: Callable[[], Awaitable[None]] | None = None, **query: Any
) -> list[Any]:
    """All items, two at a time, by the addresses that the pages name; `between`: done after the first."""
    items: list[Any] = []
    answer = await client.get(f"{V1}{path}", params={"limit": 2, **query})
    for _ in range(100):
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= 2
        items += page["items"]
        if page["next"] is None:
            assert "link" not in answer.headers
            return items
        assert page["next"] in answer.headers["link"].replace("%3D", "=")
        if between is not None:
            await between()
            between = None
        address = answer.headers["link"].removeprefix("<").removesuffix('>; rel="next"')
        assert not urlsplit(address).netloc
        answer = await client.get(address)
    raise AssertionError("the list does not end")


def add_account(rooms: RestRooms, name: str) -> None:
    values = {"api_key": "testkey", "account_id": "ACC1"}
    accounts.add(rooms.center, "callrail", name, values, accounts.Verdict(accounts.UNTESTED))


async def test_accounts_come_once_each(api: Api, rooms: RestRooms) -> None:
    for name in ("e", "b", "d", "a", "c"):
        add_account(rooms, name)

    async def more() -> None:
        add_account(rooms, "0")
        accounts.remove(rooms.center, "b")

    names = [one["name"] for one in await walked(api(), "/accounts", more)]
    assert names == ["e", "b", "d", "a", "c", "0"]
    assert [one["account"] for one in await walked(api(), "/budgets")] == ["e", "d", "a", "c", "0"]


async def test_datasets_come_once_each(api: Api, rooms: RestRooms, office: CallrailSim) -> None:
    for n in range(5):
        await datasets.add(rooms.center, f"d{n}", "main", "companies", {})

    async def more() -> None:
        await datasets.add(rooms.center, "a_new_one", "main", "companies", {})
        datasets.remove(rooms.center, "d0")

    names = [one["name"] for one in await walked(api(), "/datasets", more, account="main")]
    assert names == ["d0", "d1", "d2", "d3", "d4", "a_new_one"]


async def test_runs_come_newest_first(api: Api, rooms: RestRooms, office: CallrailSim) -> None:
    saved = await datasets.add(rooms.center, "calls", "main", "companies", {})
    ids = []

    def begun(minute: int, state: str) -> None:
        at = NOW + timedelta(minutes=minute)
        run = Run(new_run_id(at), "calls", "manual", "merge", state, at, ended_at=at)
        insert(rooms.center, saved, run)
        ids.append(run.id)

    for minute in range(6):
        begun(minute, "failed" if minute % 2 else "succeeded")

    async def more() -> None:
        begun(60, "failed")

    found = [one["id"] for one in await walked(api(), "/runs", more)]
    assert found == ids[5::-1]
    assert [one["id"] for one in await walked(api(), "/runs", state="failed")] == [ids[6], *ids[5::-2]]
    assert [one["id"] for one in await walked(api(), "/runs", dataset="calls")] == ids[::-1]
    assert await walked(api(), "/runs", dataset="another") == []


async def test_tokens_users_and_the_audit(api: Api, rooms: RestRooms, person: Any) -> None:
    client = api()
    for n in range(4):
        assert (await client.post(f"{V1}/me/tokens", json={"name": f"t{n}"})).status_code == 201
        rooms.users.add(f"u{n}@example.com", f"U{n}", Role.ANALYST)
    names = [one["name"] for one in await walked(client, "/me/tokens")]
    assert names[1:] == ["t0", "t1", "t2", "t3"]
    emails = [one["email"] for one in await walked(client, "/users")]
    assert emails == ["owner@example.com", *(f"u{n}@example.com" for n in range(4))]
    subjects = [one["subject"] for one in await walked(client, "/audit")]
    assert subjects == ["t3", "t2", "t1", "t0"]
    assert await walked(client, "/audit", action="nothing") == []


async def test_connectors_come_by_name(api: Api) -> None:
    names = [one["name"] for one in await walked(api(), "/connectors")]
    assert names == sorted(names)
    assert "callrail" in names


@pytest.mark.parametrize("cursor", ["", "nonsense", "bnVsbA", "W10", "eyJhIjoxfQ", "LTE", "é", "MWUzMDA"])
async def test_cursors_that_nobody_named_are_refused(cursor: str, api: Api, office: CallrailSim) -> None:
    client = api()
    await _dataset(client)
    for path in PAGED:
        answer = await client.get(V1 + path.format(dataset="calls"), params={"cursor": cursor})
        content = refused(answer, 422, "wrong_fields")
        assert [error["field"] for error in content["errors"]] == ["cursor"]


async def _dataset(client: httpx.AsyncClient) -> None:
    given = {"name": "calls", "account": "main", "report": "companies"}
    assert (await client.post(f"{V1}/datasets", json=given)).status_code == 201


@pytest.mark.parametrize("limit", ["0", "201", "many", "-1"])
async def test_limits_have_limits(limit: str, api: Api) -> None:
    content = refused(await api().get(f"{V1}/accounts", params={"limit": limit}), 422)
    assert [error["field"] for error in content["errors"]] == ["limit"]
