"""An installation beside a provider that signs people in."""

from dataclasses import dataclass
from typing import Protocol

from tests.sims.dialpad.sign_in_page import click_through
from trunkline.center import accounts, connecting
from trunkline.center.room import Center
from trunkline.clock import SteppedClock
from trunkline.fetch.source import open_source
from trunkline.sims.dialpad.oauth import OAuthServer

REDIRECT = "http://127.0.0.1:1/oauth/callback/dialpad"
ENDED = "Dialpad no longer accepts the sign-in of account 'main'."
AGAIN = "Connect it again: `trunkline account connect dialpad main`"


class Host(Protocol):
    """What signs people in at an address: the sign-in alone, or a whole pretend Dialpad."""

    url: str
    oauth: OAuthServer


@dataclass
class House:
    """The two, and their common clock."""

    center: Center
    host: Host
    clock: SteppedClock

    @property
    def client(self) -> dict[str, str]:
        return {"client_id": "testclient", "client_secret": "testsecret", "base_url": self.host.url}

    async def connect(self, name: str = "main", user: str = "admin", **given: str) -> accounts.Account:
        pending = connecting.begin(self.center, "dialpad", name, {**self.client, **given}, REDIRECT)
        sent_to = await click_through(pending.authorize_url, user)
        return await connecting.finish(self.center, pending, sent_to.partition("?")[2])

    async def read(self, name: str = "main") -> int:
        access = accounts.access(self.center, name)
        report = access.connector.report("offices")
        assert report
        async with open_source(access, report, {}, self.center.surroundings()) as source:
            return len([row async for rows in source.rows(None) for row in rows])

    @property
    def renewals(self) -> list[int]:
        return [status for kind, status in self.host.oauth.token_requests if kind == "refresh_token"]
