"""The /_sim pages of the pretend manager: what it was asked, what calls come to, and its faults."""

from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from trunkline.errors import SettingsError
from trunkline.sims.ami.faults import Fault
from trunkline.sims.ami.options import rule_from, shown
from trunkline.sims.answer import Answer

if TYPE_CHECKING:
    from trunkline.sims.ami.server import AmiSim

PAGES = "/_sim, /_sim/actions, /_sim/rules, /_sim/faults, /_sim/answer, /_sim/hangup or /_sim/drop"


async def controlled(sim: "AmiSim", request: web.Request) -> Answer:
    """Answer one request of the control side, in JSON."""
    try:
        sent = await _sent(request)
        found = _done(sim, request.method, request.path.strip("/").split("/"), sent)
    except (SettingsError, TypeError, ValueError) as error:
        return _shown({"error": str(error)}, 400)
    return _shown({"error": f"Not found: use {PAGES}"}, 404) if found is None else _shown(found)


def _done(sim: "AmiSim", method: str, parts: list[str], sent: dict[str, Any]) -> Any:
    number = str(sent.get("number", "*"))
    match method, parts:
        case "GET", ["_sim"]:
            return overview(sim)
        case "GET", ["_sim", "actions"]:
            return [asked.headers for asked in sim.actions]
        case "POST", ["_sim", "rules"]:
            sim.add_rule(rule_from(sent))
            return shown(sim.options.rules)
        case "DELETE", ["_sim", "rules"]:
            sim.clear_rules()
            return shown(sim.options.rules)
        case "POST", ["_sim", "faults"]:
            sim.faults.add(Fault(**sent))
            return {"added": sent}
        case "DELETE", ["_sim", "faults"]:
            sim.faults.clear()
            return {"cleared": True}
        case "POST", ["_sim", "answer" | "hangup" as wish]:
            return {"channels": _told(sim, number, wish)}
        case "POST", ["_sim", "drop"]:
            return {"dropped": sim.drop_all()}
    return None


def _told(sim: "AmiSim", number: str, wish: str) -> list[str]:
    found = sim.channels_of(number)
    for channel in found:
        (channel.is_up if wish == "answer" else channel.is_gone).set()
    return [channel.name for channel in found]


def overview(sim: "AmiSim") -> dict[str, Any]:
    """Login, rules, channels and connections, for people; no secret."""
    return {
        "port": sim.port,
        "user": sim.options.user,
        "connections": sim.connections,
        "rules": shown(sim.options.rules),
        "otherwise": shown([sim.options.otherwise])[0],
        "channels": {
            channel.name: "up" if channel.state == 6 else "ringing" for channel in sim.channels.values()
        },
        "actions": len(sim.actions),
    }


async def _sent(request: web.Request) -> dict[str, Any]:
    body = await request.read()
    sent = orjson.loads(body) if body else {}
    if not isinstance(sent, dict):
        raise SettingsError("Send a JSON object.")
    return sent


def _shown(content: Any, status: int = 200) -> Answer:
    return Answer(status, orjson.dumps(content, option=orjson.OPT_INDENT_2))
