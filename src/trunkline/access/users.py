"""Those who sign in to the pages: who they are, what they may do, whether a password is theirs."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, exc

from trunkline.access import user_queries as queries
from trunkline.access.roles import RIGHTS, Right, Role
from trunkline.clock import Clock
from trunkline.errors import Problem, SettingsError
from trunkline.store.connection import Store

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 1_000
LONGEST_NAME = 100
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*\Z")


@dataclass(frozen=True)
class User:
    """One who may sign in. `zone`: an IANA zone, empty for that of the browser."""

    id: int
    email: str
    name: str
    role: Role
    zone: str
    is_active: bool
    has_password: bool
    has_second_factor: bool
    created_at: datetime
    signed_in_at: datetime | None

    @property
    def rights(self) -> frozenset[Right]:
        return RIGHTS[self.role]

    def may(self, right: Right) -> bool:
        return right in self.rights

    def to_json(self) -> dict[str, Any]:
        names = ("id", "email", "name", "role", "zone", "is_active", "has_second_factor")
        times = {"created_at": self.created_at, "signed_in_at": self.signed_in_at}
        return {name: getattr(self, name) for name in names} | times


class Users:
    """The users of an installation."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def is_empty(self) -> bool:
        """Whether nobody is there yet: then the first is made by a link that the server prints."""
        with self._store.read() as tx:
            return queries.count_users(tx) == 0

    def all(self) -> list[User]:
        with self._store.read() as tx:
            return [user_from(row) for row in queries.all_users(tx)]

    def get(self, user_id: int) -> User:
        """Raises SettingsError where there is none."""
        with self._store.read() as tx:
            return user_from(_there(queries.user_of_id(tx, user_id), f"with the number {user_id}"))

    def named(self, email: str) -> User:
        """Raises SettingsError where there is none."""
        with self._store.read() as tx:
            return user_from(_there(queries.user_of_email(tx, email.strip().casefold()), email))

    def add(self, email: str, name: str, role: Role, password: str = "") -> User:
        """A new user; without a password one comes by a link. Raises SettingsError, a problem per field."""
        values = _checked(email, name)
        problem = _problem_of(password) if password else None
        if problem:
            raise SettingsError(problems=[problem])
        now = self._clock.now()
        record = {**values, "role": role, "created_at": now, "password": kept(password) if password else ""}
        try:
            with self._store.begin() as tx:
                user_id = queries.add_user(tx, record)
        except exc.IntegrityError:
            raise SettingsError(
                problems=[Problem("email", f"{values['email']} is a user already.")]
            ) from None
        return self.get(user_id)

    def change(self, user: User, **values: Any) -> User:
        """Change name, role, zone or whether one may sign in. Raises SettingsError for the last owner."""
        with self._store.begin() as tx:
            loses = values.get("role", Role.OWNER) is not Role.OWNER or values.get("is_active") is False
            if user.role is Role.OWNER and loses:
                _check_not_last(tx)
            queries.change_user(tx, user.id, values)
            if values.get("is_active") is False:
                queries.remove_sessions(tx, user.id)
        return self.get(user.id)

    def set_password(self, user: User, password: str) -> None:
        """A new password; all sessions of the user end. Raises SettingsError for one too short or long."""
        if problem := _problem_of(password):
            raise SettingsError(problems=[problem])
        hashed = kept(password)
        with self._store.begin() as tx:
            queries.change_user(tx, user.id, {"password": hashed})
            queries.remove_sessions(tx, user.id)

    def proven(self, email: str, password: str) -> User | None:
        """The user whose password this is. It is the same work whoever it is for, nobody too."""
        with self._store.read() as tx:
            row = queries.user_of_email(tx, email.strip().casefold())
        hashed = row.password if row is not None and row.password else _nobodys()
        is_good = _matches(hashed, password)
        if row is None or not is_good or not row.password or not row.is_active:
            return None
        if _hasher().check_needs_rehash(row.password):
            with self._store.begin() as tx:
                queries.change_user(tx, row.id, {"password": kept(password)})
        return user_from(row)


def user_from(row: Row[Any] | Any) -> User:
    """A user from a row with the columns of the table."""
    record: Any = row._mapping
    names = ("id", "email", "name", "zone", "is_active", "created_at", "signed_in_at")
    return User(
        **{name: record[name] for name in names},
        role=Role(record["role"]),
        has_password=bool(record["password"]),
        has_second_factor=bool(record["second_factor"]),
    )


def kept(password: str) -> str:
    """The password as it is kept: argon2id with the library's own strength."""
    return _hasher().hash(password)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    return kept("the password of nobody")


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher().verify(hashed, password[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False


def _problem_of(password: str) -> Problem | None:
    if len(password) < SHORTEST_PASSWORD:
        text = f"A password of {len(password)} characters is too short; {SHORTEST_PASSWORD} are needed."
        return Problem("password", text)
    if len(password) > LONGEST_PASSWORD:
        return Problem("password", f"A password may have {LONGEST_PASSWORD} characters, and no more.")
    return None


def _checked(email: str, name: str) -> dict[str, str]:
    values = {"email": email.strip().casefold(), "name": name.strip()}
    problems = []
    if not _EMAIL.match(values["email"]):
        problems.append(Problem("email", f"{email!r} is no e-mail address such as ann@example.com."))
    if not 0 < len(values["name"]) <= LONGEST_NAME:
        problems.append(Problem("name", f"A name of 1 to {LONGEST_NAME} characters is needed."))
    if problems:
        raise SettingsError(problems=problems)
    return values


def _check_not_last(tx: Connection) -> None:
    if queries.count_active(tx, Role.OWNER) < 2:
        raise SettingsError(
            "This is the only owner who may sign in.", todo="Make somebody else an owner first."
        )


def _there(row: Row[Any] | None, whom: str) -> Row[Any]:
    if row is None:
        raise SettingsError(f"There is no user {whom}.", todo="`trunkline user list`")
    return row
