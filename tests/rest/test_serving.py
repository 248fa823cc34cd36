"""The API in the server itself: loaded late, beside the others, described with them."""

import asyncio
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
from openapi_spec_validator import validate

from tests.rest.asking import V1
from tests.web.serving import served
from trunkline.access.roles import Role
from trunkline.access.sessions import digest_of
from trunkline.access.users import Users
from trunkline.clock import SystemClock
from trunkline.rest import caller_queries as queries
from trunkline.rest.every import BY_ID
from trunkline.settings import load_settings
from trunkline.store.connection import open_store

LOADED = (
    "import sys, trunkline.web.serving; "
    "print(sorted({'fastapi', 'pydantic', 'trunkline.rest.application'} & set(sys.modules)))"
)


def test_a_server_starts_without_it() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def token_in(home: Path) -> dict[str, str]:
    """The header of a token of an owner."""
    store, clock = open_store(load_settings(home, {})), SystemClock()
    try:
        user = Users(store, clock).add("owner@example.com", "Owner", Role.OWNER)
        values = {"name": "t", "digest": digest_of("tl_text"), "user": "", "functions": ["rest"]}
        with store.begin() as tx:
            queries.add_token(tx, {**values, "created_at": clock.now(), "user_id": user.id})
    finally:
        store.close()
    return {"Authorization": "Bearer tl_text"}


@pytest.mark.parametrize("workers", [1, 2])
async def test_it_is_served_beside_the_others(workers: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    headers = token_in(home)
    async with (
        served(home, "--workers", str(workers)) as url,
        aiohttp.ClientSession(url, headers=headers) as session,
    ):
        first = await asyncio.gather(*(session.get(f"{V1}/me") for _ in range(8)))
        assert {(answer.status, (await answer.json())["email"]) for answer in first} == {
            (200, "owner@example.com")
        }
        absent = await session.get(f"{V1}/connectors/nothing")
        assert (absent.status, absent.content_type) == (404, "application/problem+json")
        assert (await session.get(f"{V1}/nothing")).status == 404
        assert (await (await session.get(f"{V1}/nothing")).json())["code"] == "no_path"
        dialer = await session.get(f"{V1}/dialer")
        assert await dialer.json() == {"functions": []}, "a personal token may call none"
        document = await (await session.get(f"{V1}/openapi.json")).json()
        system = await (await session.get(f"{V1}/system")).json()
    validate(document)
    named = [told["operationId"] for methods in document["paths"].values() for told in methods.values()]
    assert set(BY_ID) <= set(named)
    assert len(named) == len(set(named))
    assert f"{V1}/dialer/add_lead" in document["paths"]
    assert {"store", "key file"} <= {finding["name"] for finding in system["findings"]}
