"""What stands before and after every operation: who calls, whether they may, what was done already."""

import logging
import secrets
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, cast
from zlib import crc32

import orjson
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from trunkline.access.repeats import Claim, Repeats
from trunkline.asking import MOST_BODY, Gone, TooLarge, body_of, caller
from trunkline.errors import TrunklineError
from trunkline.rest import repeated
from trunkline.rest.callers import Guessing, WrongToken
from trunkline.rest.etags import check_match, is_known, tag_of
from trunkline.rest.operations import Call, Operation, RestRooms
from trunkline.rest.problems import Refusal, not_found, of_error, of_validation, wrong
from trunkline.store.locks import locked

JSON = "application/json"
WITH_BODY = ("POST", "PATCH", "PUT")
LOCKS = 64
LOCK_SECONDS = 10
DEEPEST = 40
_log = logging.getLogger("trunkline.rest")
Answering = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True)
class Gate:
    """What the guards of all operations share."""

    rooms: RestRooms
    repeats: Repeats
    guesses: Guessing
    shown_by: dict[str, Operation]
    """By the id of an operation that changes: the one that shows what it changes."""


class Guarded(APIRoute):
    """A route of a declared operation."""

    operation: Operation
    gate: Gate

    def get_route_handler(self) -> Answering:
        inner = super().get_route_handler()
        known = set(_asked_of_query(self.dependant))
        has_body = self.body_field is not None

        async def answer(request: Request) -> Response:
            request_id = secrets.token_hex(8)
            try:
                response = await _answered(self.gate, self.operation, inner, (known, has_body), request)
            except Refusal as refusal:
                response = refusal.response(request_id)
            except Exception:
                _log.exception("%s %s came to grief (%s).", request.method, self.path, request_id)
                response = unforeseen().response(request_id)
            return finished(response, request_id)

        return answer


def _asked_of_query(dependant: Dependant) -> Iterator[str]:
    """The parameters that a handler and what it depends on take from the query."""
    yield from (one.alias for one in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _asked_of_query(inner)


def guarded(gate: Gate, operation: Operation) -> type[Guarded]:
    return type("Guarded", (Guarded,), {"gate": gate, "operation": operation})


def finished(response: Response, request_id: str) -> Response:
    """With the headers that every answer has."""
    response.headers["X-Request-Id"] = request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def unforeseen() -> Refusal:
    return Refusal(500, "unforeseen", "The server's log has the details.")


async def _answered(
    gate: Gate, operation: Operation, inner: Answering, takes: tuple[set[str], bool], request: Request
) -> Response:
    """`takes`: the parameters of the query, and whether there is a body."""
    call = await _admitted(gate, operation, request)
    _check_words(request, takes[0])
    body = await _read(operation, request, takes_body=takes[1])
    key = repeated.key_of(request) if operation.keeps else ""
    if not key:
        return await _done(gate, operation, inner, call)
    words = repeated.words_of(request, body)
    begun = await run_in_threadpool(repeated.begun, gate.repeats, call.caller.keeper, key, words)
    if not isinstance(begun, Claim):
        return repeated.replayed(begun)
    return await _once(gate, operation, inner, call, begun)


async def _admitted(gate: Gate, operation: Operation, request: Request) -> Call:
    """Raises Refusal for who is not known or may not."""
    try:
        whose = await run_in_threadpool(gate.rooms.callers.of, request)
    except WrongToken:
        gate.guesses.note(caller(request.scope))
        raise
    except TrunklineError as error:
        raise of_error(error) from None
    call = request.state.call = Call(gate.rooms, whose, request)
    if not whose.may(operation.right):
        detail = f"It needs the right {operation.right}, which this caller has not."
        todo = "A token has what both its scopes and the role of its person allow."
        raise Refusal(403, "right_needed", detail, todo=todo)
    return call


def _check_words(request: Request, known: set[str]) -> None:
    """Raises Refusal for parts of the path that name nothing, and for parameters that nobody has declared."""
    for part in request.path_params.values():
        if not str(part).isprintable():
            raise not_found("There is nothing of that name.")
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise wrong(
                name[:60], f"There is no parameter {name[:60]!r}; known are {', '.join(sorted(known))}."
            )
        if not _is_plain(value):
            raise wrong(name, f"{name}: it holds a character that no text has.")


async def _read(operation: Operation, request: Request, *, takes_body: bool) -> bytes:
    """The body, which must be one that databases can keep. Raises Refusal 413, 415 or 422."""
    if operation.method not in WITH_BODY:
        return b""
    try:
        body = await body_of(request.receive)
    except TooLarge:
        raise Refusal(413, "too_large", f"A body may have {MOST_BODY:,} bytes.") from None
    except Gone:
        raise Refusal(422, "body_incomplete", "The body did not come whole.") from None
    request._body = body  # what reads it next gets what came
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != JSON:
        raise Refusal(415, "json_needed", f"The body must be {JSON}, not {kind[:60] or 'of no kind'}.")
    if body:
        try:
            content = orjson.loads(body)
        except ValueError as error:
            raise wrong("", f"The body is no JSON: {error}.") from None
        if not _is_plain(content):
            raise wrong("", "The body holds a character that no text has, or is too deep.")
        if not takes_body and content != {}:
            raise wrong("", "This operation takes no body.")
    return body


def _is_plain(content: Any, depth: int = 0) -> bool:
    if isinstance(content, str):
        return ("\x00" not in content and content.isascii()) or _is_encodable(content)
    if depth > DEEPEST:
        return False
    if isinstance(content, dict):
        return all(_is_plain(k, depth + 1) and _is_plain(v, depth + 1) for k, v in content.items())
    return not isinstance(content, list) or all(_is_plain(one, depth + 1) for one in content)


def _is_encodable(text: str) -> bool:
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False


async def _once(gate: Gate, operation: Operation, inner: Answering, call: Call, claim: Claim) -> Response:
    """Do it under a claim, and keep the answer, unless it is that nothing was done."""
    try:
        response = await _done(gate, operation, inner, call)
    except Refusal as refusal:
        await run_in_threadpool(gate.repeats.forget, claim)
        raise refusal
    except BaseException:
        await run_in_threadpool(gate.repeats.give_up, claim)
        raise
    kept = repeated.to_keep(response, operation.secret)
    await run_in_threadpool(gate.repeats.keep, claim, kept)
    return response


async def _done(gate: Gate, operation: Operation, inner: Answering, call: Call) -> Response:
    match = call.request.headers.get("if-match", "") if operation.of else ""
    with_lock = ExitStack()
    try:
        if match:
            number = crc32(call.request.url.path.encode()) % LOCKS
            lock = locked(gate.rooms.store, "rest", number, LOCK_SECONDS)
            await run_in_threadpool(with_lock.enter_context, lock)
            check_match(match, await _present_tag(gate.shown_by[operation.id], call))
        response = await inner(call.request)
    except RequestValidationError as error:
        raise of_validation(error) from None
    except TrunklineError as error:
        raise of_error(error) from None
    except HTTPException as error:
        raise Refusal(422, "wrong_fields", str(error.detail)) from None
    finally:
        await run_in_threadpool(with_lock.close)
    response.headers.update(call.headers)
    await _note(gate, operation, call)
    return _tagged(operation, call, response)


def _tagged(operation: Operation, call: Call, response: Response) -> Response:
    if not operation.has_etag:
        return response
    tag = response.headers["ETag"] = tag_of(orjson.loads(response.body))
    asked = call.request.headers.get("if-none-match", "")
    if operation.method == "GET" and asked and is_known(asked, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return response


async def _present_tag(operation: Operation, call: Call) -> str:
    """The tag that the thing would be shown with now."""
    numbered = operation.handler.__annotations__
    told = call.request.path_params
    try:
        parts = {name: int(told[name]) if numbered[name] is int else told[name] for name in operation.parts}
    except ValueError:
        raise not_found("There is nothing with that number.") from None
    content = await run_in_threadpool(operation.handler, call, **parts)
    assert operation.answer is not None
    return tag_of(operation.answer.model_validate(content).model_dump(mode="json"))


async def _note(gate: Gate, operation: Operation, call: Call) -> None:
    if operation.noted:
        subject = call.subject or next(iter(call.request.path_params.values()), "")
        rooms, who = gate.rooms, call.caller
        by_token = {} if who.token_id is None else {"token": who.token_id}
        await run_in_threadpool(
            lambda: rooms.audit.note(
                who.user, who.address, operation.noted, str(subject), **cast(Any, by_token)
            )
        )
