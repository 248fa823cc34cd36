"""Locks by name: what two requests must not find out at the same time, on whichever connection or process.

Who looks whether something is there, to add it where it is not, takes the lock of its name first. A name
stands for all keys that any of the databases might hold for equal: too coarse a name costs a short wait,
too fine a one a duplicate.
"""

import unicodedata
from hashlib import blake2b

LOCK_SECONDS = 10
"""How long a work waits for another that holds its lock, or a row."""


def digits_of(key: str) -> str:
    """What is equal in all texts that any collation holds for equal: the digits, in whatever script."""
    values = (unicodedata.digit(character, None) for character in unicodedata.normalize("NFKC", key))
    return "".join(str(value) for value in values if value is not None)


def in_order(names: tuple[str, ...]) -> list[str]:
    """Each name once, in the one order that all works take them: so none waits for another in a circle."""
    return sorted(set(names))


def lock_number(prefix: str, name: str) -> int:
    """The name as a whole number of 64 bits with sign."""
    return int.from_bytes(blake2b(f"{prefix}{name}".encode(), digest_size=8).digest(), signed=True)


def lock_text(database: str, prefix: str, name: str) -> str:
    """The name as a text of 32 characters, which knows the database: some servers share one room of names."""
    return blake2b(f"{database}.{prefix}{name}".encode(), digest_size=16).hexdigest()
