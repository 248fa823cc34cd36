"""What pages work with: the Data Center, those who sign in, and their sessions."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.access.audit import Audit
from trunkline.access.links import Links
from trunkline.access.second_factor import SecondFactors
from trunkline.access.sessions import Sessions
from trunkline.access.tokens import Tokens
from trunkline.access.users import Users
from trunkline.access.wrong_logins import WrongLogins
from trunkline.center.mail import Mail
from trunkline.center.room import Center
from trunkline.clock import Clock
from trunkline.daemon.reaching import open_tables
from trunkline.errors import SettingsError
from trunkline.pages.asking import Asking
from trunkline.pages.console import Console
from trunkline.pages.remembered import Remembered
from trunkline.settings import Settings
from trunkline.store.budget import StoreSpendLog
from trunkline.store.connection import Store
from trunkline.store.secrets import Vault

if TYPE_CHECKING:
    from trunkline.access.oidc import Service

WRONG_PASSWORDS = 10
"""So many wrong passwords for one user within 15 minutes make that user's sign-in wait."""
PROVEN_AT_ONCE = 2
"""So many passwords are looked at at a time: who sends a thousand together has not a thousand guesses."""


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
    proving: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PROVEN_AT_ONCE))
    errands: set[asyncio.Task[None]] = field(default_factory=set)
    """What goes on after an answer was given, such as a mail."""
    services: list["Service"] = field(default_factory=list)
    """The one to sign in with, once it was needed; it remembers what the service says of itself."""
    asking: Asking = field(default_factory=Asking)
    console: Console = field(default_factory=Console)
    """The dialer, where the server has it open."""

    @property
    def settings(self) -> Settings:
        return self.center.settings

    @property
    def clock(self) -> Clock:
        return self.center.clock

    @property
    def store(self) -> Store:
        return self.center.store

    @property
    def audit(self) -> Audit:
        return Audit(self.store, self.clock)

    @property
    def links(self) -> Links:
        return Links(self.store, self.clock)

    @property
    def second_factors(self) -> SecondFactors:
        return SecondFactors(self.store, self.clock, self.center.vault)

    @property
    def tokens(self) -> Tokens:
        return Tokens(self.store, self.clock)

    def sign_in_service(self) -> "Service":
        """Raises SettingsError where the settings name none."""
        from trunkline.access.oidc import Service  # most installations never load it

        if not self.services:
            self.services.append(Service(self.settings, self.clock))
        if not self.services[0].is_there:
            raise SettingsError(
                "There is no other service to sign in with.", todo="Sign in with your password."
            )
        return self.services[0]

    async def close(self) -> None:
        """Wait until mails are sent, and wrong passwords are counted for all processes."""
        await asyncio.gather(*self.errands)
        await self.wrong_passwords.close()

    @property
    def mail(self) -> Mail:
        return Mail(self.settings, self.clock)


def rooms_of(settings: Settings, store: Store, clock: Clock, wrong_logins: WrongLogins) -> Rooms:
    """The rooms over an opened store, which the caller closes."""
    center = Center(settings, clock, store, Vault(settings), StoreSpendLog(store), None, open_tables)
    wrong_passwords = WrongLogins(store, clock, WRONG_PASSWORDS)
    users, sessions = Users(store, clock), Sessions(store, clock)
    return Rooms(center, users, sessions, wrong_logins, wrong_passwords, Remembered(clock))
