"""A provider under the test's hand: a small web server, and a report and connector to ask it with."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web

from trunkline.clock import SteppedClock
from trunkline.date_menus import CALLRAIL_DATES
from trunkline.declare import (
    ByLink,
    ByNumber,
    ByTotal,
    Column,
    ColumnType,
    Connector,
    Dates,
    ForEach,
    Limit,
    Paging,
    Report,
)
from trunkline.fetch.budget import Budget
from trunkline.fetch.counters import Counters
from trunkline.fetch.credentials import KeyCredentials
from trunkline.fetch.http import Http, HttpSettings
from trunkline.fetch.refusals import Subject
from trunkline.fetch.spend_memory import MemorySpendLog
from trunkline.options import ChoicesFrom, Kind, Option, Values

NOON = datetime(2026, 6, 14, 12, tzinfo=UTC)
KEY = "s3cret-key-0123456789"
SUBJECT = Subject("Acme", "API Key", "Main office", secrets=(KEY,))

NUMBERED = ByNumber(rows=10, in_flight=4)
LINKED = ByLink("next_page", "has_next_page", rows=10)
ACCOUNT_ID = Option("account_id", "Account ID", required=True, choices_from=ChoicesFrom("accounts"))
COMPANY_ID = Option("company_id", "Company ID", choices_from=ChoicesFrom("companies"), param="company_id")
ID = Column("id", ColumnType.TEXT, "Id")


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; `target` is the path and query, untouched."""

    path: str
    target: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def page(self) -> int:
        return int(self.query["page"])


@dataclass(frozen=True)
class Reply:
    """What to answer. `breaks`: the connection ends in the middle; `hangs`: nothing ever comes."""

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks: bool = False
    hangs: bool = False


def reply(body: Any, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(body if isinstance(body, bytes) else orjson.dumps(body), status, named)


Answering = Callable[[Asked], Reply | Awaitable[Reply]]


class Provider:
    """Answers as `answering` says and keeps what it was asked."""

    def __init__(self) -> None:
        self.address = ""
        self.asked: list[Asked] = []
        self.answering: Answering = lambda _: Reply()
        self.closing = asyncio.Event()

    def says(self, *replies: Reply) -> None:
        """One reply after the other; the last one again and again."""
        left = list(replies)
        self.answering = lambda _: left.pop(0) if len(left) > 1 else left[0]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        asked = Asked(request.path, request.raw_path, dict(request.query), dict(request.headers))
        self.asked.append(asked)
        answer = self.answering(asked)
        answer = answer if isinstance(answer, Reply) else await answer
        if answer.hangs:
            await self.closing.wait()
        if answer.breaks:
            return await _broken(request, answer)
        return web.Response(body=answer.body, status=answer.status, headers=answer.headers)


async def _broken(request: web.Request, answer: Reply) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(len(answer.body) + 100)})
    await response.prepare(request)
    await response.write(answer.body)
    assert request.transport is not None
    request.transport.abort()
    return response


@asynccontextmanager
async def served() -> AsyncIterator[Provider]:
    provider = Provider()
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", provider.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    provider.address = f"http://{host}:{port}"
    try:
        yield provider
    finally:
        provider.closing.set()
        await runner.cleanup()


class WatchedClock(SteppedClock):
    """A stepped clock that remembers every wait."""

    def __init__(self) -> None:
        super().__init__(NOON)
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await super().sleep(seconds)


@dataclass
class Reading:
    """Clock, spend log, limits and counters of one piece of reading, and the announcements of waits."""

    clock: WatchedClock = field(default_factory=WatchedClock)
    log: MemorySpendLog = field(default_factory=MemorySpendLog)
    limits: tuple[Limit, ...] = ()
    settings: HttpSettings = field(default_factory=HttpSettings)
    announced: list[tuple[datetime | None, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.counters = Counters(on_wait=lambda until, why: self.announced.append((until, why)))

    def budget(self) -> Budget:
        return Budget(self.log, "acme", self.limits, self.clock, self.counters)

    def http(self, address: str, budget: Budget | None = None) -> Http:
        return Http(
            address,
            KeyCredentials({"Authorization": f'Token token="{KEY}"'}),
            subject=SUBJECT,
            budget=budget or self.budget(),
            clock=self.clock,
            counters=self.counters,
            settings=self.settings,
        )


def calls_report(paging: Paging = NUMBERED) -> Report:
    return Report(
        "calls",
        "Calls",
        "",
        "/a/{account_id}/calls.json",
        "calls",
        (ID,),
        key=("id",),
        pages=paging,
        windows=ByTotal(),
        options=(ACCOUNT_ID, COMPANY_ID, *CALLRAIL_DATES.options),
        dates=Dates(CALLRAIL_DATES, "start_date", "end_date", "time_zone", 25),
    )


def directory(name: str, label: str, path: str, *options: Option, paging: Paging = NUMBERED) -> Report:
    return Report(name, label, "", path, name, (ID,), key=("id",), pages=paging, options=options)


CALLER_IDS = Report(
    "caller_ids",
    "Caller IDs",
    "",
    "/a/{account_id}/caller_ids.json",
    "caller_ids",
    (ID, Column("company_id", ColumnType.TEXT, "Company"), Column("code", ColumnType.TEXT, "", secret=True)),
    key=("id",),
    pages=NUMBERED,
    options=(ACCOUNT_ID, COMPANY_ID, Option("show_code", "Show Code", Kind.BOOL)),
    for_each=ForEach("companies", "company_id"),
)


def _headers(account: Values) -> Mapping[str, str]:
    return {"Authorization": f'Token token="{account["api_key"]}"'}


ACME = Connector(
    name="acme",
    label="Acme",
    docs="https://acme.example/",
    help="",
    base_url="https://api.acme.example",
    account=(Option("api_key", "API Key", Kind.SECRET, required=True), ACCOUNT_ID),
    reports=(
        calls_report(),
        CALLER_IDS,
        directory("companies", "Companies", "/a/{account_id}/companies.json", ACCOUNT_ID),
        directory("accounts", "Accounts", "/a.json"),
    ),
    limits=(Limit(100, 3_600, option="hourly_limit"), Limit(5, 60, group="sms")),
    headers=_headers,
    address=lambda account: str(account["base_url"]),
    budget_of=lambda values: f"acme:{values.get('account_id', '')}",
    test="accounts",
    inherited=("account_id", "time_zone"),
)
