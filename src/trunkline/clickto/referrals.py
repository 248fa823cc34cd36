"""What a page's referrer tells: the domain a visitor came from, and the words that were searched for."""

from urllib.parse import parse_qsl, urlsplit

from trunkline.clickto.texts import one_line

LONGEST = 500
_SEARCHED = ("q", "p", "query", "text", "wd", "search_query", "keyword")
"""Parameters in which search engines name what was searched for."""


def referral_of(referrer: str) -> tuple[str, str]:
    """Keywords and domain; empty where the referrer tells none."""
    try:
        parts = urlsplit(referrer.strip()[:10_000])
        domain = (parts.hostname or "") if parts.scheme in ("http", "https") else ""
        found = dict(parse_qsl(parts.query, max_num_fields=200)) if domain else {}
    except ValueError:
        return "", ""
    words = next((found[name] for name in _SEARCHED if found.get(name)), "")
    return one_line(words)[:LONGEST], one_line(domain)[:LONGEST]
