"""Requests as web pages and programs send them, straight to the application; a pretend manager dials."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.clickto.calling import GIVEN, HASTY, SERVER
from trunkline.access.tokens import Tokens
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.keys import Keys
from trunkline.clock import Clock, SystemClock
from trunkline.settings import load_settings
from trunkline.sims.ami import AmiSim, AmiSimOptions
from trunkline.store.connection import Store
from trunkline.telephony.access import ManagerAccess
from trunkline.telephony.asterisk import Asterisk
from trunkline.web.clickto_application import Clickto
from trunkline.web.clickto_operations import ROOT
from trunkline.web.guesses import Guesses

ORIGIN = "https://www.example.com"
FREE = {f"TRUNKLINE_CLICKTO_CALLS_PER_{name}": "0" for name in ("ADDRESS", "BLOCK", "NUMBER")}
_names = itertools.count()


@dataclass(frozen=True)
class Answer:
    """What came: its status, its headers in small letters, its body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        return json.loads(self.body)


class Pages:
    """Everybody who asks; `address` of the next requests can be set."""

    def __init__(self, app: Clickto, store: Store, sim: AmiSim) -> None:
        self.app, self.store, self.sim = app, store, sim
        self.address = "192.0.2.1"

    def block(self, **more: Any) -> int:
        """A block that pages of `ORIGIN` may have called; its id."""
        return Blocks(self.store, SystemClock()).add({**GIVEN, "origins": [ORIGIN], **more}).id

    def token(self, *functions: str) -> dict[str, str]:
        _, text = Tokens(self.store, SystemClock()).add(f"token {next(_names)}", "", functions)
        return {"authorization": f"Bearer {text}"}

    def key(self, *blocks: int, may_call: bool = True) -> dict[str, str]:
        made, secret = Keys(self.store, SystemClock()).add(
            f"key {next(_names)}", blocks or None, may_call=may_call
        )
        return {"access_key": made.access_key, "secret_access_key": secret}

    async def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        query: bytes = b"",
    ) -> Answer:
        sent: list[MutableMapping[str, Any]] = []
        never, is_first = asyncio.Event(), iter([True])

        async def receive() -> MutableMapping[str, Any]:
            if not next(is_first, False):
                await never.wait()
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        given = [
            (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
            for name, value in (headers or {}).items()
        ]
        scope = {
            "type": "http",
            "http_version": "1.1",
            "scheme": "http",
            "server": ("127.0.0.1", 80),
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query,
            "method": method,
            "headers": given,
            "client": (self.address, 1),
        }
        await self.app(scope, receive, send)
        told = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], told, b"".join(m.get("body", b"") for m in sent[1:]))

    async def json(
        self, method: str, path: str, headers: dict[str, str] | None = None, content: Any = None
    ) -> Answer:
        body = b"" if content is None else json.dumps(content).encode()
        return await self.ask(method, ROOT + path, headers, body)

    async def page(self, method: str, path: str, ticket: str = "", content: Any = None) -> Answer:
        """As the script asks from a page of `ORIGIN`."""
        bearer = {"authorization": f"Bearer {ticket}"} if ticket else {}
        return await self.json(method, path, {"origin": ORIGIN, **bearer}, content)

    async def ticket(self, block: int) -> str:
        return str((await self.page("POST", f"/{block}/ticket")).content["ticket"])

    async def link(
        self, params: dict[str, str], headers: dict[str, str] | None = None, *, is_post: bool = False
    ) -> Answer:
        pairs = urlencode(params).encode()
        if is_post:
            kind = {"content-type": "application/x-www-form-urlencoded"}
            return await self.ask("POST", "/click_to_xyz.php", {**kind, **(headers or {})}, pairs)
        return await self.ask("GET", "/click_to_xyz.php", headers, query=pairs)

    async def ended(self, block: int, call_id: str, who: dict[str, str]) -> Any:
        """The call once it is over."""
        async with asyncio.timeout(10):
            while True:
                found = (await self.json("GET", f"/{block}/calls/{call_id}", who)).content
                if found["state"] not in ("calling", "connecting", "talking"):
                    return found
                await asyncio.sleep(0.01)


@asynccontextmanager
async def pages(
    store: Store, home: Path, options: AmiSimOptions | None = None, clock: Clock | None = None, **env: str
) -> AsyncIterator[Pages]:
    """The click-to part of a server, its settings as `env` says; without limits unless it sets them."""
    time = clock or SystemClock()
    settings = load_settings(home, {**FREE, **env})
    async with AmiSim(options or AmiSimOptions()) as sim:
        access = ManagerAccess("127.0.0.1", "trunkline", sim.options.secret, sim.port)
        asterisk = Asterisk(access, time, HASTY)

        async def lines(server: str) -> Asterisk | None:
            return asterisk if server == SERVER else None

        app = Clickto(store, settings, time, Guesses(time))
        await app.start_calling(lines)
        try:
            yield Pages(app, store, sim)
        finally:
            await app.stop_calling()
            app.close()
            await asterisk.close()
