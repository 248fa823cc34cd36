"""One signed-in connection to a manager: it asks, hears events, and notices when the other side is gone."""

import asyncio
import hashlib
import ssl
from collections.abc import Callable, Mapping
from typing import Any

from trunkline.errors import KeyRefused, ProviderError, RetryLater, SettingsError
from trunkline.telephony.access import ManagerAccess, Patience
from trunkline.telephony.headers import Value, action
from trunkline.telephony.wire import Fields, Wire, fields

EVENTS = "call,system"
"""The classes of events that calls are followed by."""
_TODO = "Check host and port, `enabled = yes` and bindaddr in manager.conf, and firewalls."
_TLS_TODO = (
    "Check that the manager speaks TLS at this port, that its certificate names the host, and --ca-file."
)


class Unanswered(Exception):
    """An action was sent and no answer came: whether it was done is not known. The text says why."""


class Link:
    """Use `Link.opened`. It is good until `is_open` is False, and is never opened again."""

    def __init__(self, access: ManagerAccess, wire: Wire, patience: Patience) -> None:
        self._access, self._wire, self._patience = access, wire, patience
        self._pinging: asyncio.Task[None] | None = None

    @classmethod
    async def opened(
        cls,
        access: ManagerAccess,
        patience: Patience,
        hears: Callable[[Fields], None],
        ended: Callable[[str], None],
    ) -> "Link":
        """Connect and sign in; `ended` hears why it is over.

        Raises RetryLater where nobody answers, ProviderError for something that is no manager, KeyRefused
        for a refused login, SettingsError for certificates that are none.
        """
        wire = await _connected(access, patience, hears)
        link = cls(access, wire, patience)
        try:
            await link._sign_in()
        except BaseException:
            wire.end("the login failed")
            raise
        wire.lost.add_done_callback(lambda lost: ended(lost.result()))
        link._pinging = asyncio.create_task(link._keep_alive())
        return link

    @property
    def is_open(self) -> bool:
        return not self._wire.lost.done()

    @property
    def silent_seconds(self) -> float:
        """How long nothing has come."""
        return asyncio.get_running_loop().time() - self._wire.heard_at

    @property
    def version(self) -> str:
        """Of the protocol, as the greeting tells it."""
        return self._wire.greeting.result()

    async def ask(
        self, name: str, headers: Mapping[str, Value] | None = None, seconds: float | None = None
    ) -> Fields:
        """Send an action; its answer, whether good or bad.

        Raises SettingsError for what must not be sent and RetryLater on a closed connection, both before
        anything is sent; Unanswered when it was sent and nothing came.
        """
        asked = action(name, headers or {})
        if not self.is_open:
            raise RetryLater(f"The connection to {self._access.words} is closed: {self._wire.lost.result()}.")
        patience = self._patience.answer_seconds if seconds is None else seconds
        answer: asyncio.Future[Any] = self._wire.send(asked, as_list=False)
        await asyncio.wait({answer, self._wire.lost}, timeout=patience, return_when="FIRST_COMPLETED")
        if answer.done():
            return fields(answer.result())
        for name_of in (asked.id, asked.action_id):
            self._wire.responses.pop(name_of, None)
        if self._wire.lost.done():
            raise Unanswered(f"the connection was lost: {self._wire.lost.result()}")
        raise Unanswered(f"no answer within {patience:g} seconds")

    async def is_alive(self) -> bool:
        """Whether it answers a ping; it is closed if not."""
        try:
            await self.ask("Ping", seconds=self._patience.connect_seconds)
        except (Unanswered, RetryLater):
            self._wire.end("it does not answer")
        return self.is_open

    async def close(self) -> None:
        """Say goodbye without waiting for an answer."""
        if self._pinging is not None:
            self._pinging.cancel()
        if self.is_open:
            self._wire.send(action("Logoff", {}), as_list=False)
            self._wire.end("it was closed", at_once=False)

    async def _sign_in(self) -> None:
        """The secret itself is never sent: what is sent is a digest of it and of a challenge."""
        access = self._access
        try:
            async with asyncio.timeout(self._patience.connect_seconds):
                offered = await self.ask("Challenge", {"AuthType": "MD5"})
                challenge = offered.get("challenge", "")
                if not challenge:
                    raise ProviderError(f"{_capital(access.words)} offers no login by challenge.")
                # The protocol knows no other digest.
                key = hashlib.md5(f"{challenge}{access.secret}".encode(), usedforsecurity=False).hexdigest()
                words = {"AuthType": "MD5", "Username": access.user, "Key": key, "Events": EVENTS}
                answer = await self.ask("Login", words)
        except TimeoutError:
            raise _unreachable(access, "it does not answer the login") from None
        except Unanswered as lost:
            raise _unreachable(access, str(lost)) from None
        if answer.get("response") != "Success":
            raise KeyRefused(
                f"{_capital(access.words)} refuses the user {access.user}.",
                todo="Check user, secret, and the lines permit, deny and acl of manager.conf.",
            )

    async def _keep_alive(self) -> None:
        every = self._patience.ping_every_seconds
        while self.is_open:
            await asyncio.sleep(max(0.01, every - self.silent_seconds))
            if self.silent_seconds >= every:
                await self.is_alive()


async def _connected(access: ManagerAccess, patience: Patience, hears: Callable[[Fields], None]) -> Wire:
    loop = asyncio.get_running_loop()
    context = _context(access) if access.tls else None
    wire: Wire | None = None
    try:
        async with asyncio.timeout(patience.connect_seconds):
            _, wire = await loop.create_connection(lambda: Wire(hears), access.host, access.port, ssl=context)
            await asyncio.wait({wire.greeting})
    except TimeoutError:
        if wire is not None:
            wire.end("no greeting came")
        raise _unreachable(access, f"no answer within {patience.connect_seconds:g} seconds") from None
    except ssl.SSLError as error:
        raise _unreachable(access, f"TLS failed ({error.reason or error})", _TLS_TODO) from None
    except OSError as error:
        raise _unreachable(access, error.strerror or str(error)) from None
    if wire.greeting.cancelled():
        raise _unreachable(access, wire.lost.result())
    if not wire.greeting.result():
        wire.end("it is no manager")
        raise ProviderError(
            f"What answers at {access.words.removeprefix('the manager at ')} is no Asterisk manager.",
            todo="Check host and port (5038 by default), and --tls.",
        )
    return wire


def _context(access: ManagerAccess) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=access.ca or None)
    except (ssl.SSLError, ValueError):
        raise SettingsError(
            f"The certificates to trust for {access.words} are none.", todo="Give a file in PEM."
        ) from None


def _unreachable(access: ManagerAccess, why: str, todo: str = _TODO) -> RetryLater:
    return RetryLater(f"{_capital(access.words)} cannot be reached: {why}.", todo=todo)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
