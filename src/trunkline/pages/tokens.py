"""One's own tokens of the API."""

from starlette.responses import Response

from trunkline.access.roles import MEANINGS, Right
from trunkline.errors import Problem, SettingsError
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit

PATH = "/profile/tokens"
DAYS = {"30": "30 days", "90": "90 days", "365": "a year", "": "until it is removed"}
USUAL_DAYS = "90"


def show(visit: Visit) -> Response:
    return _shown(visit, 200, {})


def _shown(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    meanings = {right: MEANINGS[right] for right in Right if visit.user.may(right)}
    return visit.page(
        "profile/tokens.html",
        status,
        problems=problems,
        tokens=visit.rooms.tokens.of_user(visit.user),
        meanings=meanings,
        name=visit.text("name"),
        chosen=_chosen(visit),
        all_days=DAYS,
        days=visit.text("days") if "days" in visit.form else USUAL_DAYS,
    )


def _chosen(visit: Visit) -> list[str]:
    return [word for word in visit.form.getlist("scopes") if isinstance(word, str)]


def add(visit: Visit) -> Response:
    """Make one, and show it this once."""
    days = visit.text("days")
    try:
        if days not in DAYS:
            raise SettingsError(problems=[Problem("days", "Choose one of these times.")])
        number = int(days) if days else None
        token, text = visit.rooms.tokens.add_for(visit.user, visit.text("name"), _chosen(visit), number)
    except SettingsError as error:
        return _shown(visit, 422, {problem.field: problem.message for problem in error.problems})
    visit.rooms.audit.note(
        visit.user, visit.address, "token.added", token.name, scopes=token.scopes, until=token.expires_at
    )
    return visit.page("profile/token.html", made=token, text=text)


def remove(visit: Visit) -> Response:
    token = visit.rooms.tokens.remove_of(visit.user, visit.number("token"))
    visit.rooms.audit.note(visit.user, visit.address, "token.removed", token.name)
    return visit.go(PATH, f"{token.own_name} is removed: it is refused from now on.")


PAGES = (
    get(PATH, show, Right.OWN),
    post(PATH, add, Right.OWN),
    post(f"{PATH}/{{token}}/remove", remove, Right.OWN),
)
