"""Click-to as JSON: `/api/v1/clickto`, bearer tokens with the rights clickto.read and clickto.write."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.access.tokens import Tokens
from trunkline.asking import Gone, TooLarge, body_of
from trunkline.clickto.account import Account
from trunkline.clickto.activity import MOST_ROWS, Activity, Place
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.keys import Keys
from trunkline.clickto.selection import Selection, days_named
from trunkline.clickto.texts import one_line, shown
from trunkline.clock import Clock
from trunkline.errors import Problem, RetryLater, SettingsError, TrunklineError
from trunkline.store.connection import Store
from trunkline.web.bearer import Refused, refusal, response, token_of
from trunkline.web.clickto_operations import DEFAULT_ROWS, OPERATIONS, ROOT, Operation
from trunkline.web.guesses import Guesses
from trunkline.web.json_words import problem

Content = dict[str, Any]
_log = logging.getLogger("trunkline.clickto")


@dataclass(frozen=True)
class Asking:
    """What a handler is asked: parts of the path, of the query, and the body."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]


class ClicktoApi:
    """The operations. Their handlers wait for the database, so they run in threads."""

    def __init__(
        self, store: Store, clock: Clock, account: Account, tokens: Tokens, guesses: Guesses
    ) -> None:
        self._clock, self._account, self._tokens, self._guesses = clock, account, tokens, guesses
        self._blocks, self._keys = Blocks(store, clock), Keys(store, clock)
        self._activity = Activity(store, clock, account)

    def routes(self) -> list[Route]:
        return [
            Route(ROOT + one.path.replace("{name}", "{name:path}"), self._endpoint(one), methods=[one.method])
            for one in OPERATIONS
        ]

    def _endpoint(self, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        work: Callable[[Asking], Content] = getattr(self, operation.name)

        async def endpoint(request: Request) -> Response:
            try:
                token = await token_of(request, self._tokens, self._guesses)
                if operation.right not in token.functions:
                    raise Refused(403, "right_needed", f"The token needs the right {operation.right}.")
                check_query(request, operation)
                body = await json_body(request) if operation.body else {}
                asking = Asking(request.path_params, request.query_params, body)
                return response(operation.status, await asyncio.to_thread(work, asking))
            except Refused as refused:
                return refusal(refused)
            except TrunklineError as error:
                return failed(error)

        return endpoint

    # -- blocks

    def list_blocks(self, asking: Asking) -> Content:
        return {"blocks": [block.to_json() for block in self._blocks.all()]}

    def add_block(self, asking: Asking) -> Content:
        given = dict(asking.body)
        block_id = given.pop("id", None)
        if block_id is not None and type(block_id) is not int:
            raise SettingsError(problems=[Problem("id", "id: it is no whole number.")])
        if block_id is not None and self._blocks.find(block_id):
            raise Refused(409, "block_exists", f"There is a block {block_id} already.")
        return self._blocks.add(given, block_id).to_json()

    def show_block(self, asking: Asking) -> Content:
        block_id = self._block_id(asking)
        count, newest = self._blocks.activity_of(block_id)
        return {**self._blocks.get(block_id).to_json(), "activity": count, "newest_activity": newest or None}

    def change_block(self, asking: Asking) -> Content:
        return self._blocks.edit(self._block_id(asking), asking.body).to_json()

    def remove_block(self, asking: Asking) -> Content:
        block_id = self._block_id(asking)
        count, _ = self._blocks.activity_of(block_id)
        if count:
            raise Refused(409, "block_has_activity", f"Block {block_id} has activity: {count:,} rows.")
        self._blocks.remove(block_id)
        return {"id": block_id, "removed": True}

    def _block_id(self, asking: Asking) -> int:
        text = asking.path["block_id"]
        number = whole_number(text)
        if number is None or self._blocks.find(number) is None:
            raise Refused(404, "no_block", f"There is no block {shown(text)}.")
        return number

    # -- activity

    def list_activity(self, asking: Asking) -> Content:
        selection, limit, after = self._page_asked(asking.query)
        rows, last = self._activity.page(selection, limit, after)
        return {"activity": rows, "next": None if last is None else f"{last[0]}.{last[1]}"}

    def _page_asked(self, query: Mapping[str, str]) -> tuple[Selection, int, Place | None]:
        today = self._clock.now().astimezone(self._account.zone).date()
        first, last, problems = days_named(query.get("start_date", ""), query.get("end_date", ""), today)
        block_id = _number(query, "block_id", problems)
        limit = _number(query, "limit", problems)
        if limit is not None and not 1 <= limit <= MOST_ROWS:
            problems.append(Problem("limit", f"limit is {limit}: write 1 to {MOST_ROWS}."))
        after = _place(query.get("after", ""), problems)
        if problems:
            raise SettingsError(problems=problems)
        ids = None if block_id is None else (block_id,)
        return (
            Selection(first, last, ids, one_line(query.get("ref", "")) or None),
            limit or DEFAULT_ROWS,
            after,
        )

    # -- keys

    def list_keys(self, asking: Asking) -> Content:
        return {"keys": [key.to_json() for key in self._keys.all()]}

    def add_key(self, asking: Asking) -> Content:
        name, blocks, may_call = (asking.body.get(field) for field in ("name", "blocks", "may_call"))
        problems = [] if isinstance(name, str) else [Problem("name", "name: it is missing, or no text.")]
        if blocks is not None and not (isinstance(blocks, list) and all(type(one) is int for one in blocks)):
            problems.append(Problem("blocks", "blocks: they are no list of whole numbers."))
        if may_call not in (None, True, False):
            problems.append(Problem("may_call", "may_call: it is neither true nor false."))
        if problems:
            raise SettingsError(problems=problems)
        if self._keys.is_taken(str(name)):
            raise Refused(409, "key_exists", "There is a key of that name already, or was one.")
        made, secret = self._keys.add(str(name), blocks, may_call=may_call is True)
        return {**made.to_json(), "secret_access_key": secret}

    def revoke_key(self, asking: Asking) -> Content:
        name = asking.path["name"]
        if not self._keys.revoke(one_line(name)):
            raise Refused(404, "no_key", f"There is no key named {shown(name)}.")
        return {"name": name, "revoked": True}


async def json_body(request: Request) -> Content:
    """Raises Refused for a body that is no JSON object."""
    try:
        found = orjson.loads(await body_of(request.receive))
    except TooLarge:
        raise Refused(413, "too_large", "The request is too large.") from None
    except Gone:
        raise Refused(400, "body_incomplete", "The body did not come whole.") from None
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Refused(400, "unreadable_parameters", "The body is no JSON object.")
    return found


def check_query(request: Request, operation: Operation) -> None:
    """Raises SettingsError with a Problem for each parameter that the operation does not have."""
    known = [field.name for field in operation.query]
    there_are = f"there are {', '.join(known)}" if known else "there are none"
    problems = [
        Problem(name, f"{shown(name)}: there is no such parameter; {there_are}.")
        for name in request.query_params
        if name not in known
    ]
    if problems:
        raise SettingsError(problems=problems)


def failed(error: TrunklineError) -> Response:
    """Wrong fields: 400. A database that fails: 503."""
    if isinstance(error, SettingsError) and error.problems:
        wrong = [{"field": one.field, "message": one.message} for one in error.problems]
        return response(400, {**problem("invalid_parameters", str(error)), "problems": wrong})
    _log.error("A request failed: %s", error)
    wait = {"Retry-After": "5"} if isinstance(error, RetryLater) else {}
    return response(503, problem("database_failed", "The database does not answer; try again later."), wait)


def whole_number(text: str) -> int | None:
    """The number that up to 15 digits are; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def _number(query: Mapping[str, str], name: str, problems: list[Problem]) -> int | None:
    text = query.get(name, "").strip()
    number = whole_number(text)
    if text and number is None:
        problems.append(Problem(name, f"{name} is {shown(text)}: write a whole number."))
    return number


def _place(text: str, problems: list[Problem]) -> Place | None:
    minute, _, number = text.partition(".")
    place = whole_number(minute), whole_number(number)
    if place[0] is not None and place[1] is not None:
        return place[0], place[1]
    if text:
        problems.append(Problem("after", f"after is {shown(text)}: write what a page gave as next."))
    return None
