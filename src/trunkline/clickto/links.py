"""What a link of `/click_to_xyz.php` names: the block, the visitor's number, and numbers of its own.

The parameters are those publicly known of the script. Blocks are named by `click_id`, or as each application
names its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trunkline.clickto.blocks import HIGHEST_ID, Block, Kind
from trunkline.clickto.numbers import same_number

NO_APPLICATION = "Missing Application Specification"
INVALID_LINK = "The link you clicked to reach here was invalid"
NO_NUMBER = "Missing phone_to_call"
APPLICATIONS = {
    "ctc": (Kind.CALL, ()),
    "ctf": (Kind.FINDME, ("findme_id",)),
    "ctfl": (Kind.FINDME_LIST, ()),
    "ctvr": (Kind.VIRTUAL_RECEPTIONIST, ("manu_id", "menu_id")),
    "ctvm": (Kind.VOICEMAIL, ("vmail_box_id",)),
    "cts": (Kind.IVR, ("survo_id",)),
    "cti": (Kind.IVR, ("survo_id",)),
    "cta": (Kind.AGENT, ("agent_id",)),
}
"""By the parameter `app`: the kind of block, and how its id is called there."""


class InvalidLink(Exception):
    """A link that calls nothing; the text is the answer."""


@dataclass(frozen=True)
class Link:
    """A link understood. `numbers`: of the block's own the ones to try, none: all."""

    block: Block
    visitor: str
    numbers: tuple[str, ...] = ()


def link_of(params: Mapping[str, str], blocks: Sequence[Block]) -> Link:
    """Raises InvalidLink. `blocks` are those that whoever asks may call."""
    if params.get("type", "") not in ("", "1", "2"):
        raise InvalidLink("type must be 1 or 2")
    app, visitor = params.get("app", "").strip().lower(), params.get("phone_to_call", "").strip()
    chosen = params.get("click_id") or params.get("click-id") or ""
    if not app and not chosen:
        raise InvalidLink(NO_APPLICATION)
    if not visitor:
        raise InvalidLink(NO_NUMBER)
    if chosen:
        return Link(_of_id(chosen, blocks), visitor)
    kind, names = APPLICATIONS.get(app, (None, ()))
    of_kind = [block for block in blocks if block.kind is kind]
    if app == "ctc":
        return _between(params.get("id", ""), visitor, of_kind)
    if app == "ctfl":
        return _listed(params.get("list", ""), visitor, of_kind)
    return Link(_of_id(next((params[name] for name in names if params.get(name)), ""), of_kind), visitor)


def _of_id(text: str, blocks: Sequence[Block]) -> Block:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    found = next((block for block in blocks if block.id == number <= HIGHEST_ID), None)
    if found is None:
        raise InvalidLink(INVALID_LINK)
    return found


def _between(own: str, other: str, blocks: Sequence[Block]) -> Link:
    """Of two numbers one is a block's; the other is the visitor's, whichever way round they come."""
    for business, visitor in ((own, other), (other, own)):
        for block in blocks:
            found = [number for number in block.numbers if same_number(number, business)]
            if found and visitor.strip():
                return Link(block, visitor, tuple(found[:1]))
    raise InvalidLink(INVALID_LINK)


def _listed(text: str, visitor: str, blocks: Sequence[Block]) -> Link:
    """A list with | between its numbers, all of one block, in the order in which they are to be tried."""
    wanted = [one for one in text.replace(",", "|").split("|") if one.strip()]
    for block in blocks:
        found = [next((n for n in block.numbers if same_number(n, one)), "") for one in wanted]
        if found and all(found):
            return Link(block, visitor, tuple(dict.fromkeys(found)))
    raise InvalidLink(INVALID_LINK)
