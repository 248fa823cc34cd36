"""Changing an account: its name, its options, its key. What is kept secret is never shown again."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from trunkline.access.roles import Right
from trunkline.center import accounts, kept_secrets
from trunkline.center.accounts import Account
from trunkline.connectors import connector as connector_named
from trunkline.errors import Problem, SettingsError, TrunklineError
from trunkline.options import Kind
from trunkline.pages.accounts.reach import own_account_in, verdict_on
from trunkline.pages.new_dataset.provider import plain
from trunkline.pages.option_form import effective, fields_of, given_in, problems_of, texts_of, zone_names
from trunkline.pages.routing import get, post
from trunkline.pages.visit import Visit


def show(visit: Visit) -> Response:
    account = own_account_in(visit)
    return _form(visit, account, texts_of(connector_named(account.connector).account, account.values))


def send(visit: Visit) -> Response:
    account = own_account_in(visit)
    given = given_in(connector_named(account.connector).account, visit.form)
    try:
        told = _save(visit, account, given)
    except TrunklineError as error:
        return _form(visit, account, given, plain(error))
    return visit.go(f"/accounts/{account.name}", told)


def _save(visit: Visit, account: Account, given: dict[str, Any]) -> str:
    center, connector = visit.rooms.center.impatient(), connector_named(account.connector)
    changes = changes_in(account, given)
    if not changes:
        return "Nothing was changed."
    kept_secrets.check_given_again(center, account, changes)
    verdict = None
    if accounts.needs_test(connector, changes):
        merged = accounts.changed_values(center, account.name, changes)
        access = accounts.access_with(center, account.name, accounts.checked_values(connector, merged))
        verdict = verdict_on(visit, access)
    accounts.edit(center, account.name, changes, verdict)
    if verdict is None:
        return f"{account.name} is changed."
    is_valid = verdict.state == accounts.VALID
    return f"{account.name} is changed. {f'{connector.label} accepts it.' if is_valid else 'Test it soon.'}"


def changes_in(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """What a form says otherwise than what is saved; an empty text takes a value away, but no secret."""
    declared = connector_named(account.connector).account
    secret = {o.name for o in declared if o.kind is Kind.SECRET}
    now, then = effective(declared, given), effective(declared, texts_of(declared, account.values))
    names = (now.keys() | then.keys()) - secret
    changes = {name: now.get(name, "") for name in names if now.get(name, "") != then.get(name, "")}
    return changes | {name: given[name] for name in secret if given.get(name)}


def rename(visit: Visit) -> Response:
    account, name = own_account_in(visit), visit.text("new_name")
    try:
        renamed = accounts.rename(visit.rooms.center, account.name, name)
    except SettingsError as error:
        given = texts_of(connector_named(account.connector).account, account.values)
        return _form(visit, account, given, SettingsError(problems=_under("new_name", error)))
    return visit.go(f"/accounts/{renamed.name}", f"{account.name} is called {renamed.name} now.")


def _under(field: str, error: SettingsError) -> list[Problem]:
    return [replace(problem, field=field) for problem in error.problems]


def _form(
    visit: Visit, account: Account, given: dict[str, Any], error: TrunklineError | None = None
) -> Response:
    connector = connector_named(account.connector)
    problems = problems_of(error) if isinstance(error, SettingsError) else {}
    kept = set(account.secret_names)
    if account.connected_at is not None:
        kept.add(connector.credentials_option)  # the sign-in stands in its place
    fields = fields_of(connector.account, given, problems, kept=kept)
    drawn = {"new_name", *(field.option.name for field in fields)}
    return visit.page(
        "accounts/edit.html",
        200 if error is None else 422 if isinstance(error, SettingsError) else 502,
        account=account,
        connector=connector,
        fields=fields,
        zones=zone_names(),
        new_name=visit.text("new_name") or account.name,
        problems=defaultdict(str, problems),
        error=error if error and (not problems or set(problems) - drawn) else None,
    )


PAGES = (
    get("/accounts/{name}/edit", show, Right.ACCOUNTS_USE),
    post("/accounts/{name}/edit", send, Right.ACCOUNTS_USE, "account.changed"),
    post("/accounts/{name}/rename", rename, Right.ACCOUNTS_USE, "account.renamed"),
)
