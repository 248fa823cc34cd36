"""The /_sim pages: look at the pretend CallRail and change its mood while it runs."""

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from trunkline.errors import SettingsError
from trunkline.sims.callrail.answers import Answer, refusal
from trunkline.sims.callrail.faults import Fault
from trunkline.sims.callrail.refusals import Refused

if TYPE_CHECKING:
    from trunkline.sims.callrail.server import CallrailSim


async def control(sim: "CallrailSim", request: web.Request) -> Answer:
    """Answer one request below /_sim; errors have the same shape as the API's."""
    parts = request.path.strip("/").split("/")[1:]
    try:
        sent = await _sent(request)
        match request.method, parts:
            case "GET", []:
                return _shown(overview(sim))
            case "POST", ["calls"]:
                return _shown(
                    {"ids": sim.world.add_calls(int(sent.get("count", 1)), _instant(sent.get("at")))}
                )
            case "PATCH", ["calls", call_id]:
                return _changed(sim, call_id, sent)
            case "POST", ["faults"]:
                sim.faults.add(_fault(sent))
                return _shown({"added": sent})
            case "DELETE", ["faults"]:
                sim.faults.clear()
                return _shown({"cleared": True})
            case "POST", ["revoke"]:
                sim.faults.is_revoked = True
                return _shown({"revoked": True})
    except (Refused, SettingsError) as error:
        return refusal(getattr(error, "status", 400), str(error))
    except (TypeError, ValueError) as error:
        return refusal(400, f"The request cannot be understood: {error}")
    return refusal(404, "Not found: use /_sim, /_sim/calls, /_sim/faults or /_sim/revoke")


def overview(sim: "CallrailSim") -> dict[str, Any]:
    """Options, rows and requests so far, for people."""
    options = asdict(sim.options)
    options["fixture"] = str(sim.options.fixture) if sim.options.fixture else None
    return {
        "options": options,
        "until": sim.world.until,
        "accounts": [row["id"] for row in sim.world.lists["accounts"]],
        "counts": sim.world.counts(),
        "numbers": sim.world.numbers,
        "requests": dict(Counter(seen.path for seen in sim.requests)),
        "statuses": {str(status): n for status, n in Counter(seen.status for seen in sim.requests).items()},
    }


async def _sent(request: web.Request) -> dict[str, Any]:
    body = await request.read()
    sent = orjson.loads(body) if body else {}
    if not isinstance(sent, dict):
        raise Refused(400, "Send a JSON object")
    return sent


def _shown(content: dict[str, Any]) -> Answer:
    return Answer(200, orjson.dumps(content, option=orjson.OPT_INDENT_2))


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise Refused(400, f"{text} needs an offset, like 2026-06-14T12:00:00-04:00")
    return moment


def _changed(sim: "CallrailSim", call_id: str, sent: dict[str, Any]) -> Answer:
    if not sim.world.change_call(call_id, **sent):
        return refusal(404, f"{call_id} not found")
    return _shown({"id": call_id, "changed": sent})


def _fault(sent: dict[str, Any]) -> Fault:
    return Fault(**{**sent, "at": _instant(sent.get("at"))})
