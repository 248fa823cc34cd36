"""Click-to as JSON: blocks, activity in pages, keys; rights of tokens; what OpenAPI says of it."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from tests.clickto.conftest import SAMPLE_CSV
from tests.clickto.reports import bring_in, csv_file, row
from tests.web.serving import run, served_for_many
from trunkline.access.tokens import Tokens
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.keys import Keys
from trunkline.clickto.rights import READ, WRITE
from trunkline.clock import SystemClock
from trunkline.errors import SettingsError
from trunkline.settings import load_settings
from trunkline.store.connection import Store, open_store
from trunkline.web.clickto_operations import OPERATIONS, ROOT
from trunkline.web.openapi import openapi_body

BLOCK = {"kind": "call", "description": "On Call Number", "numbers": ["5556667777"], "owner": "Ann"}
Headers = dict[str, str]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(load_settings(tmp_path_factory.mktemp("clickto") / "home", {}))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server(store: Store) -> Iterator[str]:
    assert store.place.file is not None
    with served_for_many(store.place.file.parent) as url:
        yield url


@pytest.fixture
async def http(server: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server) as session:
        yield session


def token(store: Store, name: str, *functions: str, user: str = "") -> Headers:
    _, text = Tokens(store, SystemClock()).add(name, user, functions)
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture(scope="module")
def writer(store: Store) -> Headers:
    return token(store, "writer", READ, WRITE)


async def ask(
    http: aiohttp.ClientSession, method: str, path: str, who: Headers, body: Any = None, **params: str
) -> tuple[int, Any]:
    """The status and the content, which OpenAPI has described."""
    async with http.request(method, ROOT + path, headers=who, json=body, params=params) as answer:
        content = await answer.json()
    check_described(method, path, answer.status, content)
    return answer.status, content


def check_described(method: str, path: str, status: int, content: Any) -> None:
    document = json.loads(openapi_body())
    template = next(
        one.path
        for one in OPERATIONS
        if one.method == method
        and one.path.count("/") == path.count("/")
        and path.startswith(one.path.split("{")[0])
    )
    responses = document["paths"][ROOT + template][method.lower()]["responses"]
    schema = responses[str(status)]["content"]["application/json"]["schema"]
    OAS31Validator({**schema, "components": document["components"]}).validate(content)


def test_openapi_describes_every_operation() -> None:
    document = json.loads(openapi_body())
    validate(document)
    for operation in OPERATIONS:
        described = document["paths"][ROOT + operation.path][operation.method.lower()]
        assert operation.right in described["description"]
        assert str(operation.status) in described["responses"]
        assert {p["name"] for p in described.get("parameters", []) if p["in"] == "query"} == {
            field.name for field in operation.query
        }
    names = [m["operationId"] for path in document["paths"].values() for m in path.values()]
    assert len(names) == len(set(names))


async def test_blocks_are_made_changed_and_removed(http: aiohttp.ClientSession, writer: Headers) -> None:
    status, made = await ask(http, "POST", "/blocks", writer, {**BLOCK, "id": 4711})
    assert (status, made["id"], made["numbers"], made["hours"]) == (201, 4711, ["5556667777"], "")
    status, changed = await ask(http, "PATCH", "/blocks/4711", writer, {"hours": "mon 09:00-10:00"})
    assert (status, changed["hours"], changed["owner"]) == (200, "mon 09:00-10:00", "Ann")
    status, shown = await ask(http, "GET", "/blocks/4711", writer)
    assert (status, shown["activity"], shown["newest_activity"]) == (200, 0, None)
    status, listed = await ask(http, "GET", "/blocks", writer)
    assert 4711 in [block["id"] for block in listed["blocks"]]
    assert (await ask(http, "DELETE", "/blocks/4711", writer))[0] == 200
    assert (await ask(http, "DELETE", "/blocks/4711", writer))[0] == 404


async def test_wrong_requests_name_their_fields(http: aiohttp.ClientSession, writer: Headers) -> None:
    wrong: list[tuple[str, str, Any, int, str]] = [
        ("POST", "/blocks", {}, 400, "invalid_parameters"),
        ("POST", "/blocks", {**BLOCK, "id": "7"}, 400, "invalid_parameters"),
        ("POST", "/blocks", {**BLOCK, "id": True}, 400, "invalid_parameters"),
        ("POST", "/blocks", {**BLOCK, "id": 0}, 400, "invalid_parameters"),
        ("POST", "/blocks", {**BLOCK, "colour": "red"}, 400, "invalid_parameters"),
        ("POST", "/blocks", [1], 400, "unreadable_parameters"),
        ("PATCH", "/blocks/999", {"owner": "x"}, 404, "no_block"),
        ("GET", "/blocks/x", None, 404, "no_block"),
        ("GET", "/blocks/99999999999999999999", None, 404, "no_block"),
        ("POST", "/keys", {}, 400, "invalid_parameters"),
        ("POST", "/keys", {"name": "k", "blocks": "7"}, 400, "invalid_parameters"),
        ("POST", "/keys", {"name": "k", "blocks": [999]}, 400, "invalid_parameters"),
        ("DELETE", "/keys/nobody", None, 404, "no_key"),
    ]
    for method, path, body, status, code in wrong:
        found = await ask(http, method, path, writer, body)
        assert (found[0], found[1]["code"]) == (status, code), (method, path, body)
    large = io.BytesIO(b'{"x": "' + b"y" * 2_100_000 + b'"}')
    async with http.post(f"{ROOT}/blocks", headers=writer, data=large) as answer:
        assert (answer.status, (await answer.json())["code"]) == (413, "too_large")
    _, told = await ask(http, "POST", "/blocks", writer, {"kind": "fax", "numbers": ["x"]})
    assert [problem["field"] for problem in told["problems"]] == ["kind", "description", "numbers"]


async def test_what_is_there_already_is_a_conflict(
    http: aiohttp.ClientSession, store: Store, writer: Headers
) -> None:
    block = Blocks(store, SystemClock()).add(BLOCK).id
    bring_in(store, csv_file([row("Mar 03 2016 1:00 PM")]), block)
    assert (await ask(http, "POST", "/blocks", writer, {**BLOCK, "id": block}))[1]["code"] == "block_exists"
    status, told = await ask(http, "DELETE", f"/blocks/{block}", writer)
    assert (status, told["code"]) == (409, "block_has_activity")
    Keys(store, SystemClock()).add("there")
    assert (await ask(http, "POST", "/keys", writer, {"name": "there"}))[0] == 409


async def test_activity_comes_in_pages(http: aiohttp.ClientSession, store: Store, writer: Headers) -> None:
    bring_in(store, SAMPLE_CSV.read_bytes())
    days = {"start_date": "20170101", "end_date": "2017-02-28"}
    status, first = await ask(http, "GET", "/activity", writer, limit="1", **days)
    assert (status, len(first["activity"])) == (200, 1)
    _, second = await ask(http, "GET", "/activity", writer, limit="1", after=first["next"], **days)
    _, whole = await ask(http, "GET", "/activity", writer, **days)
    assert first["activity"] + second["activity"] == whole["activity"]
    assert (second["next"], whole["next"]) == (None, None)
    one = whole["activity"][0]
    assert (one["caller_id"], one["click_time"], one["call_duration"]) == (
        "0001112222",
        "Jan 13 2017 10:52 PM",
        "9",
    )
    assert (one["clicked_at"], one["duration_seconds"]) == ("2017-01-14T03:52:00Z", 540)
    for params, count in (({"ref": "x"}, 0), ({"block_id": "999"}, 0), ({"end_date": "20170113"}, 1)):
        assert (
            len((await ask(http, "GET", "/activity", writer, **{**days, **params}))[1]["activity"]) == count
        )


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"foo": "zzz"}, "foo"),
        ({"click_id": "99"}, "click_id"),
        ({"Limit": "5"}, "Limit"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"start_date": "soon"}, "start_date"),
        ({"start_date": "20170201", "end_date": "20170101"}, "start_date"),
        ({"end_date": "20170230"}, "end_date"),
        ({"block_id": "1 or 1=1"}, "block_id"),
        ({"after": "x"}, "after"),
        ({"after": "1.2.3"}, "after"),
        ({"after": "9" * 40 + ".1"}, "after"),
    ],
)
async def test_a_wrong_page_is_told(
    http: aiohttp.ClientSession, writer: Headers, params: dict[str, str], field: str
) -> None:
    status, told = await ask(http, "GET", "/activity", writer, **params)
    assert (status, [problem["field"] for problem in told["problems"]]) == (400, [field])


async def test_a_parameter_that_there_is_not_is_named_beside_those_there_are(
    http: aiohttp.ClientSession, store: Store, writer: Headers
) -> None:
    status, told = await ask(http, "GET", "/activity", writer, click_id="99", limit="5")
    assert (status, told["code"]) == (400, "invalid_parameters")
    known = "start_date, end_date, block_id, ref, limit, after"
    wanted = f"'click_id': there is no such parameter; there are {known}."
    assert told["problems"] == [{"field": "click_id", "message": wanted}]
    block = Blocks(store, SystemClock()).add(BLOCK).id
    for method, path in (("GET", "/blocks"), ("GET", "/keys"), ("DELETE", f"/blocks/{block}")):
        status, told = await ask(http, method, path, writer, foo="zzz")
        wanted = "'foo': there is no such parameter; there are none."
        assert (status, told["problems"]) == (400, [{"field": "foo", "message": wanted}])
    assert Blocks(store, SystemClock()).find(block)
    assert (await ask(http, "GET", "/activity", {}, foo="zzz"))[0] == 401


async def test_a_keys_secret_is_told_once(http: aiohttp.ClientSession, store: Store, writer: Headers) -> None:
    block = Blocks(store, SystemClock()).add(BLOCK).id
    status, made = await ask(http, "POST", "/keys", writer, {"name": "a/b c", "blocks": [block]})
    assert (status, made["blocks"]) == (201, [block])
    found = Keys(store, SystemClock()).proven(made["access_key"], made["secret_access_key"])
    assert found is not None
    assert found.name == "a/b c"
    _, listed = await ask(http, "GET", "/keys", writer)
    assert made["secret_access_key"] not in json.dumps(listed)
    async with http.delete(f"{ROOT}/keys/a/b%20c", headers=writer) as answer:
        assert (answer.status, await answer.json()) == (200, {"name": "a/b c", "revoked": True})
    assert Keys(store, SystemClock()).proven(made["access_key"], made["secret_access_key"]) is None


async def test_a_token_needs_the_right_by_name(http: aiohttp.ClientSession, store: Store) -> None:
    reader = token(store, "reader", READ)
    whole = token(store, "whole", user="6666")  # all functions of the dialer, and so none of these
    narrow = token(store, "narrow", "version", user="6666")
    nobody = {"Authorization": "Bearer tl_x"}
    for operation in OPERATIONS:
        path = operation.path.format(block_id="1", name="x")
        for who, wanted in ((whole, 403), (narrow, 403), (nobody, 401), ({}, 401)):
            status, told = await ask(http, operation.method, path, who, {})
            assert (status, told["result"]) == (wanted, "ERROR")
        if operation.right == WRITE:
            assert (await ask(http, operation.method, path, reader, {}))[1]["code"] == "right_needed"
    assert (await ask(http, "GET", "/blocks", reader))[0] == 200
    async with http.get("/api/v1/dialer/version", headers=reader) as answer:
        assert answer.status == 403


def test_a_token_needs_a_user_or_functions(store: Store) -> None:
    with pytest.raises(SettingsError, match="a user or functions that need none"):
        token(store, "neither")


async def test_tokens_for_click_to_are_made_without_a_user(store: Store) -> None:
    assert store.place.file is not None
    home = store.place.file.parent
    code, out, _ = await run(
        home, "token", "add", "mine", "--functions", "clickto.read,clickto.write", "--json"
    )
    assert (code, json.loads(out)["functions"], json.loads(out)["user"]) == (0, [READ, WRITE], "")
    for flags in ((), ("--functions", "version"), ("--functions", "clickto.read,version")):
        code, _, err = await run(home, "token", "add", "other", *flags)
        assert (code, "The token needs a user" in err) == (1, True)
