"""What pages work with: the Data Center, those who sign in, and their sessions."""

from dataclasses import dataclass

from trunkline.access.sessions import Sessions
from trunkline.access.users import Users
from trunkline.access.wrong_logins import WrongLogins
from trunkline.center.room import Center
from trunkline.clock import Clock
from trunkline.daemon.reaching import open_tables
from trunkline.pages.remembered import Remembered
from trunkline.settings import Settings
from trunkline.store.budget import StoreSpendLog
from trunkline.store.connection import Store
from trunkline.store.secrets import Vault

WRONG_PASSWORDS = 10
"""So many wrong passwords for one user within 15 minutes make that user's sign-in wait."""


@dataclass(frozen=True)
class Rooms:
    """An opened installation as pages see it. Use `rooms_of`."""

    center: Center
    users: Users
    sessions: Sessions
    wrong_logins: WrongLogins
    """By address."""
    wrong_passwords: WrongLogins
    """By user."""
    remembered: Remembered
    """What providers have told pages lately."""

    @property
    def settings(self) -> Settings:
        return self.center.settings

    @property
    def clock(self) -> Clock:
        return self.center.clock

    @property
    def store(self) -> Store:
        return self.center.store


def rooms_of(settings: Settings, store: Store, clock: Clock, wrong_logins: WrongLogins) -> Rooms:
    """The rooms over an opened store, which the caller closes."""
    center = Center(settings, clock, store, Vault(settings), StoreSpendLog(store), None, open_tables)
    wrong_passwords = WrongLogins(store, clock, WRONG_PASSWORDS)
    users, sessions = Users(store, clock), Sessions(store, clock)
    return Rooms(center, users, sessions, wrong_logins, wrong_passwords, Remembered(clock))
