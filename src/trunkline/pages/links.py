"""Pages behind links that are good once: the first user, an invitation, a forgotten password."""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trunkline.access.links import Purpose
from trunkline.access.users import User
from trunkline.errors import SettingsError, TrunklineError
from trunkline.pages.proving import MustWait
from trunkline.pages.routing import get, post
from trunkline.pages.sign_in import begin_session, let_in
from trunkline.pages.visit import Visit

BETWEEN_MAILS = timedelta(minutes=2)
"""So long nobody gets another link by mail, however often it is asked for."""
_log = logging.getLogger("trunkline.pages")


def show_set_up(visit: Visit) -> Response:
    text = visit.query.get("link", "")
    is_good = visit.rooms.users.is_empty() and visit.rooms.links.is_good(Purpose.SETUP, text)
    return visit.page("sign_in/set_up.html", 200 if is_good else 403, is_good=is_good, link=text, problems={})


def set_up(visit: Visit) -> Response:
    """Make the first user."""
    text = visit.text("link")
    fields = (visit.text("email"), visit.text("name"), visit.secret("password"))
    try:
        user = visit.rooms.links.set_up(text, *fields)
    except SettingsError as error:
        if not error.problems:
            raise
        problems = {problem.field: problem.message for problem in error.problems}
        return visit.page("sign_in/set_up.html", 422, is_good=True, link=text, problems=problems)
    visit.rooms.audit.note(user, visit.address, "user.set_up", user.email)
    return begin_session(visit, user, "/", "set-up link")


def show_password(visit: Visit) -> Response:
    """Where an invitation and a link for a lost password lead."""
    text = visit.query.get("link", "")
    _, user = _whose(visit, text)
    return _password_form(visit, user, text, 200 if user else 403)


def _password_form(visit: Visit, user: User | None, text: str, status: int, problem: str = "") -> Response:
    return visit.page("sign_in/set_password.html", status, whose=user, link=text, problem=problem)


def set_password(visit: Visit) -> Response:
    text = visit.text("link")
    purpose, user = _whose(visit, text)
    if user is None:
        return _password_form(visit, None, text, 403)
    try:
        user = visit.rooms.links.set_password(purpose, text, visit.secret("password"))
    except SettingsError as error:
        if not error.problems:
            raise
        return _password_form(visit, user, text, 422, str(error))
    action = "invitation.accepted" if purpose is Purpose.INVITATION else "password.reset"
    visit.rooms.audit.note(user, visit.address, action, user.email)
    return let_in(visit, user, "/", str(purpose))


def _whose(visit: Visit, text: str) -> tuple[Purpose, User | None]:
    for purpose in (Purpose.INVITATION, Purpose.RESET):
        if user := visit.rooms.links.user_of(purpose, text):
            return purpose, user
    return Purpose.RESET, None


def show_forgotten(visit: Visit) -> Response:
    return visit.page("sign_in/forgotten.html", is_sent=False, has_mail=visit.rooms.mail.is_there)


async def send_link(visit: Visit) -> Response:
    """The same answer for everybody: whether an address is known is told to nobody, nor by its time."""
    seconds = visit.rooms.wrong_logins.wait_seconds(visit.address)
    if seconds:
        raise MustWait(todo=f"The next try is possible in {seconds // 60 + 1} minutes.")
    visit.rooms.wrong_logins.note(visit.address)
    if visit.rooms.mail.is_there:
        begin_errand(visit, _mail_link(visit, visit.text("email")))
    return visit.page("sign_in/forgotten.html", is_sent=True, has_mail=visit.rooms.mail.is_there)


async def _mail_link(visit: Visit, email: str) -> None:
    made = await run_in_threadpool(_link_for, visit, email)
    if made is None:
        return
    user, text = made
    await visit.rooms.mail.send(
        user.email,
        "Set a new password for Trunkline",
        [
            f"Somebody, probably you, asked for a new password for {user.email} at {visit.origin}.",
            f"Set it here, once and within an hour:\n{visit.origin}/set-password?link={text}",
            "If it was not you, do nothing: your password stays as it is.",
        ],
    )


def _link_for(visit: Visit, email: str) -> tuple[User, str] | None:
    try:
        user = visit.rooms.users.named(email)
    except SettingsError:
        return None
    purpose = Purpose.RESET if user.has_password else Purpose.INVITATION
    text = visit.rooms.links.make_again(purpose, user, BETWEEN_MAILS) if user.is_active else None
    if text is None:
        return None
    visit.rooms.audit.note(None, visit.address, "password.forgotten", user.email)
    return user, text


def begin_errand(visit: Visit, errand: Coroutine[None, None, None]) -> None:
    """Go on with something after the answer; what goes wrong with it stands in the log."""
    task = asyncio.get_running_loop().create_task(_done(errand))
    visit.rooms.errands.add(task)
    task.add_done_callback(visit.rooms.errands.discard)


async def _done(errand: Coroutine[None, None, None]) -> None:
    try:
        await errand
    except TrunklineError as error:
        _log.error("A mail was not sent: %s", error)
    except Exception:
        _log.exception("A mail was not sent.")


PAGES = (
    get("/set-up", show_set_up, None),
    post("/set-up", set_up, None),
    get("/set-password", show_password, None),
    post("/set-password", set_password, None),
    get("/forgotten", show_forgotten, None),
    post("/forgotten", send_link, None),
)
