"""What the report keeps of a visit: the visitor's address, and the page without what is personal in it."""

import re
from ipaddress import IPv6Address, ip_address

from trunkline.clickto.texts import shown

_USER_INFO = re.compile(r"\A(https?:[/\\]*|(?:[a-z][a-z0-9+.-]*:)?[/\\]{2})[^/\\]*@", re.IGNORECASE)
"""Browsers take other slashes, and other numbers of them, for the two before a host."""


def visitor_address(text: str) -> str:
    """An address that a program gives, as it is kept; empty: none. Raises ValueError."""
    given = text.strip()
    if not given:
        return ""
    try:
        if "%" in given:  # an interface of the program's own machine
            raise ValueError
        found = ip_address(given)
    except ValueError:
        raise ValueError(f"{shown(given)} is no address: write one such as 192.0.2.7") from None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


def page_of(text: str) -> str:
    """A page's address without user name and password, and without all that comes after `?` or `#`."""
    return _USER_INFO.sub(r"\1", re.split(r"[?#]", text.strip(), maxsplit=1)[0])
