"""A client of the pretend Dialpad, for the tests of it."""

import contextlib
import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson

from trunkline.clock import SteppedClock
from trunkline.sims.dialpad import DialpadSim, DialpadSimOptions

NOW = datetime(2026, 6, 17, 18, 30, tzinfo=UTC)
Json = dict[str, Any]
CALLS = {"stat_type": "calls", "export_type": "records"}


class Caller:
    """A client of one pretend Dialpad, with its clock at hand."""

    def __init__(self, sim: DialpadSim, clock: SteppedClock, session: aiohttp.ClientSession) -> None:
        self.sim, self.clock, self.session = sim, clock, session

    async def answer(self, path: str, /, **params: str) -> tuple[int, Any, dict[str, str]]:
        async with self.session.get(f"{self.sim.url}/api/v2/{path}", params=params) as response:
            body = await response.read()
            content = orjson.loads(body) if response.content_type == "application/json" else body
            return response.status, content, dict(response.headers)

    async def get(self, path: str, /, **params: str) -> Any:
        status, body, _ = await self.answer(path, **params)
        assert status == 200, body
        return body

    async def error(self, path: str, /, **params: str) -> tuple[int, str]:
        """Status and message of a refusal, whose envelope is checked on the way."""
        status, body, _ = await self.answer(path, **params)
        return status, message_of(status, body)

    async def pages(self, path: str, /, **params: str) -> list[Json]:
        rows: list[Json] = []
        while True:
            page = await self.get(path, **params)
            rows += page["items"]
            if not page.get("cursor"):
                return rows
            params["cursor"] = page["cursor"]

    async def begin(self, as_form: bool = False, /, **body: Any) -> tuple[int, Any]:
        """POST a stats request."""
        sent: Any = {"data": body} if as_form else {"json": body}
        async with self.session.post(f"{self.sim.url}/api/v2/stats", **sent) as response:
            return response.status, await response.json()

    async def stats_error(self, /, **body: Any) -> tuple[int, str]:
        status, content = await self.begin(**body)
        return status, message_of(status, content)

    async def export(self, /, **body: Any) -> bytes:
        """The file of a stats request, polled to its end."""
        status, begun = await self.begin(**body)
        assert status == 200, begun
        while (polled := await self.get(f"stats/{begun['request_id']}"))["status"] == "processing":
            pass
        assert (polled["status"], polled["file_type"]) == ("complete", "csv")
        async with self.session.get(polled["download_url"]) as response:
            assert response.status == 200
            return await response.read()

    async def table(self, /, **body: Any) -> list[dict[str, str]]:
        """The rows of a stats request."""
        return table_of(await self.export(**body))

    async def control(self, method: str, path: str, /, **body: Any) -> Any:
        async with self.session.request(method, f"{self.sim.url}/_sim{path}", json=body) as response:
            content = await response.json()
            assert response.status == 200, content
            return content

    def ids(self, kind: str) -> list[str]:
        return [str(row["id"]) for row in self.sim.world.lists[kind]]


def message_of(status: int, body: Any) -> str:
    error = body["error"]
    assert list(body) == ["error"]
    assert error["code"] == status
    [inner] = error["errors"]
    assert set(inner) == {"domain", "message", "reason"}
    assert (inner["domain"], inner["message"]) == ("global", error["message"])
    return str(error["message"])


def table_of(file: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))


@contextlib.asynccontextmanager
async def calling(options: DialpadSimOptions | None = None, key: str = "testkey") -> AsyncIterator[Caller]:
    clock = SteppedClock(NOW)
    # The clock stands still, so a limit for each second would never let go.
    async with DialpadSim(options or DialpadSimOptions(company_per_second=None), clock) as sim:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with aiohttp.ClientSession(headers=headers) as session:
            yield Caller(sim, clock, session)


def unlimited(**options: Any) -> DialpadSimOptions:
    """Options without limits."""
    none: Json = dict.fromkeys(
        ("company_per_second", "per_minute", "stats_per_hour", "call_per_minute"), None
    )
    return DialpadSimOptions(**none | options)
