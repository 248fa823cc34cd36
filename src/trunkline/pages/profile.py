"""One's own name, zone, password and sessions."""

from functools import cache
from zoneinfo import available_timezones

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trunkline.access.roles import MEANINGS, Right
from trunkline.errors import SettingsError
from trunkline.pages.proving import MustWait, proven
from trunkline.pages.routing import get, post
from trunkline.pages.sign_in import SESSION_SECONDS
from trunkline.pages.visit import SESSION, Visit

WRONG_PASSWORD = "This is not your password."


def show(visit: Visit) -> Response:
    return _profile(visit, 200, {})


def _profile(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    """`problems`: by field. What was typed stands there again."""
    user, form = visit.user, visit.form
    return visit.page(
        "profile/show.html",
        status,
        problems=problems,
        name=visit.text("name") if "name" in form else user.name,
        zone=visit.text("zone") if "zone" in form else user.zone,
        zones=zones(),
        sessions=visit.rooms.sessions.of_user(user),
        tokens=len(visit.rooms.tokens.of_user(user)),
        meanings=[MEANINGS[right] for right in Right if user.may(right)],
    )


def describe(visit: Visit) -> Response:
    """Change name and zone."""
    try:
        visit.rooms.users.describe(visit.user, visit.text("name"), visit.text("zone"))
    except SettingsError as error:
        return _profile(visit, 422, {problem.field: problem.message for problem in error.problems})
    return visit.go("/profile", "Saved.")


async def change_password(visit: Visit) -> Response:
    """The old one is asked for, since a browser may have been left open. All other sessions end."""
    user, users = visit.user, visit.rooms.users
    try:
        is_right = await proven(visit, user.email, lambda: users.is_password(user, visit.secret("old")))
    except MustWait as wait:
        return await run_in_threadpool(_profile, visit, 429, {"old": str(wait)})
    if not is_right:
        return await run_in_threadpool(_profile, visit, 422, {"old": WRONG_PASSWORD})
    return await run_in_threadpool(_with_new_password, visit)


def _with_new_password(visit: Visit) -> Response:
    user, rooms = visit.user, visit.rooms
    try:
        rooms.users.set_password(user, visit.secret("password"))
    except SettingsError as error:
        return _profile(visit, 422, {problem.field: problem.message for problem in error.problems})
    rooms.audit.note(user, visit.address, "password.changed", user.email)
    session = rooms.sessions.begin(user, visit.address, visit.request.headers.get("user-agent", ""))
    response = visit.go("/profile", "Your password is changed, and all other sessions are ended.")
    visit.set_cookie(response, SESSION, session.text, seconds=SESSION_SECONDS)
    return response


def sign_out_elsewhere(visit: Visit) -> Response:
    """End all sessions of this user but this one."""
    if visit.session is None:
        raise SettingsError("There is no session.")
    count = visit.rooms.sessions.end_all(visit.user, visit.session.digest)
    visit.rooms.audit.note(visit.user, visit.address, "sessions.ended", visit.who, sessions=count)
    return visit.go(
        "/profile", f"{count} other sessions were ended." if count else "There was no other session."
    )


@cache
def zones() -> list[str]:
    """Those of places, by their names; and UTC."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and name[:4] != "Etc/")]


PAGES = (
    get("/profile", show, Right.OWN),
    post("/profile", describe, Right.OWN),
    post("/profile/password", change_password, Right.OWN),
    post("/profile/sign-out-elsewhere", sign_out_elsewhere, Right.OWN),
)
