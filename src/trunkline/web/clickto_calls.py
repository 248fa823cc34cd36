"""Placing calls as JSON: for programs with a token, and for web pages with a ticket of their origin."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trunkline.access.repeats import LONGEST_KEY
from trunkline.access.tokens import Tokens
from trunkline.access.wrong_logins import network_of
from trunkline.asking import caller
from trunkline.clickto.blocks import Block, Blocks
from trunkline.clickto.calling import Calling
from trunkline.clickto.calls import Call
from trunkline.clickto.dialing import is_allowed
from trunkline.clickto.limits import TooMany
from trunkline.clickto.plans import Asked, CannotCall
from trunkline.clickto.rights import CALL
from trunkline.clickto.texts import shown
from trunkline.clickto.tickets import GOOD_FOR, WATCHED_FOR, Expired, Forged, Ticket, Tickets, is_ticket
from trunkline.clickto.visits import visitor_address
from trunkline.errors import Problem, SettingsError, TrunklineError
from trunkline.web.bearer import Refused, refusal, response, token_of
from trunkline.web.clickto_json import check_query, failed, json_body, whole_number
from trunkline.web.clickto_operations import CALL_OPERATIONS, ROOT, Operation
from trunkline.web.guesses import Guesses
from trunkline.web.origins import allowing, origin_asked

_HERE = "Calls cannot be placed here just now."
Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Who:
    """Who asks: a web page by its ticket, or a program by its token, whose number is `token_id`."""

    ticket: Ticket | None = None
    token_id: int = 0


class ClicktoCalls:
    """The operations of calls. `calling` is None where nothing can be dialled."""

    def __init__(self, blocks: Blocks, tokens: Tokens, tickets: Tickets, guesses: Guesses) -> None:
        self._blocks, self._tokens, self._tickets, self._guesses = blocks, tokens, tickets, guesses
        self.calling: Calling | None = None

    def routes(self) -> list[Route]:
        paths = dict.fromkeys(one.path for one in CALL_OPERATIONS)
        return [
            *(Route(ROOT + path, self._beforehand(path), methods=["OPTIONS"]) for path in paths),
            *(Route(ROOT + one.path, self._endpoint(one), methods=[one.method]) for one in CALL_OPERATIONS),
        ]

    def _beforehand(self, path: str) -> Callable[[Request], Awaitable[Response]]:
        """What browsers ask before a page's request: origins of the block hear yes, others nothing."""
        methods = ", ".join(one.method for one in CALL_OPERATIONS if one.path == path)

        async def endpoint(request: Request) -> Response:
            origin = origin_asked(request.scope)
            block = await self._block(request)
            is_good = block is not None and bool(origin) and is_allowed(origin, block.origins)
            return Response(status_code=204, headers=allowing(origin if is_good else "", methods))

        return endpoint

    def _endpoint(self, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        work: Callable[[Request, Block | None], Awaitable[Answer]] = getattr(self, operation.name)

        async def endpoint(request: Request) -> Response:
            cors: dict[str, str] = {"Vary": "Origin"}
            try:
                block = await self._block(request)
                origin = origin_asked(request.scope)
                if block is not None and origin and is_allowed(origin, block.origins):
                    cors = allowing(origin)
                check_query(request, operation)
                status, content = await work(request, block)
                return response(status, content, {"Cache-Control": "no-store", **cors})
            except Refused as refused:
                refused.headers = {**refused.headers, **cors}
                return refusal(refused)
            except TooMany as many:
                wait = {"Retry-After": str(many.wait_seconds), **cors}
                return refusal(Refused(429, "too_many_calls", str(many), **wait))
            except TrunklineError as error:
                told = failed(error)
                told.headers.update(cors)
                return told

        return endpoint

    async def _block(self, request: Request) -> Block | None:
        number = whole_number(request.path_params["block_id"])
        return None if number is None else await asyncio.to_thread(self._blocks.find, number)

    # -- the operations; block is None where there is none, which only programs are told

    async def give_ticket(self, request: Request, block: Block | None) -> Answer:
        origin = origin_asked(request.scope)
        if block is None or not origin or not is_allowed(origin, block.origins):
            raise Refused(403, "origin_not_allowed", "This page may not place calls.")
        self._check_patience(request)
        text, until = self._tickets.give(block.id, origin)
        return 201, {"ticket": text, "good_until": until, "seconds": int(GOOD_FOR.total_seconds())}

    async def place_call(self, request: Request, block: Block | None) -> Answer:
        who, block = await self._who(request, block)
        calling = self._ready()
        asked = _asked(await json_body(request), who, request)
        try:
            call = await calling.place(block, asked)
        except CannotCall as refused:
            raise _cannot(refused, who) from None
        return 202, _shown(call, who)

    async def show_call(self, request: Request, block: Block | None) -> Answer:
        who, block = await self._who(request, block, is_watching=True)
        calling, call_id = self._ready(), request.path_params["call"]
        found = await asyncio.to_thread(calling.calls.find, call_id[:64])
        is_its = found is not None and found.block_id == block.id
        if found is None or not is_its or (who.ticket is not None and found.once != _mark(who.ticket)):
            raise Refused(404, "no_call", f"There is no call {shown(call_id)} of this block.")
        return 200, _shown(found, who)

    # -- who asks

    async def _who(
        self, request: Request, block: Block | None, *, is_watching: bool = False
    ) -> tuple[Who, Block]:
        text = _bearer(request)
        if not is_ticket(text):
            who = await self._program(request)
            if block is None:
                raise Refused(404, "no_block", f"There is no block {shown(request.path_params['block_id'])}.")
            return who, block
        self._check_patience(request)
        try:
            ticket = self._tickets.read(text, WATCHED_FOR if is_watching else GOOD_FOR)
        except Expired:
            raise Refused(
                401, "ticket_expired", "The ticket is not good any more: get another one."
            ) from None
        except Forged:
            self._guesses.note(caller(request.scope))
            raise Refused(401, "ticket_refused", "The ticket is none of this installation.") from None
        origin = origin_asked(request.scope)
        is_its = block is not None and ticket.block_id == block.id
        if block is None or not is_its or ticket.origin != origin or not is_allowed(origin, block.origins):
            raise Refused(403, "ticket_not_for_this", "The ticket is of another page or another block.")
        return Who(ticket), block

    async def _program(self, request: Request) -> Who:
        token = await token_of(request, self._tokens, self._guesses)
        if CALL not in token.functions:
            raise Refused(403, "right_needed", f"The token needs the right {CALL}.")
        return Who(token_id=token.id)

    def _check_patience(self, request: Request) -> None:
        wait = self._guesses.wait_seconds(caller(request.scope))
        if wait:
            message = "Too many wrong tokens or passwords from this address."
            raise Refused(429, "too_many_wrong_logins", message, **{"Retry-After": str(wait)})

    def _ready(self) -> Calling:
        if self.calling is None:
            raise Refused(503, "not_ready", _HERE, **{"Retry-After": "5"})
        return self.calling


def _bearer(request: Request) -> str:
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""


def _asked(body: Mapping[str, Any], who: Who, request: Request) -> Asked:
    """Raises SettingsError with a Problem for each field that is none or no text."""
    names = ["number", "page", "ref", "referrer", *([] if who.ticket else ["ip_address"])]
    problems = [
        Problem(name, f"{shown(name)}: there is no such field; there are {', '.join(names)}.")
        for name in body
        if name not in names
    ]
    problems += [
        Problem(name, f"{name}: it is no text.") for name in names if not isinstance(body.get(name, ""), str)
    ]
    given = {name: str(body.get(name, "")) for name in names}
    address = caller(request.scope) if who.ticket else ""
    try:
        address = address or visitor_address(given.get("ip_address", ""))
    except ValueError as error:
        problems.append(Problem("ip_address", f"ip_address: {error}."))
    if problems:
        raise SettingsError(problems=problems)
    return Asked(
        given["number"],
        given["page"],
        given["ref"],
        given["referrer"],
        address,
        _once(who, request),
        counted_as=network_of(address) if address else "",
    )


def _once(who: Who, request: Request) -> str | None:
    """What marks a request that may come again: the ticket, or the key that a program gives."""
    if who.ticket is not None:
        return _mark(who.ticket)
    key = request.headers.get("idempotency-key", "").strip()
    if len(key) > LONGEST_KEY:
        raise Refused(400, "invalid_parameters", f"Idempotency-Key has more than {LONGEST_KEY} characters.")
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return f"token {who.token_id} {digest}" if key else None


def _mark(ticket: Ticket) -> str:
    return f"ticket {ticket.mark}"


def _cannot(refused: CannotCall, who: Who) -> Refused:
    """What a block lacks is told to programs; visitors cannot help it."""
    is_hidden = who.ticket is not None and refused.is_ours
    return Refused(409, refused.code, _HERE if is_hidden else str(refused))


def _shown(call: Call, who: Who) -> dict[str, Any]:
    return call.to_visitor() if who.ticket is not None else call.to_json()
