"""What the pretend Dialpad remembers of sign-ins: codes, token pairs, and which of them still count."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from trunkline.clock import Clock

ACCESS_BY_USER = {"admin": "company", "user": "user"}
"""Who may sign in at the pretend Dialpad, and what their tokens may see."""


@dataclass(frozen=True)
class OAuthOptions:
    """How the pretend Dialpad gives tokens. Lengths are in seconds.

    Without `redirect_uris` any redirect address will do. With `rotate` a refresh token is traded in for
    a new one; without, it stays. With `old_access_dies` a refresh ends the former access token at once.
    """

    client_id: str = "testclient"
    client_secret: str = "testsecret"
    token_seconds: int = 3_600
    code_seconds: int = 600
    rotate: bool = True
    old_access_dies: bool = False
    redirect_uris: tuple[str, ...] = ()


@dataclass
class Pair:
    """An access token, the refresh token that came with it, and the sign-in both come from."""

    access_token: str
    refresh_token: str | None
    sign_in: str
    user: str
    scope: str
    client_id: str
    expires_at: datetime
    access_dead: bool = False
    refresh_dead: bool = False

    def check_client(self, client: Any) -> bool:
        return bool(client.client_id == self.client_id)

    def get_scope(self) -> str:
        return self.scope


@dataclass
class Code:
    """A code that can be changed for a pair once."""

    code: str
    user: str
    scope: str
    redirect_uri: str
    code_challenge: str | None
    code_challenge_method: str | None
    expires_at: datetime
    sign_in: str = field(default_factory=lambda: secrets.token_hex(8))
    spent: bool = False

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


class SignIns:
    """All codes and pairs given so far."""

    def __init__(self, options: OAuthOptions, clock: Clock) -> None:
        self.options = options
        self._clock = clock
        self._codes: dict[str, Code] = {}
        self._pairs: list[Pair] = []

    def add_code(self, code: str, **details: Any) -> None:
        expires_at = self._clock.now() + timedelta(seconds=self.options.code_seconds)
        self._codes[code] = Code(code, expires_at=expires_at, **details)

    def usable_code(self, code: str) -> Code | None:
        """The code, unless it is unknown or too old; one that comes twice ends all that came from it."""
        found = self._codes.get(code)
        if found is None or found.expires_at <= self._clock.now():
            return None
        if found.spent:
            self._end(found.sign_in)
            return None
        return found

    def add_pair(self, token: dict[str, Any], user: str, sign_in: str) -> None:
        self._pairs.append(
            Pair(
                token["access_token"],
                token.get("refresh_token"),
                sign_in,
                user,
                token.get("scope", ""),
                self.options.client_id,
                self._clock.now() + timedelta(seconds=self.options.token_seconds),
            )
        )

    def usable_refresh(self, refresh_token: str) -> Pair | None:
        """The pair of a refresh token; one traded in before ends its sign-in, since a thief may hold it."""
        found = next((p for p in self._pairs if p.refresh_token == refresh_token), None)
        if found is not None and found.refresh_dead:
            self._end(found.sign_in)
            return None
        return found

    def traded_in(self, pair: Pair) -> None:
        pair.refresh_dead = self.options.rotate
        pair.access_dead = pair.access_dead or self.options.old_access_dies

    def access_of(self, token: str) -> str | None:
        """What an access token may see: "company", "user", or nothing at all."""
        found = next((p for p in self._pairs if p.access_token == token), None)
        if found is None or found.access_dead or found.expires_at <= self._clock.now():
            return None
        return ACCESS_BY_USER[found.user]

    def end_of_token(self, token: str) -> None:
        """Revoke all that came from the sign-in which gave this token, if one did."""
        found = next((p for p in self._pairs if token in (p.access_token, p.refresh_token)), None)
        if found is not None:
            self._end(found.sign_in)

    def end_all(self) -> None:
        for sign_in in {pair.sign_in for pair in self._pairs}:
            self._end(sign_in)

    def _end(self, sign_in: str) -> None:
        for pair in self._pairs:
            if pair.sign_in == sign_in:
                pair.access_dead = pair.refresh_dead = True
