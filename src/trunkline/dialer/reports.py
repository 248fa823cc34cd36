"""What the functions share that show rows: permission, parameters, names with bars, days, streams."""

import re
from collections.abc import AsyncIterator, Sequence
from functools import partial

from trunkline.dialer.command import Call, Logged, Param, Result
from trunkline.dialer.database import Row
from trunkline.dialer.kinds import ZERO_TIME
from trunkline.dialer.render import separator_name

LEVEL = 7
FLAGS = ("vdc_agent_api_access", "view_reports")
NAMES_MOST = 9_999
_TIME = re.compile(r"[0-9][0-9: -]*\Z")

STAGE = Param("stage", "How values are separated; pipe where it is left out.", choices=("csv", "tab", "pipe"))
HEADER = Param("header", "YES begins with a line of names.", choices=("YES", "NO"))

Lists = AsyncIterator[Sequence[Row]]


async def begun(lists: Lists) -> Lists | None:
    """The stream after a look at its first list: the same rows, or None where there is none."""
    async for first in lists:
        if first:
            return _whole(first, lists)
    return None


async def _whole(first: Sequence[Row], rest: Lists) -> Lists:
    yield first
    async for rows in rest:
        yield rows


def time_asked(text: str) -> str:
    """A time as the request gives it; what is none at all stands for the zero time, at which nothing was."""
    return text if _TIME.match(text) else ZERO_TIME


def day_bounds(day: str) -> tuple[str, str]:
    """The first and the last second of a day, as the dialer's tables keep times."""
    return time_asked(f"{day} 00:00:00"), time_asked(f"{day} 23:59:59")


def names_of(text: str) -> tuple[str, ...]:
    """The names in a text such as `ADMIN|AGENTS`."""
    return tuple(name for name in text.split("|") if name)


def success(call: Call, reason: str, *data: str) -> Logged:
    """The log row of an answer: its data between the user and the word for the separator."""
    return Logged(
        Result.SUCCESS, f"{call.function} {reason}", "|".join((call.arg("user"), *data, separator_name(call)))
    )


def text_logged(call: Call, *data: str) -> "partial[Logged]":
    """The log row that keeps the text of an answer whole."""
    return partial(_text_logged, call, data)


def _text_logged(call: Call, data: tuple[str, ...], text: str) -> Logged:
    return success(call, text, *data)
