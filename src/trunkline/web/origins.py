"""What browsers are told of pages of other origins: which of them may ask, and read the answers (CORS)."""

from collections.abc import Mapping

from trunkline.asking import Scope, header

ALLOWED_HEADERS = "authorization, content-type"
SECONDS_KEPT = "600"


def origin_asked(scope: Scope) -> str:
    """The header Origin; empty where none came, as from programs."""
    return header(scope, b"origin")


def allowing(origin: str, methods: str = "") -> dict[str, str]:
    """Headers that let a page read an answer; `methods`: those of an answer to what it asks beforehand."""
    if not origin:
        return {"Vary": "Origin"}
    found = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
    if not methods:
        return found | {"Access-Control-Expose-Headers": "retry-after"}
    return found | {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Max-Age": SECONDS_KEPT,
    }


def as_bytes(headers: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    """Headers as the server takes them."""
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
