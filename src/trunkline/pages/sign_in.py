"""Signing in and out: the password, then the code of who has a second factor."""

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trunkline.access.links import Purpose
from trunkline.access.users import User
from trunkline.errors import SettingsError
from trunkline.pages.proving import MustWait, proven
from trunkline.pages.routing import get, post
from trunkline.pages.visit import SESSION, Visit

WRONG = "The e-mail address or the password is wrong."
WRONG_CODE = "This code is wrong, or was used already."
HALF = "trunkline_half"
"""The cookie of a browser whose user has given the password, and not the code yet."""
SESSION_SECONDS, HALF_SECONDS = 30 * 86_400, 600


def show(visit: Visit) -> Response:
    """The form; who is signed in already goes on."""
    if visit.session is not None:
        return visit.go(path_of_ours(visit.query.get("next", "")))
    if visit.rooms.users.is_empty():
        return visit.page("sign_in/nobody.html")
    return _form(visit)


def _form(visit: Visit, status: int = 200, wrong: str = "") -> Response:
    wanted = visit.text("next") or visit.query.get("next", "")
    settings = visit.rooms.settings
    has_service = settings.text("oidc_issuer") and settings.text("oidc_client_id")
    return visit.page(
        "sign_in/form.html",
        status,
        wrong=wrong,
        email=visit.text("email"),
        wanted=path_of_ours(wanted),
        button=settings.text("oidc_label") if has_service else "",
    )


async def sign_in(visit: Visit) -> Response:
    """Let a user in by a password; who has had too many wrong ones waits."""
    email, rooms = visit.text("email").casefold(), visit.rooms
    try:
        user = await proven(visit, email, lambda: rooms.users.proven(email, visit.secret("password")))
    except MustWait as wait:
        return await run_in_threadpool(_form, visit, 429, str(wait))
    if user is None:
        typed = email if "@" in email else ""  # some type their password there
        await run_in_threadpool(rooms.audit.note, None, visit.address, "sign_in.failed", typed)
        return await run_in_threadpool(_form, visit, 403, WRONG)
    return await run_in_threadpool(let_in, visit, user, visit.text("next"), "password")


def let_in(visit: Visit, user: User, wanted: str, by: str) -> Response:
    """On to the code, where the user has a second factor; else in. `by`: how they proved who they are."""
    if not user.has_second_factor:
        return begin_session(visit, user, wanted, by)
    response = visit.go(f"/sign-in/code?next={quote(path_of_ours(wanted))}")
    text = visit.rooms.links.make(Purpose.SECOND_FACTOR, user)
    visit.set_cookie(response, HALF, text, seconds=HALF_SECONDS)
    return response


def begin_session(visit: Visit, user: User, wanted: str, by: str) -> Response:
    """Send a user who has proven who they are to the page they wanted, with a new session."""
    if visit.session is not None:
        visit.rooms.sessions.end(visit.session.digest)
    agent = visit.request.headers.get("user-agent", "")
    session = visit.rooms.sessions.begin(user, visit.address, agent)
    visit.rooms.audit.note(user, visit.address, "sign_in.done", user.email, by=by)
    response = visit.go(path_of_ours(wanted))
    visit.set_cookie(response, SESSION, session.text, seconds=SESSION_SECONDS)
    return response


def show_code(visit: Visit) -> Response:
    """The second step; who has not done the first begins there."""
    if _half(visit) is None:
        return visit.go("/sign-in", "Sign in with your password first; the code is asked for then.")
    return _code_form(visit)


def _code_form(visit: Visit, status: int = 200, wrong: str = "") -> Response:
    wanted = visit.text("next") or visit.query.get("next", "")
    return visit.page("sign_in/code.html", status, wrong=wrong, wanted=path_of_ours(wanted))


async def take_code(visit: Visit) -> Response:
    user = await run_in_threadpool(_half, visit)
    if user is None:
        return visit.go("/sign-in", "That took too long. Sign in once more.", is_bad=True)
    whose, factors = user, visit.rooms.second_factors
    try:
        is_good = await proven(visit, user.email, lambda: factors.is_good(whose, visit.text("code")))
    except MustWait as wait:
        return await run_in_threadpool(_code_form, visit, 429, str(wait))
    if not is_good:
        await run_in_threadpool(visit.rooms.audit.note, None, visit.address, "code.failed", user.email)
        return await run_in_threadpool(_code_form, visit, 403, WRONG_CODE)
    return await run_in_threadpool(_after_code, visit, user)


def _after_code(visit: Visit, user: User) -> Response:
    """In; whoever comes with the same half of a sign-in again is not."""
    if not visit.rooms.links.end(Purpose.SECOND_FACTOR, visit.request.cookies.get(HALF, "")):
        return visit.go("/sign-in", "That took too long. Sign in once more.", is_bad=True)
    response = begin_session(visit, user, visit.text("next"), "second factor")
    response.delete_cookie(HALF)
    return response


def _half(visit: Visit) -> User | None:
    """Who has given the password in this browser."""
    text = visit.request.cookies.get(HALF, "")
    return visit.rooms.links.user_of(Purpose.SECOND_FACTOR, text) if text else None


def sign_out(visit: Visit) -> Response:
    if visit.session is not None:
        visit.rooms.sessions.end(visit.session.digest)
        visit.rooms.audit.note(visit.user, visit.address, "sign_out.done", visit.who)
    response = visit.go("/sign-in", "You are signed out.")
    response.delete_cookie(SESSION)
    return response


def sign_in_once(visit: Visit) -> Response:
    """Whoever has the demo's address is its user. A second look at it leads home."""
    if visit.session is not None:
        return visit.go("/")
    text, links = visit.query.get("link", ""), visit.rooms.links
    user = links.user_of(Purpose.DEMO, text)
    if user is None or not links.end(Purpose.DEMO, text):
        raise SettingsError(
            "This address was used already, or is too old.", todo="The demo prints a new one at Enter."
        )
    return begin_session(visit, user, "/", by="the demo's address")


def path_of_ours(wanted: str) -> str:
    """A path of ours; anything else leads home. Browsers drop control characters and turn backslashes."""
    is_ours = wanted.startswith("/") and not wanted.startswith("//")
    return wanted if is_ours and wanted.isprintable() and "\\" not in wanted else "/"


PAGES = (
    get("/sign-in", show, None),
    post("/sign-in", sign_in, None),
    get("/sign-in/code", show_code, None),
    post("/sign-in/code", take_code, None),
    post("/sign-out", sign_out, None),
    get("/sign-in/once", sign_in_once, None),
)
