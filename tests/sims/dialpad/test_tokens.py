"""Tokens of a sign-in open the pretend Dialpad like keys do, each as far as its user may see."""

import pytest

from tests.sims.dialpad.dialpad_caller import Caller, calling, unlimited
from tests.sims.dialpad.sign_in_page import click_through, query_of

REDIRECT = "http://127.0.0.1:9/callback"


async def token_of(caller: Caller, user: str) -> str:
    """The access token after a person has signed in and allowed it."""
    asked = f"client_id=testclient&redirect_uri={REDIRECT}&response_type=code&scope=calls:list&state=s"
    landed = await click_through(f"{caller.sim.url}/oauth2/authorize?{asked}", user)
    form = {
        "grant_type": "authorization_code",
        "code": query_of(landed)["code"],
        "redirect_uri": REDIRECT,
        "client_id": "testclient",
        "client_secret": "testsecret",
    }
    async with caller.session.post(f"{caller.sim.url}/oauth2/token", data=form) as response:
        assert response.status == 200, await response.text()
        return str((await response.json())["access_token"])


@pytest.mark.parametrize(("user", "status"), [("admin", 200), ("user", 403)])
async def test_a_token_sees_what_its_user_may_see(user: str, status: int) -> None:
    async with calling(unlimited(), key="") as caller:
        caller.session.headers["Authorization"] = f"Bearer {await token_of(caller, user)}"
        assert await caller.get("offices")
        assert (await caller.answer("call"))[0] == status
        caller.clock.advance(3600)
        assert await caller.error("offices") == (401, "Invalid API key.")


async def test_revoking_ends_tokens_too() -> None:
    async with calling(unlimited(), key="") as caller:
        caller.session.headers["Authorization"] = f"Bearer {await token_of(caller, 'admin')}"
        assert await caller.get("company")
        caller.sim.oauth.revoke_all()
        assert (await caller.error("company"))[0] == 401
