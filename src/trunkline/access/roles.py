"""Roles of those who sign in, and the rights each has. A right's word is also a scope of API tokens."""

from collections.abc import Mapping
from enum import StrEnum


class Right(StrEnum):
    """One thing a person may do."""

    OWN = "self"
    DATA_READ = "data.read"
    DATASETS_WRITE = "datasets.write"
    RUNS_WRITE = "runs.write"
    ACCOUNTS_USE = "accounts.use"
    ACCOUNTS_WRITE = "accounts.write"
    DIALER_READ = "dialer.read"
    DIALER_WRITE = "dialer.write"
    CLICKTO_READ = "clickto.read"
    CLICKTO_WRITE = "clickto.write"
    USERS_WRITE = "users.write"
    AUDIT_READ = "audit.read"
    SYSTEM_READ = "system.read"


MEANINGS: Mapping[Right, str] = {
    Right.OWN: "Change one's own name, password, second factor, sessions and tokens.",
    Right.DATA_READ: "See datasets, rows and runs, ask in SQL, export.",
    Right.DATASETS_WRITE: "Make, change, schedule and remove datasets.",
    Right.RUNS_WRITE: "Start, retry and cancel runs.",
    Right.ACCOUNTS_USE: "Make datasets with accounts of one's own, or shared with one.",
    Right.ACCOUNTS_WRITE: "Add, test, share and remove all accounts; replace their keys.",
    Right.DIALER_READ: "See the dialer's functions, its floor, and what was asked of it.",
    Right.DIALER_WRITE: "Call the dialer's functions, change its API users.",
    Right.CLICKTO_READ: "See click-to blocks and their activity.",
    Right.CLICKTO_WRITE: "Change click-to blocks and keys.",
    Right.USERS_WRITE: "Invite people, change their roles, sign them out.",
    Right.AUDIT_READ: "See who changed what.",
    Right.SYSTEM_READ: "See the state of the installation.",
}


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    ANALYST = "analyst"
    MANAGER = "manager"
    EMPLOYEE = "employee"


_ALL = frozenset(Right)
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OWNER: _ALL,
    Role.ADMIN: _ALL,
    Role.ANALYST: frozenset(
        (
            *(Right.OWN, Right.DATA_READ, Right.DATASETS_WRITE, Right.RUNS_WRITE, Right.ACCOUNTS_USE),
            *(Right.DIALER_READ, Right.CLICKTO_READ),
        )
    ),
    Role.MANAGER: frozenset((Right.OWN,)),
    Role.EMPLOYEE: frozenset((Right.OWN,)),
}
"""Admins have all rights too, but cannot make or change owners (`may_change`)."""


def may_change(who: Role, whom: Role, to: Role | None = None) -> bool:
    """Whether one may change, remove, or give this role to another: of owners, only an owner."""
    return who is Role.OWNER or (who is Role.ADMIN and Role.OWNER not in (whom, to))
