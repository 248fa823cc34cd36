"""The pretend CallRail as a web server on this machine."""

import asyncio
from datetime import datetime, timedelta

import orjson
from aiohttp import web

from trunkline.clock import Clock
from trunkline.sims.answer import Answer, Row, response_of
from trunkline.sims.cache import AnswerCache
from trunkline.sims.callrail.answers import Answers, refusal
from trunkline.sims.callrail.ask import ask_of
from trunkline.sims.callrail.faults import Fault, Faults, instead, spoilt
from trunkline.sims.callrail.options import CallrailSimOptions
from trunkline.sims.callrail.world import World
from trunkline.sims.control import control, is_control
from trunkline.sims.faults import break_off
from trunkline.sims.limits import Limits, retry_after, take
from trunkline.sims.refusals import Refused
from trunkline.sims.serving import PretendService

Pairs = list[tuple[str, str]]

_SMALL = CallrailSimOptions()
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_DAY_SECONDS = 86_400
_QUARTER_SECONDS = 900


class CallrailSim(PretendService):
    """A CallRail that exists on this machine only: start it, talk to `url`, look at `requests`."""

    def __init__(self, options: CallrailSimOptions = _SMALL, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.options = options
        self.world = World(options, self.clock)
        self.faults = Faults()
        self._answers = Answers(self.world, options)
        self._cache = AnswerCache(options.cache_bytes)
        self._limits = Limits((options.hourly, _HOUR), (options.daily, _DAY))
        self._passed = 0

    @property
    def fault_kind(self) -> type[Fault]:
        return Fault

    def state(self) -> Row:
        """What there is, for people."""
        return {
            "until": self.world.until,
            "accounts": [row["id"] for row in self.world.lists["accounts"]],
            "counts": self.world.counts(),
            "numbers": self.world.numbers,
        }

    def add_calls(self, sent: Row, at: datetime | None) -> list[str]:
        """New calls by the words of a control page; their ids."""
        return self.world.add_calls(int(sent.get("count", 1)), at)

    def change_call(self, call_id: str, changes: Row) -> bool:
        """Change fields of a call by the words of a control page; False when there is no such call."""
        return self.world.change_call(call_id, **changes)

    def refusal(self, status: int, text: str) -> Answer:
        """An error in the shape of the API's."""
        return refusal(status, text)

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

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request: a page of its own, a refusal, a fault or data."""
        if is_control(request):
            return response_of(await control(self, request))
        if self.options.latency_ms:
            await asyncio.sleep(self.options.latency_ms / 1000)
        self.world.arrive()
        pairs = list(request.query.items())
        refused = self._refused(request)
        faults = [] if refused else self.faults.hitting(request.path_qs)
        answer = refused or self._with_faults(request, pairs, faults)
        self.note(request, answer.status)
        kinds = {fault.kind: fault for fault in faults}
        if "insert_calls" in kinds:
            self.world.add_calls(kinds["insert_calls"].count, kinds["insert_calls"].at)
        if "slow" in kinds:
            await asyncio.sleep(kinds["slow"].seconds)
        return await break_off(request, answer) if "disconnect" in kinds else response_of(answer)

    def _refused(self, request: web.Request) -> Answer | None:
        """The refusal of a request without the right key, beyond the limits, or that is one too many."""
        key = request.headers.get("Authorization", "")
        known = (f'Token token="{self.options.api_key}"', f"Token token={self.options.api_key}")
        if self.faults.is_revoked or key not in known:
            return refusal(401, "HTTP Token: Access denied.")
        now = self.clock.now()
        wait = take([self._limits], now)
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
