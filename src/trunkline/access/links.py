"""Addresses that are good once: for the first user, an invitation, a lost password, or the demo's sign-in."""

import secrets
from datetime import timedelta
from enum import StrEnum

from trunkline.access import user_queries as queries
from trunkline.access.roles import Role
from trunkline.access.sessions import digest_of
from trunkline.access.users import User, Users
from trunkline.clock import Clock
from trunkline.errors import SettingsError
from trunkline.store.connection import Store

RANDOM_BYTES = 32


class Purpose(StrEnum):
    SETUP = "setup"
    INVITATION = "invitation"
    RESET = "reset"
    DEMO = "demo"
    """Signs in whoever has it: nobody else is to see the terminal it is printed on."""


GOOD_FOR = {
    Purpose.SETUP: timedelta(hours=24),
    Purpose.INVITATION: timedelta(days=7),
    Purpose.RESET: timedelta(hours=1),
    Purpose.DEMO: timedelta(minutes=30),
}


class Links:
    """The links of an installation. The text of one is kept nowhere."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._users = Users(store, clock)

    def make(self, purpose: Purpose, user: User | None = None) -> str:
        """The text of a new link; former ones of the same purpose and user are no longer good."""
        text, now = secrets.token_urlsafe(RANDOM_BYTES), self._clock.now()
        user_id = user.id if user else None
        values = {
            "digest": digest_of(text),
            "purpose": purpose,
            "user_id": user_id,
            "created_at": now,
            "expires_at": now + GOOD_FOR[purpose],
        }
        with self._store.begin() as tx:
            queries.forget_links(tx, purpose, user_id, now)
            queries.add_link(tx, values)
        return text

    def is_good(self, purpose: Purpose, text: str) -> bool:
        with self._store.read() as tx:
            return queries.link_of(tx, digest_of(text), purpose, self._clock.now()) is not None

    def set_up(self, text: str, email: str, name: str, password: str) -> User:
        """The first user, an owner. Raises SettingsError for a used link or a wrong field."""
        self._check(Purpose.SETUP, text)
        if not self._users.is_empty():
            raise SettingsError("There is a user already.", todo="Sign in.")
        if not password:
            raise SettingsError("A password is needed.")
        user = self._users.add(email, name, Role.OWNER, password)
        self._use(text)
        return user

    def set_password(self, purpose: Purpose, text: str, password: str) -> User:
        """Give the link's user this password. Raises SettingsError for a used link or a wrong password."""
        user = self._users.get(self._check(purpose, text) or 0)
        self._users.set_password(user, password)
        self._use(text)
        return user

    def user_of(self, purpose: Purpose, text: str) -> User:
        """The link's user; the link is used up. Of two that come at once, one alone gets the user.

        Raises SettingsError for a used link.
        """
        user = self._users.get(self._check(purpose, text) or 0)
        with self._store.begin() as tx:
            if not queries.remove_link(tx, digest_of(text)):
                raise _used_up()
        return user

    def _check(self, purpose: Purpose, text: str) -> int | None:
        with self._store.read() as tx:
            row = queries.link_of(tx, digest_of(text), purpose, self._clock.now())
        if row is None:
            raise _used_up()
        user_id: int | None = row.user_id
        return user_id

    def _use(self, text: str) -> None:
        with self._store.begin() as tx:
            queries.remove_link(tx, digest_of(text))


def _used_up() -> SettingsError:
    return SettingsError(
        "This link was used already, or is too old.", todo="Ask for a new one; each is good once."
    )
