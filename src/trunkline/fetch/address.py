"""Addresses a key may be sent to: https anywhere, plain http on this machine only unless allowed."""

import ipaddress
from urllib.parse import urlsplit

from trunkline.errors import Problem, SettingsError

EXAMPLE = "https://api.example.com"


def checked_address(url: str, *, allow_plain_http: bool = False, field: str = "base_url") -> str:
    """The address without its last slash. Raises SettingsError naming what is wrong with it."""
    try:
        parts = urlsplit(url.strip())
        host, _port = parts.hostname, parts.port
    except ValueError:
        shown = repr(url) if "@" not in url else "it"
        raise _refused(field, f"{shown} is no web address", f"Write it like {EXAMPLE}.") from None
    if any(mark in url for mark in "@?#"):
        raise _refused(
            field, "it must hold no user, password, query or fragment", f"Write it like {EXAMPLE}."
        )
    if parts.scheme not in ("http", "https") or not host or len(url.split()) != 1:
        raise _refused(field, f"{url!r} is no web address", f"Write it like {EXAMPLE}.")
    if parts.scheme == "http" and not is_loopback(host) and not allow_plain_http:
        raise _refused(
            field,
            f"{url!r} is plain http, which would send the key readable over the network",
            "Use https, or set --allow-plain-http yes if that network is yours.",
        )
    return url.strip().rstrip("/")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_unprotected(url: str) -> bool:
    """Whether a key sent there could be read on its way."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def _refused(field: str, what: str, todo: str) -> SettingsError:
    flag = "--" + field.replace("_", "-")
    return SettingsError(problems=[Problem(field, f"Base URL ({flag}): {what}.")], todo=todo)
