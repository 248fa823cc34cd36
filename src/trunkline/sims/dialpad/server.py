"""The pretend Dialpad as a web server on this machine."""

import asyncio
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from trunkline.clock import Clock
from trunkline.sims.answer import Answer, Row, response_of
from trunkline.sims.cache import AnswerCache
from trunkline.sims.control import control, is_control
from trunkline.sims.dialpad.answers import Answers, refusal
from trunkline.sims.dialpad.downloads import Downloads, is_download
from trunkline.sims.dialpad.endpoints import Ask, Endpoint, endpoint_of
from trunkline.sims.dialpad.faults import TEXTS, Fault, Faults, instead, spoilt
from trunkline.sims.dialpad.oauth import OAuthServer
from trunkline.sims.dialpad.options import DialpadSimOptions
from trunkline.sims.dialpad.stats import StatsDesk
from trunkline.sims.dialpad.world import World
from trunkline.sims.faults import break_off
from trunkline.sims.limits import Limits, retry_after, take
from trunkline.sims.refusals import Refused
from trunkline.sims.serving import PretendService
from trunkline.sims.timeline import milliseconds

_SMALL = DialpadSimOptions()
_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
_SPANS = {"per_minute": _MINUTE, "call_per_minute": _MINUTE, "stats_per_hour": _HOUR}


class DialpadSim(PretendService):
    """A Dialpad that exists on this machine only: start it, talk to `url`, look at `requests`.

    `downloads_url` is where exports lie: the same address, or a port of its own.
    """

    def __init__(self, options: DialpadSimOptions = _SMALL, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.options = options
        self.world = World(options, self.clock)
        self.faults = Faults()
        self.oauth = OAuthServer(options.oauth, self.clock)
        self.desk = StatsDesk(self.world, options)
        self.downloads = Downloads(self.desk, options)
        self.downloads_url = ""
        self._answers = Answers(self.world, options, self.desk)
        self._cache = AnswerCache(options.cache_bytes)
        self._company = Limits((options.company_per_second, _SECOND))
        self._rates: dict[Endpoint, Limits] = {}
        self._last: dict[str, Answer] = {}
        self._passed = 0

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 (0: any free port); the address to talk to."""
        await super().start(port)
        self.downloads_url = await self.listen(0) if self.options.separate_downloads else self.url
        return self.url

    @property
    def fault_kind(self) -> type[Fault]:
        return Fault

    def state(self) -> Row:
        """What there is, for people; without the keys."""
        shown = {"until": self.world.until, "counts": self.world.counts(), "downloads": self.downloads_url}
        return (
            shown | {"self_user": str(self._answers.self_user["id"])} if self.world.lists["users"] else shown
        )

    def add_calls(self, sent: Row, at: datetime | None) -> list[str]:
        """New conversations by the words of a control page; the ids of their legs."""
        return self.world.add_calls(int(sent.get("count", 1)), at, str(sent.get("kind", "inbound")))

    def change_call(self, call_id: str, changes: Row) -> bool:
        """Change fields of a call by the words of a control page; False when there is no such call."""
        return self.world.change_call(call_id, changes)

    def refusal(self, status: int, text: str) -> Answer:
        """An error in the shape of the API's."""
        return refusal(status, text)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request: a page of its own, a sign-in, a download, a refusal, a fault or data."""
        if is_control(request):
            return response_of(await control(self, request))
        if self.options.latency_ms:
            await asyncio.sleep(self.options.latency_ms / 1000)
        if self.oauth.handles(request.path):
            response = await self.oauth.answer(request)
            self.note(request, response.status)
            return response
        self.world.arrive()
        if self._is_elsewhere(request):
            return await self._download(request)
        return await self._answer(request)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        faults: list[Fault] = []
        try:
            ask = await self._ask(request)
            self._limit(ask)
            faults = self.faults.hitting(request.path_qs)
            answer = await self._with_faults(request, ask, faults)
        except Refused as refused:
            answer = refusal(refused.status, refused.text, getattr(refused, "headers", None))
        self.note(request, answer.status, _key_of(request) != "")
        return await self._send(request, answer, faults)

    async def _send(self, request: web.Request, answer: Answer, faults: list[Fault]) -> web.StreamResponse:
        kinds = {fault.kind: fault for fault in faults}
        if "insert_calls" in kinds:
            self.world.add_calls(kinds["insert_calls"].count, kinds["insert_calls"].at)
        if "slow" in kinds:
            await asyncio.sleep(kinds["slow"].seconds)
        return await break_off(request, answer) if "disconnect" in kinds else response_of(answer)

    async def _ask(self, request: web.Request) -> Ask:
        """The request understood; raises Refused for a wrong key and for what is not there."""
        key = _key_of(request)
        access = self._access_of(key)
        if access is None:
            raise Refused(401, TEXTS[401] if key else "An API key is required.")
        endpoint, ids = endpoint_of(request.method, request.path)
        params = {name: value for name, value in request.query.items() if value != ""}
        body = await _body_of(request) if endpoint.method == "POST" else {}
        return Ask(endpoint, ids, params, access, key, self.clock.now(), body)

    def _access_of(self, key: str) -> str | None:
        if self.faults.is_revoked or not key:
            return None
        known = {self.options.api_key: "company", self.options.user_key: "user"}
        return known.get(key) or self.oauth.access_of(key)

    def _limit(self, ask: Ask) -> None:
        """Raise Refused for a request beyond the limits, or one that is one too many."""
        rate = ask.endpoint.rate
        if ask.endpoint not in self._rates:
            self._rates[ask.endpoint] = Limits((getattr(self.options, rate), _SPANS[rate]))
        wait = take([self._company, self._rates[ask.endpoint]], ask.now)
        if wait is not None:
            raise _TooMany(retry_after(self.options.retry_after, wait, ask.now))
        self._passed += 1
        if self.options.fail_every and self._passed % self.options.fail_every == 0:
            raise Refused(503, TEXTS[503])

    async def _with_faults(self, request: web.Request, ask: Ask, faults: list[Fault]) -> Answer:
        for fault in faults:
            if fault.kind == "revoked":
                self.faults.is_revoked = True
            replaced = instead(fault)
            if replaced is not None:
                return replaced
        if ask.endpoint.name == "poll_stats":
            answer = await self._poll(ask, {fault.kind for fault in faults})
        else:
            answer = self._data(request, ask)
        before = self._last.get(request.path)
        self._last[request.path] = answer
        for fault in faults:
            answer = spoilt(answer, fault, ask.params.get("cursor"), lambda: before)
        return answer

    def _data(self, request: web.Request, ask: Ask) -> Answer:
        is_settled = milliseconds(ask.now) >= self.world.settled_at
        # A stats request changes something, a limit on users is sometimes refused: both are asked anew.
        if ask.endpoint.name not in ("calls", "users") or not is_settled or "limit" in ask.params:
            return self._answers.answer(ask)
        pairs = tuple(sorted((n, v) for n, v in ask.params.items() if n != "apikey"))
        kept_as = (request.path, pairs, ask.access, self.world.version)
        kept = self._cache.get(kept_as)
        if kept is None:
            kept = self._answers.answer(ask)
            self._cache.keep(kept_as, kept)
        return kept

    async def _poll(self, ask: Ask, faults: set[str]) -> Answer:
        request_id = ask.ids.get("id") or ask.params.get("id")
        if request_id is None:
            raise Refused(400, "id is required.")
        if "stats_expired" in faults:
            self.desk.forget(request_id)
        if "stats_failed" in faults:
            self.desk.fail(request_id)
        found, status = self.desk.poll(request_id, ask.now)
        if status != "complete":
            return Answer(200, orjson.dumps({"status": status}))
        await found.finish()
        url = self.downloads_url + self.downloads.path_of(request_id)
        return Answer(200, orjson.dumps({"download_url": url, "file_type": "csv", "status": status}))

    def _is_elsewhere(self, request: web.Request) -> bool:
        """Whether the request is for a file: by its path, or by the port that has nothing else."""
        if not self.options.separate_downloads:
            return is_download(request.path)
        return request.host == urlsplit(self.downloads_url).netloc

    async def _download(self, request: web.Request) -> web.StreamResponse:
        had_key = _key_of(request) != ""
        faults = self.faults.hitting(request.path_qs)
        try:
            chunks = await self.downloads.file_of(request.path, had_key, self.clock.now())
        except Refused as refused:
            answer = refusal(refused.status, refused.text)
            self.note(request, answer.status, had_key)
            return response_of(answer)
        if not faults:
            self.note(request, 200, had_key)
            return await self.downloads.send(request, chunks)
        answer = next((a for fault in faults if (a := instead(fault))), None) or _csv(b"".join(chunks))
        for fault in faults:
            if fault.kind in ("truncated", "bad_encoding"):
                answer = spoilt(answer, fault, None, lambda: None)
        self.note(request, answer.status, had_key)
        return await self._send(request, answer, faults)


class _TooMany(Refused):
    """A limit is used up; the headers say when to come back."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(429, TEXTS[429])
        self.headers = headers


def _csv(body: bytes) -> Answer:
    return Answer(200, body, {"Content-Type": "text/csv; charset=utf-8"})


def _key_of(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.query.get("apikey", "")


async def _body_of(request: web.Request) -> Row:
    """A body in JSON, or in the form encoding that several programs send."""
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return {name: str(value) for name, value in (await request.post()).items()}
    try:
        content = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError:
        raise Refused(400, "The request body is not valid JSON.") from None
    if not isinstance(content, dict):
        raise Refused(400, "The request body must be a JSON object.")
    return content
