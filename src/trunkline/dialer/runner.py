"""One request from its parameters to its answer: filters, login, permission, the function, the log."""

import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from trunkline.clock import Clock
from trunkline.dialer import audit, calllog, render
from trunkline.dialer.admissions import Admission, key_of, may_be_kept
from trunkline.dialer.asterisk.switchboard import Switchboard
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
from trunkline.dialer.commands import ALL, COMMANDS
from trunkline.dialer.database import Database, Row, Work
from trunkline.dialer.entrance import ENTRANCE, system_settings
from trunkline.dialer.filters import filtered
from trunkline.dialer.login import Attempt, Refusal, Uncounted, WrongLogins, admit, sign_in
from trunkline.dialer.login_queue import LoginQueue, Turn
from trunkline.dialer.passwords import Passwords
from trunkline.dialer.reply import Reader, ReaderGone, Reply
from trunkline.dialer.sight import allowed_lists, missing_group, sight_of

__all__ = ["Reply", "Service", "system_settings"]

SHORTEST_SOURCE = 2
VERSION = "version"
"""The function that needs no login."""
ASKING_MANAGERS = frozenset(command.name for command in ALL if command.asks_managers)

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


Finish = Callable[[Work, Reply], Awaitable[None]]


class Service:
    """Answers requests of the Dialer360 API over one database."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        zone: ZoneInfo,
        passwords: Passwords | None = None,
        web_root: Path = WEB_ROOT,
        wrong_logins: WrongLogins | None = None,
    ) -> None:
        self.database = database
        self.off: frozenset[str] = frozenset()
        """Functions that a running dialer has no tables for."""
        self.audits = True
        """Whether there is a table for the audit; a running dialer need not have one."""
        self.switchboard: Switchboard | None = None
        """What makes calls real; None: they are left to the dialer's own programs."""
        self.passwords = passwords or Passwords(is_own=database.is_own)
        self._wrong_logins = wrong_logins or Uncounted()
        self._queue = LoginQueue()
        self._clock = clock
        self._zone = zone
        self._second = (datetime.min, "", -1)
        """The last second asked for, in the dialer's zone: many requests come in the same one."""
        self._non_latin = False
        """What the settings said last; it decides how the name of the user is read that comes with them."""
        self._web_root = web_root

    async def answer(
        self,
        params: Mapping[str, str],
        dialect: Dialect,
        address: str,
        url: str = "",
        *,
        is_proven: bool = False,
        reader: Reader | None = None,
        finish: Finish | None = None,
    ) -> Reply:
        """The answer, everything it wrote being kept by then.

        `is_proven`: a token has proven the user, no password is asked for. `reader`: takes parts of a long
        answer beforehand, and the last part is in the reply; without one the reply holds it all.
        `finish`: what is done last of the work, and kept with it or not at all.
        """
        started = time.perf_counter()
        reply = Reply()
        if self.switchboard is not None and params.get("function") in ASKING_MANAGERS:
            await self.switchboard.look()
        async with self._turn(params, is_proven) as turn, self.database.work() as work:
            call = self._call(work, params, dialect, address)
            command = COMMANDS.get(call.function)
            if command is not None and self._is_admitted(call, is_proven):
                turn.end()
                await self._run(command, call, reply, reader)
            elif await self._comes_in(command, await self._opened(call, params), reply, is_proven):
                turn.end()
                await self._answer(command, call, reply, reader, is_proven)
            if self.audits:
                audit.keep(call)
            calllog.keep(call, url, time.perf_counter() - started)
            if finish is not None:
                await finish(work, reply)
        for begin in call.afterwards:
            begin()
        return reply

    def _turn(self, params: Mapping[str, str], is_proven: bool) -> Turn:
        return self._queue.turn("" if is_proven else params.get("user", ""), params.get("pass", ""))

    def _is_admitted(self, call: Call, is_proven: bool) -> bool:
        """Whether the same user was let in to this function a moment ago, by what still holds."""
        admissions = call.work.admissions
        if admissions is None or self._wrong_logins.wait_seconds(call.address):
            return False
        found = admissions.get(key_of(call, is_proven=is_proven), call.time)
        if found is None:
            return False
        call.settings, call.user, call.sight = found.settings, found.user, found.sight
        return True

    async def _opened(self, call: Call, params: Mapping[str, str]) -> Call:
        """The call with its settings, its parameters filtered as these say."""
        user = call.arg("user")
        if user and call.function != VERSION:
            await call.work.look_ahead(ENTRANCE, user)
        call.settings = await call.work.one(system_settings) or {}
        if self._non_latin is not (call.settings.get("use_non_latin") == "1"):
            self._non_latin = not self._non_latin
            call.params = filtered(params, use_non_latin=self._non_latin)
            call.function = call.params.get("function", "")
        return call

    def _call(self, work: Work, params: Mapping[str, str], dialect: Dialect, address: str) -> Call:
        """The call, its parameters filtered as the settings said last."""
        kept = filtered(params, use_non_latin=self._non_latin)
        now, time_, epoch = self._moment()
        return Call(
            work,
            dialect,
            kept.get("function", ""),
            kept,
            {},
            {},
            now,
            time_,
            epoch,
            self._zone,
            address,
            passwords=self.passwords,
            web_root=self._web_root,
            switchboard=self.switchboard,
        )

    def _moment(self) -> tuple[datetime, str, int]:
        """The dialer's local time, the same as text, and the second since 1970."""
        now = self._clock.now()
        epoch = int(now.timestamp())
        if epoch != self._second[2]:
            local = now.astimezone(self._zone).replace(tzinfo=None, microsecond=0)
            self._second = local, local.isoformat(" ", "seconds"), epoch
        return self._second

    async def _comes_in(self, command: Command | None, call: Call, reply: Reply, is_proven: bool) -> bool:
        """Whether the user is let in. What is in the way is told."""
        if command is not None and command.name == VERSION:
            return True
        user = await self._signed_in(call, is_proven)
        if isinstance(user, Refusal):
            reply.refuse(user)
            return False
        call.user = user
        if missing := await missing_group(call):
            reply.refuse(missing)
            return False
        return True

    async def _answer(
        self, command: Command | None, call: Call, reply: Reply, reader: Reader | None, is_proven: bool
    ) -> None:
        if command is None:
            self._say(call, reply, NO_FUNCTION())
        elif command.name == VERSION:
            await self._run(command, call, reply, reader)
        elif command.name in self.off:
            self._say(call, reply, SWITCHED_OFF())
        elif self._may_go_on(command, call, reply):
            call.allowed_lists = await allowed_lists(call)
            if call.work.admissions is not None and may_be_kept(call):
                admission = Admission(call.settings, call.user, await sight_of(call))
                call.work.admissions.keep(key_of(call, is_proven=is_proven), admission)
            await self._run(command, call, reply, reader)

    async def _signed_in(self, call: Call, is_proven: bool) -> Row | Refusal:
        attempt = Attempt(call.arg("user"), call.arg("pass"), call.address, call.now)
        if is_proven:
            return await admit(call.work, call.settings, attempt)
        user = await sign_in(call.work, self.passwords, self._wrong_logins, call.settings, attempt)
        if not isinstance(user, Refusal):
            self._queue.learn(attempt.user, attempt.password)
        return user

    def _may_go_on(self, command: Command, call: Call, reply: Reply) -> bool:
        """Whether the user has the rights of the function; what is missing is said."""
        refused = self._refused(command, call)
        for said in refused or ():
            self._say(call, reply, said)
        return refused is None

    def _refused(self, command: Command, call: Call) -> list[Said] | None:
        """Source, allowed functions, level and flags, in the order of the function's kind."""
        allowed = is_allowed(call.user, command.name)
        permitted = self._is_permitted(command, call)
        if command.is_chooser:
            if not permitted:
                return [Said(command.permission_line, {})]
            return None if allowed else [CHOOSER_NOT_ALLOWED()]
        if len(call.arg("source")) < SHORTEST_SOURCE:
            return [INVALID_SOURCE()]
        if not allowed:
            return [NOT_ALLOWED()]
        return None if permitted else [Said(command.permission_line, {})]

    def _is_permitted(self, command: Command, call: Call) -> bool:
        """Whether the user has the level and the flags."""
        return int(call.user["user_level"] or 0) >= command.level and all(
            call.user[flag] == "1" or (flag == "vdc_agent_api_access" and self._skips_api_flag(command, call))
            for flag in command.flags
        )

    def _skips_api_flag(self, command: Command, call: Call) -> bool:
        return call.arg("source") == "queuemetrics" and command.name in (
            "blind_monitor",
            "agent_ingroup_info",
        )

    async def _run(self, command: Command, call: Call, reply: Reply, reader: Reader | None) -> None:
        async for answer in command.handler(call):
            if isinstance(answer, Said):
                self._say(call, reply, answer)
            elif isinstance(answer, Table):
                await self._show(call, reply, answer, reader)
            elif isinstance(answer, Passed):
                await self._pass_on(answer, call, reply, reader)
            else:
                self._print(call, reply, answer)

    async def _pass_on(self, passed: Passed, call: Call, reply: Reply, reader: Reader | None) -> None:
        call.notes[:] = [replace(note, function=note.function or call.function) for note in call.notes]
        call.function = passed.function
        command = COMMANDS[passed.function]
        if self._may_go_on(command, call, reply):
            await self._run(command, call, reply, reader)

    def _say(self, call: Call, reply: Reply, said: Said) -> None:
        reply.said.append(said)
        reply.pieces.append(render.said_text(call, said))
        if said.line is INVALID_SOURCE:
            reply.pieces.append(f"ERROR: Invalid Source: |{call.arg('source')}|\n")
        reason, data = render.reason_logged(call, said), render.data_logged(call, said)
        calllog.note(call, Logged(said.line.result, reason, data))

    async def _show(self, call: Call, reply: Reply, table: Table, reader: Reader | None) -> None:
        """A table, a part at a time. Whoever goes away before its end is logged with what was read so far."""
        if table.text_logged is not None or call.work.has_written:
            reader = None  # the log keeps the text whole; a transaction does not wait for a reader
        header, reply.columns = render.columns_of(call, table)
        separator, count, text = render.separator_of(call), 0, ""
        if call.arg("header") == "YES":
            text = separator.join(header) + "\n"
            reply.add_text(text)
        with suppress(ReaderGone):
            async for rows in render.row_lists(table):
                count += len(rows)
                if call.dialect is Dialect.JSON:
                    reply.rows += [{name: row[name] for name in reply.columns} for row in rows]
                if call.dialect is not Dialect.JSON or table.text_logged is not None:
                    part = render.rows_text(rows, reply.columns, separator)
                    text = text + part if table.text_logged is not None else ""
                    reply.add_text(part)
                if reader is not None and reply.is_long:
                    await reader.take(reply)
        if table.logged:
            calllog.note(call, table.logged(count))
        if table.text_logged:
            calllog.note(call, table.text_logged(text))

    def _print(self, call: Call, reply: Reply, plain: Plain) -> None:
        reply.pieces.append(plain.text)
        reply.fields |= plain.fields
        reply.is_html = reply.is_html or plain.is_html
        if plain.logged:
            calllog.note(call, plain.logged)


def is_allowed(user: Row, function: str) -> bool:
    words = str(user.get("api_allowed_functions") or "").split()
    return "ALL_FUNCTIONS" in words or function in words
