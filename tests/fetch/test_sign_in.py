"""Signing in at a provider that does as the standard says, and at providers that do not."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.fetch.provider import Provider, Reply, reply
from tests.sims.dialpad.sign_in_page import SignInHost, click_through, query_of, sign_in_host
from trunkline.clock import SteppedClock
from trunkline.declare import OAuth
from trunkline.errors import (
    DataError,
    KeyRefused,
    ProviderError,
    RetryLater,
    SettingsError,
    TrunklineError,
)
from trunkline.fetch.http import HttpSettings
from trunkline.fetch.refusals import Subject
from trunkline.fetch.sign_in import Beginning, SignIn, TokenPair

REDIRECT = "http://127.0.0.1:1/oauth/callback/acme"
SUBJECT = Subject(
    "Acme",
    "sign-in",
    "office",
    secrets=("testsecret",),
    connect="trunkline account connect acme office",
)
SCOPES = ("calls:list", "offline_access")
PAIR = {"access_token": "a" * 20, "refresh_token": "r" * 20, "expires_in": 3600, "token_type": "bearer"}


def sign_in(host: str, seconds: float = 60.0, **client: str) -> SignIn:
    known: dict[str, str] = {"client_id": "testclient", "client_secret": "testsecret", **client}
    return SignIn(host, OAuth(SCOPES), subject=SUBJECT, settings=HttpSettings(seconds), **known)


async def brought_back(host: SignInHost, of: SignIn, **choices: str) -> tuple[Beginning, str]:
    beginning = of.begin(REDIRECT)
    sent_to = await click_through(beginning.authorize_url, **choices)
    return beginning, sent_to.partition("?")[2]


async def finished(of: SignIn, beginning: Beginning, query: str) -> TokenPair:
    return await asyncio.to_thread(of.finish, beginning, REDIRECT, query)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2026, 6, 15, 12, tzinfo=UTC))


async def test_the_address_asks_for_a_code_with_a_challenge_that_hides_the_verifier(
    clock: SteppedClock,
) -> None:
    beginning = sign_in("https://acme.example").begin(REDIRECT)
    query = query_of(beginning.authorize_url)
    assert beginning.authorize_url.startswith("https://acme.example/oauth2/authorize?")
    assert (query["response_type"], query["client_id"]) == ("code", "testclient")
    assert (query["scope"], query["redirect_uri"]) == (" ".join(SCOPES), REDIRECT)
    assert (query["code_challenge_method"], query["state"]) == ("S256", beginning.state)
    assert len(query["code_challenge"]) == 43
    assert len(beginning.verifier) >= 43
    assert beginning.verifier not in beginning.authorize_url
    assert beginning.verifier not in repr(beginning)
    assert sign_in("https://acme.example").begin(REDIRECT).verifier != beginning.verifier


async def test_a_whole_sign_in_refresh_and_revocation(clock: SteppedClock) -> None:
    async with sign_in_host(clock) as host:
        of = sign_in(host.url)
        pair = await finished(of, *await brought_back(host, of))
        assert (pair.lifetime_seconds, pair.scope) == (3_600, " ".join(SCOPES))
        assert host.oauth.access_of(pair.access_token) == "company"
        second = await asyncio.to_thread(of.refresh, pair.refresh_token)
        assert second
        assert second.refresh_token != pair.refresh_token
        assert pair.access_token not in repr(pair)
        assert pair.refresh_token not in repr(pair)
        await asyncio.to_thread(of.revoke, second.access_token)
        assert host.oauth.access_of(second.access_token) is None
        assert await asyncio.to_thread(of.refresh, second.refresh_token) is None


async def test_a_refusal_by_the_person_is_said_as_one(clock: SteppedClock) -> None:
    async with sign_in_host(clock) as host:
        of = sign_in(host.url)
        beginning, query = await brought_back(host, of, decision="deny")
        with pytest.raises(SettingsError, match=r"^The sign-in was refused") as caught:
            await finished(of, beginning, query)
        assert "trunkline account connect acme office" in caught.value.todo


@pytest.mark.parametrize(
    "change",
    [
        lambda q: q.replace("state=", "state=x"),
        lambda q: q.partition("&state=")[0],
        lambda q: q.replace("code=", "other="),
        lambda q: "",
        lambda q: "error=access_denied&state=wrong",
        lambda q: "error=access_denied",
    ],
)
async def test_an_answer_of_another_sign_in_is_not_used(
    clock: SteppedClock, change: Callable[[str], str]
) -> None:
    async with sign_in_host(clock) as host:
        of = sign_in(host.url)
        beginning, query = await brought_back(host, of)
        with pytest.raises(SettingsError, match="does not belong to this sign-in at Acme"):
            await finished(of, beginning, change(query))
        assert host.oauth.token_requests == []


async def test_a_verifier_that_does_not_fit_and_a_code_spent_are_told(clock: SteppedClock) -> None:
    async with sign_in_host(clock) as host:
        of = sign_in(host.url)
        beginning, query = await brought_back(host, of)
        wrong = Beginning(beginning.authorize_url, beginning.state, beginning.verifier[::-1])
        with pytest.raises(SettingsError, match="does not take the code") as caught:
            await finished(of, wrong, query)
        assert beginning.verifier[::-1] not in str(caught.value)
        await finished(of, beginning, query)
        with pytest.raises(SettingsError, match="does not take the code"):
            await finished(of, beginning, query)


@pytest.mark.parametrize("wrong", [{"client_id": "other"}, {"client_secret": "other"}])
async def test_a_wrong_client_is_told_with_the_command_that_mends_it(
    clock: SteppedClock, wrong: dict[str, str]
) -> None:
    async with sign_in_host(clock) as host:
        beginning, query = await brought_back(host, sign_in(host.url))
        with pytest.raises(KeyRefused, match="does not accept the client id and secret") as caught:
            await finished(sign_in(host.url, 60, **wrong), beginning, query)
        assert "--client-id ID --client-secret -`" in caught.value.todo


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (reply({}, 503), RetryLater, "failed with status 503"),
        (reply({"error": "slow_down"}, 429), RetryLater, "failed with status 429"),
        (Reply(b"{", breaks=True), RetryLater, "cannot be reached at 127.0.0.1"),
        (reply({"error": "invalid_client"}, 401), KeyRefused, "does not accept the client id"),
        (reply({"error": "invalid_scope"}, 400), ProviderError, 'says "invalid_scope"'),
        (reply({"error": {"code": 404}}, 404), ProviderError, r"\(404\)"),
        (reply(b"<html>"), DataError, "no token"),
        (reply(b"<html>", 404), DataError, "no token"),
        (reply([]), DataError, "no token"),
        (reply({"access_token": ""}), DataError, "no token"),
        (reply({"access_token": 5}), DataError, "no token"),
        (reply({**PAIR, "expires_in": "soon"}), DataError, "no token"),
        (reply(b" " * 1_100_000), DataError, "no token"),
        (reply(PAIR, 302, Location="http://127.0.0.1:1/"), DataError, "no token"),
    ],
)
async def test_a_refresh_that_goes_wrong(
    provider: Provider, answer: Reply, kind: Any, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.says(answer)
    with pytest.raises(kind, match=sentence) as caught:
        await asyncio.to_thread(sign_in(provider.address).refresh, "old-refresh-token")
    assert isinstance(caught.value, TrunklineError)
    assert len(provider.asked) == 1
    for text in (str(caught.value), caught.value.todo, caplog.text):
        assert "old-refresh-token" not in text
        assert "testsecret" not in text


@pytest.mark.parametrize(
    "answer",
    [reply({"error": "invalid_grant"}, 400), reply({"error": {"code": 401, "message": "Bad"}}, 401)],
)
async def test_a_refresh_token_that_is_not_taken_any_more_gives_nothing(
    provider: Provider, answer: Reply
) -> None:
    provider.says(answer)
    assert await asyncio.to_thread(sign_in(provider.address).refresh, "old") is None


async def test_a_provider_that_never_answers_is_given_up(provider: Provider) -> None:
    provider.says(Reply(hangs=True))
    with pytest.raises(RetryLater, match=r"did not answer the sign-in within 0\.2 seconds"):
        await asyncio.to_thread(sign_in(provider.address, 0.2).refresh, "old")


async def test_a_provider_that_is_not_there_is_named() -> None:
    with pytest.raises(RetryLater, match=r"cannot be reached at 127\.0\.0\.1:1"):
        await asyncio.to_thread(sign_in("http://127.0.0.1:1").refresh, "old")


@pytest.mark.parametrize(
    ("told", "lifetime"), [({"expires_in": "1800"}, 1_800), ({"expires_in": None}, None), ({}, 3_600)]
)
async def test_lifetimes_come_as_numbers_as_text_or_not_at_all(
    provider: Provider, told: dict[str, Any], lifetime: int | None
) -> None:
    provider.says(reply({**PAIR, **told}))
    pair = await asyncio.to_thread(sign_in(provider.address).refresh, "old")
    assert pair
    assert pair.lifetime_seconds == lifetime


@pytest.mark.parametrize(
    ("told", "ends_in"),
    [
        ({}, None),
        ({"refresh_token_expires_in": 86_400}, 86_400),
        ({"refresh_expires_in": "1800"}, 1_800),
        ({"refresh_expires_in": 0}, None),
        ({"refresh_token_expires_in": "never"}, None),
        ({"refresh_token_expires_in": None}, None),
    ],
)
async def test_the_end_of_the_refresh_token_is_taken_from_those_who_tell(
    provider: Provider, told: dict[str, Any], ends_in: int | None
) -> None:
    provider.says(reply({**PAIR, **told}))
    pair = await asyncio.to_thread(sign_in(provider.address).refresh, "old")
    assert pair
    assert pair.ends_in_seconds == ends_in


async def test_a_refresh_token_that_is_not_replaced_stays(provider: Provider) -> None:
    provider.says(reply({"access_token": "a" * 20, "expires_in": 60}))
    pair = await asyncio.to_thread(sign_in(provider.address).refresh, "old")
    assert pair
    assert pair.refresh_token == "old"


async def test_no_proxy_and_no_netrc_of_the_surroundings_is_used(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.says(reply(PAIR))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    await asyncio.to_thread(sign_in(provider.address).refresh, "old")
    assert "Authorization" not in provider.asked[0].headers


async def test_who_the_machine_trusts_is_trusted_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = tmp_path / "machine.pem"
    certificate.write_bytes(own_certificate())
    protected = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    protected.load_cert_chain(certificate)

    async def give(_: web.Request) -> web.Response:
        return web.json_response(PAIR)

    app = web.Application()
    app.router.add_post("/oauth2/token", give)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=protected).start()
    of = sign_in(f"https://127.0.0.1:{runner.addresses[0][1]}", 5)
    try:
        with pytest.raises(RetryLater, match="cannot be reached"):
            await asyncio.to_thread(of.refresh, "old")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert await asyncio.to_thread(of.refresh, "old")
    finally:
        await runner.cleanup()


def own_certificate() -> bytes:
    """A key and a certificate for 127.0.0.1 that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private + signed.public_bytes(pem)
