"""Rows of a file in place of generated ones, in the API's own shapes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from trunkline.errors import SettingsError
from trunkline.sims.answer import Row
from trunkline.sims.dialpad.cast import CALL_TYPES, KIND_OF_TYPE, Cast, Target
from trunkline.sims.dialpad.directory import LISTS
from trunkline.sims.dialpad.legs import Leg

KEYS = (*LISTS, "calls", "call_labels", "company", "operators")
_RUNNING = frozenset(("calling", "connected", "hold", "parked", "preanswer", "queued", "ringing"))
_NEVER = 1 << 60
_TODO = 'Write it like {"offices": [...], "calls": [...]}, each row in the shape of the API.'


@dataclass
class Fixture:
    """What a fixture gives; None stays generated. Given directories leave the others empty."""

    lists: dict[str, list[Row]] | None = None
    calls: list[Row] | None = None
    labels: list[str] | None = None
    company: Row | None = None
    operators: dict[str, Row] = field(default_factory=dict)


def read_fixture(path: Path) -> Fixture:
    """What the file gives; raises SettingsError that names what is wrong with it."""
    content = _content(path)
    for key, value in content.items():
        _check(path, key, value)
    lists = {key: content.get(key, []) for key in LISTS} if any(key in content for key in LISTS) else None
    return Fixture(
        lists,
        content.get("calls"),
        content.get("call_labels"),
        content.get("company"),
        content.get("operators", {}),
    )


def _content(path: Path) -> dict[str, Any]:
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"The fixture {path} cannot be read: {error.strerror}.") from None
    except orjson.JSONDecodeError as error:
        raise SettingsError(f"The fixture {path} is no JSON: {error}.") from None
    if not isinstance(content, dict):
        raise SettingsError(
            f"The fixture {path} must be a JSON object whose keys are such as calls.", todo=_TODO
        )
    return content


def _check(path: Path, key: str, value: object) -> None:
    if key not in KEYS:
        raise SettingsError(f"The fixture {path} has the unknown key {key}; use {', '.join(KEYS)}.")
    if key in ("company", "operators"):
        if not isinstance(value, dict):
            raise SettingsError(f"In the fixture {path} the value of {key} must be an object.", todo=_TODO)
        return
    if not isinstance(value, list):
        raise SettingsError(f"In the fixture {path} the value of {key} must be a list.", todo=_TODO)
    for n, row in enumerate(value):
        if key != "call_labels":
            _check_row(path, f"{key}[{n}]", row, _needed(key))


def _needed(key: str) -> tuple[str, ...]:
    return {"calls": ("call_id", "date_started"), "numbers": ()}.get(key, ("id",))


def _check_row(path: Path, place: str, row: object, needed: tuple[str, ...]) -> None:
    if not isinstance(row, dict):
        raise SettingsError(f"In the fixture {path} {place} must be an object.", todo=_TODO)
    for name in needed:
        if not str(row.get(name, "")).isdecimal():
            raise SettingsError(
                f"In the fixture {path} {place} has no {name} that is a whole number, but {row.get(name)!r}.",
                todo=_TODO,
            )


@contextmanager
def telling(path: Path | None, place: str) -> Iterator[None]:
    """Turn what goes wrong with a value of the wrong shape into a SettingsError that says where it stands."""
    try:
        yield
    except (AttributeError, KeyError, LookupError, TypeError, ValueError, OSError) as error:
        if path is None:
            raise
        raise SettingsError(
            f"In the fixture {path} {place} cannot be read: {type(error).__name__} {error}.", todo=_TODO
        ) from None


def given_leg(row: Row, cast: Cast, known: Leg | None = None) -> Leg:
    """A leg read from a call in the API's shape; what that does not tell comes from `known`."""
    begins, ended = _number(row["date_started"]), _number(row.get("date_ended"))
    if not ended:
        ended = _NEVER if row.get("state") in _RUNNING else begins
    connected, rang = _number(row.get("date_connected")), _number(row.get("date_rang"))
    talk = ended - connected if connected else 0
    target = _target(row.get("target"), cast)
    voicemail = next(
        (_number(d.get("duration")) for d in row.get("recording_details") or () if _is_voicemail(d)), 0
    )
    leg = Leg(
        call_id=int(row["call_id"]),
        target=target or Target(0, "", "", "", "", "", 0),
        direction=str(row.get("direction", "")),
        external=str(row.get("external_number") or ""),
        contact=row.get("contact") or {},
        started=0,
        ended=ended - begins,
        category="",
        categories="",
        rang=rang - begins if rang else None,
        connected=connected - begins if connected else None,
        talk=talk - (known.hold if known and talk > known.hold else 0),
        hold=known.hold if known and talk > known.hold else 0,
        ringing=max(0, (connected or ended) - rang) if rang else 0,
        queue=known.queue if known else 0,
        queued=known.queued if known else None,
        wrapup=known.wrapup if known else 0,
        entry=_number(row.get("entry_point_call_id")) or None,
        entry_target=_target(row.get("entry_point_target"), cast),
        master=_number(row.get("master_call_id")) or None,
        operator=_number(row.get("operator_call_id")) or None,
        proxy=_target(row.get("proxy_target"), cast),
        is_transferred=bool(row.get("is_transferred")),
        is_recorded=bool(row.get("was_recorded")),
        is_internal=(row.get("contact") or {}).get("type") == "user",
        voicemail=voicemail or (1 if row.get("voicemail_share_link") else 0),
        labels=list(row.get("labels") or ()),
        csat=str(row.get("csat_score") or ""),
        internal=str(row.get("internal_number") or ""),
        begins=begins,
        given=wire_call(row),
    )
    leg.category, leg.categories = _category(leg)
    return leg if known is None else _with_the_rest(leg, known)


def _with_the_rest(leg: Leg, known: Leg) -> Leg:
    """What exports tell beyond the call itself stays as it was, as far as it can still be true."""
    leg.group, leg.disposition, leg.transferred_to = known.group, known.disposition, known.transferred_to
    leg.transferred_from = known.transferred_from
    if (leg.is_answered, leg.direction) == (known.is_answered, known.direction):
        leg.category, leg.categories = known.category, known.categories
    return leg


def _is_voicemail(details: Row) -> bool:
    return details.get("recording_type") == "voicemail"


def _number(value: object) -> int:
    return int(str(value)) if value not in (None, "") else 0


def _target(shown: Row | None, cast: Cast) -> Target | None:
    if not shown or not str(shown.get("id", "")).isdecimal():
        return None
    known = cast.targets.get(int(shown["id"]))
    if known is not None:
        return known
    type_ = str(shown.get("type", ""))
    kind = KIND_OF_TYPE.get(type_) or CALL_TYPES.get(type_, ("", ""))[1]
    name, email, phone = (str(shown.get(name) or "") for name in ("name", "email", "phone"))
    return Target(int(shown["id"]), type_, kind, name, email, phone, int(shown.get("office_id") or 0))


def _category(leg: Leg) -> tuple[str, str]:
    """The words exports have for what happened, as far as the call itself tells."""
    if leg.direction == "outbound":
        tail = "outbound,outbound_connected" if leg.is_answered else "cancelled,outbound,unanswered"
        return ("outgoing" if leg.is_answered else "cancelled"), f"{tail},user_initiated"
    if leg.is_answered:
        return "incoming", "answered,human_agent,inbound"
    if leg.voicemail:
        return "missed", "inbound,missed,unanswered,voicemail"
    if leg.target.type == "call_center":
        return "abandoned", "abandoned,inbound,unanswered"
    return "missed", "inbound,missed,ring_no_answer,unanswered"


_DOUBLES = ("duration", "total_duration", "mos_score")


def wire_call(row: Row) -> Row:
    """A call as it is sent: three numbers with fractions, all others as text."""
    return {
        name: float(value) if name in _DOUBLES and value is not None else wire(value)
        for name, value in row.items()
    }


def wire(value: Any) -> Any:
    """A value as REST sends it: 64-bit numbers are text."""
    if isinstance(value, dict):
        return {name: wire(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [wire(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
