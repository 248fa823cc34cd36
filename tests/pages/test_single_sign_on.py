"""Signing in by another service: whom it is believed, and whom it lets in."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.pages.conftest import NOW, PASSWORD
from tests.pages.issuer import CLIENT, SECRET, Issuer, new_key, pretend_issuer
from trunkline.access.roles import Role
from trunkline.pages.application import Pages
from trunkline.pages.rooms import Rooms, rooms_of
from trunkline.pages.visit import SESSION
from trunkline.settings import load_settings

PUBLIC = "https://phones.example.com"
ANN: dict[str, Any] = {"email": "Ann@example.com", "email_verified": True, "name": "Ann"}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with pretend_issuer(int(NOW.timestamp())) as found:
        found.claims = dict(ANN)
        yield found


@asynccontextmanager
async def browser(
    rooms: Rooms, issuer: Issuer, home: Path, role: str = ""
) -> AsyncIterator[httpx.AsyncClient]:
    """Of an installation that knows the service."""
    env = {"OIDC_ISSUER": issuer.url, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET}
    env |= {"PUBLIC_URL": PUBLIC, "OIDC_ROLE": role, "OIDC_LABEL": "Sign in with Example"}
    settings = load_settings(home, {f"TRUNKLINE_{name}": value for name, value in env.items() if value})
    there = rooms_of(settings, rooms.store, rooms.clock, rooms.wrong_logins)
    transport = httpx.ASGITransport(Pages(there))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
        yield client


async def signed_in(client: httpx.AsyncClient, issuer: Issuer, wanted: str = "/profile") -> httpx.Response:
    """The answer to who comes back from the service."""
    client.cookies.delete(SESSION)
    away = await client.get(f"/sign-in/service?next={wanted}")
    assert away.status_code == 303, away.text
    return await client.get(issuer.sign_in(away.headers["location"]))


async def test_the_invited_enter_and_stay_linked(rooms: Rooms, issuer: Issuer, tmp_path: Path) -> None:
    ann = rooms.users.add("ann@example.com", "Ann", Role.ANALYST)
    async with browser(rooms, issuer, tmp_path) as client:
        assert "Sign in with Example" in (await client.get("/sign-in")).text
        answer = await signed_in(client, issuer)
        assert answer.headers["location"] == "/profile", answer.text
        assert (await client.get("/profile")).status_code == 200
        issuer.claims["email"] = "ann.newname@example.com"
        assert (await signed_in(client, issuer)).status_code == 303, "the subject is what counts"
        assert rooms.audit.page()[0].detail == {"by": "sign-in service"}
        assert [user.id for user in rooms.users.all()] == [ann.id]
        issuer.claims |= {"sub": "2", "email": "ann@example.com"}
        other = await signed_in(client, issuer)
        assert other.status_code == 403
        assert "somebody else at the sign-in service" in other.text
    assert issuer.seen.count("/.well-known/openid-configuration") == 1


async def test_strangers_enter_only_with_a_role(rooms: Rooms, issuer: Issuer, tmp_path: Path) -> None:
    async with browser(rooms, issuer, tmp_path / "a", "employee") as client:
        assert "Nobody is here yet" in (await signed_in(client, issuer)).text, "no stranger is the first"
    rooms.users.add("owner@example.com", "Olive", Role.OWNER, PASSWORD)
    async with browser(rooms, issuer, tmp_path / "b") as client:
        answer = await signed_in(client, issuer)
        assert (answer.status_code, "Nobody has invited" in answer.text) == (403, True)
    async with browser(rooms, issuer, tmp_path / "c", "employee") as client:
        assert (await signed_in(client, issuer)).status_code == 303
    ann = rooms.users.named("ann@example.com")
    assert (ann.role, ann.name) == (Role.EMPLOYEE, "Ann")
    rooms.users.change(ann, is_active=False)
    async with browser(rooms, issuer, tmp_path / "d", "employee") as client:
        assert (await signed_in(client, issuer)).status_code == 403


LIES: list[dict[str, Any]] = [
    {"aud": "another client"},
    {"aud": [CLIENT, "another client"]},
    {"iss": "https://evil.example"},
    {"nonce": "another"},
    {"nonce": None},
    {"exp": int(NOW.timestamp()) - 3_600},
    {"sub": None},
    {"email_verified": False},
    {"email_verified": None},
    {"azp": "another client"},
    {"at_hash": "another"},
]


@pytest.mark.parametrize("lie", LIES, ids=str)
async def test_what_is_not_true_is_not_believed(
    rooms: Rooms, issuer: Issuer, tmp_path: Path, lie: dict[str, Any]
) -> None:
    rooms.users.add("ann@example.com", "Ann", Role.ANALYST)
    issuer.lies = lie
    async with browser(rooms, issuer, tmp_path) as client:
        answer = await signed_in(client, issuer)
        assert answer.status_code in (403, 502), answer.text
        assert SESSION not in client.cookies
        issuer.lies = {}
        assert (await signed_in(client, issuer)).status_code == 303


async def test_signatures(rooms: Rooms, issuer: Issuer, tmp_path: Path) -> None:
    rooms.users.add("ann@example.com", "Ann", Role.ANALYST)
    right = issuer.key
    async with browser(rooms, issuer, tmp_path) as client:
        issuer.shown, issuer.key = [right], new_key("first")
        assert (await signed_in(client, issuer)).status_code == 502, "another key of that name"
        issuer.key, issuer.header = right, {"alg": "HS256"}
        assert (await signed_in(client, issuer)).status_code == 502, "our own secret signs nothing"
        issuer.header = {}
        assert (await signed_in(client, issuer)).status_code == 303
        issuer.key = new_key("second")
        issuer.shown = [right, issuer.key]
        assert (await signed_in(client, issuer)).status_code == 303, "keys are exchanged now and then"


async def test_only_the_browser_that_went_comes_back_and_once(
    rooms: Rooms, issuer: Issuer, tmp_path: Path
) -> None:
    rooms.users.add("ann@example.com", "Ann", Role.ANALYST)
    async with browser(rooms, issuer, tmp_path) as client:
        away = await client.get("/sign-in/service?next=https://evil.example")
        back = issuer.sign_in(away.headers["location"])
        kept = client.cookies["trunkline_under_way"]
        client.cookies.clear()
        assert "No sign-in is under way" in (await client.get(back)).text
        client.cookies.set("trunkline_under_way", "x" + kept)
        assert (await client.get(back)).status_code == 403
        client.cookies.clear()
        await client.get("/sign-in/service")
        assert "belongs to another sign-in" in (await client.get(back)).text
        client.cookies.clear()
        client.cookies.set("trunkline_under_way", kept)
        first = await client.get(back)
        assert first.headers["location"] == "/"
        client.cookies.clear()
        client.cookies.set("trunkline_under_way", kept)
        assert (await client.get(back)).status_code == 502, "the service takes no code twice"
        denied = back.partition("?")[0] + "?error=access_denied&state=" + back.partition("state=")[2]
        assert "access_denied" in (await client.get(denied)).text


async def test_the_address_may_come_when_it_is_asked_for(
    rooms: Rooms, issuer: Issuer, tmp_path: Path
) -> None:
    rooms.users.add("ann@example.com", "Ann", Role.ANALYST)
    issuer.claims, issuer.more = {}, {"sub": "somebody else", **ANN}
    async with browser(rooms, issuer, tmp_path) as client:
        assert (await signed_in(client, issuer)).status_code == 403
        issuer.more = {"sub": "1", **ANN}
        assert (await signed_in(client, issuer)).status_code == 303


async def test_the_second_factor_is_asked_for_all_the_same(
    rooms: Rooms, issuer: Issuer, tmp_path: Path
) -> None:
    import pyotp

    ann = rooms.users.add("ann@example.com", "Ann", Role.ANALYST, PASSWORD)
    secret = rooms.second_factors.offer(ann).secret
    rooms.second_factors.turn_on(ann, secret, pyotp.TOTP(secret).at(NOW))
    async with browser(rooms, issuer, tmp_path) as client:
        answer = await signed_in(client, issuer)
        assert answer.headers["location"].startswith("/sign-in/code")
        assert SESSION not in client.cookies


async def test_a_service_that_is_silent(rooms: Rooms, issuer: Issuer, tmp_path: Path) -> None:
    rooms.users.add("ann@example.com", "Ann", Role.ANALYST)
    issuer.url = "http://127.0.0.1:9"
    async with browser(rooms, issuer, tmp_path) as client:
        for text in ("cannot be reached", "did not answer just now"):
            answer = await client.get("/sign-in/service")
            assert answer.status_code == 503
            assert text in answer.text
            assert "sign in with your password" in answer.text


async def test_without_a_service_there_is_no_button(rooms: Rooms) -> None:
    rooms.users.add("ann@example.com", "Ann", Role.ANALYST)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Pages(rooms)), base_url=PUBLIC) as client:
        assert "single sign-on" not in (await client.get("/sign-in")).text
        assert (await client.get("/sign-in/service")).status_code == 422
