"""Tickets of web pages: signed, good for minutes, for one block, one origin and one call.

A ticket is kept nowhere. What it says stands in it, and a signature with the installation's key behind it.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import orjson

from trunkline.clock import Clock

BEGINNING = "tc_"
"""What a ticket begins with, so that it is not taken for a token."""
PURPOSE = "clickto.ticket"
GOOD_FOR = timedelta(minutes=5)
WATCHED_FOR = timedelta(hours=1)
"""So long after it was given, a ticket shows how its call goes."""
MOST_LENGTH = 1_000
_SIGNATURE = 32


class Forged(Exception):
    """What is no ticket of this installation."""


class Expired(Exception):
    """A ticket of this installation that is not good any more."""


@dataclass(frozen=True)
class Ticket:
    """What a ticket says. `mark` is its own, and of the one call it may place."""

    block_id: int
    origin: str
    given_at: datetime
    mark: str


class Tickets:
    """`keys` tells those that sign and prove, when the first is needed: the first signs, any proves."""

    def __init__(self, keys: Callable[[], tuple[bytes, ...]], clock: Clock) -> None:
        self._read_keys, self._clock = keys, clock

    @cached_property
    def _keys(self) -> tuple[bytes, ...]:
        return self._read_keys()

    def give(self, block_id: int, origin: str) -> tuple[str, datetime]:
        """A new ticket's text, and until when it may place a call."""
        now = self._clock.now()
        said = orjson.dumps([block_id, origin, int(now.timestamp()), secrets.token_hex(16)])
        text = base64.urlsafe_b64encode(said + _signed(self._keys[0], said)).decode().rstrip("=")
        return BEGINNING + text, now + GOOD_FOR

    def read(self, text: str, good_for: timedelta = GOOD_FOR) -> Ticket:
        """Raises Forged or Expired."""
        said, signature = _taken_apart(text)
        if not any(hmac.compare_digest(_signed(key, said), signature) for key in self._keys):
            raise Forged
        block_id, origin, given, mark = orjson.loads(said)
        ticket = Ticket(block_id, origin, datetime.fromtimestamp(given, self._clock.now().tzinfo), mark)
        if not -GOOD_FOR < self._clock.now() - ticket.given_at <= good_for:
            raise Expired
        return ticket


def is_ticket(text: str) -> bool:
    return text.startswith(BEGINNING)


def _taken_apart(text: str) -> tuple[bytes, bytes]:
    body = text.removeprefix(BEGINNING)
    try:
        if not is_ticket(text) or len(text) > MOST_LENGTH or not body.isascii():
            raise ValueError
        whole = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise Forged from None
    return whole[:-_SIGNATURE], whole[-_SIGNATURE:]


def _signed(key: bytes, said: bytes) -> bytes:
    return hmac.new(key, said, hashlib.sha256).digest()
