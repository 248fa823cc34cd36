"""The Dialer360 API as JSON: `/api/v1/dialer/{function}`, bearer tokens, real status codes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from trunkline.access.repeats import LONGEST_KEY, Claim, KeptAnswer, OutcomeUnknown, Repeats, answer_kept
from trunkline.access.tokens import Token, Tokens
from trunkline.asking import Gone, Receive, Scope, Send, TooLarge, body_of, caller
from trunkline.dialer.command import Command, Dialect
from trunkline.dialer.commands import ALL, COMMANDS
from trunkline.dialer.database import Work
from trunkline.dialer.filters import filtered
from trunkline.dialer.json_answers import command_content, reply_content, status_of
from trunkline.dialer.reply import Reply
from trunkline.dialer.runner import SHORTEST_SOURCE, Finish, Service
from trunkline.dialer.wire import MOST_PARAMETERS, parameters
from trunkline.errors import DataError, RetryLater
from trunkline.web.bearer import KIND, Refused, refusal, response, token_of
from trunkline.web.dialer import tell_failure
from trunkline.web.guesses import Guesses
from trunkline.web.json_words import encoded, problem
from trunkline.web.long_answers import JsonReader

_OURS = ("user", "pass", "function")
"""Parameters that the token and the path tell."""
LEAST_FAILURE = 500


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
            return refusal(refused)
        return response(200, {"functions": [command_content(c) for c in ALL if token.allows(c.name)]})

    async def call(self, request: Request) -> ASGIApp:
        """GET or POST /api/v1/dialer/{function}."""
        try:
            token = await self._token(request)
            command = _command(request, token)
            params = await _params(request)
            key = _key(request)
            call = _Call(command, _completed(params, command, token), caller(request.scope))
            if key and command.writes:
                return await self._once(token, key, call)
            return _Sent(self.service, call)
        except Refused as refused:
            return refusal(refused)

    async def _token(self, request: Request) -> Token:
        return await token_of(request, self.tokens, self.guesses)

    async def _once(self, token: Token, key: str, call: "_Call") -> Response:
        """A call that is not done twice under one key."""
        begun = await asyncio.to_thread(_begun, self.repeats, token.id, key, call.words)
        if isinstance(begun, Claim):
            return await _Once(self.service, self.repeats, begun, call).answered()
        return Response(begun.body, begun.status, media_type=KIND, headers={"Idempotent-Replayed": "true"})


class _Sent:
    """A response that is made while it is sent."""

    def __init__(self, service: Service, call: "_Call") -> None:
        self._service, self._call = service, call

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = self._call
        reader = JsonReader(receive, send, KIND.encode(), call.command.name, call.params)
        try:
            reply = await _done(self._service, call, reader=reader)
            if reader.has_begun:
                await reader.finish(reply)
            else:
                await _said(call, reply)(scope, receive, send)
        except Exception as error:
            failed = _failed(call, error)
            if not reader.has_begun:  # else the answer is cut off, so that nobody takes it for whole
                await failed(scope, receive, send)
        finally:
            reader.close()


async def _done(
    service: Service, call: "_Call", *, reader: JsonReader | None = None, finish: Finish | None = None
) -> Reply:
    params, address = call.params, call.address
    return await service.answer(params, Dialect.JSON, address, is_proven=True, reader=reader, finish=finish)


def _failed(call: "_Call", error: Exception) -> Response:
    tell_failure(call.command.name, error)
    return response(503, problem("database_failed", "The database does not answer; try again later."))


def _said(call: "_Call", reply: Reply) -> Response:
    return response(status_of(reply), reply_content(call.command.name, call.params, reply))


class _Once:
    """A call under a claim, whose answer is kept for those who ask again."""

    def __init__(self, service: Service, repeats: Repeats, claim: Claim, call: "_Call") -> None:
        self._service, self._repeats, self._claim, self._call = service, repeats, claim, call
        self._ended = False
        """Whether all was done but the keeping of it: where that fails, nobody knows how far it came."""

    async def answered(self) -> Response:
        try:
            said = _said(self._call, await _done(self._service, self._call, finish=self._finish))
        except _Overtaken:
            return refusal(_still_at_work("Another request with this idempotency key is at work."))
        except Exception as error:
            failed = _failed(self._call, error)
            await self._undone()
            return failed
        if said.status_code >= LEAST_FAILURE:
            await asyncio.to_thread(self._repeats.forget, self._claim)
        elif not self._repeats.with_changes:
            await asyncio.to_thread(self._repeats.keep, self._claim, _kept(said))
        return said

    async def _finish(self, work: Work, reply: Reply) -> None:
        """Keep the answer with the changes, where they are kept in one place."""
        said = _said(self._call, reply)
        is_kept_here = self._repeats.with_changes and said.status_code < LEAST_FAILURE
        if is_kept_here and not await work.run(answer_kept, **self._claim.values(_kept(said))):
            raise _Overtaken
        self._ended = True

    async def _undone(self) -> None:
        """After a failure: the call may come again, unless it may have been done all the same."""
        unknown = self._ended and not self._repeats.with_changes
        await asyncio.to_thread(self._repeats.give_up if unknown else self._repeats.forget, self._claim)


class _Overtaken(Exception):
    """It took so long that another request has the claim now; nothing of this one is kept."""


def _kept(said: Response) -> KeptAnswer:
    return KeptAnswer(said.status_code, bytes(said.body).decode())


@dataclass(frozen=True)
class _Call:
    command: Command
    params: Mapping[str, str]
    address: str

    @property
    def words(self) -> str:
        """What makes it the same request."""
        return encoded([self.command.name, sorted(self.params.items())]).decode()


def _begun(repeats: Repeats, token_id: int, key: str, words: str) -> KeptAnswer | Claim:
    try:
        return repeats.begin(token_id, key, words)
    except OutcomeUnknown as error:
        raise Refused(409, "outcome_unknown", str(error)) from None
    except DataError as error:
        raise Refused(409, "idempotency_key_taken", str(error)) from None
    except RetryLater as error:
        raise _still_at_work(str(error)) from None


def _still_at_work(message: str) -> Refused:
    return Refused(409, "request_at_work", message, **{"Retry-After": "1"})


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
    query = request.scope["query_string"].decode("utf-8", "replace")
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
    if len(found) > MOST_PARAMETERS:
        raise ValueError(f"there are more than {MOST_PARAMETERS} of them")
    texts = {name: _text(name, value) for name, value in found.items() if value is not None}
    kept = filtered(texts)
    for name, value in found.items():
        if isinstance(value, int | float) and kept[name] != texts[name]:
            raise ValueError(f"{name[:40]} takes no number like {texts[name][:40]}")
    return texts


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
