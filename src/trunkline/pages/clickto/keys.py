"""Keys of the click-to report and of old links: made once, shown once, refused for good."""

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.clickto.blocks import Blocks
from trunkline.clickto.keys import Key, Keys
from trunkline.errors import Problem, SettingsError
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit

MOST_BLOCKS = 500


def index(visit: Visit) -> Response:
    return _page(visit)


def _page(
    visit: Visit,
    status: int = 200,
    *,
    made: tuple[Key, str] | None = None,
    error: SettingsError | None = None,
) -> Response:
    return visit.page(
        "clickto/keys.html",
        status,
        keys=_keys(visit).all(),
        blocks=Blocks(visit.rooms.store, visit.rooms.clock).some(0, MOST_BLOCKS),
        chosen=set(_chosen(visit)) if error else set(),
        made=made,
        problems={problem.field: problem.message for problem in error.problems} if error else {},
    )


def add(visit: Visit) -> Response:
    """The secret is in this one answer, and kept nowhere."""
    only = None if visit.text("reads") == "all" else _chosen(visit)
    try:
        if only is not None and not only:
            raise SettingsError(problems=[Problem("blocks", "Choose a block, or all of them.")])
        made = _keys(visit).add(visit.text("name"), only, may_call=bool(visit.text("may_call")))
    except SettingsError as error:
        if not error.problems:
            raise
        return _page(visit, 422, error=error)
    rooms, (key, _) = visit.rooms, made
    blocks = list(key.blocks) if key.blocks is not None else "all"
    rooms.audit.note(visit.user, visit.address, "key.made", key.name, blocks=blocks, may_call=key.may_call)
    return _page(visit, made=made)


def revoke(visit: Visit) -> Response:
    wanted = visit.part("key")
    found = next((key for key in _keys(visit).all() if str(key.id) == wanted), None)
    if found is None:
        raise SettingsError("There is no such key.", todo="The list of keys has all of them.")
    _keys(visit).revoke(found.name)
    visit.rooms.audit.note(visit.user, visit.address, "key.revoked", found.name)
    return visit.go("/clickto/keys", f"The key {found.name} is refused from now on.")


def _chosen(visit: Visit) -> list[int]:
    texts = [text for text in visit.form.getlist("block") if isinstance(text, str)]
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 17]


def _keys(visit: Visit) -> Keys:
    return Keys(visit.rooms.store, visit.rooms.clock)


PAGES = (
    get("/clickto/keys", index, Right.CLICKTO_WRITE),
    post("/clickto/keys", add, Right.CLICKTO_WRITE),
    post("/clickto/keys/{key}/revoke", revoke, Right.CLICKTO_WRITE),
)
