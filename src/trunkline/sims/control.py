"""The /_sim pages: look at a pretend service and change its mood while it runs."""

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

import orjson
from aiohttp import web

from trunkline.errors import SettingsError
from trunkline.sims.answer import Answer, Row
from trunkline.sims.faults import Fault, Faults
from trunkline.sims.refusals import Refused
from trunkline.sims.serving import Seen


class Controlled(Protocol):
    """What the pages need of a service."""

    requests: list[Seen]

    @property
    def options(self) -> Any: ...

    @property
    def faults(self) -> Faults[Any]: ...

    @property
    def fault_kind(self) -> type[Fault]: ...

    def state(self) -> Row: ...

    def add_calls(self, sent: Row, at: datetime | None) -> list[str]: ...

    def change_call(self, call_id: str, changes: Row) -> bool: ...

    def refusal(self, status: int, text: str) -> Answer: ...


def is_control(request: web.Request) -> bool:
    """Whether a request is for these pages."""
    return request.path == "/_sim" or request.path.startswith("/_sim/")


async def control(sim: Controlled, request: web.Request) -> Answer:
    """Answer one request below /_sim; errors have the same shape as the service's."""
    parts = request.path.strip("/").split("/")[1:]
    try:
        sent = await _sent(request)
        match request.method, parts:
            case "GET", []:
                return _shown(overview(sim))
            case "POST", ["calls"]:
                return _shown({"ids": sim.add_calls(sent, _instant(sent.get("at")))})
            case "PATCH", ["calls", call_id]:
                return _changed(sim, call_id, sent)
            case "POST", ["faults"]:
                sim.faults.add(sim.fault_kind(**{**sent, "at": _instant(sent.get("at"))}))
                return _shown({"added": sent})
            case "DELETE", ["faults"]:
                sim.faults.clear()
                return _shown({"cleared": True})
            case "POST", ["revoke"]:
                sim.faults.is_revoked = True
                return _shown({"revoked": True})
    except (Refused, SettingsError) as error:
        return sim.refusal(getattr(error, "status", 400), str(error))
    except (TypeError, ValueError) as error:
        return sim.refusal(400, f"The request cannot be understood: {error}")
    return sim.refusal(404, "Not found: use /_sim, /_sim/calls, /_sim/faults or /_sim/revoke")


def overview(sim: Controlled) -> Row:
    """Options, what there is and requests so far, for people."""
    options = asdict(sim.options)
    options["fixture"] = str(sim.options.fixture) if sim.options.fixture else None
    return {
        "options": options,
        **sim.state(),
        "requests": dict(Counter(seen.path for seen in sim.requests)),
        "statuses": {str(status): n for status, n in Counter(seen.status for seen in sim.requests).items()},
    }


async def _sent(request: web.Request) -> Row:
    body = await request.read()
    sent = orjson.loads(body) if body else {}
    if not isinstance(sent, dict):
        raise Refused(400, "Send a JSON object")
    return sent


def _shown(content: Row) -> Answer:
    return Answer(200, orjson.dumps(content, option=orjson.OPT_INDENT_2))


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise Refused(400, f"{text} needs an offset, like 2026-06-14T12:00:00-04:00")
    return moment


def _changed(sim: Controlled, call_id: str, sent: Row) -> Answer:
    if not sim.change_call(call_id, sent):
        return sim.refusal(404, f"{call_id} not found")
    return _shown({"id": call_id, "changed": sent})
