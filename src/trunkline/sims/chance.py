"""Chance that can be repeated: every choice follows from the seed and the thing it is made for."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_NEARLY_EMPTY = 1 << 64
_SPREAD = 0x9E3779B97F4A7C15
_GATHER = pow(_SPREAD, -1, 1 << 64)
_MASK = (1 << 64) - 1


class Dice:
    """Numbers drawn from a hash of the key, so that no draw depends on what was drawn for other things."""

    __slots__ = ("_key", "_left")

    def __init__(self, *key: object) -> None:
        self._key = ":".join(map(str, key)).encode()
        self._left = int.from_bytes(blake2b(self._key).digest(), "big")

    def below(self, limit: int) -> int:
        if self._left < _NEARLY_EMPTY:
            self._key = blake2b(self._key).digest()
            self._left = int.from_bytes(blake2b(self._key).digest(), "big")
        self._left, drawn = divmod(self._left, limit)
        return drawn

    def between(self, low: int, high: int) -> int:
        return low + self.below(high - low + 1)

    def percent(self, share: int) -> bool:
        return self.below(100) < share

    def one_of(self, things: Sequence[T]) -> T:
        return things[self.below(len(things))]

    def some_of(self, things: Sequence[T], count: int) -> list[T]:
        """Up to `count` different things, in their own order."""
        drawn = {self.below(len(things)) for _ in range(count)} if things else set()
        return [things[i] for i in sorted(drawn)]


def hex_of(*key: object, digits: int = 32) -> str:
    """Hexadecimal digits that follow from the key."""
    return blake2b(":".join(map(str, key)).encode(), digest_size=digits // 2).hexdigest()


def id_of(prefix: str, seed: int, ref: int) -> str:
    """An id that hides a number and can be read back: no table of a million ids is needed."""
    return f"{prefix}{hex_of(seed, prefix, ref, digits=16)}{(ref + 1) * _SPREAD & _MASK:016x}"


def ref_of(prefix: str, seed: int, text: str) -> int | None:
    """The number hidden in an id, or None when the id was not made by this seed."""
    try:
        ref = (int(text[-16:], 16) * _GATHER & _MASK) - 1
    except ValueError:
        return None
    return ref if id_of(prefix, seed, ref) == text else None
