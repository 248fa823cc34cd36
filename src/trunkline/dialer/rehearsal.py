"""A call heard in every dialect: one answer is kept as any call's, the others are what it would have been.

What is only rehearsed is undone at its end, log and all, so a function that writes does so once.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import orjson

from trunkline.dialer import calllog
from trunkline.dialer.command import Command, Dialect
from trunkline.dialer.database import Work
from trunkline.dialer.json_answers import reply_content, secrets_given, status_of
from trunkline.dialer.reply import LONG_TEXT, ReaderGone, Reply
from trunkline.dialer.runner import Service


@dataclass(frozen=True)
class Asked:
    """A call of a function. `is_proven`: the user's password is not asked for."""

    command: Command
    params: Mapping[str, str]
    address: str
    is_proven: bool


@dataclass(frozen=True)
class Heard:
    """An answer as a dialect gives it, without the call's passwords. `status`: that of JSON."""

    dialect: Dialect
    text: str
    status: int | None
    is_kept: bool
    is_refused: bool
    is_cut: bool


async def heard_in_all(service: Service, asked: Asked, kept_in: Dialect) -> list[Heard]:
    """The answers in all dialects; where the user is refused, the one that was kept alone."""
    others = [dialect for dialect in Dialect if dialect is not kept_in]
    if asked.command.writes:  # before: afterwards what is new would be there already
        rehearsed = [await _rehearsed(service, asked, dialect) for dialect in others]
        kept = await _kept(service, asked, kept_in)
    else:
        kept = await _kept(service, asked, kept_in)
        refused = kept.is_refused
        rehearsed = [] if refused else [await _rehearsed(service, asked, dialect) for dialect in others]
    found = {one.dialect: one for one in ([kept] if kept.is_refused else [kept, *rehearsed])}
    return [found[dialect] for dialect in Dialect if dialect in found]


async def _kept(service: Service, asked: Asked, dialect: Dialect) -> Heard:
    reader = _Enough()
    reply = await service.answer(
        asked.params, dialect, asked.address, is_proven=asked.is_proven, reader=reader
    )
    return _heard(asked, dialect, reply, reader, is_kept=True)


async def _rehearsed(service: Service, asked: Asked, dialect: Dialect) -> Heard:
    """Nothing of it is kept; nobody is shown it before the kept call has let the user in."""
    reader, replies = _Enough(), list[Reply]()

    async def undo(_: Work, reply: Reply) -> None:
        replies.append(reply)
        raise _Undone

    with suppress(_Undone):
        await service.answer(asked.params, dialect, asked.address, is_proven=True, reader=reader, finish=undo)
    return _heard(asked, dialect, replies[0], reader, is_kept=False)


class _Undone(Exception):
    """The end of a rehearsal."""


class _Enough:
    """A reader that has enough of a long answer with its first part."""

    def __init__(self) -> None:
        self.had_enough = False

    async def take(self, reply: Reply) -> None:
        self.had_enough = True
        raise ReaderGone


def _heard(asked: Asked, dialect: Dialect, reply: Reply, reader: _Enough, *, is_kept: bool) -> Heard:
    is_json = dialect is Dialect.JSON
    text = _json_text(asked, reply) if is_json else _masked(reply.text, asked.params)
    is_cut = reader.had_enough or len(text) > LONG_TEXT
    status = status_of(reply) if is_json else None
    return Heard(dialect, text[:LONG_TEXT], status, is_kept, bool(reply.refusal), is_cut)


def _json_text(asked: Asked, reply: Reply) -> str:
    content = reply_content(asked.command.name, asked.params, reply)
    return orjson.dumps(content, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode()


def _masked(text: str, params: Mapping[str, str]) -> str:
    hidden = sorted(secrets_given(params))
    return "\n".join(calllog.masked_data(line, hidden) for line in text.split("\n")) if hidden else text
