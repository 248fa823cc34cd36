"""Sessions of browsers: a random text in a cookie, of which the store keeps only a hash."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from trunkline.access import user_queries as queries
from trunkline.access.users import User, user_from
from trunkline.clock import Clock
from trunkline.store.connection import Store
from trunkline.store.types import NAME_LENGTH

GOOD_FOR = timedelta(days=14)
"""So long after it was last used a session is good."""
LONGEST = timedelta(days=30)
"""After so long one signs in again, however often it is used."""
SEEN_EVERY = timedelta(minutes=5)
"""How often at most the time of use is written."""
RANDOM_BYTES = 32


@dataclass(frozen=True)
class Session:
    """A session that is good, and its user."""

    text: str
    user: User
    began_at: datetime

    @property
    def form_token(self) -> str:
        """What every form of this session carries, so that no other site can send one."""
        return hmac.new(self.text.encode(), b"form", hashlib.sha256).hexdigest()

    def is_own_form(self, token: str) -> bool:
        return hmac.compare_digest(self.form_token.encode(), token.encode("utf-8", "replace"))

    @property
    def digest(self) -> str:
        return digest_of(self.text)


@dataclass(frozen=True)
class OpenSession:
    """A session as its user sees it listed."""

    digest: str
    address: str
    agent: str
    created_at: datetime
    seen_at: datetime


class Sessions:
    """The sessions of an installation."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def begin(self, user: User, address: str, agent: str) -> Session:
        """A new session of a user who has just proven who they are."""
        text, now = secrets.token_urlsafe(RANDOM_BYTES), self._clock.now()
        values = {
            "digest": digest_of(text),
            "user_id": user.id,
            "address": address[:64],
            "agent": agent[:NAME_LENGTH],
            "created_at": now,
            "seen_at": now,
            "expires_at": now + GOOD_FOR,
        }
        with self._store.begin() as tx:
            queries.forget_sessions(tx, now)
            queries.add_session(tx, values)
            queries.change_user(tx, user.id, {"signed_in_at": now})
        return Session(text, user, now)

    def find(self, text: str) -> Session | None:
        """The session that a cookie proves; None for an unknown or ended one."""
        if not text:
            return None
        now = self._clock.now()
        with self._store.read() as tx:
            row = queries.session_of(tx, digest_of(text), now, now - LONGEST)
        if row is None:
            return None
        if now - row.seen_at >= SEEN_EVERY:
            with self._store.begin() as tx:
                queries.set_seen(tx, digest_of(text), now, now + GOOD_FOR)
        return Session(text, user_from(row), row.began_at)

    def of_user(self, user: User) -> list[OpenSession]:
        names = ("digest", "address", "agent", "created_at", "seen_at")
        with self._store.read() as tx:
            rows = queries.sessions_of_user(tx, user.id, self._clock.now())
        return [OpenSession(**{name: row._mapping[name] for name in names}) for row in rows]

    def end(self, digest: str) -> None:
        with self._store.begin() as tx:
            queries.remove_session(tx, digest)

    def end_all(self, user: User, but: str = "") -> int:
        """End the sessions of a user, but for one; how many were ended."""
        with self._store.begin() as tx:
            return queries.remove_sessions(tx, user.id, but)


def digest_of(text: str) -> str:
    """Of random bits a plain hash is enough; equal hashes are looked up, so no text is compared."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
