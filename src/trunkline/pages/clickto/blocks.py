"""Click-to blocks: what a click connects to, and the button that web pages show."""

from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.clickto.account import account_of
from trunkline.clickto.blocks import Block, Blocks, Kind
from trunkline.clickto.hours import parse_hours
from trunkline.clickto.plans import NAMES
from trunkline.clickto.snippet import snippet_of
from trunkline.errors import Problem, SettingsError
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit

AT_ONCE = 100
TEXTS = ("description", "owner", "hours", "server", "channel", "business_channel", "caller_id", "countries")
LISTS = ("numbers", "origins")
WORDS = ("label", "button")
"""Texts of the button that the page offers to change; the script knows more."""
LONGEST_WORD = 200


def index(visit: Visit) -> Response:
    after = _number(visit.query.get("after", ""))
    found = _blocks(visit).some(after, AT_ONCE + 1)
    shown = found[:AT_ONCE]
    more = f"/clickto?after={shown[-1].id}" if len(found) > AT_ONCE else ""
    rows = [(block, NAMES[block.kind], _state(visit, block)) for block in shown]
    return visit.page("clickto/blocks.html", rows=rows, more=more, may_change=_may_change(visit))


def _state(visit: Visit, block: Block) -> dict[str, Any]:
    """Whether a click on the block would call now, as far as the block itself says."""
    lacking = [
        word for word, value in (("a server", block.server), ("a channel", block.channel)) if not value
    ]
    lacking += [] if block.numbers else ["a number"]
    return {"lacking": lacking, "is_open": _is_open(visit, block), "is_on_pages": bool(block.origins)}


def _is_open(visit: Visit, block: Block) -> bool:
    local = visit.rooms.clock.now().astimezone(account_of(visit.rooms.settings).zone)
    try:
        return parse_hours(block.hours).is_open(local)
    except ValueError:  # hours that an older version has kept
        return True


def new(visit: Visit) -> Response:
    empty = dict.fromkeys((*TEXTS, *LISTS, "id"), "")
    return _form(visit, None, {**empty, "kind": Kind.CALL})


def add(visit: Visit) -> Response:
    try:
        made = _blocks(visit).add(_given(visit), _wanted_id(visit))
    except SettingsError as error:
        return _again(visit, None, error)
    _note(visit, "block.added", made)
    return visit.go(f"/clickto/{made.id}", f"Block {made.id} was made.")


def _wanted_id(visit: Visit) -> int | None:
    text = visit.text("id")
    if text and not (text.isascii() and text.isdigit() and len(text) < 17):
        raise SettingsError(problems=[Problem("id", f"id is {text[:20]}: write a whole number from 1.")])
    return int(text) if text else None


def show(visit: Visit) -> Response:
    block = _block(visit)
    lists = {name: "\n".join(getattr(block, name)) for name in LISTS}
    texts = {name: getattr(block, name) for name in TEXTS}
    return _form(visit, block, {**texts, **lists, "kind": block.kind})


def change(visit: Visit) -> Response:
    block = _block(visit)
    try:
        changed = _blocks(visit).edit(block.id, _given(visit))
    except SettingsError as error:
        return _again(visit, block, error)
    _note(visit, "block.changed", changed)
    return visit.go(f"/clickto/{block.id}", f"Block {block.id} was changed.")


def _given(visit: Visit) -> dict[str, Any]:
    lists = {name: _lines(visit.text(name)) for name in LISTS}
    return {"kind": visit.text("kind"), **{name: visit.text(name) for name in TEXTS}, **lists}


def _lines(text: str) -> list[str]:
    return [one.strip() for one in text.replace(",", "\n").splitlines() if one.strip()]


def _again(visit: Visit, block: Block | None, error: SettingsError) -> Response:
    """The form as it was typed, with what is wrong."""
    if not error.problems:
        raise error
    typed = {name: visit.text(name) for name in (*TEXTS, *LISTS, "kind", "id")}
    return _form(visit, block, typed, 422, error)


def _form(
    visit: Visit,
    block: Block | None,
    typed: dict[str, Any],
    status: int = 200,
    error: SettingsError | None = None,
) -> Response:
    count, newest = _blocks(visit).activity_of(block.id) if block else (0, "")
    return visit.page(
        "clickto/block.html",
        status,
        block=block,
        typed=typed,
        names=NAMES,
        state=_state(visit, block) if block else None,
        zone=account_of(visit.rooms.settings).zone.key,
        count=count,
        newest=newest,
        may_change=_may_change(visit),
        problems={problem.field: problem.message for problem in error.problems} if error else {},
    )


def remove(visit: Visit) -> Response:
    block = _block(visit)
    with_activity = bool(visit.text("with_activity"))
    _blocks(visit).remove(block.id, with_activity=with_activity)
    _note(visit, "block.removed", block, with_activity=with_activity)
    return visit.go("/clickto", f"Block {block.id} was removed.")


def _note(visit: Visit, action: str, block: Block, **detail: Any) -> None:
    known = {"description": block.description, **detail}
    visit.rooms.audit.note(visit.user, visit.address, action, str(block.id), **known)


def snippet(visit: Visit) -> Response:
    """What is to be pasted into a web page, and how the button looks there."""
    block = _block(visit)
    ref = visit.query.get("ref", "").strip()[:LONGEST_WORD]
    words = {name: visit.query.get(name, "").strip()[:LONGEST_WORD] for name in WORDS}
    public = visit.rooms.settings.text("public_url")
    server = public or str(visit.request.base_url)
    return visit.page(
        "clickto/snippet.html",
        block=block,
        ref=ref,
        words=words,
        is_public=bool(public),
        snippet=snippet_of(server, block.id, ref, words),
        state=_state(visit, block),
    )


def _blocks(visit: Visit) -> Blocks:
    return Blocks(visit.rooms.store, visit.rooms.clock)


def _block(visit: Visit) -> Block:
    return _blocks(visit).get(_number(visit.part("block")))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 17 else 0


def _may_change(visit: Visit) -> bool:
    return visit.user.may(Right.CLICKTO_WRITE)


PAGES = (
    get("/clickto", index, Right.CLICKTO_READ),
    post("/clickto", add, Right.CLICKTO_WRITE),
    get("/clickto/new", new, Right.CLICKTO_WRITE),
    get("/clickto/{block}", show, Right.CLICKTO_READ),
    post("/clickto/{block}", change, Right.CLICKTO_WRITE),
    get("/clickto/{block}/snippet", snippet, Right.CLICKTO_READ),
    post("/clickto/{block}/remove", remove, Right.CLICKTO_WRITE),
)
