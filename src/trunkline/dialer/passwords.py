"""Passwords in the forms the dialer's users table has them: plain, or one salt's bcrypt; ours is argon2id."""

import asyncio
import hashlib
import hmac
import secrets
from collections import OrderedDict
from typing import Any

from trunkline.dialer.database import Row

KEPT = 1_000
"""So many checked passwords are remembered, keyed so that a changed one counts at once."""


class Passwords:
    """Checks passwords, and remembers good ones so that a call costs no hash."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._good: OrderedDict[bytes, None] = OrderedDict()

    async def match(self, user: Row, settings: Row, password: str) -> bool:
        stored = str(user.get("pass_hash") or "") if _is_hashed(user, settings) else ""
        if not stored:
            plain = str(user.get("pass") or "")
            return bool(plain) and hmac.compare_digest(plain.encode(), password.encode())
        mark = hmac.digest(self._key, f"{user['user']}\0{password}\0{stored}".encode(), hashlib.sha256)
        if mark in self._good:
            self._good.move_to_end(mark)
            return True
        if not await asyncio.to_thread(_matches, stored, settings, password):
            return False
        self._good[mark] = None
        if len(self._good) > KEPT:
            self._good.popitem(last=False)
        return True

    async def better(self, user: Row, settings: Row, password: str) -> dict[str, Any]:
        """Columns to write so that the password is kept better than now; none on a dialer's own database."""
        return {}


def _is_hashed(user: Row, settings: Row) -> bool:
    return settings.get("pass_hash_enabled") == "1" or str(user.get("pass_hash") or "").startswith("$argon2")


def _matches(stored: str, settings: Row, password: str) -> bool:
    """Whether the password has this hash. The dialer's own form is the end of a bcrypt hash with one salt."""
    raise NotImplementedError("hashed passwords come with the users' functions")
