"""The API over a store on a server, and the warehouse in PostgreSQL."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rest.asking import V1, refused
from tests.rest.conftest import Api, rooms_over
from tests.store.databases import fresh_database
from trunkline.center.running import run
from trunkline.center.writer import Writer
from trunkline.rest.operations import RestRooms
from trunkline.settings import load_settings
from trunkline.sims.callrail import CallrailSim


@pytest.fixture(params=["postgresql", "mariadb"])
def rooms(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RestRooms]:
    with (
        fresh_database(request.param, tmp_path / "home") as store,
        fresh_database("postgresql", tmp_path / "home") as warehouse,
    ):
        urls = {
            "TRUNKLINE_STORE_URL": store.text("store_url"),
            "TRUNKLINE_WAREHOUSE_URL": warehouse.text("store_url"),
        }
        with rooms_over(load_settings(tmp_path / "home", urls)) as found:
            yield found


async def test_lists_changes_repeats_and_rows(api: Api, rooms: RestRooms, office: CallrailSim) -> None:
    client = api()
    for n in range(3):
        given = {"name": f"d_{n}", "account": "main", "report": "companies", "tags": [f"t_{n}"]}
        assert (await client.post(f"{V1}/datasets", json=given)).status_code == 201
    for query, names in (({"tag": "t_1"}, ["d_1"]), ({"name": "d_"}, ["d_0", "d_1", "d_2"])):
        found = (await client.get(f"{V1}/datasets", params=query)).json()["items"]
        assert [one["name"] for one in found] == names
    await _tags(client)
    key = {"idempotency-key": "one"}
    asked = [client.post(f"{V1}/datasets/d_0/runs", json={}, headers=key) for _ in range(5)]
    statuses = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert set(statuses) <= {202, 409}
    assert 202 in statuses
    await _rows(client, rooms)


async def _tags(client: Any) -> None:
    tag = (await client.get(f"{V1}/me")).headers["etag"]
    match = {"if-match": tag}
    asked = [client.patch(f"{V1}/me", json={"name": f"N{n}"}, headers=match) for n in range(5)]
    statuses = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert sorted(statuses) == [200, 412, 412, 412, 412]


async def _rows(client: Any, rooms: RestRooms) -> None:
    with Writer(rooms.center.settings) as writer:
        done = await run(rooms.center, writer, "d_0")
    assert (done.status, done.error) == ("succeeded", "")
    whole = (await client.get(f"{V1}/datasets/d_0/rows")).json()["items"]
    first = (await client.get(f"{V1}/datasets/d_0/rows", params={"limit": 1})).json()
    after = {"limit": 200, "cursor": first["next"]}
    rest = (await client.get(f"{V1}/datasets/d_0/rows", params=after)).json()["items"]
    assert (first["items"] + rest, len(whole)) == (whole, done.rows_read)
    for state in ({}, {"state": "succeeded"}):
        found = (await client.get(f"{V1}/runs", params=state)).json()["items"]
        assert [one["id"] for one in found] == [done.id]
    await client.delete(f"{V1}/datasets/d_0")
    refused(await client.get(f"{V1}/datasets/d_0"), 404)
    assert (await client.get(f"{V1}/audit")).json()["items"][0]["action"] == "dataset.removed"
