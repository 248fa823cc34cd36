"""The bytes of a connection: panoramisk's protocol, made to keep whole characters, bounds and its temper.

Of panoramisk the protocol is used, and not its Manager: that sends an action again after a reconnect when
it had no answer, and a call must never be placed twice.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from panoramisk.ami_protocol import AMIProtocol

GREETING = b"Asterisk Call Manager/"
LONGEST_GREETING = 200
LONGEST_MESSAGE = 1_000_000
_END_OF_LINE, _END = b"\r\n", b"\r\n\r\n"
_log = logging.getLogger("trunkline.telephony")

Fields = dict[str, str]
"""The headers of a message, names in small letters; lines of a repeated header one below the other."""


class Everything:
    """Contains whatever it is asked about: no action waits for another connection."""

    def __contains__(self, _: object) -> bool:
        return True


class Wire(AMIProtocol):  # type: ignore[misc]
    """One connection as panoramisk reads and writes it; this is also what panoramisk calls its factory."""

    def __init__(self, hears: Callable[[Fields], None]) -> None:
        self._hears = hears
        self._pending = b""
        self.greeting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """The protocol's version, once the other side has greeted; empty: it is no manager."""
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Why the connection has ended."""
        self.heard_at = asyncio.get_running_loop().time()
        self.save_stream = None
        self.awaiting_actions: deque[Any] = deque()
        self.forgetable_actions = Everything()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.factory, self.encoding, self.log = self, "utf-8", _log

    def data_received(self, data: bytes) -> None:
        """Whole messages go on; a rest waits, so that no character is cut in two."""
        self.heard_at = asyncio.get_running_loop().time()
        self._pending += data
        if not self.greeting.done() and not self._greeted():
            return
        whole, end, rest = self._pending.rpartition(_END)
        if end:
            self._pending = rest
            super().data_received(whole + end)
        elif len(self._pending) > LONGEST_MESSAGE:
            self.end("it sent a message without an end")

    def _greeted(self) -> bool:
        line, end, rest = self._pending.partition(_END_OF_LINE)
        if not end and len(line) <= LONGEST_GREETING:
            return False
        is_manager = bool(end) and line.startswith(GREETING)
        self.greeting.set_result(line[len(GREETING) :].decode("ascii", "replace") if is_manager else "")
        self._pending = rest
        return is_manager

    def handle_message(self, message: Any) -> None:
        """Events never are the answer to an action, although they may carry its id."""
        try:
            if "event" not in message:
                super().handle_message(message)
                return
            if str(message["event"]).lower() == "shutdown":
                self.end("Asterisk shuts down")
            self._hears(fields(message))
        except Exception:
            # What one odd message does to the parser must not end the calls of all others.
            _log.warning("A message of the manager could not be understood.", exc_info=True)

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(f"it broke off ({exc})" if exc else "the other side ended it")

    def end(self, why: str, *, at_once: bool = True) -> None:
        """Close, if it is open; the first reason is the one that is told.

        `at_once`: what was not sent yet is thrown away.
        """
        if not self.lost.done():
            self.lost.set_result(why)
        if not self.greeting.done():
            self.greeting.cancel()
        self.close()
        if at_once:
            self.transport.abort()


def fields(message: Any) -> Fields:
    """A message of panoramisk as plain text by names in small letters."""
    return {
        str(name).lower(): "\n".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in message.items()
    }
