"""PostgreSQL's errors in ours, by its state code."""

import re
from typing import NamedTuple

from trunkline.errors import DataError, RetryLater, SettingsError, TrunklineError
from trunkline.warehouse import read
from trunkline.warehouse.mistakes import Kind, Mistake, place_in

_STATE = re.compile(r"SQLSTATE: (\w{5})")
_PRIMARY = re.compile(
    r"(?:ERROR|FATAL):\s+(.*?)(?=\n(?:LINE \d|HINT:|DETAIL:|CONTEXT:|\n|\. SQLSTATE)|\.? SQLSTATE:|\Z)",
    re.DOTALL,
)
_HINT = re.compile(r"\nHINT:\s+(.*)")
_NO_TABLE = re.compile(r'^relation "(.*)" does not exist')
_TABLES_RIGHT = re.compile(r"^permission denied for (?:table|view|schema|relation|sequence|database)")

_NO_RIGHT, _READ_ONLY, _NO_TABLE_STATE, _NO_COLUMN = "42501", ("25006", "25001"), "42P01", "42703"
_DISK_FULL = "53100"
_LOCKED, _LOCK_WORDS = "55P03", "canceling statement due to lock timeout"


class _Said(NamedTuple):
    text: str
    hint: str


def _said(error: Exception) -> _Said:
    """The primary message and the hint, whole, whichever way the driver brought them."""
    whole = str(error)
    details = {
        _text(key): _text(value) for key, value in (getattr(error, "details", None) or ()) if key and value
    }
    found, hint = _PRIMARY.search(whole), _HINT.search(whole)
    text = details.get("PG_DIAG_MESSAGE_PRIMARY") or (found[1] if found else read.first_line(whole))
    return _Said(
        " ".join(text.split()), details.get("PG_DIAG_MESSAGE_HINT") or (hint[1].strip() if hint else "")
    )


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _state(error: Exception) -> str:
    found = _STATE.search(str(error))
    return getattr(error, "sqlstate", None) or (found[1] if found else "")


def is_an_interruption(error: Exception) -> bool:
    """Whether somebody has ended the statement. The server's own end of one that takes too long has other
    words, and the same state; the driver brings the state not always.
    """
    return "canceling statement due to user request" in str(error)


def mistake(error: Exception) -> Mistake:
    """What is wrong with a statement."""
    state, said = _state(error), _said(error)
    missing = _NO_TABLE.match(said.text) if state == _NO_TABLE_STATE else None
    if missing:
        return Mistake(said.text, Kind.TABLE, missing[1])
    if state in _READ_ONLY:
        return Mistake(said.text, Kind.WRITES)
    if state == _NO_RIGHT:
        if _TABLES_RIGHT.match(said.text):
            return Mistake(said.text, hint="Give the warehouse's user the right to read it.")
        return Mistake(said.text, Kind.CLOSED)
    if state == _NO_COLUMN:
        return Mistake(said.text, Kind.COLUMN, hint=said.hint)
    return Mistake(said.text, hint=said.hint, place=place_in(str(error)))


def is_the_servers(error: Exception) -> bool:
    """Whether a query failed for a reason that is none of the statement's."""
    state = _state(error)
    return state.startswith("53") or isinstance(translated(error, ""), RetryLater)


def not_connected(error: Exception, where: str) -> TrunklineError:
    text = str(error).lower()
    if "authentication" in text or "no password" in text or "role " in text:
        return SettingsError(
            f"PostgreSQL does not let us into {where}.", todo="Check user and password in warehouse_url."
        )
    if "does not exist" in text:
        return SettingsError(f"There is no database {where}.", todo="Create it, or mend warehouse_url.")
    return RetryLater(
        f"PostgreSQL does not answer: {where}.", todo="Check that it runs and that warehouse_url is right."
    )


def translated(error: Exception, where: str) -> TrunklineError:
    """PostgreSQL's words in ours, by its state code."""
    state, text = _state(error), _said(error).text
    if state.startswith("53") and state != _DISK_FULL:
        return RetryLater(f"PostgreSQL has no room for us just now: {where}.")
    if state == _DISK_FULL:
        return SettingsError(
            f"The disk of {where} is full; nothing of this load was written.",
            todo="Make room, then run the dataset again.",
        )
    if state == _NO_RIGHT:
        return SettingsError(f"{where} refused: {text}", todo="Give the warehouse's user that right.")
    if state in ("0A000", "2BP01"):
        return SettingsError(
            f"{where} refused: {text}", todo="Something of yours, such as a view, depends on the table."
        )
    if state == _LOCKED or _LOCK_WORDS in text:
        return RetryLater(
            f"Another session of PostgreSQL has locked a table for too long: {where}.",
            todo="See who it is in pg_locks and pg_stat_activity, and let it end what it does.",
        )
    if state in ("40001", "40P01") or state.startswith(("08", "57P")) or _is_lost(error):
        return RetryLater(f"PostgreSQL broke off: {where}.")
    return DataError(f"{where} refused: {text}")


def _is_lost(error: Exception) -> bool:
    text = str(error).lower()
    return "server closed the connection" in text or "terminating connection" in text
