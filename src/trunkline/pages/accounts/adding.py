"""A new account: with a key, tried out before it is saved, or by signing in at the provider."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import accounts
from trunkline.center.sharing import usable
from trunkline.connectors import connector as connector_named
from trunkline.connectors import connector_names
from trunkline.declare import Connector
from trunkline.errors import Problem, SettingsError, TrunklineError
from trunkline.fetch.source import Access
from trunkline.options import Option
from trunkline.pages.accounts.connecting import leave, return_address
from trunkline.pages.accounts.reach import verdict_on
from trunkline.pages.new_dataset.provider import hand_of, plain
from trunkline.pages.option_form import fields_of, given_in, problems_of, said, zone_names
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit

KEY, SIGN_IN = "key", "sign-in"


def show(visit: Visit) -> Response:
    """The form of a connector; without one, the connectors to choose from."""
    name = visit.query.get("connector", "")
    if not name:
        every = [connector_named(one) for one in connector_names()]
        return visit.page("accounts/choose.html", connectors=every)
    connector = connector_named(name)
    return _form(visit, connector, _way(connector, visit.query.get("way", KEY)))


def send(visit: Visit) -> Response:
    connector = connector_named(visit.text("connector"))
    way = _way(connector, visit.text("way"))
    try:
        name = visit.text("account_name")
        if problem := accounts.problem_of_name(visit.rooms.center, name):
            raise SettingsError(problems=[Problem("account_name", problem)])
        options = options_of(connector, way)
        given = said(options, given_in(options, visit.form))
        if way == SIGN_IN:
            return leave(visit, connector.name, name, given)
        return _saved(visit, connector, name, given)
    except TrunklineError as error:
        return _form(visit, connector, way, plain(error))


def _saved(visit: Visit, connector: Connector, name: str, given: dict[str, Any]) -> Response:
    center = visit.rooms.center
    verdict = verdict_on(visit, Access(connector, accounts.checked_values(connector, given)))
    saved = accounts.add(center, connector.name, name, given, verdict, owner_id=visit.user.id)
    works = f"{connector.label} accepts it." if verdict.state == accounts.VALID else "It was not tested."
    return visit.go(f"/accounts/{saved.name}", f"{saved.name} is saved. {works}")


def options_of(connector: Connector, way: str) -> tuple[Option, ...]:
    """The account's options; who signs in gives no key, but what the provider gave the application."""
    if way != SIGN_IN or connector.oauth is None:
        return connector.account
    client = (connector.oauth.client_id, connector.oauth.client_secret)
    return tuple(
        replace(o, advanced=False, required=True) if o.name in client else o
        for o in connector.account
        if o.name != connector.credentials_option
    )


def _way(connector: Connector, way: str) -> str:
    return SIGN_IN if way == SIGN_IN and connector.oauth else KEY


def _form(visit: Visit, connector: Connector, way: str, error: TrunklineError | None = None) -> Response:
    problems = problems_of(error) if isinstance(error, SettingsError) else {}
    options = options_of(connector, way)
    fields = fields_of(options, given_in(options, visit.form), problems)
    drawn = {"account_name", *(field.option.name for field in fields)}
    is_first = not usable(visit.rooms.center, hand_of(visit), connector.name)
    usual = connector.name if is_first and not accounts.exists(visit.rooms.center, connector.name) else ""
    return visit.page(
        "accounts/new.html",
        200 if error is None else 422 if isinstance(error, SettingsError) else 502,
        connector=connector,
        way=way,
        fields=fields,
        zones=zone_names(),
        account_name=visit.text("account_name") or usual,
        problems=defaultdict(str, problems),
        error=error if not problems or set(problems) - drawn else None,
        return_address=return_address(visit),
    )


PAGES = (
    get("/accounts/new", show, Right.ACCOUNTS_USE),
    post("/accounts/new", send, Right.ACCOUNTS_USE, "account.added"),
)
