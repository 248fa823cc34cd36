"""What a way of sending declares, and the errors it may raise."""

import os
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from trunkline.center.alerts.notices import Notice
from trunkline.clock import Clock
from trunkline.options import Kind, Option, Values

SECONDS_FOR_A_TRY = 30.0
LATER = "Look whether the other side is running and can be reached, then try again."


@dataclass(frozen=True)
class Sender:
    """A way of sending: its options, what is wrong with values, where they lead, and the sending.

    `check` returns the values, completed, or raises SettingsError. `target` is a text for people, without
    any secret. `send` returns what the other side answered; it raises RetryLater, SettingsError or
    ProviderError, whose texts may repeat a secret: the caller masks them.
    """

    name: str
    label: str
    options: tuple[Option, ...]
    check: Callable[[Values], Values]
    target: Callable[[Values], str]
    send: Callable[[Values, Notice, Clock], Awaitable[str]]

    @property
    def secret_names(self) -> tuple[str, ...]:
        return tuple(o.name for o in self.options if o.kind is Kind.SECRET)


def one_line(text: str) -> str:
    """What somebody answered, fit to be shown once its secrets are masked."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def no_connection(error: BaseException) -> str:
    """Why there was no connection, in words; libraries wrap the system's error, and repeat the address."""
    wrapped = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    seen: BaseException | None = wrapped or error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted here ({seen.verify_message})"
        if isinstance(seen, ssl.SSLError):
            return f"it does not speak TLS there ({seen.reason or 'no answer to it'})"
        if isinstance(seen, socket.gaierror):
            return "its name is not known here"
        if isinstance(seen, OSError) and seen.errno:
            return os.strerror(seen.errno)
        seen = seen.__cause__ or seen.__context__
    return f"the connection broke off ({type(error).__name__})"


def trusting_the_machine() -> ssl.SSLContext:
    """Certificates are checked against those that this machine trusts."""
    return ssl.create_default_context()
