"""Passwords in the forms the dialer's users table has them: plain, or one salt's bcrypt; ours is argon2id."""

import asyncio
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, TypeVar

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from trunkline.dialer.database import Row
from trunkline.dialer.weak_bcrypt import LEAST_OF_LIBRARY, bcrypt_text, weak_bcrypt

KEPT = 1_000
"""So many checked passwords are remembered, keyed so that a changed one counts at once."""
AT_ONCE = 4
"""So many hashes are made at a time: each takes the memory and time it is meant to take."""
T = TypeVar("T")
OURS = "$argon2"
KEPT_OF_BCRYPT, BCRYPT_SEES = 31, 72


class Form(Enum):
    """How a user's password is kept."""

    PLAIN = "as it is"
    DIALERS = "bcrypt with the one salt of the settings"
    OURS = "argon2id"


def our_hasher() -> PasswordHasher:
    """The usual strength: 19 MiB and two passes. The hash is 97 characters; the column holds 100."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@dataclass(frozen=True)
class Checked:
    """Whether a password is the user's; columns that keep it better, on our own tables; whether it took a
    wait, in which others may have changed the user."""

    is_good: bool
    better: Row = field(default_factory=dict)
    waited: bool = False


class Passwords:
    """Checks passwords, and remembers good ones so that a call costs no hash.

    A wrong password is the same work whoever it is for, nobody too: time tells no names.
    `is_own`: the users table is the product's own, and passwords in it become argon2id.
    """

    def __init__(self, *, is_own: bool = False, hasher: PasswordHasher | None = None) -> None:
        self._is_own = is_own
        self._hasher = hasher or our_hasher()
        self._key = secrets.token_bytes(32)
        self._good: OrderedDict[bytes, None] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def check(self, user: Row | None, settings: Row, password: str) -> Checked:
        """Whether this is the user's password; None: nobody's, which none is.

        May wait for a thread: call it before the work's first write.
        """
        if user is not None and self._was_good(user, settings, password):
            return Checked(True)
        if not any(self._hashes(settings)) and not _is_ours(user or {}):
            return Checked(_same(str((user or {}).get("pass") or ""), password))
        if not await self._hashed(self._is_proven, user, settings, password) or user is None:
            return Checked(False, waited=True)
        return await self._bettered(user, settings, password)

    async def match(self, user: Row, settings: Row, password: str) -> bool:
        return (await self.check(user, settings, password)).is_good

    def _was_good(self, user: Row, settings: Row, password: str) -> bool:
        return _form_of(user, settings) is not Form.PLAIN and self._mark(user, password) in self._good

    def _hashes(self, settings: Row) -> Iterator[Form]:
        """The forms of these tables that are hashes."""
        if self._is_own:
            yield Form.OURS
        if settings.get("pass_hash_enabled") == "1":
            yield Form.DIALERS

    def _is_proven(self, user: Row | None, settings: Row, password: str) -> bool:
        """A wrong password costs a hash of every form there is."""
        form = None if user is None else _form_of(user, settings)
        if user is not None and form is not None and self._matches(form, user, settings, password):
            return True
        for other in self._hashes(settings):
            if other is not form:
                self._matches(other, self._nobody, settings, password)
        return False

    @cached_property
    def _nobody(self) -> Row:
        return {"pass_hash": self._hasher.hash(secrets.token_hex())}

    def _matches(self, form: Form, user: Row, settings: Row, password: str) -> bool:
        if form is Form.PLAIN:
            return _same(str(user.get("pass") or ""), password)
        stored = str(user.get("pass_hash") or "")
        try:
            if form is Form.OURS:
                return self._hasher.verify(stored, password)
            return hmac.compare_digest(stored.encode(), dialers_hash(settings, password).encode())
        except (VerificationError, InvalidHashError, ValueError, TypeError):
            return False

    async def _bettered(self, user: Row, settings: Row, password: str) -> Checked:
        """A good password, which is remembered and on our own tables hashed our way."""
        better: Row = {}
        if self._is_own and not _is_ours(user):
            better = await self._hashed(self.kept, settings, password)
        self._remember(self._mark(user | better, password))
        return Checked(True, better, waited=True)

    async def _hashed(self, make: Callable[..., T], *args: Any) -> T:
        """What a hash gives, made in a thread, few at a time."""
        async with self._turns:
            return await asyncio.to_thread(make, *args)

    def _mark(self, user: Row, password: str) -> bytes:
        """What a good check is remembered by."""
        text = f"{user['user']}\0{password}\0{user.get('pass_hash') or ''}"
        return hashlib.blake2b(text.encode("utf-8", "replace"), key=self._key).digest()

    def kept(self, settings: Row, password: str) -> Row:
        """The columns of a user with this password: ours hashed our way, a dialer's as it does it itself."""
        if self._is_own:
            return {"pass": "", "pass_hash": self._hasher.hash(password)}
        if settings.get("pass_hash_enabled") == "1":
            return {"pass": "", "pass_hash": dialers_hash(settings, password)}
        return {"pass": password}

    def _remember(self, mark: bytes) -> None:
        self._good[mark] = None
        if len(self._good) > KEPT:
            self._good.popitem(last=False)


def _form_of(user: Row, settings: Row) -> Form:
    if _is_ours(user):
        return Form.OURS
    return Form.DIALERS if settings.get("pass_hash_enabled") == "1" else Form.PLAIN


def _is_ours(user: Row) -> bool:
    return str(user.get("pass_hash") or "").startswith(OURS)


def _same(stored: str, password: str) -> bool:
    """Whether they are alike, in the same time wherever they differ. No password is none."""
    is_same = hmac.compare_digest(stored.encode("utf-8", "replace"), password.encode("utf-8", "replace"))
    return is_same and bool(stored)


def dialers_hash(settings: Row, password: str) -> str:
    """The dialer's own form: the end of a bcrypt hash with the one salt of the settings.

    Raises ValueError where the settings hold no salt of 16 bytes.
    """
    key = str(settings.get("pass_key") or "").encode()
    cost = int(settings.get("pass_cost") or 0)
    seen = password.encode()[:BCRYPT_SEES]
    if cost < LEAST_OF_LIBRARY:
        return weak_bcrypt(seen, key, cost)
    salt = f"$2a${cost:02d}${bcrypt_text(key)}"
    return bcrypt.hashpw(seen, salt.encode()).decode()[-KEPT_OF_BCRYPT:]
