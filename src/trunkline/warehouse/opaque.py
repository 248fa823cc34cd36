"""Values whose type Arrow lacks, as text: intervals of months, days and time, and PostgreSQL's own types."""

import ipaddress
from collections.abc import Callable, Mapping
from datetime import datetime as moment
from datetime import timedelta, timezone
from typing import Any

_SECOND = 1_000_000_000
_EPOCH = moment(1970, 1, 1)
_INET_HEAD = 4


def duration_text(value: Any) -> str:
    """An interval (months, days, nanoseconds) as an ISO 8601 duration; each part has its own sign."""
    years, months = _divided(value.months, 12)
    minutes, nanoseconds = _divided(value.nanoseconds, 60 * _SECOND)
    hours, minutes = _divided(minutes, 60)
    date = _part(years, "Y") + _part(months, "M") + _part(value.days, "D")
    time = _part(hours, "H") + _part(minutes, "M") + _seconds(nanoseconds)
    if not date and not time:
        return "PT0S"
    return f"P{date}{'T' + time if time else ''}"


def _divided(number: int, by: int) -> tuple[int, int]:
    """Both with the sign of the number: -14 months are -1 year and -2 months."""
    sign = -1 if number < 0 else 1
    whole, rest = divmod(abs(number), by)
    return sign * whole, sign * rest


def _part(number: int, letter: str) -> str:
    return f"{number}{letter}" if number else ""


def _seconds(nanoseconds: int) -> str:
    if not nanoseconds:
        return ""
    whole, rest = divmod(abs(nanoseconds), _SECOND)
    fraction = f".{rest:09}".rstrip("0") if rest else ""
    return f"{'-' if nanoseconds < 0 else ''}{whole}{fraction}S"


def opaque_text(vendor: str, name: str, value: Any) -> str:
    """The value as its database writes it; of a type unknown here, its bytes as hexadecimal digits."""
    if isinstance(value, str):
        return value
    made = _KNOWN.get((vendor, name), bytes.hex)
    return made(value)


def _time_with_offset(value: bytes) -> str:
    """Microseconds of the day, then seconds west of Greenwich."""
    micros = int.from_bytes(value[:8], "big", signed=True)
    west = int.from_bytes(value[8:], "big", signed=True)
    zone = timezone(timedelta(seconds=-west))
    return (_EPOCH + timedelta(microseconds=micros)).replace(tzinfo=zone).timetz().isoformat()


def _bits(value: bytes) -> str:
    """The number of bits, then the bits from the left."""
    count = int.from_bytes(value[:4], "big")
    return f"{int.from_bytes(value[4:], 'big'):0{8 * len(value[4:])}b}"[:count] if count else ""


def _network_address(value: bytes) -> str:
    """Family, length of the network's part, whether it is a network, length, address."""
    address = ipaddress.ip_address(value[_INET_HEAD:])
    whole = value[1] == address.max_prefixlen and not value[2]
    return str(address) if whole else f"{address}/{value[1]}"


_KNOWN: Mapping[tuple[str, str], Callable[[bytes], str]] = {
    ("PostgreSQL", "timetz"): _time_with_offset,
    ("PostgreSQL", "bit"): _bits,
    ("PostgreSQL", "varbit"): _bits,
    ("PostgreSQL", "inet"): _network_address,
    ("PostgreSQL", "cidr"): _network_address,
}
