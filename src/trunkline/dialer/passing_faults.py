"""Whether an error of a driver will pass: a lock, a lost connection, a server that is starting."""

import sqlite3

_SQLITE_BUSY = (5, 6)
_POSTGRESQL = ("08", "40", "53", "55P03", "57P")
"""Beginnings of SQLSTATEs."""
_MARIADB = frozenset((1020, 1040, 1053, 1203, 1205, 1213, 2002, 2003, 2005, 2006, 2013, 2014, 3572))


def will_pass(error: BaseException) -> bool:
    """Whether the same work, begun anew, may go well in a moment."""
    if isinstance(error, OSError):
        return True
    if isinstance(error, sqlite3.OperationalError):
        return error.sqlite_errorcode & 0xFF in _SQLITE_BUSY
    match type(error).__module__.partition(".")[0]:
        case "asyncpg":
            state = getattr(error, "sqlstate", None)
            # An error without a state is the driver's own: the connection was closed under it.
            return str(state).startswith(_POSTGRESQL) if state else type(error).__name__ == "InterfaceError"
        case "asyncmy":
            return bool(error.args) and error.args[0] in _MARIADB
    return False
