"""The log of finished calls: a row for each thing said, and one for the request; no password in either."""

import logging
import re
from collections.abc import Sequence
from urllib.parse import quote_plus

from trunkline.dialer.command import Call, Logged
from trunkline.dialer.database import Journal, Row

SCRIPT = "non-agent"
SECRETS = frozenset(("pass", "agent_pass", "phone_pass", "registration_password"))
MASK = "***"
LONGEST_REASON = 255
_QUOTED = re.compile(r"[^-._~0-9A-Za-z]")
_NEEDS_NONE = re.compile(r"[-._~0-9A-Za-z\n]*\Z")
_log = logging.getLogger("trunkline.dialer")


def note(call: Call, logged: Logged) -> None:
    """Remember what was said; it is written with the rest of the request's work."""
    call.notes.append(logged)


def keep(call: Call, url: str, seconds: float) -> None:
    """Have the log rows of a call written at the end of its work."""
    if _log.isEnabledFor(logging.DEBUG):
        said = ", ".join(logged.result for logged in call.notes) or "nothing to log"
        user, milliseconds = call.arg("user"), seconds * 1000
        _log.debug("%s for %s: %s, %.1f ms", call.function or "no function", user, said, milliseconds)
    if not call.notes:
        return
    hidden = [given for name in SECRETS if (given := call.params.get(name))]
    request: Row = {"api_date": call.time, "remote_ip": call.address, "url": url or masked_query(call)}
    rows = [_row(call, logged, hidden, f"{seconds:.6f}") for logged in call.notes]
    call.work.endings.journal = Journal("api_log", rows, "api_urls", "api_id", request)


def _row(call: Call, logged: Logged, hidden: Sequence[str], run_time: str) -> Row:
    arg = call.params.get
    return {
        "user": arg("user", ""),
        "api_date": call.time,
        "api_script": SCRIPT,
        "function": logged.function or call.function,
        "agent_user": arg("agent_user", ""),
        "value": arg("value", ""),
        "result": logged.result,
        "result_reason": logged.reason[:LONGEST_REASON],
        "source": arg("source", ""),
        "data": masked_data(logged.data, hidden),
        "run_time": run_time,
        "webserver": 0,
        "api_url": 0,
    }


def masked_data(data: str, hidden: Sequence[str]) -> str:
    """The data with the passwords of the request masked, part by part."""
    for secret in hidden:
        if secret in data:
            return "|".join(MASK if part in hidden else part for part in data.split("|"))
    return data


def masked_query(call: Call) -> str:
    params = call.params
    if _NEEDS_NONE.match("\n".join(params)) and _NEEDS_NONE.match("\n".join(params.values())):
        given = [f"{name}={MASK if name in SECRETS else value}" for name, value in params.items() if value]
        query = "&".join(given)
        if "\n" not in query:
            return query
    parts = [
        f"{_quoted(name)}={MASK if name in SECRETS else _quoted(value)}"
        for name, value in call.params.items()
        if value
    ]
    return "&".join(parts)


def _quoted(value: str) -> str:
    return quote_plus(value, errors="replace") if _QUOTED.search(value) else value
