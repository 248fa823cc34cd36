"""Saved accounts. Secrets come in, and never go out again."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from trunkline.access.roles import Right
from trunkline.center import accounts, budgets
from trunkline.center.accounts import Account, Verdict
from trunkline.center.menus import live_menu
from trunkline.connectors import connector as connector_named
from trunkline.connectors import report as report_named
from trunkline.declare import Connector
from trunkline.errors import SettingsError
from trunkline.fetch.source import Access
from trunkline.rest import caller_queries as queries
from trunkline.rest.cursors import Pages, cut
from trunkline.rest.operations import ROOT, Call, Here, Model, delete, get, patch, post
from trunkline.rest.problems import conflict, found, free, not_found
from trunkline.rest.shapes import BudgetUse, Given, Name, NewName, Page, Removed, page_of, plain


class AccountShown(Model):
    name: str
    connector: str
    state: str = Field(description="valid, invalid, untested.")
    state_message: str
    checked_at: datetime | None
    datasets: int = Field(description="How many datasets read with it.")
    options: dict[str, Any]
    secrets: list[str] = Field(description="The names of the secrets that are kept.")
    connected_at: datetime | None = Field(description="When somebody signed in for it, if anybody did.")


class AccountPage(Page):
    items: list[AccountShown]


class NewAccount(Model):
    connector: Name
    name: NewName
    options: Given = Field(description="As the connector's JSON Schema `account` says, secrets included.")
    test: bool = Field(True, description="Ask the provider first; credentials it refuses are not saved.")


class AccountChange(Model):
    name: NewName | None = Field(None, description="Another name.")
    options: Given = Field({}, description="What is not given stays; an empty text takes a value away.")
    test: bool = True


class VerdictShown(Model):
    name: str
    state: str
    message: str
    todo: str


class MenuAsked(Model):
    report: Name
    option: Name
    options: Given = Field({}, description="What is chosen already: a menu may follow other options.")


class MenuEntry(Model):
    value: str
    label: str


class Menu(Model):
    entries: list[MenuEntry]


class BudgetShown(Model):
    account: str
    budgets: list[BudgetUse]
    note: str = Field(description="Why they cannot be told, where that is so.")


class BudgetPage(Page):
    items: list[BudgetShown]


def visible(call: Call, name: str) -> Account:
    """An account that the caller may read with. Raises Refusal 404 for others too."""
    account = found(accounts.get, call.center, name)
    if account.id not in visible_ids(call, [account]):
        raise not_found(f"There is no account named {name!r} that you may use.")
    return account


def visible_ids(call: Call, every: list[Account]) -> set[int]:
    if call.caller.may(Right.ACCOUNTS_WRITE):
        return {one.id for one in every}
    with call.rooms.store.read() as tx:
        return queries.accounts_for(tx, call.user.id)


def list_accounts(
    call: Here,
    paging: Pages,
    connector: Annotated[str, Query(max_length=63, description="Only those of this connector.")] = "",
) -> dict[str, Any]:
    shown, following = cut(_rest(call, paging, connector), paging, lambda one: one.id)
    call.go_on(following)
    return page_of([_shown(one) for one in shown], following)


def list_budgets(call: Here, paging: Pages) -> dict[str, Any]:
    shown, following = cut(_rest(call, paging), paging, lambda one: one.id)
    call.go_on(following)
    return page_of([_budget(call, one.name) for one in shown], following)


def _rest(call: Call, paging: Pages, connector: str = "") -> list[Account]:
    every, after = accounts.all_of(call.center), paging.number
    visible = visible_ids(call, every)
    rest = [one for one in every if one.id in visible and one.id > after]
    return sorted((one for one in rest if connector in ("", one.connector)), key=lambda one: one.id)


def get_account(call: Here, account: str) -> dict[str, Any]:
    return _shown(visible(call, account))


def add_account(call: Here, given: NewAccount) -> dict[str, Any]:
    if accounts.exists(call.center, given.name):
        raise conflict("name_taken", accounts.taken(given.name))
    connector = connector_named(given.connector)
    verdict = Verdict(accounts.UNTESTED)
    values = accounts.checked_values(connector, given.options)
    if given.test:
        verdict = _tested(call, Access(connector, values))
    saved = accounts.add(call.center, connector.name, given.name, given.options, verdict)
    with call.rooms.store.begin() as tx:
        queries.own_account(tx, saved.id, call.user.id)
    call.headers["Location"], call.subject = f"{ROOT}/accounts/{saved.name}", saved.name
    return _shown(saved)


def change_account(call: Here, account: str, given: AccountChange) -> dict[str, Any]:
    saved = visible(call, account)
    if given.name is not None and given.name != account and accounts.exists(call.center, given.name):
        raise conflict("name_taken", accounts.taken(given.name))
    if given.options:
        verdict = _verdict_on(call, connector_named(saved.connector), account, given)
        saved = accounts.edit(call.center, account, given.options, verdict)
    if given.name is not None and given.name != account:
        saved = accounts.rename(call.center, account, given.name)
    return _shown(saved)


def _verdict_on(call: Call, connector: Connector, name: str, given: AccountChange) -> Verdict | None:
    merged = accounts.changed_values(call.center, name, given.options)
    access = accounts.access_with(call.center, name, accounts.checked_values(connector, merged))
    if not given.test or not accounts.needs_test(connector, given.options):
        return None
    return _tested(call, access)


def _tested(call: Call, access: Access) -> Verdict:
    """Raises SettingsError for credentials that the provider refuses."""
    verdict = asyncio.run(accounts.test(access, call.center.surroundings()))
    if verdict.state == accounts.INVALID:
        raise SettingsError(f"{verdict.message} Nothing was saved.", todo=verdict.todo)
    return verdict


def remove_account(call: Here, account: str) -> dict[str, Any]:
    visible(call, account)
    free(accounts.check_unused, call.center, account)
    return {"name": account, "note": accounts.remove(call.center, account)}


def test_account(call: Here, account: str) -> dict[str, Any]:
    visible(call, account)
    access = accounts.access(call.center, account)
    verdict = asyncio.run(accounts.test(access, call.center.surroundings()))
    accounts.set_verdict(call.center, account, verdict)
    return {"name": account, "state": verdict.state, "message": verdict.message, "todo": verdict.todo}


def get_account_budget(call: Here, account: str) -> dict[str, Any]:
    return _budget(call, visible(call, account).name)


def ask_menu(call: Here, account: str, given: MenuAsked) -> dict[str, Any]:
    access = accounts.access(call.center, visible(call, account).name)
    report = report_named(access.connector, given.report)
    around = call.center.surroundings()
    entries = asyncio.run(live_menu(access, report, given.option, around, given.options))
    return {"entries": [{"value": value, "label": label} for value, label in entries]}


def _budget(call: Call, name: str) -> dict[str, Any]:
    try:
        uses = [use.to_json() for use in budgets.of_account(call.center, name)]
    except SettingsError as error:  # a key that no key file opens
        return {"account": name, "budgets": [], "note": str(error)}
    return {"account": name, "budgets": uses, "note": ""}


def _shown(account: Account) -> dict[str, Any]:
    return {**account.to_json(), "options": plain(account.values)}


ONE = "/accounts/{account}"
OPERATIONS = (
    get("/accounts", list_accounts, Right.ACCOUNTS_USE, "The accounts one may use.", answer=AccountPage),
    post(
        *("/accounts", add_account, Right.ACCOUNTS_WRITE),
        "Save an account; its credentials are tested first.",
        answer=AccountShown,
        status=201,
        is_tagged=True,
        asks=True,
        noted="account.added",
    ),
    get(ONE, get_account, Right.ACCOUNTS_USE, "An account.", answer=AccountShown, is_tagged=True),
    patch(
        *(ONE, change_account, Right.ACCOUNTS_WRITE),
        "Change an account; new credentials are tested first.",
        answer=AccountShown,
        of="get_account",
        asks=True,
        noted="account.changed",
    ),
    delete(
        *(ONE, remove_account, Right.ACCOUNTS_WRITE),
        "Forget an account that no dataset reads with.",
        answer=Removed,
        status=200,
        of="get_account",
        noted="account.removed",
    ),
    post(
        *(f"{ONE}/test", test_account, Right.ACCOUNTS_USE),
        "Ask the provider whether the account works.",
        answer=VerdictShown,
        asks=True,
        noted="account.tested",
    ),
    get(
        *(f"{ONE}/budget", get_account_budget, Right.ACCOUNTS_USE),
        "What is used and left of the account's limits.",
        answer=BudgetShown,
    ),
    post(
        *(f"{ONE}/menu", ask_menu, Right.ACCOUNTS_USE),
        "The choices of an option, as the provider tells them to this account.",
        answer=Menu,
        asks=True,
        keeps=False,
    ),
    get("/budgets", list_budgets, Right.ACCOUNTS_USE, "The limits of all accounts.", answer=BudgetPage),
)
