"""A person's way through the sign-in page, and a pretend Dialpad that has nothing but that page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web

from trunkline.clock import Clock
from trunkline.sims.dialpad.oauth import OAuthOptions, OAuthServer


async def click_through(address: str, user: str = "admin", decision: str = "allow") -> str:
    """What a person does in a browser; the address that the provider then sends them to."""
    async with aiohttp.ClientSession() as browser:
        async with browser.get(address) as page:
            assert page.status == 200, await page.text()
            assert 'name="user"' in await page.text()
        async with browser.post(address, data={"user": user}) as page:
            assert 'name="decision"' in await page.text()
        form = {"user": user, "decision": decision}
        async with browser.post(address, data=form, allow_redirects=False) as answer:
            assert answer.status == 302
            return answer.headers["Location"]


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


KEYS = {"testkey": "company", "userkey": "user"}
"""API keys that need no sign-in, and whose they are."""


@dataclass
class SignInHost:
    """A started server: its address, and what stands behind it. `asked` holds (path, Authorization)."""

    url: str
    oauth: OAuthServer
    asked: list[tuple[str, str]]


@asynccontextmanager
async def sign_in_host(clock: Clock, options: OAuthOptions | None = None) -> AsyncIterator[SignInHost]:
    """Sign-in below /oauth2; any other path answers rows to tokens and keys of the company."""
    oauth = OAuthServer(options or OAuthOptions(), clock)
    host = SignInHost("", oauth, [])

    async def handle(request: web.Request) -> web.Response:
        if oauth.handles(request.path):
            return await oauth.answer(request)
        given = request.headers.get("Authorization", "")
        host.asked.append((request.path, given))
        token = given.removeprefix("Bearer ")
        access = KEYS.get(token) or oauth.access_of(token)
        refusals: dict[str | None, Any] = {
            None: (401, f"Unknown token {token}"),
            "user": (403, "Admins only"),
        }
        if access in refusals:
            status, text = refusals[access]
            return web.json_response({"error": {"code": status, "message": text}}, status=status)
        return web.json_response({"id": "9", "items": [{"id": "1"}, {"id": "2"}]})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host.url = "http://{}:{}".format(*runner.addresses[0][:2])
    try:
        yield host
    finally:
        await runner.cleanup()
