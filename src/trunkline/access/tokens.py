"""Tokens of the API: made once, shown once, kept as a hash."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exc

from trunkline.access import queries
from trunkline.clock import Clock
from trunkline.errors import SettingsError
from trunkline.store.connection import Store

BEGINNING = "tl_"
"""What a token begins with, so that a lost one is known for what it is."""
RANDOM_BYTES = 32
USED_EVERY = timedelta(minutes=1)
"""How often at most the time of use is written."""


@dataclass(frozen=True)
class Token:
    """A token as it is kept: for which user of the dialer, and which functions; none: all the user has."""

    id: int
    name: str
    user: str
    functions: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None

    def allows(self, function: str) -> bool:
        return not self.functions or function in self.functions

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "user": self.user,
            "functions": list(self.functions),
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "used_at": self.used_at,
        }


class Tokens:
    """The tokens of an installation."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def add(
        self, name: str, user: str, functions: Sequence[str], days: int | None = None
    ) -> tuple[Token, str]:
        """A new token and the text that proves it, which is kept nowhere. Raises SettingsError.

        Only one whose functions are named, and are none of the dialer's, does without a user.
        """
        if not name.strip() or not (user.strip() or functions):
            raise SettingsError("A token needs a name, and a user or functions that need none.")
        text = BEGINNING + secrets.token_urlsafe(RANDOM_BYTES)
        now = self._clock.now()
        values: dict[str, Any] = {
            "name": name,
            "digest": _digest(text),
            "user": user,
            "functions": list(functions),
            "created_at": now,
            "expires_at": now + timedelta(days=days) if days else None,
        }
        try:
            with self._store.begin() as tx:
                token_id = queries.add_token(tx, values)
        except exc.IntegrityError:
            raise SettingsError(
                f"There is a token named {name!r} already.", todo="Choose another name, or remove that one."
            ) from None
        return _token({**values, "id": token_id, "used_at": None}), text

    def all(self) -> list[Token]:
        with self._store.read() as tx:
            return [_token(row._mapping) for row in queries.all_tokens(tx)]

    def remove(self, name: str) -> None:
        """Raises SettingsError where there is none of that name."""
        with self._store.begin() as tx:
            row = queries.token_named(tx, name)
            if row is None:
                raise SettingsError(f"There is no token named {name!r}.", todo="`trunkline token list`")
            queries.remove_token(tx, row.id)

    def find(self, text: str) -> Token | None:
        """The token that a text proves; None for an unknown or expired one."""
        with self._store.read() as tx:
            row = queries.token_of_digest(tx, _digest(text))
        token = _token(row._mapping) if row is not None else None
        now = self._clock.now()
        if token is None or (token.expires_at is not None and token.expires_at <= now):
            return None
        if token.used_at is None or now - token.used_at >= USED_EVERY:
            with self._store.begin() as tx:
                queries.set_used(tx, token.id, now)
        return token


def _digest(text: str) -> str:
    """Of random bits a plain hash is enough; equal hashes are looked up, so no text is compared."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _token(row: Mapping[str, Any] | Any) -> Token:
    names = ("id", "name", "user", "created_at", "expires_at", "used_at")
    return Token(functions=tuple(row["functions"]), **{name: row[name] for name in names})
