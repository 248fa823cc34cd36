"""The people of an installation: who is there, invitations, roles, who may come in."""

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from trunkline.access.people import Link, People
from trunkline.access.roles import MEANINGS, RIGHTS, Right, Role
from trunkline.access.users import User
from trunkline.center.owners import forget_owner
from trunkline.errors import SettingsError
from trunkline.pages.links import begin_errand
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit

ROLES = {
    Role.OWNER: "everything, owners too",
    Role.ADMIN: "everything but changing owners",
    Role.ANALYST: "data: datasets, runs, questions in SQL",
    Role.MANAGER: "a profile; more comes with reports for teams",
    Role.EMPLOYEE: "a profile; more comes with reports of one's own calls",
}


def _people(visit: Visit) -> People:
    return People(visit.rooms.store, visit.rooms.clock, visit.user, visit.address)


def _whom(visit: Visit) -> User:
    """Raises SettingsError where there is none."""
    return visit.rooms.users.get(visit.number("user"))


def show_all(visit: Visit) -> Response:
    return visit.page("people/all.html", people=visit.rooms.users.all())


def show_invitation(visit: Visit) -> Response:
    return _invitation(visit, 200, {})


def _invitation(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    may_give = {role: ROLES[role] for role in _people(visit).roles()}
    return visit.page(
        "people/invite.html",
        status,
        problems=problems,
        roles=may_give,
        name=visit.text("name"),
        email=visit.text("email"),
        role=visit.text("role") or Role.ANALYST,
        has_mail=visit.rooms.mail.is_there,
    )


async def invite(visit: Visit) -> Response:
    fields = (visit.text("email"), visit.text("name"), visit.text("role"))
    try:
        user, link = await run_in_threadpool(_people(visit).invite, *fields)
    except SettingsError as error:
        problems = {problem.field: problem.message for problem in error.problems}
        return await run_in_threadpool(_invitation, visit, 422, problems)
    return _handed_over(visit, user, link)


async def make_link(visit: Visit) -> Response:
    """An invitation anew, or a way to another password."""
    user = await run_in_threadpool(_whom, visit)
    return _handed_over(visit, user, await run_in_threadpool(_people(visit).new_link, user))


def _handed_over(visit: Visit, user: User, link: Link) -> Response:
    """Show a link this once; it is mailed too, where mail can be sent."""
    address, has_mail = visit.origin + link.path, visit.rooms.mail.is_there
    if has_mail:
        about = [
            f"{visit.user.name} ({visit.who}) sends you this link to Trunkline at {visit.origin}.",
            f"Set your password here, once:\n{address}",
        ]
        begin_errand(visit, visit.rooms.mail.send(user.email, "Your way into Trunkline", about))
    return visit.page(
        "people/link.html", whom=user, link=address, purpose=str(link.purpose), has_mail=has_mail
    )


def show(visit: Visit) -> Response:
    whom, people = _whom(visit), _people(visit)
    sessions = visit.rooms.sessions.of_user(whom)
    return visit.page(
        "people/one.html",
        whom=whom,
        sessions=len(sessions),
        may_change=people.may_change(whom),
        roles={role: ROLES[role] for role in people.roles()},
        meanings=[MEANINGS[right] for right in Right if right in RIGHTS[whom.role]],
    )


def give_role(visit: Visit) -> Response:
    whom = _people(visit).give_role(_whom(visit), visit.text("role"))
    return visit.go(f"/users/{whom.id}", f"{whom.name} is {whom.role} now.")


def let_in(visit: Visit) -> Response:
    whom = _people(visit).let_in(_whom(visit), is_active=True)
    return visit.go(f"/users/{whom.id}", f"{whom.name} may sign in again.")


def shut_out(visit: Visit) -> Response:
    whom = _people(visit).let_in(_whom(visit), is_active=False)
    return visit.go(f"/users/{whom.id}", f"{whom.name} is signed out, and may not sign in.")


def forget_second_factor(visit: Visit) -> Response:
    whom = _whom(visit)
    _people(visit).forget_second_factor(whom, visit.rooms.second_factors)
    return visit.go(f"/users/{whom.id}", f"{whom.name} signs in by the password alone.")


def sign_out(visit: Visit) -> Response:
    whom = _whom(visit)
    count = _people(visit).sign_out(whom)
    said = f"{whom.name} is signed out everywhere." if count else f"{whom.name} was signed in nowhere."
    return visit.go(f"/users/{whom.id}", said)


def remove(visit: Visit) -> Response:
    whom = _whom(visit)
    _people(visit).remove(whom)
    forget_owner(visit.rooms.store, whom.id)
    return visit.go("/users", f"{whom.name} is removed. What they made is still there, and is nobody's.")


PAGES = (
    get("/users", show_all, Right.USERS_WRITE),
    get("/users/invite", show_invitation, Right.USERS_WRITE),
    post("/users/invite", invite, Right.USERS_WRITE),
    get("/users/{user}", show, Right.USERS_WRITE),
    post("/users/{user}/link", make_link, Right.USERS_WRITE),
    post("/users/{user}/role", give_role, Right.USERS_WRITE),
    post("/users/{user}/enable", let_in, Right.USERS_WRITE),
    post("/users/{user}/disable", shut_out, Right.USERS_WRITE),
    post("/users/{user}/second-factor-off", forget_second_factor, Right.USERS_WRITE),
    post("/users/{user}/sign-out", sign_out, Right.USERS_WRITE),
    post("/users/{user}/remove", remove, Right.USERS_WRITE),
)
