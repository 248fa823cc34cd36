"""The Dialer360 API as JSON: `/api/v1/dialer/{function}`, bearer tokens, real status codes."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from trunkline.access.repeats import LONGEST_KEY, KeptAnswer, Repeats
from trunkline.access.tokens import Token, Tokens
from trunkline.dialer.command import Command, Dialect
from trunkline.dialer.commands import ALL, COMMANDS
from trunkline.dialer.runner import SHORTEST_SOURCE, Service
from trunkline.dialer.wire import parameters
from trunkline.errors import DataError, RetryLater
from trunkline.web.asking import Gone, TooLarge, body_of, caller
from trunkline.web.guesses import Guesses
from trunkline.web.json_words import command_content, encoded, problem, reply_content, status_of

KIND = "application/json"
_OURS = ("user", "pass", "function")
"""Parameters that the token and the path tell."""
_log = logging.getLogger("trunkline.dialer")


class Refused(Exception):
    """A request that does not reach its function: status, code, message, headers."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers


@dataclass
class JsonApi:
    """The endpoints, over a service and the tokens of an installation."""

    service: Service
    tokens: Tokens
    repeats: Repeats
    guesses: Guesses

    async def functions(self, request: Request) -> Response:
        """GET /api/v1/dialer: the functions that the token may call."""
        try:
            token = await self._token(request)
        except Refused as refused:
            return _refusal(refused)
        return _response(200, {"functions": [command_content(c) for c in ALL if token.allows(c.name)]})

    async def call(self, request: Request) -> Response:
        """GET or POST /api/v1/dialer/{function}."""
        try:
            token = await self._token(request)
            command = _command(request, token)
            params = await _params(request)
            key = _key(request)
            call = _Call(command, _completed(params, command, token), caller(request.scope))
            if key and command.writes:
                return await self._once(token, key, call)
            return await self._answered(call)
        except Refused as refused:
            return _refusal(refused)

    async def _token(self, request: Request) -> Token:
        address = caller(request.scope)
        if wait := self.guesses.wait_seconds(address):
            raise Refused(
                429, "too_many_wrong_tokens", "Too many wrong tokens.", **{"Retry-After": str(wait)}
            )
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        found = None
        if scheme.lower() == "bearer" and text.strip():
            found = await asyncio.to_thread(self.tokens.find, text.strip())
            if found is None:
                self.guesses.note(address)
        if found is None:
            message = "A bearer token that is known and has not expired is needed."
            raise Refused(401, "token_needed", message, **{"WWW-Authenticate": "Bearer"})
        return found

    async def _once(self, token: Token, key: str, call: "_Call") -> Response:
        """A call that is not done twice under one key."""
        had = await asyncio.to_thread(_begun, self.repeats, token.id, key, call.words)
        if had is not None:
            return Response(had.body, had.status, media_type=KIND, headers={"Idempotent-Replayed": "true"})
        is_kept = False
        try:
            response = await self._answered(call)
            if response.status_code < 500:
                kept = KeptAnswer(response.status_code, bytes(response.body).decode())
                await asyncio.to_thread(self.repeats.keep, token.id, key, kept)
                is_kept = True
        finally:
            if not is_kept:
                await asyncio.to_thread(self.repeats.forget, token.id, key)
        return response

    async def _answered(self, call: "_Call") -> Response:
        name = call.command.name
        try:
            reply = await self.service.answer(call.params, Dialect.JSON, call.address, is_proven=True)
        except Exception:
            _log.exception("A call of %s failed.", name)
            return _response(
                503, problem("database_failed", "The database does not answer; try again later.")
            )
        return _response(status_of(reply), reply_content(name, call.params, reply))


@dataclass(frozen=True)
class _Call:
    command: Command
    params: Mapping[str, str]
    address: str

    @property
    def words(self) -> str:
        """What makes it the same request."""
        return encoded([self.command.name, sorted(self.params.items())]).decode()


def _begun(repeats: Repeats, token_id: int, key: str, words: str) -> KeptAnswer | None:
    try:
        return repeats.begin(token_id, key, words)
    except DataError as error:
        raise Refused(409, "idempotency_key_taken", str(error)) from None
    except RetryLater as error:
        raise Refused(409, "request_at_work", str(error), **{"Retry-After": "1"}) from None


def _command(request: Request, token: Token) -> Command:
    name = request.path_params["function"]
    command = COMMANDS.get(name)
    if command is None:
        raise Refused(404, "no_function", f"There is no function {name[:40]!r}.")
    if not token.allows(name):
        raise Refused(403, "function_not_allowed", f"The token may not call {name}.")
    if command.writes and request.method != "POST":
        raise Refused(405, "post_needed", f"{name} changes something: send it with POST.", Allow="POST")
    return command


def _key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "").strip()
    if len(key) > LONGEST_KEY:
        raise Refused(
            400, "idempotency_key_too_long", f"An idempotency key has at most {LONGEST_KEY} characters."
        )
    return key


async def _params(request: Request) -> dict[str, str]:
    """Those of the query string, and those of a body that is a JSON object or a form."""
    try:
        body = await body_of(request.receive)
    except TooLarge:
        raise Refused(413, "too_large", "The request is too large.") from None
    except Gone:
        raise Refused(400, "body_incomplete", "The body did not come whole.") from None
    is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower() == KIND
    query = request.url.query
    try:
        if not is_json:
            return parameters(query, body.decode("utf-8", "replace"))
        return _from_json(body) | parameters(query)
    except ValueError as error:
        raise Refused(400, "unreadable_parameters", f"The parameters cannot be read: {error}.") from None


def _from_json(body: bytes) -> dict[str, str]:
    found = orjson.loads(body or b"{}")
    if not isinstance(found, dict):
        raise ValueError("the body is no JSON object")
    return {name: _text(name, value) for name, value in found.items() if value is not None}


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, list | dict):
        raise ValueError(f"{name[:40]} is neither a text nor a number")
    return str(value)


def _completed(params: Mapping[str, str], command: Command, token: Token) -> dict[str, str]:
    """The parameters as the function sees them: user and function are not the caller's to choose."""
    own = {name: value for name, value in params.items() if name not in _OURS}
    source = own.get("source") or "".join(c for c in token.name if c.isascii() and c.isalnum())
    source = source if len(source) >= SHORTEST_SOURCE else "api"
    return {**own, "source": source, "user": token.user, "function": command.name}


def _refusal(refused: Refused) -> Response:
    return _response(refused.status, problem(refused.code, str(refused)), refused.headers)


def _response(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encoded(content), status, media_type=KIND, headers=headers)
