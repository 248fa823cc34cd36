"""Signing in at a provider in the browser: there by a link, and back with what it gave.

What has to fit when the browser comes back is kept in a cookie that only this installation can open and
only this session can use, so that it does not matter which process answers.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import accounts, connecting
from trunkline.center.connecting import Pending
from trunkline.center.sharing import account_to_change
from trunkline.connectors import connector as connector_named
from trunkline.errors import SettingsError, TrunklineError
from trunkline.pages.accounts.reach import own_account_in
from trunkline.pages.new_dataset.provider import asked, hand_of, plain
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit

UNDER_WAY = "trunkline_sign_in"
RETURN = "/connect/return"


def return_address(visit: Visit) -> str:
    """Where the provider sends the browser back to; providers have to know it."""
    public = visit.rooms.settings.text("public_url").rstrip("/")
    return (public or str(visit.request.base_url).rstrip("/")) + RETURN


def begin(visit: Visit) -> Response:
    """Sign in for a saved account, for the first time or again; what it has stays until that is done."""
    account = own_account_in(visit)
    try:
        return leave(visit, account.connector, account.name, {})
    except TrunklineError as error:
        return visit.go(f"/accounts/{account.name}", _told(error), is_bad=True)


def leave(visit: Visit, connector: str, name: str, given: Mapping[str, Any]) -> Response:
    """The page with the link to the provider. A form could not lead there: pages send forms to us alone."""
    center = visit.rooms.center.impatient()
    pending = connecting.begin(center, connector, name, given, return_address(visit))
    response = visit.page(
        "accounts/leave.html", connector=connector_named(connector), pending=pending, name=name
    )
    text = connecting.sealed(center, pending, _whose(visit))
    visit.set_cookie(response, UNDER_WAY, text, connecting.GOOD_FOR_SECONDS)
    return response


def finish(visit: Visit) -> Response:
    """The browser is back: trade in what it brought, try it, save it."""
    text = visit.request.cookies.get(UNDER_WAY, "")
    try:
        pending = connecting.unsealed(visit.rooms.center, text, _whose(visit))
    except SettingsError as error:
        return visit.go("/accounts", _told(error), is_bad=True)
    if not connecting.belongs(pending, visit.request.url.query):
        told = "This answer does not belong to the sign-in that is under way. Begin again at the account."
        return visit.go("/accounts", told, is_bad=True)
    try:
        response = _connected(visit, pending)
    except TrunklineError as error:
        response = visit.go(_back(visit, pending), _told(error), is_bad=True)
    response.delete_cookie(UNDER_WAY)
    return response


def _connected(visit: Visit, pending: Pending) -> Response:
    center, label = visit.rooms.center.impatient(), connector_named(pending.connector).label
    if accounts.exists(center, pending.name):  # it may have been made or given away meanwhile
        account_to_change(center, hand_of(visit), pending.name)
    query = visit.request.url.query
    saved = asked(label, connecting.finish(center, pending, query, owner_id=visit.user.id))
    doubt = f" {saved.state_message}" if saved.state_message else ""
    return visit.go(f"/accounts/{saved.name}", f"{saved.name} is connected to {label}.{doubt}")


def _back(visit: Visit, pending: Pending) -> str:
    if accounts.exists(visit.rooms.center, pending.name):
        return f"/accounts/{pending.name}"
    return f"/accounts/new?connector={pending.connector}&way=sign-in"


def _told(error: TrunklineError) -> str:
    return f"{error.message} {plain(error).todo}".strip()


def _whose(visit: Visit) -> str:
    assert visit.session is not None, "only who is signed in comes here"
    return visit.session.digest


PAGES = (
    post("/accounts/{name}/connect", begin, Right.ACCOUNTS_USE),
    get(RETURN, finish, Right.ACCOUNTS_USE),
)
