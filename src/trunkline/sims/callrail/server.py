"""The pretend CallRail as a web server on this machine."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import orjson
from aiohttp import web

from trunkline.clock import Clock, process_clock
from trunkline.errors import SettingsError
from trunkline.sims.callrail.answers import Answer, Answers, refusal
from trunkline.sims.callrail.ask import ask_of
from trunkline.sims.callrail.cache import AnswerCache
from trunkline.sims.callrail.control import control
from trunkline.sims.callrail.faults import Fault, Faults, break_off, instead, spoilt
from trunkline.sims.callrail.limits import Limits, retry_after
from trunkline.sims.callrail.options import CallrailSimOptions
from trunkline.sims.callrail.refusals import Refused
from trunkline.sims.callrail.world import World

Pairs = list[tuple[str, str]]

_SMALL = CallrailSimOptions()
_DAY_SECONDS = 86_400
_QUARTER_SECONDS = 900


@dataclass(frozen=True)
class Seen:
    """One API request as it arrived, and the status it got."""

    at: datetime
    method: str
    path: str
    params: dict[str, list[str]]
    status: int


class CallrailSim:
    """A CallRail that exists on this machine only: start it, talk to `url`, look at `requests`."""

    def __init__(self, options: CallrailSimOptions = _SMALL, clock: Clock | None = None) -> None:
        self.options = options
        self.clock = clock or process_clock()
        self.world = World(options, self.clock)
        self.faults = Faults()
        self.requests: list[Seen] = []
        self.url = ""
        self._answers = Answers(self.world, options)
        self._cache = AnswerCache(options.cache_bytes)
        self._limits = Limits(options.hourly, options.daily)
        self._passed = 0
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 (0: any free port); the address to talk to."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsError(
                f"Port {port} of 127.0.0.1 cannot be used: {error.strerror or error}.",
                todo="Choose another --port, or 0 for a free one.",
            ) from None
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"
        return self.url

    async def stop(self) -> None:
        """Stop listening and end open connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def warm(self, path: str = "", **params: str) -> None:
        """Encode every page of a list beforehand (default: the calls of the data account).

        The parameters must be those that will be asked for, without `page`; call it after `start`.
        """
        path = path or f"/v3/a/{self.world.data_account}/calls.json"
        page = 1
        while self._has_next(self._answer(self.url, path, [*params.items(), ("page", str(page))])):
            page += 1

    def _has_next(self, answer: Answer) -> bool:
        content = orjson.loads(answer.body)
        per_page, page, total = (int(content.get(n, 0)) for n in ("per_page", "page", "total_records"))
        return page * per_page < total

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/_sim" or request.path.startswith("/_sim/"):
            return _response(await control(self, request))
        if self.options.latency_ms:
            await asyncio.sleep(self.options.latency_ms / 1000)
        self.world.arrive()
        pairs = list(request.query.items())
        refused = self._refused(request)
        faults = [] if refused else self.faults.hitting(request.path_qs)
        answer = refused or self._with_faults(request, pairs, faults)
        self._note(request, pairs, answer.status)
        kinds = {fault.kind: fault for fault in faults}
        if "insert_calls" in kinds:
            self.world.add_calls(kinds["insert_calls"].count, kinds["insert_calls"].at)
        if "slow" in kinds:
            await asyncio.sleep(kinds["slow"].seconds)
        return await break_off(request, answer) if "disconnect" in kinds else _response(answer)

    def _refused(self, request: web.Request) -> Answer | None:
        """The refusal of a request without the right key, beyond the limits, or that is one too many."""
        key = request.headers.get("Authorization", "")
        known = (f'Token token="{self.options.api_key}"', f"Token token={self.options.api_key}")
        if self.faults.is_revoked or key not in known:
            return refusal(401, "HTTP Token: Access denied.")
        now = self.clock.now()
        wait = self._limits.take(now)
        if wait is not None:
            headers = retry_after(self.options.retry_after, wait, now)
            return refusal(429, "Rate limit exceeded. Please try again later.", headers)
        self._passed += 1
        if self.options.fail_every and self._passed % self.options.fail_every == 0:
            return refusal(503, "Service unavailable. Please try again later.")
        return None

    def _with_faults(self, request: web.Request, pairs: Pairs, faults: list[Fault]) -> Answer:
        root = f"{request.scheme}://{request.host}"
        for fault in faults:
            if fault.kind == "revoked":
                self.faults.is_revoked = True
            replaced = instead(fault)
            if replaced is not None:
                return replaced
        if request.method != "GET":
            return refusal(405, f"{request.method} is not allowed here: this pretend CallRail is read only")
        answer = self._answer(root, request.path, pairs)
        for fault in faults:
            answer = spoilt(answer, fault, lambda: self._page_before(root, request.path, pairs))
        return answer

    def _page_before(self, root: str, path: str, pairs: Pairs) -> Answer | None:
        known = dict(pairs)
        name = "offset" if "offset" in known else "page"
        number = int(known.get(name, "1")) - 1
        if number < (1 if name == "page" else 0):
            return None
        return self._answer(root, path, [(n, str(number) if n == name else v) for n, v in pairs])

    def _answer(self, root: str, path: str, pairs: Pairs) -> Answer:
        now = self.clock.now()
        names = {name for name, _ in pairs}
        # Between two given dates an answer depends on the day only, because of the age limit.
        step = _DAY_SECONDS if {"start_date", "end_date"} <= names else _QUARTER_SECONDS
        key = (root, path, tuple(sorted(pairs)), self.world.version, int(now.timestamp()) // step)
        kept = self._cache.get(key)
        if kept is not None:
            return kept
        try:
            answer = self._answers.answer(ask_of(self.world, root, path, pairs, now))
        except Refused as refused:
            return refusal(refused.status, refused.text)
        self._cache.keep(key, answer)
        return answer

    def _note(self, request: web.Request, pairs: Pairs, status: int) -> None:
        params: dict[str, list[str]] = {}
        for name, value in pairs:
            params.setdefault(name, []).append(value)
        self.requests.append(Seen(self.clock.now(), request.method, request.path, params, status))


def _response(answer: Answer) -> web.Response:
    headers = {"Content-Type": "application/json; charset=utf-8"} | answer.headers
    return web.Response(status=answer.status, body=answer.body, headers=headers)
