"""Bearer tokens of the JSON API, and its answers: what all of its parts share."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from trunkline.access.tokens import Token, Tokens
from trunkline.asking import caller
from trunkline.web.guesses import Guesses
from trunkline.web.json_words import encoded, problem

KIND = "application/json"


class Refused(Exception):
    """A request that does not get what it asks for: status, code, message, headers."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers


async def token_of(request: Request, tokens: Tokens, guesses: Guesses) -> Token:
    """The token that a request carries. Raises Refused; who guesses too often waits."""
    address = caller(request.scope)
    if wait := guesses.wait_seconds(address):
        message = "Too many wrong tokens or passwords from this address."
        raise Refused(429, "too_many_wrong_logins", message, **{"Retry-After": str(wait)})
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    found = None
    if scheme.lower() == "bearer" and text.strip():
        found = await asyncio.to_thread(tokens.find, text.strip())
        if found is None:
            guesses.note(address)
    if found is None:
        message = "A bearer token that is known and has not expired is needed."
        raise Refused(401, "token_needed", message, **{"WWW-Authenticate": "Bearer"})
    return found


def refusal(refused: Refused) -> Response:
    return response(refused.status, problem(refused.code, str(refused)), refused.headers)


async def unroutable(request: Request, error: Exception) -> Response:
    """A path that is not there, or not for this method, as this API tells everything."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        message = f"{request.method} is not for this path; it takes {headers.get('Allow', 'others')}."
        return response(405, problem("method_not_allowed", message), headers)
    message = "There is no such path; /api/v1/openapi.json lists those there are."
    return response(error.status_code, problem("no_path", message), headers)


def response(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encoded(content), status, media_type=KIND, headers=headers)
