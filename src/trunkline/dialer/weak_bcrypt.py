"""bcrypt below the least cost that the library makes: a dialer's settings begin with cost 2.

It is here to read such hashes; nothing new is hashed so weakly on our own tables.
"""

import base64
import struct
from collections.abc import Iterator, Sequence
from functools import cache

LEAST_OF_LIBRARY = 4
ROUNDS, BOXES, BOX = 16, 4, 256
SALT_BYTES = 16
_MASK = 0xFFFFFFFF
_MAGIC = b"OrpheanBeholderScryDoubt"
_KEPT_BYTES = 23

_USUAL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_OF_BCRYPT = str.maketrans(_USUAL, "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")


def weak_bcrypt(password: bytes, salt: bytes, cost: int) -> str:
    """The 31 characters of the hash. Raises ValueError for a salt of another length."""
    if len(salt) != SALT_BYTES:
        raise ValueError("the salt has 16 bytes")
    cipher = _Blowfish()
    key, seed = _words(password + b"\0"), _words(salt)
    cipher.expand(key, seed)
    for _ in range(2**cost):
        cipher.expand(key, ())
        cipher.expand(seed, ())
    words = list(struct.unpack(">6I", _MAGIC))
    for at in range(0, len(words), 2):
        left, right = words[at], words[at + 1]
        for _ in range(64):
            left, right = cipher.encrypt(left, right)
        words[at], words[at + 1] = left, right
    return bcrypt_text(struct.pack(">6I", *words)[:_KEPT_BYTES])


def bcrypt_text(data: bytes) -> str:
    """Bytes in bcrypt's own base64."""
    return base64.b64encode(data).decode().rstrip("=").translate(_OF_BCRYPT)


class _Blowfish:
    """The cipher with the key schedule of bcrypt."""

    def __init__(self) -> None:
        digits = pi_words(ROUNDS + 2 + BOXES * BOX)
        self._p = list(digits[: ROUNDS + 2])
        self._s = [list(digits[ROUNDS + 2 + n * BOX :][:BOX]) for n in range(BOXES)]

    def expand(self, key: Sequence[int], salt: Sequence[int]) -> None:
        """Mix the key in, then fill the tables anew with the cipher's own output, over the salt."""
        self._p = [word ^ key[n % len(key)] for n, word in enumerate(self._p)]
        salts = _repeated(salt)
        left = right = 0
        for table in (self._p, *self._s):
            for at in range(0, len(table), 2):
                left, right = self.encrypt(left ^ next(salts), right ^ next(salts))
                table[at], table[at + 1] = left, right

    def encrypt(self, left: int, right: int) -> tuple[int, int]:
        p, (s0, s1, s2, s3) = self._p, self._s
        for n in range(0, ROUNDS, 2):
            left ^= p[n]
            mixed = (s0[left >> 24] + s1[left >> 16 & 255]) ^ s2[left >> 8 & 255]
            right ^= mixed + s3[left & 255] & _MASK
            right ^= p[n + 1]
            mixed = (s0[right >> 24] + s1[right >> 16 & 255]) ^ s2[right >> 8 & 255]
            left ^= mixed + s3[right & 255] & _MASK
        return right ^ p[ROUNDS + 1], left ^ p[ROUNDS]


def _repeated(words: Sequence[int]) -> Iterator[int]:
    while True:
        yield from words or (0,)


def _words(data: bytes) -> tuple[int, ...]:
    """The key's 18 words: its bytes over and over. A salt of 16 bytes comes out in its own four, repeated."""
    many = (data * (4 * (ROUNDS + 2) // len(data) + 1))[: 4 * (ROUNDS + 2)]
    size = SALT_BYTES // 4 if len(data) == SALT_BYTES else ROUNDS + 2
    return struct.unpack(f">{size}I", many[: 4 * size])


@cache
def pi_words(count: int) -> tuple[int, ...]:
    """The first binary places of pi after the point, 32 at a time: Blowfish begins with these."""
    bits = 32 * count + 64
    pi = 16 * _arctan(5, bits) - 4 * _arctan(239, bits)
    places = (pi - (3 << bits)) >> 64
    return tuple(places >> 32 * (count - 1 - n) & _MASK for n in range(count))


def _arctan(inverse: int, bits: int) -> int:
    """arctan(1/inverse), `bits` binary places."""
    power = total = (1 << bits) // inverse
    n = 1
    while power:
        power //= -(inverse * inverse)
        n += 2
        total += power // n
    return total
