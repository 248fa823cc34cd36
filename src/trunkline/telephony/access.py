"""How a server's manager is reached: address, user, secret, and how long to wait for what."""

from dataclasses import dataclass, field
from ipaddress import ip_address

PORT = 5038


@dataclass(frozen=True)
class ManagerAccess:
    """A user of a server's manager.conf. Neither secret nor certificate appears in its text."""

    host: str
    user: str
    secret: str = field(repr=False)
    port: int = PORT
    tls: bool = False
    ca: str = field(default="", repr=False)
    """Certificates to trust, in PEM; empty: those that the machine trusts."""

    @property
    def words(self) -> str:
        """How messages name it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"the manager at {host}:{self.port}"

    @property
    def is_unprotected(self) -> bool:
        """Whether what is said can be read on the way: no TLS, and another machine."""
        return not self.tls and not _is_loopback(self.host)


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds."""

    connect_seconds: float = 5
    """For a connection, its greeting and the login, each."""
    answer_seconds: float = 10
    """For the answer to an action."""
    ping_every_seconds: float = 15
    """After such a silence a connection is asked whether it still lives."""
    trusted_seconds: float = 2
    """So long after the last word a connection is used without asking first."""
    verdict_seconds: float = 10
    """For the verdict on a call, beyond the time it may ring."""
    refused_seconds: float = 30
    """So long a refused login is not tried again: servers lock out who guesses."""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"
