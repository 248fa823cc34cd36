"""Who changed what."""

from starlette.responses import Response

from trunkline.access.audit import COMMAND_LINE, NOBODY
from trunkline.access.roles import Right
from trunkline.pages.routing import get
from trunkline.pages.visit import Visit

ON_A_PAGE = 50


def show(visit: Visit) -> Response:
    """The newest entries, or those before one, of a person or an action."""
    who, action = visit.query.get("who", "").strip(), visit.query.get("action", "")
    before = visit.query.get("before", "")
    before_id = int(before) if before.isdecimal() and len(before) < 19 else None
    entries = visit.rooms.audit.page(before_id, ON_A_PAGE + 1, action, who)
    return visit.page(
        "audit/list.html",
        entries=entries[:ON_A_PAGE],
        older=entries[ON_A_PAGE - 1].id if len(entries) > ON_A_PAGE else None,
        is_first=before_id is None,
        who=who,
        action=action,
        actions=visit.rooms.audit.actions(),
        people=[COMMAND_LINE, NOBODY, *(user.email for user in visit.rooms.users.all())],
    )


PAGES = (get("/audit", show, Right.AUDIT_READ),)
