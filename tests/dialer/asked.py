"""A request that makes the API say a line, and the rows that are otherwise than at the start for it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.dialer.lead_calls import LOGIN
from tests.dialer.replay import ZONE
from trunkline.clock import FrozenWallClock
from trunkline.dialer.command import Dialect
from trunkline.dialer.database import Work
from trunkline.dialer.runner import Reply, Service

CUSTOM = "custom_"
_NAME = re.compile("<([^>]+)>")


@dataclass(frozen=True)
class Insert:
    table: str
    values: Mapping[str, Any]

    async def make(self, work: Work) -> None:
        if self.table.startswith(CUSTOM):
            await work.custom(int(self.table.removeprefix(CUSTOM)))
        await work.insert(self.table, **self.values)


@dataclass(frozen=True)
class Update:
    table: str
    where: Mapping[str, Any]
    values: Mapping[str, Any]

    async def make(self, work: Work) -> None:
        await work.update(self.table, self.where, **self.values)


@dataclass(frozen=True)
class Delete:
    table: str
    where: Mapping[str, Any]

    async def make(self, work: Work) -> None:
        await work.delete(self.table, **self.where)


Change = Insert | Update | Delete


def there(table: str, **values: Any) -> Insert:
    """A row more."""
    return Insert(table, values)


def now(table: str, where: Mapping[str, Any], **values: Any) -> Update:
    """Rows that are otherwise."""
    return Update(table, where, values)


def gone(table: str, **where: Any) -> Delete:
    """Rows that are not there; without `where` all of the table."""
    return Delete(table, where)


@dataclass(frozen=True)
class Asked:
    """`params` and the state that make a line; `other` stands in for data of it, by position.

    `other` is for sample values that no answer can hold: a search of good values that is said to be
    wrong, a version that is not ours.
    """

    params: Mapping[str, str] = field(default_factory=dict)
    state: tuple[Change, ...] = ()
    other: Mapping[int, str] = field(default_factory=dict)
    at: str = ""
    """The dialer's local time; empty: that of the start state."""
    web_root: Path | None = None
    """The web server's directory; None: that of the start state."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Data that stand as `<names>` in the line and are no parameters."""
    function: str = ""
    """The function that is asked for, where it is not the one that the line stands under."""


Table = Mapping[str, Mapping[str, Asked]]
"""By function and line."""


async def answer_to(service: Service, function: str, asked: Asked) -> str:
    """The answer in the documented dialect, without the end of its last line."""
    reply = await reply_to(service, function, asked, Dialect.DOCUMENTED)
    return reply.text.removesuffix("\n")


async def reply_to(service: Service, function: str, asked: Asked, dialect: Dialect) -> Reply:
    async with service.database.work() as work:
        for change in asked.state:
            await change.make(work)
    if asked.at:
        service._clock = FrozenWallClock(datetime.fromisoformat(asked.at).replace(tzinfo=ZONE))
    if asked.web_root:
        service._web_root = asked.web_root
    params = {**LOGIN, "function": asked.function or function, **asked.params}
    return await service.answer(params, dialect, "127.0.0.1", is_proven=dialect is Dialect.JSON)


def without(flag: str, user: str = "6666") -> Update:
    """A user without one of its rights."""
    return now("users", {"user": user}, **{flag: "0"})


def denied(flag: str, **params: str) -> Asked:
    """What a function says to a user without the right it asks for."""
    return Asked(params, (without(flag),))


def parts_of(line: str) -> tuple[str, str, list[str], Callable[[list[str]], str]]:
    """Kind, text and data of a line, and what puts other data in its place.

    A row of an export has no kind; its values are its data.
    """
    kind, _, rest = line.partition(": ")
    if kind not in ("ERROR", "NOTICE", "SUCCESS"):
        mark = "," if line.count(",") > line.count("|") else "|"
        return "", "", line.split(mark), mark.join
    mark = next((mark for mark in (" - ", ": |") if mark in rest), "")
    if not mark:
        return kind, rest, [], lambda _: line
    text, _, data = rest.partition(mark)
    return kind, text, data.split("|"), lambda new: f"{kind}: {text}{mark}{'|'.join(new)}"


def wanted(line: str, other: Mapping[int, str]) -> str:
    """The line with the data that stands in for the page's."""
    _, _, data, put = parts_of(line)
    return put([other.get(at, value) for at, value in enumerate(data)])


def filled(line: str, asked: Asked) -> str:
    """A line with its `<names>` filled: what is told, else the parameter of that name."""
    known = {"user": LOGIN["user"], **asked.params, **asked.told}
    return _NAME.sub(lambda found: known.get(found[1].replace(" ", "_"), ""), line)
