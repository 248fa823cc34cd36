"""Tags of single things: the same tag, the same thing. So nobody overwrites what they have not seen."""

import hashlib
from typing import Any

import orjson

from trunkline.rest.problems import Refusal


def tag_of(content: Any) -> str:
    """The tag of a thing as it is shown, whatever the order of its fields."""
    body = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def is_known(given: str, tag: str) -> bool:
    """Whether If-None-Match names the tag."""
    return given.strip() == "*" or tag in _tags(given)


def check_match(given: str, tag: str) -> None:
    """Raises Refusal 412 where If-Match names other tags. A weak tag never matches."""
    if given.strip() == "*" or tag in _tags(given, weak=False):
        return
    raise Refusal(
        412,
        "changed_meanwhile",
        "If-Match names another state than the present one.",
        todo="Read it again, see what has changed, and send the change with its new ETag.",
    )


def _tags(given: str, *, weak: bool = True) -> list[str]:
    parts = [part.strip() for part in given.split(",")]
    return [part.removeprefix("W/") if weak else part for part in parts]
