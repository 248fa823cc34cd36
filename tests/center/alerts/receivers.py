"""Who gets messages: a real HTTP server and a real mail server, on this machine."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import orjson
from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword


@dataclass(frozen=True)
class Posted:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Receiver:
    """Takes what is posted, and answers with `status` and `text`; holds answers while `gate` is shut."""

    url: str = ""
    status: int = 200
    text: str = "ok"
    headers: dict[str, str] = field(default_factory=dict)
    posted: list[Posted] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def events(self) -> list[str]:
        return [p.json["event"] for p in self.posted]

    async def take(self, request: web.Request) -> web.Response:
        self.posted.append(Posted(request.path_qs, dict(request.headers), await request.read()))
        self.heard.set()
        await self.gate.wait()
        return web.Response(status=self.status, text=self.text, headers=self.headers)


@asynccontextmanager
async def receiver(path: str = "/hook") -> AsyncIterator[Receiver]:
    taking = Receiver()
    taking.gate.set()
    app = web.Application()
    app.router.add_post("/{tail:.*}", taking.take)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server = site._server
    assert isinstance(server, asyncio.Server)
    taking.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}"
    try:
        yield taking
    finally:
        taking.gate.set()
        await runner.cleanup()


@dataclass
class Mailbox:
    """A mail server: what it got, from whom and for whom; `refuses` are addresses it knows nothing of."""

    port: int = 0
    got: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    answer: str = "250 taken as 42"
    logins: list[tuple[str, str]] = field(default_factory=list)
    password: str = "letter-box"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return f"550 {address} is unknown here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        if self.answer.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.got.append(mail)
            self.envelopes.append((str(envelope.mail_from), list(envelope.rcpt_tos)))
        return self.answer

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, login: Any
    ) -> AuthResult:
        assert isinstance(login, LoginPassword)
        self.logins.append((login.login.decode(), login.password.decode()))
        return AuthResult(success=login.password.decode() == self.password, handled=False)


@asynccontextmanager
async def mailbox(
    starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, *, asks: bool = False
) -> AsyncIterator[Mailbox]:
    """A mail server without encryption, with STARTTLS, or TLS from the start; `asks`: only with a login."""
    box = Mailbox()
    details: dict[str, Any] = {"tls_context": starttls, "require_starttls": starttls is not None}
    if asks:
        details |= {"auth_required": True, "authenticator": box.authenticate, "auth_require_tls": False}
    loop = asyncio.get_running_loop()

    spoken: list[SMTP] = []

    def protocol() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of logins without TLS, which a test wants
            spoken.append(SMTP(box, hostname="localhost", loop=loop, **details))
        return spoken[-1]

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        for one in spoken:
            if one.transport is not None:
                one.transport.close()
        await asyncio.sleep(0)  # for the connections to be gone
