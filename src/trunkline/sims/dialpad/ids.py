"""Ids of the pretend Dialpad: 64-bit numbers beyond 2^53, which a float would not keep."""

from trunkline.sims.chance import hex_of

_CALLS_FROM = 1 << 62
_MASK = (1 << 61) - 1
_SPREAD = 0x9E3779B97F4A7C15 & _MASK
_GATHER = pow(_SPREAD, -1, 1 << 61)


def id_of(seed: int, kind: str, number: int) -> int:
    """The id of a user, an office or another thing of a directory: 17 digits, odd."""
    return (1 << 56) | int(hex_of(seed, kind, number, digits=14), 16) | 1


class CallIds:
    """Call ids hide the number of the call and can be read back: no table of a million ids is needed."""

    def __init__(self, seed: int) -> None:
        self._salt = int(hex_of(seed, "calls", digits=14), 16)

    def of(self, ref: int) -> int:
        return _CALLS_FROM + (((ref + 1) * _SPREAD & _MASK) ^ self._salt)

    def ref(self, call_id: int) -> int:
        """The number behind an id; whether there is such a call, the caller must look up."""
        return (((call_id - _CALLS_FROM) ^ self._salt) * _GATHER & _MASK) - 1
