"""A client of the pretend CallRail, for the tests of it."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson

from trunkline.clock import SteppedClock
from trunkline.sims.callrail import DATA_ACCOUNT, CallrailSim, CallrailSimOptions

NOW = datetime(2026, 6, 17, 18, 30, tzinfo=UTC)
EVERYTHING = {"start_date": "2026-04-01", "end_date": "2026-06-17", "per_page": "250"}
Json = dict[str, Any]


class Caller:
    """A client of one pretend CallRail, with its clock at hand."""

    def __init__(self, sim: CallrailSim, clock: SteppedClock, session: aiohttp.ClientSession) -> None:
        self.sim, self.clock, self.session = sim, clock, session

    async def answer(self, path: str, /, **params: str) -> tuple[int, Any, dict[str, str]]:
        root = "" if path.startswith(("/", "http")) else f"/v3/a/{DATA_ACCOUNT}/"
        url = path if path.startswith("http") else self.sim.url + root + path
        async with self.session.get(url, params=params) as response:
            body = await response.read()
            is_json = response.content_type == "application/json"
            return response.status, orjson.loads(body) if is_json else body, dict(response.headers)

    async def get(self, path: str, /, **params: str) -> Any:
        status, body, _ = await self.answer(path, **params)
        assert status == 200, body
        return body

    async def error(self, path: str, /, **params: str) -> tuple[int, str]:
        status, body, _ = await self.answer(path, **params)
        assert list(body) == ["error"]
        return status, body["error"]

    async def pages(self, path: str, key: str, /, **params: str) -> list[Json]:
        rows: list[Json] = []
        page = 1
        while found := (await self.get(path, page=str(page), **params))[key]:
            rows += found
            page += 1
        return rows


@contextlib.asynccontextmanager
async def calling(
    options: CallrailSimOptions | None = None, token: str = 'token="testkey"'
) -> AsyncIterator[Caller]:
    clock = SteppedClock(NOW)
    async with CallrailSim(options or CallrailSimOptions(), clock) as sim:
        headers = {"Authorization": f"Token {token}"} if token else {}
        async with aiohttp.ClientSession(headers=headers) as session:
            yield Caller(sim, clock, session)


def ids(rows: list[Json]) -> list[str]:
    return [row["id"] for row in rows]
