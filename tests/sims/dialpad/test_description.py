"""Every answer of the pretend Dialpad fits the published description, with 64-bit numbers as text."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests.sims.dialpad.dialpad_caller import Caller, calling, unlimited

DATA = Path(__file__).parents[2] / "data" / "dialpad"
LISTS = (
    *("offices", "callcenters", "departments", "rooms", "coachingteams", "users", "numbers", "call"),
    *("company", "calllabels"),
)
SINGLE = {
    "offices": ("", "/callcenters", "/departments", "/teams"),
    "callcenters": ("", "/operators", "/status"),
    "departments": ("", "/operators"),
    "rooms": ("",),
    "coaching_teams": ("", "/members"),
    "users": ("",),
}


def is_instant_without_zone(text: str) -> bool:
    """The service's date-times have no offset, which the format of that name asks for."""
    return datetime.fromisoformat(text).tzinfo is None


def description(name: str) -> OpenAPI:
    config = Config(extra_format_validators={"date-time": is_instant_without_zone})
    return OpenAPI.from_dict(orjson.loads((DATA / name).read_bytes()), config)


@pytest.fixture(scope="module")
def relaxed() -> OpenAPI:
    return description("openapi_relaxed.json")


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling(unlimited()) as found:
        yield found


def check(rules: OpenAPI, method: str, path: str, body: Any, sent: bytes = b"") -> None:
    """Raises when the answer is not what the description says."""
    request = MockRequest(
        "https://dialpad.com",
        method,
        f"/api/v2/{path}",
        headers={"Authorization": "Bearer testkey"},
        data=sent,
    )
    if sent:
        rules.validate_request(request)
    rules.validate_response(request, MockResponse(orjson.dumps(body)))


@pytest.mark.parametrize("path", LISTS)
async def test_lists_are_as_described(caller: Caller, relaxed: OpenAPI, path: str) -> None:
    params = {"state": "all"} if path == "users" else {}
    page = await caller.get(path, **params)
    assert page.get("items", True)
    check(relaxed, "GET", path, page)


async def test_every_call_is_as_described(relaxed: OpenAPI) -> None:
    async with calling(unlimited(page_rows=500)) as caller:
        check(relaxed, "GET", "call", await caller.get("call"))


async def test_single_things_are_as_described(caller: Caller, relaxed: OpenAPI) -> None:
    for key, tails in SINGLE.items():
        for tail in tails:
            path = f"{key.replace('_', '')}/{caller.ids(key)[0]}{tail}"
            check(relaxed, "GET", path, await caller.get(path))
    call_id = (await caller.get("call"))["items"][0]["call_id"]
    check(relaxed, "GET", f"call/{call_id}", await caller.get(f"call/{call_id}"))


async def test_running_calls_are_as_described(caller: Caller, relaxed: OpenAPI) -> None:
    call_id = caller.sim.world.add_calls(1, caller.clock.now())[0]
    caller.clock.advance(1)
    row = await caller.get(f"call/{call_id}")
    assert "date_ended" not in row
    check(relaxed, "GET", f"call/{call_id}", row)


async def test_stats_are_as_described(caller: Caller, relaxed: OpenAPI) -> None:
    body = {"stat_type": "calls", "export_type": "records", "days_ago_start": 1, "timezone": "Europe/Berlin"}
    _, begun = await caller.begin(**body)
    check(relaxed, "POST", "stats", begun, orjson.dumps(body))
    for status in ("processing", "complete"):
        polled = await caller.get(f"stats/{begun['request_id']}")
        assert polled["status"] == status
        check(relaxed, "GET", f"stats/{begun['request_id']}", polled)


async def test_the_check_itself_notices_what_is_wrong(caller: Caller, relaxed: OpenAPI) -> None:
    row = await caller.get(f"offices/{caller.ids('offices')[0]}")
    with pytest.raises(Exception, match=r"[Ii]nvalid"):
        check(relaxed, "GET", f"offices/{row['id']}", row | {"state": "asleep"})
    official = description("openapi.json")
    with pytest.raises(Exception, match=r"[Ii]nvalid"):
        check(official, "GET", f"offices/{row['id']}", row)
