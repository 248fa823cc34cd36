"""Those who sign in to the pages: who they are, what they may do, whether a password is theirs."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exc

from trunkline.access import passwords
from trunkline.access import user_queries as queries
from trunkline.access.roles import RIGHTS, Right, Role
from trunkline.clock import Clock
from trunkline.dates import zone_named
from trunkline.errors import Problem, SettingsError
from trunkline.store.connection import Store
from trunkline.store.types import NAME_LENGTH

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

    def add(self, email: str, name: str, role: Role, password: str = "", subject: str | None = None) -> User:
        """A new user; without a password one comes by a link. Raises SettingsError, a problem per field."""
        record = self.new(email, name, role, password) | {"subject": subject}
        with self._store.begin() as tx:
            user_id = add_new(tx, record)
        return self.get(user_id)

    def new(self, email: str, name: str, role: Role, password: str = "") -> dict[str, Any]:
        """What is kept of a new user. Raises SettingsError, a problem per field."""
        values, problems = _checked(email, name)
        if password and (problem := passwords.problem_of(password)):
            problems.append(problem)
        if problems:
            raise SettingsError(problems=problems)
        hashed = passwords.kept(password) if password else ""
        return {**values, "role": role, "created_at": self._clock.now(), "password": hashed}

    def change(self, user: User, **values: Any) -> User:
        """Change role, or whether one may sign in. Raises SettingsError for the last owner who may."""
        stays = values.get("role", user.role) == Role.OWNER and values.get("is_active", True)
        with self._store.begin() as tx:
            if not stays:
                _check_owner_left(tx, user.id)
            queries.change_user(tx, user.id, values)
            if not values.get("is_active", True):
                queries.remove_sessions(tx, user.id)
                queries.remove_links(tx, user.id)
        return self.get(user.id)

    def describe(self, user: User, name: str, zone: str) -> None:
        """Change one's own name and zone. Raises SettingsError, a problem per field."""
        values, problems = _checked(user.email, name)
        try:
            if zone:
                zone_named(zone)
        except ValueError as error:
            problems.append(Problem("zone", str(error)))
        if problems:
            raise SettingsError(problems=problems)
        with self._store.begin() as tx:
            queries.change_user(tx, user.id, {"name": values["name"], "zone": zone})

    def remove(self, user: User) -> None:
        """With sessions, links and tokens. Raises SettingsError for the last owner who may sign in."""
        with self._store.begin() as tx:
            _check_owner_left(tx, user.id)
            queries.remove_tokens(tx, user.id)
            queries.remove_user(tx, user.id)

    def set_password(self, user: User, password: str) -> None:
        """A new password; all sessions and links of the user end. Raises SettingsError for a wrong one."""
        if problem := passwords.problem_of(password):
            raise SettingsError(problems=[problem])
        hashed = passwords.kept(password)
        with self._store.begin() as tx:
            write_password(tx, user.id, hashed)

    def is_password(self, user: User, password: str) -> bool:
        """Whether this is the user's password; never, where none is set."""
        with self._store.read() as tx:
            row = queries.user_of_id(tx, user.id)
        return passwords.is_right(row.password if row is not None else "", password)

    def proven(self, email: str, password: str) -> User | None:
        """The user whose password this is. It is the same work whoever it is for, nobody too."""
        with self._store.read() as tx:
            row = queries.user_of_email(tx, email.strip().casefold())
        is_good = passwords.is_right(row.password if row is not None else "", password)
        if row is None or not is_good or not row.is_active:
            return None
        if passwords.is_weak(row.password):
            hashed = passwords.kept(password)
            with self._store.begin() as tx:
                queries.change_user(tx, row.id, {"password": hashed})
        return user_from(row)


def add_new(tx: Connection, record: dict[str, Any]) -> int:
    """The number of a new user. Raises SettingsError where the address is taken."""
    if queries.user_of_email(tx, record["email"]) is None:
        try:
            with tx.begin_nested():
                return queries.add_user(tx, record)
        except exc.IntegrityError:
            pass  # somebody else was faster
    raise SettingsError(problems=[Problem("email", f"{record['email']} is a user already.")])


def write_password(tx: Connection, user_id: int, hashed: str) -> None:
    """Whoever was signed in with the former one, or had a link, is out."""
    queries.change_user(tx, user_id, {"password": hashed})
    queries.remove_sessions(tx, user_id)
    queries.remove_links(tx, user_id)


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


def _checked(email: str, name: str) -> tuple[dict[str, Any], list[Problem]]:
    values = {"email": email.strip().casefold(), "name": name.strip()}
    problems = []
    if not _EMAIL.match(values["email"]) or not values["email"].isprintable():
        problems.append(Problem("email", f"{email!r} is no e-mail address such as ann@example.com."))
    if len(values["email"]) > NAME_LENGTH:
        problems.append(
            Problem("email", f"An e-mail address may have {NAME_LENGTH} characters, and no more.")
        )
    if not 0 < len(values["name"]) <= LONGEST_NAME or not values["name"].isprintable():
        problems.append(Problem("name", f"A name of 1 to {LONGEST_NAME} characters is needed."))
    return values, problems


def _check_owner_left(tx: Connection, user_id: int) -> None:
    """Of owners who are able to sign in one remains."""
    if list(queries.able_to_sign_in(tx, Role.OWNER)) == [user_id]:
        raise SettingsError(
            "This is the only owner who may sign in.", todo="Make somebody else an owner first."
        )


def _there(row: Row[Any] | None, whom: str) -> Row[Any]:
    if row is None:
        raise SettingsError(f"There is no user {whom}.", todo="`trunkline user list`")
    return row
