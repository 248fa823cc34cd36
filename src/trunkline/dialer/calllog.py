"""The log of finished calls: a row for each thing said, and one for the request; no password in either."""

import logging
from urllib.parse import quote_plus

from trunkline.dialer.command import Call, Logged
from trunkline.dialer.database import Journal, Row

SCRIPT = "non-agent"
SECRETS = frozenset(("pass", "agent_pass", "phone_pass", "registration_password"))
MASK = "***"
LONGEST_REASON = 255
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
    common: Row = {
        "user": call.arg("user"),
        "api_date": call.time,
        "api_script": SCRIPT,
        "agent_user": call.arg("agent_user"),
        "value": call.arg("value"),
        "source": call.arg("source"),
        "run_time": f"{seconds:.6f}",
        "webserver": 0,
        "api_url": 0,
    }
    rows = [
        {
            **common,
            "function": logged.function or call.function,
            "result": logged.result,
            "result_reason": logged.reason[:LONGEST_REASON],
            "data": masked_data(call, logged.data),
        }
        for logged in call.notes
    ]
    request: Row = {"api_date": call.time, "remote_ip": call.address, "url": url or masked_query(call)}
    call.work.endings.journal = Journal("api_log", rows, "api_urls", "api_id", request)


def masked_data(call: Call, data: str) -> str:
    """The data with the passwords of this request masked, part by part."""
    hidden = [secret for name in SECRETS if (secret := call.arg(name))]
    if not any(secret in data for secret in hidden):
        return data
    return "|".join(MASK if part in hidden else part for part in data.split("|"))


def masked_query(call: Call) -> str:
    return "&".join(
        f"{name}={MASK if name in SECRETS else _quoted(value)}"
        for name, value in call.params.items()
        if value
    )


def _quoted(value: str) -> str:
    return value if value.isascii() and value.isalnum() else quote_plus(value)
