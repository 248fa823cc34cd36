"""One's own name, zone and sessions."""

from starlette.responses import Response

from trunkline.access.roles import MEANINGS, Right
from trunkline.errors import SettingsError
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit


def show(visit: Visit) -> Response:
    sessions = visit.rooms.sessions.of_user(visit.user)
    meanings = [MEANINGS[right] for right in Right if visit.user.may(right)]
    return visit.page("profile/show.html", sessions=sessions, meanings=meanings)


def sign_out_elsewhere(visit: Visit) -> Response:
    """End all sessions of this user but this one."""
    if visit.session is None:
        raise SettingsError("There is no session.")
    count = visit.rooms.sessions.end_all(visit.user, visit.session.digest)
    return visit.go(
        "/profile", f"{count} other sessions were ended." if count else "There was no other session."
    )


PAGES = (
    get("/profile", show, Right.OWN),
    post("/profile/sign-out-elsewhere", sign_out_elsewhere, Right.OWN),
)
