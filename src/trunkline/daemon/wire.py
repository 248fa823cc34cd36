"""Errors and runs as the two ends of the socket tell them to each other."""

import hashlib
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from trunkline import errors
from trunkline.errors import Problem, SettingsError, TrunklineError
from trunkline.settings import Settings

if TYPE_CHECKING:  # a query needs none of what runs need
    from trunkline.center.runs import Run, Wish

_INSTANTS = ("started_at", "ended_at", "waiting_until")


def line(event: dict[str, Any]) -> bytes:
    return orjson.dumps(event, option=orjson.OPT_UTC_Z, default=list) + b"\n"


def error_to_json(error: TrunklineError) -> dict[str, Any]:
    problems = error.problems if isinstance(error, SettingsError) else ()
    return {
        "kind": error.kind,
        "message": str(error),
        "todo": error.todo,
        "problems": [asdict(p) for p in problems],
    }


def error_from_json(told: dict[str, Any]) -> TrunklineError:
    """The same error; of a kind that is not known here, the one all others derive from."""
    kind = _KINDS.get(told["kind"], TrunklineError)
    if issubclass(kind, SettingsError):
        problems = [Problem(p["field"], p["message"]) for p in told["problems"]]
        return kind(told["message"], todo=told["todo"], problems=problems)
    return kind(told["message"], todo=told["todo"])


_KINDS: dict[str, type[TrunklineError]] = {
    found().kind: found
    for found in vars(errors).values()
    if isinstance(found, type) and issubclass(found, TrunklineError)
}


def run_to_json(run: "Run") -> dict[str, Any]:
    return run.to_json()


def run_from_json(told: dict[str, Any]) -> "Run":
    from trunkline.center.phases import Phase
    from trunkline.center.runs import Run

    instants = {n: told[n] and datetime.fromisoformat(told[n]) for n in _INSTANTS}
    phases = [Phase.from_record((p["name"], p["began_at"], p["ended_at"])) for p in told["phases"]]
    return Run(**{**told, **instants, "phases": phases})


def wish_to_json(wish: "Wish") -> dict[str, Any]:
    return asdict(wish)


def wish_from_json(told: dict[str, Any]) -> "Wish":
    from trunkline.center.runs import Wish

    return Wish(**told)


def installation(settings: Settings) -> str:
    """Tells two installations apart without telling their addresses, which may hold passwords."""
    places = "\n".join(settings.text(name).strip() for name in ("store_url", "warehouse_url"))
    return hashlib.sha256(places.encode()).hexdigest()[:16]
