"""Signing in by another service: to it, and back from it."""

import json
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from trunkline.access.newcomers import user_named
from trunkline.errors import NotAllowed, SettingsError
from trunkline.pages.routing import get
from trunkline.pages.sign_in import let_in, path_of_ours
from trunkline.pages.visit import Visit

PATH, BACK = "/sign-in/service", "/sign-in/service/back"
UNDER_WAY = "trunkline_under_way"
"""The cookie with what must fit when the browser comes back, sealed."""
GOOD_FOR = timedelta(minutes=10)


def begin(visit: Visit) -> Response:
    """To the service."""
    service = visit.rooms.sign_in_service()
    url, started = service.begin(visit.origin + BACK)
    until = (visit.rooms.clock.now() + GOOD_FOR).timestamp()
    kept = {**started.to_json(), "next": path_of_ours(visit.query.get("next", "")), "until": str(until)}
    response = RedirectResponse(url, 303)
    sealed = visit.rooms.center.vault.encrypt({"sign-in": json.dumps(kept)})
    visit.set_cookie(response, UNDER_WAY, sealed, seconds=int(GOOD_FOR.total_seconds()))
    return response


def come_back(visit: Visit) -> Response:
    """From the service; only in the browser that went there, and once."""
    from trunkline.access.oidc import Started

    service, kept = visit.rooms.sign_in_service(), _kept(visit)
    started = Started(kept["state"], kept["nonce"], kept["verifier"])
    person = service.finish(started, visit.origin + BACK, urlsplit(str(visit.request.url)).query)
    rooms = visit.rooms
    try:
        user, is_new = user_named(rooms.store, rooms.clock, person, rooms.settings.text("oidc_role"))
    except NotAllowed:
        rooms.audit.note(None, visit.address, "sign_in.failed", person.email, by="sign-in service")
        raise
    if is_new:
        rooms.audit.note(user, visit.address, "user.added", user.email, by="sign-in service", role=user.role)
    response = let_in(visit, user, kept["next"], "sign-in service")
    response.delete_cookie(UNDER_WAY)
    return response


def _kept(visit: Visit) -> dict[str, str]:
    """What this browser kept. Raises NotAllowed for another, or one that comes too late."""
    try:
        opened = visit.rooms.center.vault.decrypt(visit.request.cookies.get(UNDER_WAY, ""))
        kept: dict[str, str] = json.loads(opened["sign-in"])
        is_in_time = float(kept["until"]) > visit.rooms.clock.now().timestamp()
    except (SettingsError, KeyError, ValueError):
        is_in_time = False
    if not is_in_time:
        raise NotAllowed("No sign-in is under way in this browser.", todo="Sign in once more.")
    return kept


PAGES = (get(PATH, begin, None), get(BACK, come_back, None))
