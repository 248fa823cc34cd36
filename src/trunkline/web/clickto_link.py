"""`/click_to_xyz.php`: a call placed by a link, as web pages and programs of before ask for it."""

import asyncio
import logging
from collections.abc import Mapping

from trunkline.access.wrong_logins import network_of
from trunkline.asking import Gone, Receive, Scope, Send, TooLarge, answer, caller, header
from trunkline.clickto.blocks import Block, Blocks
from trunkline.clickto.calling import Calling
from trunkline.clickto.dialing import is_allowed, origin_of
from trunkline.clickto.keys import Key, Keys
from trunkline.clickto.limits import TooMany
from trunkline.clickto.links import INVALID_LINK, InvalidLink, link_of
from trunkline.clickto.plans import Asked, CannotCall
from trunkline.clickto.visits import visitor_address
from trunkline.errors import SettingsError, TrunklineError
from trunkline.web.clickto_forms import UnreadableForm, parameters_of
from trunkline.web.guesses import Guesses
from trunkline.web.origins import allowing, as_bytes, origin_asked

LINK_PATH = "/click_to_xyz.php"
METHODS = ("GET", "POST")
TEXT = b"text/plain; charset=utf-8"
CONNECTED = "Call Connected."
OF_RESULTS = {
    "ANSWER": CONNECTED,
    "BUSY": "Phone Busy",
    "NOANSWER": "No Answer",
    "CANCEL": "Call Cancelled",
}
NOT_CONNECTED = "Call Could Not Be Connected"
NOT_HERE = "Calls cannot be placed here just now."
_log = logging.getLogger("trunkline.clickto")


class Told(Exception):
    """The answer: its status, its text, and what else a client must know."""

    def __init__(self, status: int, text: str, **headers: str) -> None:
        super().__init__(text)
        self.status, self.headers = status, headers


class LinkEndpoint:
    """Answers once the business has answered or cannot be reached, as clients know it."""

    def __init__(self, blocks: Blocks, keys: Keys, guesses: Guesses, *, own_statuses: bool) -> None:
        self._blocks, self._keys, self._guesses, self._own_statuses = blocks, keys, guesses, own_statuses
        self.calling: Calling | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = ""
        try:
            _check_purpose(scope)
            params = await self._parameters(scope, receive)
            key, blocks = await self._callable(scope, params)
            link = link_of(params, blocks)
            origin = _checked_origin(scope, params, link.block)
            asked = _asked(scope, params, link.visitor, link.numbers, is_public=_is_public(params))
            told = await self._called(link.block, asked)
            await asyncio.to_thread(self._keys.used, key)
        except Gone:
            return
        except InvalidLink as invalid:
            told = Told(400, str(invalid))
        except Told as one:
            told = one
        except TrunklineError as error:
            _log.error("A click-to link failed: %s", error)
            told = Told(503, NOT_HERE)
        headers = {"Cache-Control": "no-store", **told.headers, **allowing(origin)}
        status = told.status if self._own_statuses or told.status in (200, 429, 503) else 200
        await answer(send, status, TEXT, str(told).encode(), headers=as_bytes(headers))

    async def _parameters(self, scope: Scope, receive: Receive) -> dict[str, str]:
        if wait := self._guesses.wait_seconds(caller(scope)):
            raise Told(429, "Too many wrong keys from this address.", **{"Retry-After": str(wait)})
        try:
            return await parameters_of(scope, receive)
        except TooLarge:
            raise Told(413, "The request is too large.") from None
        except UnreadableForm as error:
            raise Told(400, str(error)) from None

    async def _callable(self, scope: Scope, params: Mapping[str, str]) -> tuple[Key, list[Block]]:
        """The key, and the blocks it may call. Wrong keys are counted, and told like wrong blocks."""
        access, secret = params.get("access_key", ""), params.get("secret_access_key", "")
        if _is_public(params):
            key = await asyncio.to_thread(self._keys.public, params["key"])
        else:
            key = await asyncio.to_thread(self._keys.proven, access, secret)
        if key is None:
            self._guesses.note(caller(scope))
        if key is None or not key.may_call:
            raise Told(401, INVALID_LINK)
        blocks = await asyncio.to_thread(self._blocks.all)
        return key, [block for block in blocks if key.blocks is None or block.id in key.blocks]

    async def _called(self, block: Block, asked: Asked) -> Told:
        if self.calling is None:
            raise Told(503, NOT_HERE, **{"Retry-After": "5"})
        try:
            call = await self.calling.place(block, asked)
        except CannotCall as refused:
            raise Told(409, NOT_HERE if refused.is_ours else str(refused)) from None
        except TooMany as many:
            raise Told(429, str(many), **{"Retry-After": str(many.wait_seconds)}) from None
        except SettingsError as error:
            if not error.problems:
                raise
            raise Told(400, str(error)) from None
        result = await self.calling.first_leg(call)
        return Told(200, OF_RESULTS.get(result, NOT_CONNECTED))


def _check_purpose(scope: Scope) -> None:
    """Nothing rings because a browser has loaded a link beforehand, or looks at its head."""
    if scope["method"] not in METHODS:
        raise Told(405, "Ask with GET or POST.", Allow=", ".join(METHODS))
    purposes = header(scope, b"sec-purpose") + header(scope, b"purpose") + header(scope, b"x-moz")
    if "prefetch" in purposes.lower() or "prerender" in purposes.lower():
        raise Told(403, "This link is not loaded beforehand.")


def _is_public(params: Mapping[str, str]) -> bool:
    return bool(params.get("key")) and not params.get("secret_access_key")


def _checked_origin(scope: Scope, params: Mapping[str, str], block: Block) -> str:
    """The origin whose page may read the answer. A key without its secret is good for pages alone."""
    said = origin_asked(scope)
    origin = said or origin_of(header(scope, b"referer"))
    if is_allowed(origin, block.origins):
        return said
    if _is_public(params) or said:
        raise Told(403, INVALID_LINK)
    return ""


def _asked(
    scope: Scope, params: Mapping[str, str], visitor: str, numbers: tuple[str, ...], *, is_public: bool
) -> Asked:
    page = params.get("page") or header(scope, b"referer")
    address = caller(scope) if is_public else _address_given(params)
    return Asked(
        visitor,
        page,
        params.get("ref", ""),
        params.get("referrer", ""),
        address,
        numbers=numbers,
        counted_as=network_of(address) if address else "",
    )


def _address_given(params: Mapping[str, str]) -> str:
    """The visitor's, where a program tells it: its own says nothing of the visitor."""
    try:
        return visitor_address(params.get("ip_address", ""))
    except ValueError as error:
        raise Told(400, f"ip_address: {error}.") from None
