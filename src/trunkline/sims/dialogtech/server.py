"""The pretend DialogTech as a web server on this machine."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from aiohttp import web

from trunkline.clock import Clock
from trunkline.sims.answer import Answer, response_of
from trunkline.sims.control import control, is_control
from trunkline.sims.dialogtech.asking import KEYS, Ask, asked, parameters, proves_itself
from trunkline.sims.dialogtech.bodies import NAMES, Click, csv_report, envelope, xml_report
from trunkline.sims.dialogtech.faults import Content, Fault, Faults, instead, spoilt
from trunkline.sims.dialogtech.fixture import BLOCK
from trunkline.sims.dialogtech.options import DialogtechSimOptions
from trunkline.sims.dialogtech.world import World
from trunkline.sims.faults import break_off, cut
from trunkline.sims.limits import Limits, retry_after, take
from trunkline.sims.refusals import Refused
from trunkline.sims.serving import PretendService, Seen

PATH = "/ibp_api.php"

_SMALL = DialogtechSimOptions()
_MINUTE = timedelta(minutes=1)
_XML = {"Content-Type": "text/xml"}
_NO_RECORDS = "No records found"
_DAY = timedelta(days=1)
_OF_BYTES = ("truncated", "disconnect")


class DialogtechSim(PretendService):
    """A DialogTech that exists on this machine only: start it, talk to `url`, look at `requests`."""

    def __init__(self, options: DialogtechSimOptions = _SMALL, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.options = options
        self.world = World(options, self.clock)
        self.faults = Faults()
        self._limits = Limits((options.per_minute, _MINUTE))
        self._passed = 0

    @property
    def fault_kind(self) -> type[Fault]:
        return Fault

    def state(self) -> dict[str, Any]:
        return self.world.state()

    def add_calls(self, sent: dict[str, Any], at: datetime | None) -> list[str]:
        """New clicks by the words of a control page (`count`, and fields of the report); their numbers."""
        fields = {str(n): str(v) for n, v in sent.items() if n not in ("count", "at")}
        strange = set(fields) - {*NAMES, BLOCK}
        if strange:
            raise Refused(400, f"A click has no {', '.join(sorted(strange))}")
        return [str(self.world.add(fields, at)) for _ in range(int(sent.get("count", 1)))]

    def change_call(self, call_id: str, changes: dict[str, Any]) -> bool:
        """Change fields of a click by the words of a control page; False when there is no such click."""
        number = int(call_id) if call_id.isdecimal() else -1
        return self.world.change(number, {n: str(v) for n, v in changes.items()})

    def refusal(self, status: int, text: str) -> Answer:
        """An error in the service's envelope."""
        return Answer(status, envelope("failed", text), _XML)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request: a page of its own, a refusal, a fault or a report."""
        if is_control(request):
            return response_of(await control(self, request))
        if self.options.latency_ms:
            await asyncio.sleep(self.options.latency_ms / 1000)
        params = await parameters(request)
        refused = self._refused(request, params)
        faults = [] if refused else self.faults.hitting(_told(request, params))
        answer = refused or self._with_faults(params, faults)
        self._note(request, params, answer.status if isinstance(answer, Answer) else 200)
        kinds = {fault.kind: fault for fault in faults}
        if "insert_calls" in kinds:
            self.add_calls({"count": kinds["insert_calls"].count}, kinds["insert_calls"].at)
        if "slow" in kinds:
            await asyncio.sleep(kinds["slow"].seconds)
        if not isinstance(answer, Answer):
            return await _streamed(request, *answer)
        return await break_off(request, answer) if "disconnect" in kinds else response_of(answer)

    def _note(self, request: web.Request, params: Mapping[str, str], status: int) -> None:
        """Keep a request in the log, without its keys."""
        told = {name: [value] for name, value in params.items() if name not in KEYS}
        had_keys = any(name in params for name in KEYS)
        self.requests.append(
            Seen(self.clock.now(), request.method, request.path, told, status, had_key=had_keys)
        )

    def _refused(self, request: web.Request, params: Mapping[str, str]) -> Answer | None:
        """The refusal of a request elsewhere, without the right keys, beyond the limit, or one too many."""
        if request.path != PATH:
            return Answer(404, b"Not Found", {"Content-Type": "text/plain"})
        if request.method not in ("GET", "POST"):
            return self._error(405, "failed", f"{request.method} is not allowed here")
        if self.faults.is_revoked or not proves_itself(params, self.options):
            return self._error(401, "INVALID ACCOUNT", "INVALID ACCOUNT")
        now = self.clock.now()
        wait = take([self._limits], now)
        if wait is not None:
            headers = retry_after(self.options.retry_after, wait, now)
            return Answer(429, envelope("failed", "Too many requests"), _XML | headers)
        self._passed += 1
        if self.options.fail_every and self._passed % self.options.fail_every == 0:
            return Answer(503, envelope("failed", "Service unavailable"), _XML)
        return None

    def _error(self, status: int, result: str, description: str) -> Answer:
        return Answer(
            status if self.options.error_statuses else 200, envelope(result, description), dict(_XML)
        )

    def _with_faults(
        self, params: Mapping[str, str], faults: list[Fault]
    ) -> "Answer | tuple[str, Iterator[bytes]]":
        for fault in faults:
            if fault.kind == "revoked":
                self.faults.is_revoked = True
                return self._error(401, "INVALID ACCOUNT", "INVALID ACCOUNT")
            replaced = instead(fault)
            if replaced is not None:
                return replaced
        try:
            ask = asked(params, strict=self.options.strict)
        except Refused as refused:
            return self._error(refused.status, "failed", refused.text)
        report = self._report(ask, faults)
        if isinstance(report, Answer) or not any(fault.kind in _OF_BYTES for fault in faults):
            return report
        type_, parts = report
        whole = Answer(200, b"".join(parts), {"Content-Type": type_})
        return cut(whole) if any(fault.kind == "truncated" for fault in faults) else whole

    def _report(self, ask: Ask, faults: list[Fault]) -> "Answer | tuple[str, Iterator[bytes]]":
        last = ask.last + (_DAY if any(fault.kind == "other_days" for fault in faults) else _DAY * 0)
        rows = (row for row in self.world.between(ask.first, last) if _is_wanted(row, ask))
        content = spoilt(Content(list(NAMES), rows), faults)
        first = next(iter(content.rows), None)
        if first is None and self.options.empty == "failed":
            return self._error(200, "failed", _NO_RECORDS)
        if first is None and self.options.empty == "blank":
            return Answer(200, b"", {"Content-Type": "text/html"})
        return self._written(
            ask, content.names, content.rows if first is None else chain([first], content.rows)
        )

    def _written(self, ask: Ask, names: Sequence[str], rows: Iterator[Click]) -> tuple[str, Iterator[bytes]]:
        if not ask.is_csv:
            return "text/xml", xml_report(rows, names)
        utf8, header_every = self.options.csv_utf8, self.options.header_every
        charset = "; charset=utf-8" if utf8 else ""
        return f"text/csv{charset}", csv_report(rows, names, utf8=utf8, header_every=header_every)


def _is_wanted(row: Mapping[str, str], ask: Ask) -> bool:
    return ask.click_id in ("", row[BLOCK]) and ask.ref in ("", row["Ref"])


def _told(request: web.Request, params: Mapping[str, str]) -> str:
    """Path and parameters as one text, without the keys: what a fault looks for."""
    told = "&".join(f"{name}={value}" for name, value in params.items() if name not in KEYS)
    return f"{request.path}?{told}"


async def _streamed(request: web.Request, type_: str, parts: Iterator[bytes]) -> web.StreamResponse:
    """A report in parts, so that a large one is nowhere as a whole."""
    response = web.StreamResponse(headers={"Content-Type": type_})
    await response.prepare(request)
    for part in filter(None, parts):
        await response.write(part)
    await response.write_eof()
    return response
