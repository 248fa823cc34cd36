"""Texts that are good once: to make the first user, to accept an invitation, to set a lost password, to
go on after a password with a second factor.
"""

import secrets
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection

from trunkline.access import passwords
from trunkline.access import user_queries as queries
from trunkline.access.roles import Role
from trunkline.access.sessions import digest_of
from trunkline.access.users import User, Users, add_new, user_from, write_password
from trunkline.clock import Clock
from trunkline.errors import SettingsError
from trunkline.store.connection import Store

RANDOM_BYTES = 32


class Purpose(StrEnum):
    SETUP = "setup"
    INVITATION = "invitation"
    RESET = "reset"
    SECOND_FACTOR = "second-factor"
    """A browser whose user has given the password, and not the code yet."""
    DEMO = "demo"
    """Signs in whoever has it: nobody else is to see the terminal it is printed on."""


GOOD_FOR = {
    Purpose.SETUP: timedelta(hours=24),
    Purpose.INVITATION: timedelta(days=7),
    Purpose.RESET: timedelta(hours=1),
    Purpose.SECOND_FACTOR: timedelta(minutes=10),
    Purpose.DEMO: timedelta(minutes=30),
}


class Links:
    """The links of an installation. The text of one is kept nowhere."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._users = Users(store, clock)

    def make(self, purpose: Purpose, user: User | None = None) -> str:
        """The text of a new link; former ones of the same purpose and user are no longer good.

        Only of sign-ins at their second step there may be several: none ends that of another browser.
        """
        with self._store.begin() as tx:
            return self._made(tx, purpose, user.id if user else None)

    def make_again(self, purpose: Purpose, user: User, after: timedelta) -> str | None:
        """As `make`, but none where the user has had one just now that was not used."""
        with self._store.begin() as tx:
            queries.locked_user(tx, user.id)  # of two who ask at the same time, one comes second
            if queries.has_link_since(tx, purpose, user.id, self._clock.now() - after):
                return None
            return self._made(tx, purpose, user.id)

    def _made(self, tx: Connection, purpose: Purpose, user_id: int | None) -> str:
        text, now = secrets.token_urlsafe(RANDOM_BYTES), self._clock.now()
        values = {
            "digest": digest_of(text),
            "purpose": purpose,
            "user_id": user_id,
            "created_at": now,
            "expires_at": now + GOOD_FOR[purpose],
        }
        queries.forget_old_links(tx, now)
        if purpose is not Purpose.SECOND_FACTOR:
            queries.forget_links(tx, purpose, user_id)
        queries.add_link(tx, values)
        return text

    def is_good(self, purpose: Purpose, text: str) -> bool:
        with self._store.read() as tx:
            return queries.link_of(tx, digest_of(text), purpose, self._clock.now()) is not None

    def user_of(self, purpose: Purpose, text: str) -> User | None:
        """Whose link it is, where it is good and they may sign in."""
        with self._store.read() as tx:
            row = queries.link_of(tx, digest_of(text), purpose, self._clock.now())
            user = queries.user_of_id(tx, row.user_id) if row is not None and row.user_id else None
        return user_from(user) if user is not None and user.is_active else None

    def end(self, purpose: Purpose, text: str) -> bool:
        """Whether it was good until now."""
        with self._store.begin() as tx:
            return queries.take_link(tx, digest_of(text), purpose, self._clock.now())

    def set_up(self, text: str, email: str, name: str, password: str) -> User:
        """The first user, an owner. Raises SettingsError for a used link or a wrong field."""
        if not self.is_good(Purpose.SETUP, text):
            raise _used()
        if problem := passwords.problem_of(password):
            raise SettingsError(problems=[problem])
        record = self._users.new(email, name, Role.OWNER, password)
        with self._store.begin() as tx:
            self._take(tx, Purpose.SETUP, text)
            if queries.count_users(tx):
                raise SettingsError("There is a user already.", todo="Sign in.")
            user_id = add_new(tx, record)
        return self._users.get(user_id)

    def set_password(self, purpose: Purpose, text: str, password: str) -> User:
        """Give the link's user this password; sessions and other links of theirs end.

        Raises SettingsError for a used link or a wrong password.
        """
        user = self.user_of(purpose, text)
        if user is None:
            raise _used()
        if problem := passwords.problem_of(password):
            raise SettingsError(problems=[problem])
        hashed = passwords.kept(password)
        with self._store.begin() as tx:
            self._take(tx, purpose, text)
            write_password(tx, user.id, hashed)
        return self._users.get(user.id)

    def _take(self, tx: Connection, purpose: Purpose, text: str) -> None:
        """In the transaction of what it is good for: of two at a time, one is too late."""
        if not queries.take_link(tx, digest_of(text), purpose, self._clock.now()):
            raise _used()


def _used() -> SettingsError:
    return SettingsError(
        "This link was used already, or is too old.", todo="Ask for a new one; each is good once."
    )
