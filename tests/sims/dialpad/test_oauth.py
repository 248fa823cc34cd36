"""The pretend Dialpad's sign-in against RFC 6749, 7636 and 7009, as far as Dialpad follows them."""

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from tests.sims.dialpad.sign_in_page import SignInHost, click_through, query_of, sign_in_host
from trunkline.clock import SteppedClock
from trunkline.sims.dialpad.oauth import OAuthOptions

REDIRECT = "http://127.0.0.1:1/oauth/callback/dialpad"
VERIFIER = "a-verifier-that-is-long-enough-to-be-taken-by-everybody"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
S256 = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
SCOPE = "calls:list offline_access"


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2026, 6, 15, 12, tzinfo=UTC))


@pytest.fixture
async def host(clock: SteppedClock) -> AsyncIterator[SignInHost]:
    async with sign_in_host(clock) as started:
        yield started


def page(host: SignInHost, **changes: str) -> str:
    query = {
        "response_type": "code",
        "client_id": "testclient",
        "redirect_uri": REDIRECT,
        "scope": SCOPE,
        "state": "s1",
        **S256,
        **changes,
    }
    return f"{host.url}/oauth2/authorize?{urlencode({k: v for k, v in query.items() if v})}"


async def code_from(host: SignInHost, user: str = "admin", **changes: str) -> str:
    return query_of(await click_through(page(host, **changes), user))["code"]


async def post(host: SignInHost, path: str, **sent: Any) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{host.url}/oauth2/{path}", **sent) as answer,
    ):
        return answer.status, await answer.json() if answer.content_type == "application/json" else None


def trade(of_code: str, /, **changes: str) -> dict[str, str]:
    fields = {
        "grant_type": "authorization_code",
        "code": of_code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": "testclient",
        "client_secret": "testsecret",
        **changes,
    }
    return {name: value for name, value in fields.items() if value}


def renewal(refresh_token: str) -> dict[str, str]:
    client = {"client_id": "testclient", "client_secret": "testsecret"}
    return {"grant_type": "refresh_token", "refresh_token": refresh_token, **client}


async def signed_in(host: SignInHost, user: str = "admin", **changes: str) -> dict[str, Any]:
    status, pair = await post(host, "token", data=trade(await code_from(host, user, **changes)))
    assert status == 200, pair
    return dict(pair)


async def test_allow_sends_back_with_a_code_and_the_state(host: SignInHost) -> None:
    sent_to = await click_through(page(host))
    assert sent_to.startswith(REDIRECT + "?")
    assert query_of(sent_to)["state"] == "s1"
    assert len(query_of(sent_to)["code"]) >= 20


async def test_deny_sends_back_with_an_error_and_no_code(host: SignInHost) -> None:
    query = query_of(await click_through(page(host), decision="deny"))
    assert (query["error"], query["state"], query.get("code")) == ("access_denied", "s1", None)


@pytest.mark.parametrize("change", [{"client_id": "other"}, {"redirect_uri": ""}, {"redirect_uri": "x:y"}])
async def test_nobody_is_sent_on_from_a_page_that_is_wrong(host: SignInHost, change: dict[str, str]) -> None:
    async with (
        aiohttp.ClientSession() as browser,
        browser.get(page(host, **change), allow_redirects=False) as answer,
    ):
        assert answer.status == 400
        assert "Location" not in answer.headers


async def test_only_registered_redirect_addresses_will_do(clock: SteppedClock) -> None:
    options = OAuthOptions(redirect_uris=(REDIRECT,))
    async with sign_in_host(clock, options) as host, aiohttp.ClientSession() as browser:
        async with browser.get(page(host)) as answer:
            assert answer.status == 200
        async with browser.get(page(host, redirect_uri=REDIRECT + "/x")) as answer:
            assert answer.status == 400


async def test_a_code_becomes_a_pair_by_form_json_or_basic(host: SignInHost) -> None:
    named = {"client_id": "", "client_secret": ""}
    basic = {"Authorization": aiohttp.encode_basic_auth("testclient", "testsecret")}
    ways: list[dict[str, Any]] = [
        {"data": trade(await code_from(host))},
        {"json": trade(await code_from(host))},
        {"data": trade(await code_from(host), **named), "headers": basic},
        {"json": trade(await code_from(host), **named), "headers": basic},
    ]
    for way in ways:
        status, pair = await post(host, "token", **way)
        assert status == 200, pair
        assert pair["token_type"].lower() == "bearer"
        assert (pair["expires_in"], pair["scope"]) == (3_600, SCOPE)
        assert host.oauth.access_of(pair["access_token"]) == "company"
        assert pair["refresh_token"] not in ("", pair["access_token"])


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"code_verifier": VERIFIER.replace("a", "b")}, 400, "invalid_grant"),
        ({"code_verifier": ""}, 400, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:2/"}, 400, "invalid_grant"),
        ({"code": "nonsense"}, 400, "invalid_grant"),
        ({"client_id": "other"}, 400, "invalid_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
async def test_a_wrong_request_gets_the_error_of_the_standard(
    host: SignInHost, wrong: dict[str, str], status: int, error: str
) -> None:
    code = await code_from(host)
    got, answer = await post(host, "token", data=trade(code, **wrong))
    assert (got, answer["error"]) == (status, error)
    assert "access_token" not in answer
    assert host.oauth.token_requests == [(wrong.get("grant_type", "authorization_code"), status)]


async def test_a_plain_challenge_is_compared_as_it_is(host: SignInHost) -> None:
    plain = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
    assert (await post(host, "token", data=trade(await code_from(host, **plain))))[0] == 200
    assert (
        await post(host, "token", data=trade(await code_from(host, **plain), code_verifier=VERIFIER.upper()))
    )[0] == 400


async def test_a_code_grows_old(host: SignInHost, clock: SteppedClock) -> None:
    code = await code_from(host)
    clock.advance(600)
    assert (await post(host, "token", data=trade(code)))[1]["error"] == "invalid_grant"


async def test_a_code_that_comes_twice_ends_what_came_from_it(host: SignInHost) -> None:
    code = await code_from(host)
    _, pair = await post(host, "token", data=trade(code))
    assert (await post(host, "token", data=trade(code)))[1]["error"] == "invalid_grant"
    assert host.oauth.access_of(pair["access_token"]) is None


async def test_a_token_lives_by_the_clock(host: SignInHost, clock: SteppedClock) -> None:
    token = (await signed_in(host))["access_token"]
    clock.advance(3_599)
    assert host.oauth.access_of(token) == "company"
    clock.advance(1)
    assert host.oauth.access_of(token) is None


async def test_a_refresh_trades_the_pair_in(host: SignInHost) -> None:
    first = await signed_in(host)
    status, second = await post(host, "token", json=renewal(first["refresh_token"]))
    assert status == 200
    assert host.oauth.access_of(second["access_token"]) == "company"
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == SCOPE


async def test_a_refresh_token_spent_twice_ends_the_sign_in(host: SignInHost) -> None:
    first = await signed_in(host)
    _, second = await post(host, "token", data=renewal(first["refresh_token"]))
    assert (await post(host, "token", data=renewal(first["refresh_token"])))[1]["error"] == "invalid_grant"
    assert (await post(host, "token", data=renewal(second["refresh_token"])))[1]["error"] == "invalid_grant"


async def test_without_rotation_the_refresh_token_stays(clock: SteppedClock) -> None:
    async with sign_in_host(clock, OAuthOptions(rotate=False, old_access_dies=True)) as host:
        first = await signed_in(host)
        for _ in range(2):
            status, second = await post(host, "token", data=renewal(first["refresh_token"]))
            assert (status, second.get("refresh_token")) == (200, None)
        assert host.oauth.access_of(first["access_token"]) is None


async def test_no_refresh_token_without_offline_access(host: SignInHost) -> None:
    assert "refresh_token" not in await signed_in(host, scope="calls:list")


async def test_a_plain_user_gets_a_token_that_sees_less(host: SignInHost) -> None:
    assert host.oauth.access_of((await signed_in(host, "user"))["access_token"]) == "user"


@pytest.mark.parametrize("by_header", [True, False])
async def test_deauthorize_ends_the_sign_in(host: SignInHost, by_header: bool) -> None:
    pair, other = await signed_in(host), await signed_in(host)
    sent: dict[str, Any] = (
        {"headers": {"Authorization": f"Bearer {pair['access_token']}"}}
        if by_header
        else {"data": {"token": pair["refresh_token"]}}
    )
    assert (await post(host, "deauthorize", **sent)) == (204, None)
    assert host.oauth.access_of(pair["access_token"]) is None
    assert (await post(host, "token", data=renewal(pair["refresh_token"])))[0] == 400
    assert host.oauth.access_of(other["access_token"]) == "company"


async def test_a_body_that_is_no_form_and_no_json_object_is_refused(host: SignInHost) -> None:
    for body in (b"{", b"[]"):
        headers = {"Content-Type": "application/json"}
        assert (await post(host, "token", data=body, headers=headers))[1]["error"] == "invalid_request"


async def test_tokens_are_asked_for_by_post(host: SignInHost) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{host.url}/oauth2/token", params=renewal("x")) as answer,
    ):
        assert answer.status == 405
