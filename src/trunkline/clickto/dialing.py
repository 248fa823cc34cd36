"""How a block dials, and whose web pages may ask it to: checked when it is saved.

A number goes into a channel's address by a pattern such as PJSIP/{number}@trunk. Nothing but digits and one
leading + ever takes the place of {number}, so no value of a request can bring in an option or a channel.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from trunkline.clickto.texts import shown

NUMBER, DIGITS = "{number}", "{digits}"
ANY_ORIGIN = "*"
MOST_ORIGINS = 50
LONGEST_CHANNEL = 150
PATTERN_FORM = "a channel with {number} or {digits} in it, such as PJSIP/{number}@trunk"
_PATTERN = re.compile(
    r"[A-Za-z][A-Za-z0-9]{0,19}/[A-Za-z0-9_.:+@/*#-]*(?:\{number\}|\{digits\})[A-Za-z0-9_.:@/-]*"
)
_DIALLED = re.compile(r"\+?[0-9]{3,20}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\]")
_USUAL_PORTS = {"http": 80, "https": 443}


def address(pattern: str, number: str) -> str:
    """The channel's address of a number. Raises ValueError for a number that is not digits alone."""
    if not _DIALLED.fullmatch(number):
        raise ValueError(f"{shown(number)} is no number to dial")
    return pattern.replace(NUMBER, number).replace(DIGITS, number.removeprefix("+"))


def checked_pattern(given: Any) -> str:
    """A pattern as it is kept; empty: none. Raises ValueError."""
    text = _text(given)
    if text and (len(text) > LONGEST_CHANNEL or not _PATTERN.fullmatch(text)):
        raise ValueError(f"{shown(text)} is not {PATTERN_FORM}")
    return text


def checked_server(given: Any) -> str:
    """The address by which a server's manager is known; empty: none. Raises ValueError."""
    text = _text(given)
    try:
        if text:
            ip_address(text)
    except ValueError:
        raise ValueError(f"{shown(text)} is no address; `trunkline dialer manager list` has those") from None
    return text


def checked_caller_id(given: Any) -> str:
    """A number to show; empty: the channel's own. Raises ValueError."""
    text = _text(given)
    if text and not _DIALLED.fullmatch(text):
        raise ValueError(f"{shown(text)} is no number: write 3 to 20 digits, with or without + before them")
    return text


def checked_countries(given: Any) -> str:
    """Countries by their two letters, joined by commas; empty: those of the setting. Raises ValueError."""
    from phonenumbers import SUPPORTED_REGIONS

    found = [one.upper() for one in _words(given)]
    wrong = next((one for one in found if not _COUNTRY.fullmatch(one) or one not in SUPPORTED_REGIONS), None)
    if wrong is not None:
        raise ValueError(f"{shown(wrong)} is no country of two letters such as US or DE")
    return ",".join(dict.fromkeys(found))


def checked_origins(given: Any) -> list[str]:
    """Origins as browsers write them: scheme, host and port, in small letters. Raises ValueError."""
    found = [_origin(one) for one in _words(given)]
    if len(found) > MOST_ORIGINS:
        raise ValueError(f"there are {len(found)}, at most {MOST_ORIGINS} are kept")
    return list(dict.fromkeys(found))


def origin_of(url: str) -> str:
    """The origin of a page's address; empty where it is none of the web."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    shown_host = f"[{host}]" if ":" in host else host
    if parts.scheme not in _USUAL_PORTS or not _HOST.fullmatch(shown_host) or "@" in parts.netloc:
        return ""
    suffix = f":{port}" if port is not None and port != _USUAL_PORTS[parts.scheme] else ""
    return f"{parts.scheme}://{shown_host}{suffix}"


def is_allowed(origin: str, origins: Sequence[str]) -> bool:
    """Whether a page of this origin may ask; an origin is taken exactly as a browser writes it."""
    return ANY_ORIGIN in origins or (bool(origin) and origin in origins)


def _origin(text: str) -> str:
    if text == ANY_ORIGIN:
        return text
    found = origin_of(text.lower())
    if not found or text.lower().rstrip("/") not in (found, _with_port(found)):
        raise ValueError(f"{shown(text)} is no origin such as https://www.example.com, or * for any")
    return found


def _with_port(origin: str) -> str:
    return f"{origin}:{_USUAL_PORTS[origin.partition(':')[0]]}"


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError("it is no text")
    return given.strip()


def _words(given: Any) -> list[str]:
    listed = given.split(",") if isinstance(given, str) else given
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
        raise ValueError("they are no list of texts")
    return [one.strip() for one in listed if one.strip()]
