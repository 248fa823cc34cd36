"""The server over real HTTP: classic paths, JSON, tokens, repeated requests."""

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.web.serving import STATE, run, served

ORIGINAL, DOCUMENTED, JSON = "/vicidial/non_agent_api.php", "/adminpanel/api.php", "/api/v1/dialer"
LOGIN = {"source": "test", "user": "6666", "pass": "1234"}
NEW = {"function": "add_lead", "phone_number": "7275559876", "phone_code": "1", "list_id": "999"}
VERSION = b"DATE: 2017-06-14 12:00:00|EPOCH: 1497456000|DST: 1|TZ: "


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with the start state."""
    folder = tmp_path_factory.mktemp("web") / "home"
    code, out, err = asyncio.run(run(folder, "dialer", "load", str(STATE)))
    assert (code, err) == (0, "")
    assert "rows loaded" in out
    return folder


@pytest.fixture
async def http(home: Path) -> AsyncIterator[aiohttp.ClientSession]:
    async with served(home) as url, aiohttp.ClientSession(url) as session:
        yield session


async def token(home: Path, name: str, *flags: str, user: str = "6666") -> dict[str, str]:
    """The header of a new token."""
    code, out, err = await run(home, "token", "add", name, "--user", user, *flags)
    assert code == 0, err
    return {"Authorization": f"Bearer {out.strip()}"}


async def status(http: aiohttp.ClientSession, path: str, headers: dict[str, str] | None = None) -> int:
    async with http.get(path, headers=headers) as answer:
        await answer.read()
        return answer.status


async def test_classic_paths_answer_alike_to_get_and_post(http: aiohttp.ClientSession) -> None:
    for path, zone in ((ORIGINAL, b"-5.00"), (DOCUMENTED, b"-5")):
        got = await http.get(path, params={"function": "version"})
        posted = await http.post(path, data={"function": "version"})
        mixed = await http.post(path, params={"function": "version"}, data={"function": "add_lead"})
        bodies = [await answer.read() for answer in (got, posted, mixed)]
        assert bodies[0] == bodies[1] == bodies[2]
        assert VERSION + zone + b"|TZNOW: -4|" in bodies[0]
        assert [a.status for a in (got, posted, mixed)] == [200] * 3
        assert {a.headers["content-type"] for a in (got, posted, mixed)} == {"text/html; charset=utf-8"}


async def test_every_refusal_of_a_classic_path_has_status_200(http: aiohttp.ClientSession) -> None:
    for params, text in (
        ({}, "ERROR: Login incorrect, please try again: |||BAD|\n"),
        ({**LOGIN, "pass": "no"}, "ERROR: Login incorrect, please try again: |6666||BAD|\n"),
        (LOGIN, "ERROR: NO FUNCTION SPECIFIED\n"),
        ({f"p{n}": "x" for n in range(600)}, "ERROR: TOO MANY PARAMETERS\n"),
    ):
        answer = await http.get(ORIGINAL, params=params)
        assert (answer.status, await answer.text()) == (200, text)
    large = await http.post(ORIGINAL, data=io.BytesIO(b"x" * 2_100_000))
    assert (large.status, await large.text()) == (200, "ERROR: REQUEST IS TOO LARGE\n")


async def test_each_path_speaks_its_dialect(http: aiohttp.ClientSession) -> None:
    documented = await (await http.get(DOCUMENTED, params={**LOGIN, **NEW})).text()
    original = await (await http.get(ORIGINAL, params={**LOGIN, **NEW})).text()
    assert documented.startswith("SUCCESS: add_lead LEAD HAS BEEN ADDED - 7275559876|6666|999|")
    assert original.startswith("SUCCESS: add_lead LEAD HAS BEEN ADDED - 7275559876|999|")
    assert original.endswith("|6666\n")


async def test_json_has_typed_fields_and_real_statuses(http: aiohttp.ClientSession, home: Path) -> None:
    who = await token(home, "statuses")
    added = await http.post(f"{JSON}/add_lead", json=NEW, headers=who)
    content = await added.json()
    assert (added.status, content["result"], content["code"]) == (200, "SUCCESS", "lead_added")
    fields = content["lines"][0]["fields"]
    assert isinstance(fields["lead_id"], int)
    assert (fields["list_id"], fields["phone_number"]) == (999, "7275559876")
    missing = await http.get(
        f"{JSON}/lead_field_info", params={"lead_id": "99999", "field_name": "city"}, headers=who
    )
    assert (missing.status, (await missing.json())["code"]) == (404, "lead_not_found")
    table = await http.get(f"{JSON}/logged_in_agents", headers=who)
    rows = (await table.json())["rows"]
    assert rows[0]["user"] == "1000"
    assert isinstance(rows[0]["calls_today"], int)
    offered = await (await http.get(JSON, headers=who)).json()
    assert len(offered["functions"]) == 31


async def test_json_says_no_with_the_right_status(http: aiohttp.ClientSession, home: Path) -> None:
    narrow = await token(home, "narrow", "--functions", "version,lead_field_info")
    weak = await token(home, "weak", user="7001")
    nobody = await token(home, "nobody", user="nosuch")
    sent: list[tuple[Any, int, str]] = [
        (http.get(f"{JSON}/version"), 401, "token_needed"),
        (http.get(f"{JSON}/version", headers={"Authorization": "Bearer tl_x"}), 401, "token_needed"),
        (http.get(f"{JSON}/nothing", headers=narrow), 404, "no_function"),
        (http.get(f"{JSON}/agent_status", headers=narrow), 403, "function_not_allowed"),
        (http.get(f"{JSON}/add_lead", headers=weak), 405, "post_needed"),
        (http.post(f"{JSON}/add_lead", json=NEW, headers=weak), 403, "permission_denied"),
        (http.post(f"{JSON}/add_lead", json=NEW, headers=nobody), 403, "user_refused"),
        (http.post(f"{JSON}/add_lead", json=[1], headers=weak), 400, "unreadable_parameters"),
        (http.get(f"{JSON}/lead_field_info", headers=narrow), 400, "invalid_parameters"),
    ]
    for asking, wanted, code in sent:
        answer = await asking
        assert (answer.status, (await answer.json())["code"]) == (wanted, code)
    statuses = [await status(http, JSON, {"Authorization": "Bearer x"}) for _ in range(20)]
    assert statuses[-1] == 429


async def test_a_repeated_request_is_not_done_again(http: aiohttp.ClientSession, home: Path) -> None:
    who = {**await token(home, "repeats"), "Idempotency-Key": "one"}
    first = await http.post(f"{JSON}/add_lead", json=NEW, headers=who)
    again = await http.post(f"{JSON}/add_lead", json=NEW, headers=who)
    assert await first.read() == await again.read()
    assert again.headers["idempotent-replayed"] == "true"
    other = await http.post(f"{JSON}/add_lead", json={**NEW, "list_id": 101}, headers=who)
    assert (other.status, (await other.json())["code"]) == (409, "idempotency_key_taken")


async def test_no_secret_is_answered(http: aiohttp.ClientSession, home: Path) -> None:
    who = await token(home, "secrets")
    user = {"agent_user": "newone", "agent_pass": "topsecret", "agent_user_level": 1}
    wanted = {**user, "agent_full_name": "New", "agent_user_group": "AGENTS"}
    answer = await http.post(f"{JSON}/add_user", json=wanted, headers=who)
    assert answer.status == 200
    assert "topsecret" not in await answer.text()


async def test_a_removed_token_is_refused(http: aiohttp.ClientSession, home: Path) -> None:
    who = await token(home, "gone")
    assert await status(http, JSON, who) == 200
    assert (await run(home, "token", "remove", "gone", "--yes"))[0] == 0
    assert await status(http, JSON, who) == 401


async def test_health_and_unknown_paths(http: aiohttp.ClientSession) -> None:
    health = await http.get("/healthz")
    assert (health.status, await health.json()) == (200, {"status": "ok"})
    assert await status(http, "/nothing/here") == 404


async def test_many_requests_at_once_are_all_kept(http: aiohttp.ClientSession) -> None:
    async def add(number: int) -> str:
        params = {**LOGIN, **NEW, "phone_number": f"72755{number:05}"}
        return await (await http.get(ORIGINAL, params=params)).text()

    said = await asyncio.gather(*(add(n) for n in range(60)))
    assert all(text.startswith("SUCCESS") for text in said)
    assert len({text.split("|")[2] for text in said}) == 60


async def test_browsers_run_nothing_of_an_answer(home: Path) -> None:
    login = {"source": "test", "user": "6666", "pass": "1234"}
    async with served(home) as url, aiohttp.ClientSession(url) as session:
        asked = {**login, "function": "agent_status", "agent_user": "<script>alert(1)</script>\r\nSUCCESS: x"}
        async with session.get(ORIGINAL, params=asked) as answer:
            assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert (await answer.text()).count("\n") == 1
        async with session.get(ORIGINAL, params={**login, "function": "vm_list"}) as answer:
            page, allowed = await answer.text(), answer.headers["Content-Security-Policy"]
    script = page.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in allowed


async def test_paths_and_methods_that_are_not_there_are_told_as_json(home: Path) -> None:
    async with served(home) as url, aiohttp.ClientSession(url) as session:
        for method, path, status, code in (
            ("PUT", f"{JSON}/add_lead", 405, "method_not_allowed"),
            ("DELETE", "/api/v1/clickto/blocks", 405, "method_not_allowed"),
            ("GET", "/api/v1/nothing", 404, "no_path"),
            ("GET", "/api/v1/clickto/nothing/there", 404, "no_path"),
            ("GET", "/api/v1/asterisk/nothing", 404, "no_path"),
        ):
            async with session.request(method, path) as answer:
                assert (answer.status, (await answer.json())["code"]) == (status, code), path
                assert ("Allow" in answer.headers) is (status == 405)
        async with session.head("/clickto.js") as answer:
            assert int(answer.headers["Content-Length"]) > 1_000
            assert await answer.read() == b""


async def test_several_processes_serve_one_port(home: Path) -> None:
    async with served(home, "--workers", "2") as url, aiohttp.ClientSession(url) as session:
        answers = await asyncio.gather(
            *(session.get(ORIGINAL, params={"function": "version"}) for _ in range(8))
        )
        assert {(a.status, bool(await a.read())) for a in answers} == {(200, True)}


async def test_what_stands_in_the_way_is_told(tmp_path: Path) -> None:
    code, _, err = await run(tmp_path / "home", "serve", "--port", "0", TRUNKLINE_DIALER_PREFIX="vicidial_")
    assert code == 1
    assert "holds no dialer" in err
    assert "Traceback" not in err


async def test_commands_set_up_and_tell(tmp_path: Path) -> None:
    home = tmp_path / "home"
    code, out, err = await run(home, "dialer", "init", stdin="geheim12\n")
    assert (code, err) == (0, "")
    assert "user apiuser, campaign FIRST, list 1001" in out
    code, _, err = await run(home, "dialer", "init", "--password", "geheim12")
    assert code == 1
    assert "There is a user apiuser already" in err
    code, out, _ = await run(home, "dialer", "functions", "--json")
    assert (code, len(json.loads(out))) == (0, 31)
    code, out, _ = await run(home, "token", "list")
    assert (code, "No token yet" in out) == (0, True)
    code, _, err = await run(home, "token", "add", "x", "--user", "apiuser", "--functions", "nothing")
    assert (code, "There is no function nothing." in err) == (1, True)
    code, _, err = await run(home, "token", "add", "x", "--user", "apiuser", "--functions", "")
    assert (code, "--functions names no function." in err) == (1, True)
    code, _, err = await run(home, "token", "add", "x", "--user", "apiuser")
    assert (code, "Note:" in err) == (0, False)
    code, out, err = await run(home, "token", "add", "y", "--user", "later", "--json")
    assert (code, "Note: the dialer has no user later yet" in err) == (0, True)
    assert json.loads(out)["user"] == "later"
    async with served(home) as url, aiohttp.ClientSession(url) as session:
        login = {"source": "test", "user": "apiuser", "pass": "geheim12"}
        said = await (await session.get(ORIGINAL, params={**login, **NEW, "list_id": "1001"})).text()
        assert said.startswith("SUCCESS: add_lead LEAD HAS BEEN ADDED - 7275559876|1001|1|")
