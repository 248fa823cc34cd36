"""How the managers of the dialer's servers are reached: kept once, secrets encrypted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from sqlalchemy.exc import IntegrityError

from trunkline.clock import Clock
from trunkline.dialer.asterisk import queries
from trunkline.errors import Problem, SettingsError
from trunkline.store.connection import Store
from trunkline.store.secrets import Vault
from trunkline.telephony.access import ManagerAccess
from trunkline.telephony.asterisk import Asterisk, Pong
from trunkline.telephony.headers import is_clean

LONGEST = {"host": 190, "user": 190, "secret": 250}
LIST = "`trunkline dialer manager list`"


@dataclass(frozen=True)
class Manager:
    """The manager of one of the dialer's servers."""

    server_ip: str
    access: ManagerAccess
    created_at: datetime

    def to_json(self) -> dict[str, Any]:
        """All but the secret."""
        return {
            "server_ip": self.server_ip,
            "host": self.access.host,
            "port": self.access.port,
            "user": self.access.user,
            "tls": self.access.tls,
            "own_certificates": bool(self.access.ca),
            "created_at": self.created_at,
        }


class Managers:
    """Those of an installation."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store, self._vault, self._clock = store, vault, clock

    def add(self, server_ip: str, access: ManagerAccess) -> Manager:
        """Raises SettingsError for values that will not do, and where the server has one already."""
        check(server_ip, access)
        made = Manager(server_ip, access, self._clock.now())
        values = {
            **{name: getattr(access, name) for name in ("host", "port", "user", "tls", "ca")},
            "secret": self._vault.encrypt({"secret": access.secret}),
            "server_ip": server_ip,
            "created_at": made.created_at,
        }
        try:
            with self._store.begin() as tx:
                queries.add_manager(tx, values)
        except IntegrityError:
            raise SettingsError(
                f"The server {server_ip} has a manager already.",
                todo=f"Remove that first: `trunkline dialer manager remove {server_ip}`.",
            ) from None
        return made

    def all(self) -> list[Manager]:
        """In the order of their servers. Raises SettingsError for a secret that no key in force opens."""
        with self._store.read() as tx:
            rows = queries.all_managers(tx)
        return [self._manager(row) for row in rows]

    def of(self, server_ip: str) -> Manager:
        """Raises SettingsError where the server has none."""
        found = next((manager for manager in self.all() if manager.server_ip == server_ip), None)
        if found is None:
            raise _unknown(server_ip)
        return found

    def remove(self, server_ip: str) -> None:
        """Raises SettingsError where the server has none."""
        with self._store.begin() as tx:
            if not queries.remove_manager(tx, server_ip):
                raise _unknown(server_ip)

    def _manager(self, row: Any) -> Manager:
        what = f"The secret of the manager of {row.server_ip}"
        secret = self._vault.decrypt(row.secret, what).get("secret", "")
        access = ManagerAccess(row.host, row.user, secret, row.port, row.tls, row.ca)
        return Manager(row.server_ip, access, row.created_at)


def check(server_ip: str, access: ManagerAccess) -> None:
    """Raises SettingsError, with a problem for each value that will not do."""
    problems = [*_problems(server_ip, access)]
    if problems:
        raise SettingsError(problems=problems)


async def pinged(access: ManagerAccess, clock: Clock) -> Pong:
    """Sign in at a manager and ping it. Raises what `Asterisk` does where it does not answer or refuses."""
    asterisk = Asterisk(access, clock)
    try:
        return await asterisk.ping()
    finally:
        await asterisk.close()


def _problems(server_ip: str, access: ManagerAccess) -> Iterator[Problem]:
    try:
        ip_address(server_ip)
    except ValueError:
        yield Problem(
            "server_ip",
            f"{server_ip[:40]!r} is no address; use the server_ip of the dialer's table of servers.",
        )
    for name, most in LONGEST.items():
        value = getattr(access, name)
        if not value or not is_clean(value) or len(value) > most or value != value.strip():
            yield Problem(name, f"The {name} must be one line of 1 to {most} characters.")


def _unknown(server_ip: str) -> SettingsError:
    return SettingsError(f"The server {server_ip} has no manager here.", todo=f"{LIST} lists them.")
