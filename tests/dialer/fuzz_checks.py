"""What must hold of any answer: it is one, tells nothing of the inside, and an error has changed nothing."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from starlette.requests import Request as HttpRequest

from tests.dialer.changes import Changes, changes_between, snapshot
from tests.dialer.fuzzed import Request
from tests.dialer.replay import ADDRESS, copied, state
from trunkline.access.tokens import Token, Tokens
from trunkline.clock import FrozenWallClock
from trunkline.dialer.command import Dialect
from trunkline.dialer.runner import Service
from trunkline.dialer.sqlite_database import SqliteDatabase
from trunkline.web.dialer import answer_wire
from trunkline.web.dialer_json import JsonApi
from trunkline.web.guesses import Guesses

OF_THE_LOG = {"api_log", "api_urls"}
OF_A_LOGIN = {"failed_login_count", "last_login_date", "last_ip", "pass", "pass_hash"}
INSIDE = re.compile(
    r"sqlite|sqlalchemy|asyncpg|asyncmy|traceback|syntax error|no such (table|column)|unrecognized"
    r"|\bSELECT .* FROM\b|\bINSERT INTO\b|dialer360_\w|\.py\b",
    re.I,
)
GOOD = {200, 400, 401, 403, 404, 405, 409, 413}
"""Statuses of the JSON API; the classic paths have 200 alone."""
CHANGES_USERS = ("add_user", "update_user")


def secrets() -> frozenset[str]:
    """Passwords of the start state that are no other word too."""
    columns = {"users": ("pass", "phone_pass", "pass_hash"), "phones": ("pass", "conf_secret")}
    tables = {name.removeprefix("dialer360_"): rows for name, rows in state()["tables"].items()}
    found = {str(row.get(c) or "") for name, some in columns.items() for row in tables[name] for c in some}
    return frozenset(word for word in found if len(word) >= 6 and not word.isdigit())


SECRETS = secrets()


@dataclass(frozen=True)
class Answer:
    status: int
    text: str

    @property
    def content(self) -> dict[str, Any]:
        found = json.loads(self.text)
        assert isinstance(found, dict)
        return found

    def is_error(self, dialect: Dialect) -> bool:
        """Whether it says of everything that it was not done."""
        if dialect is not Dialect.JSON:
            lines = self.text.splitlines()
            return not lines or all(line.startswith("ERROR: ") for line in lines)
        said = self.content.get("lines")
        return all(line["result"] == "ERROR" for line in said) if said else self.status >= 400

    def has_changed_users(self, request: Request) -> bool:
        """Whether it says that a user was added, changed or removed."""
        if request.dialect is Dialect.JSON:
            content = self.content
            kinds = {line["result"] for line in content.get("lines", ())}
            return content.get("function") in CHANGES_USERS and bool(kinds & {"SUCCESS", "NOTICE"})
        return any(
            line.startswith((f"SUCCESS: {name}", f"NOTICE: {name}"))
            for line in self.text.splitlines()
            for name in CHANGES_USERS
        )


class AnyToken:
    """Tokens that stand for the user they name."""

    def find(self, text: str) -> Token:
        return Token(1, "fuzz", text, (), FrozenWallClock.now, None, None)  # type: ignore[arg-type]


def json_api(service: Service) -> JsonApi:
    guesses = Guesses(FrozenWallClock(cast(Any, service)._clock.now()))
    return JsonApi(service, cast(Tokens, AnyToken()), cast(Any, None), guesses)


async def answered(service: Service, request: Request) -> Answer:
    """The answer to a request as the server hands it over."""
    headers = [(b"content-type", request.kind.encode())] if request.kind else []
    scope: dict[str, Any] = {
        "type": "http",
        "method": request.method,
        "path": "/",
        "query_string": request.query,
        "headers": headers,
        "client": (ADDRESS, 1),
        "path_params": {"function": request.function},
    }
    if request.dialect is not Dialect.JSON:
        return await asked(
            lambda receive, send: answer_wire(service, request.dialect, scope, receive, send), request
        )
    scope["headers"] = [*headers, (b"authorization", b"Bearer " + request.user.encode())]

    async def called(receive: Any, send: Any) -> None:
        response = await json_api(service).call(HttpRequest(scope, receive))
        await response(scope, receive, send)

    return await asked(called, request)


async def asked(app: Callable[[Any, Any], Awaitable[object]], request: Request) -> Answer:
    status, pieces = 0, []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)
        pieces.append(message.get("body", b""))

    await app(receive, send)
    return Answer(status, b"".join(pieces).decode())


def check(request: Request, answer: Answer, changes: Changes) -> None:
    """What an answer says, against what was changed."""
    shown = f"{request}\n{answer.status} {answer.text[:2_000]}"
    assert answer.status in (GOOD if request.dialect is Dialect.JSON else {200}), shown
    inside = INSIDE.search(answer.text)
    assert inside is None or inside[0].lower() in request.given.lower(), f"{inside}\n{shown}"
    leaked = [secret for secret in SECRETS if secret in answer.text and secret not in request.given]
    assert leaked == [], shown
    if answer.is_error(request.dialect):
        assert written(changes) == {}, shown
    assert "user_groups" not in changes, shown
    users = written(changes).get("users", {})
    assert not users or answer.has_changed_users(request), f"{users}\n{shown}"
    assert sum(len(rows) for rows in users.values()) <= 1, f"{users}\n{shown}"


def written(changes: Changes) -> Changes:
    """What was changed besides the log of calls and the traces of a login."""
    found: Changes = {}
    for table, change in changes.items():
        if table in OF_THE_LOG:
            continue
        kept = {
            kind: [row for row in rows if not _is_login(table, kind, row)] for kind, rows in change.items()
        }
        if any(kept.values()):
            found[table] = kept
    return found


def _is_login(table: str, kind: str, row: dict[str, Any]) -> bool:
    return table == "users" and kind == "changed" and set(row["set"]) <= OF_A_LOGIN


class Floor:
    """A service on SQLite whose tables can be put back to the start state."""

    def __init__(self, start: Path, path: Path) -> None:
        self.service: Service = copied(start, path)
        self._start = start
        self.asked = 0

    @property
    def connection(self) -> sqlite3.Connection:
        database = self.service.database
        assert isinstance(database, SqliteDatabase)
        return database.connection

    def restore(self) -> None:
        source = sqlite3.connect(self._start)
        source.backup(self.connection)
        source.close()

    def tables(self) -> Any:
        return snapshot(self.connection, self.service.database.tables.bare_name)

    async def run(self, of_settings: dict[str, Any], requests: list[Request]) -> None:
        """Some requests, one after the other on the same tables."""
        self.restore()
        if of_settings:
            async with self.service.database.work() as work:
                await work.update("system_settings", {}, **of_settings)
        before = self.tables()
        for request in requests:
            answer = await answered(self.service, request)
            await asyncio.sleep(0)
            after = self.tables()
            check(request, answer, changes_between(before, after))
            before = after
            self.asked += 1
