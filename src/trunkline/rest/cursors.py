"""Pages of lists: each names the next by the last thing it shows, so that what is added shifts nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Query

from trunkline.rest.problems import Refusal, wrong

USUAL, MOST = 50, 200
LONGEST_CURSOR = 4_000
Found = TypeVar("Found")


@dataclass(frozen=True)
class Paging:
    """`after`: what the page follows; None: the first page."""

    after: Any
    limit: int

    @property
    def number(self) -> int:
        """The cursor of a list by numbers; 0 on its first page."""
        return self.number_or(0)

    def number_or(self, usual: int) -> int:
        if self.after is None:
            return usual
        if type(self.after) is not int or not 0 <= self.after < 2**63:
            raise not_ours()
        return self.after

    @property
    def text(self) -> str:
        """The cursor of a list by names; empty on its first page."""
        if self.after is None:
            return ""
        if not isinstance(self.after, str):
            raise not_ours()
        return self.after


async def _paging_of(
    cursor: Annotated[
        str | None, Query(max_length=LONGEST_CURSOR, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = USUAL,
) -> Paging:
    return Paging(None if cursor is None else decoded(cursor), limit)


Pages = Annotated[Paging, Depends(_paging_of)]


def encoded(after: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(after)).decode().rstrip("=")


def decoded(cursor: str) -> Any:
    try:
        after = orjson.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except ValueError:
        raise not_ours() from None
    if after is None:
        raise not_ours()
    return after


def not_ours() -> Refusal:
    """For a cursor that no page of this list has named."""
    return wrong("cursor", "cursor: it is none that a page of this list has named.")


def cut(
    rows: Sequence[Found], paging: Paging, after: Callable[[Found], Any]
) -> tuple[list[Found], str | None]:
    """The page of rows, of which one more was asked for than it shows, and the cursor of the next one."""
    shown = list(rows[: paging.limit])
    return shown, encoded(after(shown[-1])) if len(rows) > paging.limit else None


def by_name(
    things: Sequence[Found], paging: Paging, name: Callable[[Found], str]
) -> tuple[list[Found], str | None]:
    """A page of things of which there are few, so that all of them are at hand."""
    after = paging.text
    rest = sorted((one for one in things if name(one) > after), key=name)
    return cut(rest, paging, name)
