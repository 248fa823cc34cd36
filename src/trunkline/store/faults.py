"""What a database error means to the caller: one table per driver, and no password in any sentence."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum

from sqlalchemy import exc

from trunkline.errors import DataError, RetryLater, SettingsError, TrunklineError
from trunkline.store.places import DatabaseKind, Place

RETRY_AFTER_SECONDS = 5.0


class Fault(Enum):
    """What went wrong, with the sentence that says so and what to do about it."""

    BUSY = ("{place} is locked by other work.", "")
    UNREACHABLE = ("{place} cannot be reached: {reason}", "See that the database server runs and answers.")
    FULL = ("{place} has no room left.", "Free space on its disk; what was stored so far is kept.")
    READ_ONLY = ("{place} cannot be written to.", "Check the rights of the file or of the database user.")
    DENIED = ("{place} refuses the user: {reason}", "Check user and password in {setting}.")
    MISSING = ("{place} is not there: {reason}", "Create the database, or check {setting}.")
    DAMAGED = ("{place} is damaged or no database: {reason}", "Put a backup in its place.")
    UNFIT = ("A value does not fit {place}.", "")
    OTHER = ("{place} answers with an error: {reason}", "")


_WAITING_HELPS = {Fault.BUSY, Fault.UNREACHABLE}

_SQLITE = {
    **dict.fromkeys((5, 6), Fault.BUSY),
    **dict.fromkeys((3, 8, 14, 23), Fault.READ_ONLY),
    13: Fault.FULL,
    **dict.fromkeys((10, 11, 26), Fault.DAMAGED),
    **dict.fromkeys((18, 20), Fault.UNFIT),
}
"""By SQLite's primary result code."""

_MARIADB = {
    **dict.fromkeys((1205, 1213, 1020, 3572), Fault.BUSY),
    **dict.fromkeys((0, 1040, 1053, 1203, 1226, 2002, 2003, 2005, 2006, 2013, 2014), Fault.UNREACHABLE),
    **dict.fromkeys((1021, 1114), Fault.FULL),
    **dict.fromkeys((1036, 1142, 1227, 1290, 1792), Fault.READ_ONLY),
    **dict.fromkeys((1044, 1045, 1698), Fault.DENIED),
    1049: Fault.MISSING,
    **dict.fromkeys((1194, 1195), Fault.DAMAGED),
    **dict.fromkeys((1264, 1366, 1406), Fault.UNFIT),
}

_POSTGRESQL = {
    **dict.fromkeys(("40001", "40P01", "55P03"), Fault.BUSY),
    **dict.fromkeys(("08", "57P", "53300"), Fault.UNREACHABLE),
    "53100": Fault.FULL,
    **dict.fromkeys(("25006", "42501"), Fault.READ_ONLY),
    "28": Fault.DENIED,
    "3D": Fault.MISSING,
    "XX": Fault.DAMAGED,
    "22": Fault.UNFIT,
}
"""By SQLSTATE or the start of one."""

_POSTGRESQL_WORDS = {
    "authentication failed": Fault.DENIED,
    "no password supplied": Fault.DENIED,
    "no pg_hba.conf entry": Fault.DENIED,
    '" does not exist': Fault.MISSING,
}
"""A refused connection has no SQLSTATE: only the server's sentence tells."""


@contextmanager
def faults_told(place: Place) -> Iterator[None]:
    """Turn errors of the database into TrunklineErrors; an IntegrityError is left to the caller."""
    try:
        yield
    except exc.IntegrityError:
        raise
    except (exc.DBAPIError, exc.TimeoutError) as error:
        raise told(error, place) from None
    except exc.StatementError as error:
        # A value refused by its column type: the type's own error says more than the wrapping.
        if error.orig is None:
            raise
        raise error.orig from None


def told(error: exc.DBAPIError | exc.TimeoutError, place: Place) -> TrunklineError:
    if isinstance(error, exc.TimeoutError):
        return _as_error(Fault.BUSY, place, "")
    if isinstance(error, exc.DataError):
        return _as_error(Fault.UNFIT, place, "")
    reason = _reason(error, place)
    return _as_error(_fault(error, place.kind, reason), place, reason)


def _as_error(fault: Fault, place: Place, reason: str) -> TrunklineError:
    sentence, todo = fault.value
    todo = todo.format(setting=place.setting)
    message = sentence.format(place=place.words, reason=reason.rstrip(".") + ".")
    message = message[0].upper() + message[1:] if message.startswith("the ") else message
    if fault in _WAITING_HELPS:
        return RetryLater(message, todo=todo, after_seconds=RETRY_AFTER_SECONDS)
    if fault is Fault.UNFIT:
        return DataError(message)
    return TrunklineError(message) if fault is Fault.OTHER else SettingsError(message, todo=todo)


def _fault(error: exc.DBAPIError, kind: DatabaseKind, reason: str) -> Fault:
    orig = error.orig
    if kind is DatabaseKind.SQLITE:
        return _SQLITE.get(getattr(orig, "sqlite_errorcode", 0) & 0xFF, Fault.OTHER)
    if kind is DatabaseKind.MARIADB:
        number = orig.args[0] if orig is not None and orig.args else -1
        return _MARIADB.get(number, Fault.UNREACHABLE if error.connection_invalidated else Fault.OTHER)
    state = getattr(orig, "sqlstate", None)
    if state is not None:
        return _by_start(_POSTGRESQL, state)
    if not isinstance(error, exc.OperationalError):
        return Fault.OTHER
    return next((f for words, f in _POSTGRESQL_WORDS.items() if words in reason), Fault.UNREACHABLE)


def _by_start(table: Mapping[str, Fault], state: str) -> Fault:
    starts = (state[:length] for length in (5, 3, 2))
    return next((table[start] for start in starts if start in table), Fault.OTHER)


def _reason(error: exc.DBAPIError, place: Place) -> str:
    """The driver's own first line. Later lines may show values, so they are left out."""
    args = error.orig.args if error.orig is not None else ()
    text = str(args[-1]) if args else "no reason given"
    line = text.strip().splitlines()[0] if text.strip() else "no reason given"
    password = place.url.password
    return line.replace(str(password), "***") if password else line
