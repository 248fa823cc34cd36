"""The vendor's own client library works with the pretend Dialpad, waiting and not waiting."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import pytest
import requests
from dialpad import AsyncDialpadClient, DialpadClient

from tests.sims.dialpad.dialpad_caller import Caller, calling, table_of, unlimited


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling(unlimited(page_rows=9, calls=60)) as found:
        yield found


@contextmanager
def client_of(url: str) -> Iterator[DialpadClient]:
    client = DialpadClient(token="testkey", base_url=url)
    try:
        yield client
    finally:
        client._session.close()


async def test_the_waiting_client_reads_everything(caller: Caller) -> None:
    def read() -> dict[str, list[str]]:
        with client_of(caller.sim.url) as client:
            offices = [str(row["id"]) for row in client.offices.list()]
            centers = [
                str(row["id"]) for id_ in offices for row in client.offices.list_call_centers(int(id_))
            ]
            operators = client.call_centers.list_operators(int(centers[0]))
            return {
                "offices": offices,
                "centers": centers,
                "operators": [str(u["id"]) for u in operators["users"]],
                "users": [str(row["id"]) for row in client.users.list(state="all")],
                "calls": [str(row["call_id"]) for row in client.calls.list()],
            }

    found = await asyncio.to_thread(read)
    assert found["offices"] == caller.ids("offices")
    assert sorted(found["centers"]) == sorted(caller.ids("callcenters"))
    assert found["users"] == caller.ids("users")
    assert set(found["operators"]) < set(found["users"])
    assert len(set(found["calls"])) == len(found["calls"]) == 60
    assert sum(seen.path == "/api/v2/call" for seen in caller.sim.requests) == 7


async def test_the_waiting_client_runs_stats_to_the_end(caller: Caller) -> None:
    def run() -> tuple[str, list[str]]:
        with client_of(caller.sim.url) as client:
            begun = client.stats.initiate_processing(
                {"stat_type": "calls", "export_type": "records", "days_ago_end": 90}
            )
            polled = [client.stats.get_result(begun["request_id"]) for _ in range(2)]
            return polled[1]["download_url"], [answer["status"] for answer in polled]

    url, statuses = await asyncio.to_thread(run)
    assert statuses == ["processing", "complete"]
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert len(table_of(await response.read())) > 50


async def test_a_stats_request_that_is_gone_is_an_error_of_the_client(caller: Caller) -> None:
    def ask() -> str:
        with client_of(caller.sim.url) as client, pytest.raises(requests.HTTPError) as caught:
            client.stats.get_result("nothing")
        return str(caught.value.response.json()["error"]["message"])

    assert await asyncio.to_thread(ask) == "Request with id nothing not found."


async def test_the_other_client_reads_everything_too(caller: Caller) -> None:
    client = AsyncDialpadClient(token="testkey", base_url=caller.sim.url)
    try:
        offices = [str(row["id"]) async for row in client.offices.list()]
        centers = [str(row["id"]) async for row in client.offices.list_call_centers(int(offices[0]))]
        operators = await client.call_centers.list_operators(int(centers[0]))
        users = [str(row["id"]) async for row in client.users.list()]
        calls = [str(row["call_id"]) async for row in client.calls.list()]
        begun = await client.stats.initiate_processing({"stat_type": "calls", "export_type": "records"})
        polled = [await client.stats.get_result(begun["request_id"]) for _ in range(2)]
    finally:
        await client._session.aclose()
    assert offices == caller.ids("offices")
    assert operators["users"]
    assert len(users) == 24
    assert len(set(calls)) == 60
    assert [answer["status"] for answer in polled] == ["processing", "complete"]
