"""What was asked of Asterisk and what came of it, as JSON: `/api/v1/asterisk/actions`."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.access.tokens import Token, Tokens
from trunkline.asking import Receive, Scope, Send
from trunkline.clock import Clock
from trunkline.dialer.asterisk.actions import MOST_SHOWN, Action, Actions
from trunkline.dialer.runner import ASKING_MANAGERS
from trunkline.errors import TrunklineError
from trunkline.store.connection import Store
from trunkline.web.bearer import Refused, refusal, response, token_of, unroutable
from trunkline.web.guesses import Guesses

ROOT = "/api/v1/asterisk/actions"
DEFAULT_SHOWN = 100
FILTERS = ("function", "man_id", "server_ip")
LARGEST_NUMBER = 2**63 - 1


class AsteriskApi:
    """Shows a token's own user what its functions have asked for."""

    def __init__(self, store: Store, clock: Clock, tokens: Tokens, guesses: Guesses) -> None:
        self._actions = Actions(store, clock)
        self._tokens, self._guesses = tokens, guesses
        routes = [
            Route(ROOT, self._listed, methods=["GET"]),
            Route(f"{ROOT}/{{action_id}}", self._shown, methods=["GET"]),
        ]
        self._app = Starlette(routes=routes, exception_handlers={HTTPException: unroutable})

    @staticmethod
    def takes(path: str) -> bool:
        return path == ROOT or path.startswith(f"{ROOT}/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def _listed(self, request: Request) -> Response:
        try:
            wanted, limit = _asked(request.query_params)
            found = await self._found(request, limit, wanted)
        except Refused as refused:
            return refusal(refused)
        return response(200, {"actions": [action.to_json() for action in found]})

    async def _shown(self, request: Request) -> Response:
        action_id = request.path_params["action_id"]
        try:
            found = await self._found(request, 1, {"action_id": action_id})
            if not found:
                raise Refused(404, "no_action", f"There is no action {action_id[:60]!r}.")
        except Refused as refused:
            return refusal(refused)
        return response(200, found[0].to_json())

    async def _found(self, request: Request, limit: int, wanted: Mapping[str, Any]) -> list[Action]:
        token = await token_of(request, self._tokens, self._guesses)
        functions = _functions_of(token)
        try:
            return await asyncio.to_thread(
                self._actions.some, limit, functions, **{**wanted, "user": token.user}
            )
        except TrunklineError:
            message = "The database does not answer; try again later."
            raise Refused(503, "database_failed", message) from None


def _functions_of(token: Token) -> list[str]:
    allowed = sorted(name for name in ASKING_MANAGERS if token.allows(name))
    if not token.user or not allowed:
        message = f"The token may call none of {', '.join(sorted(ASKING_MANAGERS))}."
        raise Refused(403, "function_not_allowed", message)
    return allowed


def _asked(query: Mapping[str, str]) -> tuple[dict[str, Any], int]:
    """The wanted values, and how many to show. Raises Refused."""
    strange = sorted(set(query) - {*FILTERS, "limit"})
    if strange:
        raise _wrong(f"There is no filter {strange[0][:40]!r}; use {', '.join(FILTERS)} or limit.")
    wanted: dict[str, Any] = {name: query[name] for name in FILTERS if query.get(name)}
    if "man_id" in wanted:
        wanted["man_id"] = _number("man_id", wanted["man_id"], LARGEST_NUMBER)
    return wanted, _number("limit", query.get("limit") or str(DEFAULT_SHOWN), MOST_SHOWN)


def _number(name: str, text: str, most: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else 0
    if not 1 <= number <= most:
        raise _wrong(f"{name} is {text[:40]!r}: write a number from 1 to {most}.")
    return number


def _wrong(message: str) -> Refused:
    return Refused(400, "invalid_parameters", message)
