"""One request from its parameters to its answer: filters, login, permission, the function, the log."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ClauseElement, select

from trunkline.clock import Clock
from trunkline.dialer import calllog, render
from trunkline.dialer.command import (
    WEB_ROOT,
    Call,
    Command,
    Dialect,
    Logged,
    Passed,
    Plain,
    Said,
    Table,
    error,
)
from trunkline.dialer.commands import COMMANDS
from trunkline.dialer.database import Database, Row
from trunkline.dialer.filters import filtered
from trunkline.dialer.login import Refusal, admit, sign_in
from trunkline.dialer.passwords import Passwords
from trunkline.dialer.sight import allowed_lists, missing_group
from trunkline.dialer.tables import Tables

SHORTEST_SOURCE = 2

NOT_ALLOWED = error(
    "function_not_allowed",
    "auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION",
    " - {u}|{function}",
    ": |{u}|{function}|",
    log="",
    status=403,
    named=False,
)
CHOOSER_NOT_ALLOWED = replace(NOT_ALLOWED, log="1")
"""The same line for choosers; their log counts the user."""
INVALID_SOURCE = error("invalid_source", "Invalid Source", " - {source}", log="", status=400, named=False)
SWITCHED_OFF = error(
    "function_switched_off",
    "FUNCTION IS SWITCHED OFF, THE DATABASE LACKS ITS TABLES",
    " - {u}|{function}",
    ": |{u}|{function}|",
    status=501,
)
NO_FUNCTION = error("no_function", "NO FUNCTION SPECIFIED", "", log="", status=404, named=False)


def system_settings(t: Tables) -> ClauseElement:
    return select(*t["system_settings"].c).limit(1)


@dataclass
class Reply:
    """What goes back: the text in pieces, whether it is a page, and for JSON what was said."""

    pieces: list[str] = field(default_factory=list)
    is_html: bool = False
    said: list[Said] = field(default_factory=list)
    refusal: str = ""
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def refuse(self, refusal: Refusal) -> None:
        self.refusal = refusal.text
        self.pieces.append(f"ERROR: {refusal.text}\n")


class Service:
    """Answers requests of the Dialer360 API over one database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        zone: ZoneInfo,
        passwords: Passwords | None = None,
        web_root: Path = WEB_ROOT,
    ) -> None:
        self.database = database
        self.off: frozenset[str] = frozenset()
        """Functions that a running dialer has no tables for."""
        self.passwords = passwords or Passwords(is_own=database.is_own)
        self._clock = clock
        self._zone = zone
        self._web_root = web_root

    async def answer(
        self,
        params: Mapping[str, str],
        dialect: Dialect,
        address: str,
        url: str = "",
        *,
        is_proven: bool = False,
    ) -> Reply:
        """The whole answer, everything it wrote being kept by then.

        `is_proven`: a token has proven the user, no password is asked for.
        """
        started = time.perf_counter()
        reply = Reply()
        async with self.database.work() as work:
            settings = await work.one(system_settings) or {}
            kept = filtered(params, use_non_latin=settings.get("use_non_latin") == "1")
            now = self._clock.now()
            call = Call(
                work,
                dialect,
                kept.get("function", ""),
                kept,
                settings,
                {},
                now.astimezone(self._zone).replace(tzinfo=None, microsecond=0),
                int(now.timestamp()),
                self._zone,
                address,
                passwords=self.passwords,
                web_root=self._web_root,
            )
            await self._answer(call, reply, is_proven)
            await calllog.keep(call, url, time.perf_counter() - started)
        return reply

    async def _answer(self, call: Call, reply: Reply, is_proven: bool) -> None:
        command = COMMANDS.get(call.function)
        if command is not None and command.name == "version":
            await self._run(command, call, reply)
            return
        user = await self._signed_in(call, is_proven)
        if isinstance(user, Refusal):
            reply.refuse(user)
            return
        call.user = user
        if missing := await missing_group(call):
            reply.refuse(missing)
            return
        if command is None:
            self._say(call, reply, NO_FUNCTION())
            return
        if command.name in self.off:
            self._say(call, reply, SWITCHED_OFF())
            return
        if self._may_go_on(command, call, reply):
            call.allowed_lists = await allowed_lists(call)
            await self._run(command, call, reply)

    async def _signed_in(self, call: Call, is_proven: bool) -> Row | Refusal:
        name, settings = call.arg("user"), call.settings
        if is_proven:
            return await admit(call.work, settings, name, call.now, call.address)
        return await sign_in(
            call.work, self.passwords, settings, name, call.arg("pass"), call.now, call.address
        )

    def _may_go_on(self, command: Command, call: Call, reply: Reply) -> bool:
        """Whether the user has the rights of the function; what is missing is said."""
        refused = self._refused(command, call)
        for said in refused or ():
            self._say(call, reply, said)
        return refused is None

    def _refused(self, command: Command, call: Call) -> list[Said] | None:
        """Source, allowed functions, level and flags, in the order of the function's kind."""
        allowed = _is_allowed(call.user, command.name)
        permitted = int(call.user["user_level"] or 0) >= command.level and all(
            call.user.get(flag) == "1"
            or (flag == "vdc_agent_api_access" and self._skips_api_flag(command, call))
            for flag in command.flags
        )
        denied = [Said(command.permission_line, {})]
        if command.is_chooser:
            return denied if not permitted else None if allowed else [CHOOSER_NOT_ALLOWED()]
        if len(call.arg("source")) < SHORTEST_SOURCE:
            return [INVALID_SOURCE()]
        if not allowed:
            return [NOT_ALLOWED()]
        return None if permitted else denied

    def _skips_api_flag(self, command: Command, call: Call) -> bool:
        return call.arg("source") == "queuemetrics" and command.name in (
            "blind_monitor",
            "agent_ingroup_info",
        )

    async def _run(self, command: Command, call: Call, reply: Reply) -> None:
        async for answer in command.handler(call):
            if isinstance(answer, Said):
                self._say(call, reply, answer)
            elif isinstance(answer, Table):
                await self._show(call, reply, answer)
            elif isinstance(answer, Passed):
                await self._pass_on(answer, call, reply)
            else:
                self._print(call, reply, answer)

    async def _pass_on(self, passed: Passed, call: Call, reply: Reply) -> None:
        call.notes[:] = [replace(note, function=note.function or call.function) for note in call.notes]
        call.function = passed.function
        command = COMMANDS[passed.function]
        if self._may_go_on(command, call, reply):
            await self._run(command, call, reply)

    def _say(self, call: Call, reply: Reply, said: Said) -> None:
        reply.said.append(said)
        reply.pieces.append(render.said_text(call, said))
        if said.line is INVALID_SOURCE:
            reply.pieces.append(f"ERROR: Invalid Source: |{call.arg('source')}|\n")
        reason, data = render.reason_logged(call, said), render.data_logged(call, said)
        calllog.note(call, Logged(said.line.result, reason, data))

    async def _show(self, call: Call, reply: Reply, table: Table) -> None:
        header, order = render.columns_of(call, table)
        separator = render.separator_of(call)
        text = [separator.join(header) + "\n"] if call.arg("header") == "YES" else []
        count = 0
        async for rows in render.row_lists(table):
            count += len(rows)
            text.append(render.rows_text(rows, order, separator))
            if call.dialect is Dialect.JSON:
                reply.rows += [{name: row[name] for name in order} for row in rows]
        reply.pieces += text
        reply.columns = order
        if table.logged:
            calllog.note(call, table.logged(count))
        if table.text_logged:
            calllog.note(call, table.text_logged("".join(text)))

    def _print(self, call: Call, reply: Reply, plain: Plain) -> None:
        reply.pieces.append(plain.text)
        reply.fields |= plain.fields
        reply.is_html = reply.is_html or plain.is_html
        if plain.logged:
            calllog.note(call, plain.logged)


def _is_allowed(user: Row, function: str) -> bool:
    words = str(user.get("api_allowed_functions") or "").split()
    return "ALL_FUNCTIONS" in words or function in words
