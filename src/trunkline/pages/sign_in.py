"""Signing in and out, and the first user."""

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trunkline.access.links import Links, Purpose
from trunkline.access.users import User
from trunkline.errors import SettingsError
from trunkline.pages.routing import get, post
from trunkline.pages.visit import SESSION, Visit

WRONG = "The e-mail address or the password is wrong."


def show(visit: Visit) -> Response:
    """The form; who is signed in already goes on."""
    if visit.session is not None:
        return visit.go(_next(visit.query.get("next", "")))
    if visit.rooms.users.is_empty():
        return visit.page("sign_in/nobody.html")
    return _form(visit)


def _form(visit: Visit, status: int = 200, wrong: str = "") -> Response:
    wanted = visit.text("next") or visit.query.get("next", "")
    return visit.page("sign_in/form.html", status, wrong=wrong, email=visit.text("email"), wanted=wanted)


async def sign_in(visit: Visit) -> Response:
    """Let a user in by a password; who has had too many wrong ones waits."""
    email, rooms = visit.text("email").casefold(), visit.rooms
    by_user = f"user {email}"[:64]
    seconds = max(rooms.wrong_logins.wait_seconds(visit.address), rooms.wrong_passwords.wait_seconds(by_user))
    if seconds:
        text = f"Too many wrong passwords. The next try is possible in {seconds // 60 + 1} minutes."
        return _form(visit, 429, text)
    user = await run_in_threadpool(rooms.users.proven, email, visit.secret("password"))
    if user is None:
        rooms.wrong_logins.note(visit.address)
        rooms.wrong_passwords.note(by_user)
        return _form(visit, 403, WRONG)
    return await run_in_threadpool(begin_session, visit, user, visit.text("next"))


def begin_session(visit: Visit, user: User, wanted: str) -> Response:
    """Send a user who has proven who they are to the page they wanted, with a new session."""
    agent = visit.request.headers.get("user-agent", "")
    session = visit.rooms.sessions.begin(user, visit.address, agent)
    response = visit.go(_next(wanted))
    visit.set_cookie(response, SESSION, session.text, seconds=30 * 86_400)
    return response


def sign_out(visit: Visit) -> Response:
    if visit.session is not None:
        visit.rooms.sessions.end(visit.session.digest)
    response = visit.go("/sign-in", "You are signed out.")
    response.delete_cookie(SESSION)
    return response


def show_set_up(visit: Visit) -> Response:
    text = visit.query.get("link", "")
    is_good = visit.rooms.users.is_empty() and _links(visit).is_good(Purpose.SETUP, text)
    return visit.page("sign_in/set_up.html", 200 if is_good else 403, is_good=is_good, link=text, problems={})


def set_up(visit: Visit) -> Response:
    """Make the first user."""
    text = visit.text("link")
    fields = (visit.text("email"), visit.text("name"), visit.secret("password"))
    try:
        user = _links(visit).set_up(text, *fields)
    except SettingsError as error:
        if not error.problems:
            raise
        problems = {problem.field: problem.message for problem in error.problems}
        return visit.page("sign_in/set_up.html", 422, is_good=True, link=text, problems=problems)
    return begin_session(visit, user, "/")


def sign_in_once(visit: Visit) -> Response:
    """Whoever has the demo's address is its user. A second look at it leads home."""
    if visit.session is not None:
        return visit.go("/")
    user = _links(visit).user_of(Purpose.DEMO, visit.query.get("link", ""))
    return begin_session(visit, user, "/")


def _links(visit: Visit) -> Links:
    return Links(visit.rooms.store, visit.rooms.clock)


def _next(wanted: str) -> str:
    """A path of ours; anything else leads home."""
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\n" not in wanted
    return wanted if is_ours else "/"


PAGES = (
    get("/sign-in", show, None),
    post("/sign-in", sign_in, None),
    post("/sign-out", sign_out, None),
    get("/sign-in/once", sign_in_once, None),
    get("/set-up", show_set_up, None),
    post("/set-up", set_up, None),
)
