"""Passwords as they are kept, and whether one is right."""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from trunkline.errors import Problem

SHORTEST, LONGEST = 10, 1_000
AT_ONCE = 2
"""Each at work takes 64 MB, so others wait for their turn."""

_turns = BoundedSemaphore(AT_ONCE)


def kept(password: str) -> str:
    """The password as it is kept: argon2id with the library's own strength."""
    with _turns:
        return _hasher().hash(password)


def is_right(hashed: str, password: str) -> bool:
    """Whether it is the one kept. It is the same work where none is kept, and then it never is."""
    try:
        with _turns:
            return _hasher().verify(hashed or _nobodys(), password[: LONGEST + 1]) and bool(hashed)
    except (VerificationError, InvalidHashError):
        return False


def is_weak(hashed: str) -> bool:
    """Whether it was kept with less strength than today."""
    return _hasher().check_needs_rehash(hashed)


def problem_of(password: str) -> Problem | None:
    if len(password) < SHORTEST:
        text = f"A password of {len(password)} characters is too short; {SHORTEST} are needed."
        return Problem("password", text)
    if len(password) > LONGEST:
        return Problem("password", f"A password may have {LONGEST} characters, and no more.")
    return None


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash("the password of nobody")
