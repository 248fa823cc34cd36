"""`trunkline account`: saved credentials."""

import asyncio
from dataclasses import replace
from typing import Any

import click

from trunkline.cli.connect import connect
from trunkline.cli.flags import (
    Known,
    Peeked,
    check_something_given,
    declared_command,
    given_values,
    home_option,
    json_option,
    to_paste,
)
from trunkline.cli.notices import send_notices
from trunkline.cli.output import instant_text, print_json, print_table, warn_of_plain_http
from trunkline.connectors import connector as connector_named
from trunkline.connectors import report as report_named
from trunkline.declare import Connector

DESPITE_RIGHTS = "Or save it all the same with --no-test: it works for the reports that it may read."


@click.group()
def account() -> None:
    """Saved credentials, used by any number of datasets."""


def _of_connector(peeked: Peeked) -> Known:
    if not peeked.words:
        return Known()
    found = connector_named(peeked.words[0])
    return Known(found.account, found)


def _of_saved(peeked: Peeked) -> Known:
    from trunkline.center import accounts
    from trunkline.cli.rooms import center_at

    if not peeked.words:
        return Known()
    with center_at(peeked.values.get("--home")) as center:
        found = connector_named(accounts.get(center, peeked.words[0]).connector)
    return Known(found.account, found)


@account.command(cls=declared_command(_of_connector), no_args_is_help=True)
@click.argument("connector")
@click.argument("name")
@click.option("--no-test", is_flag=True, help="Save without asking the provider whether the key is right.")
@click.option("--all-reports", is_flag=True, help="Make a dataset of every report of the connector too.")
@json_option
@home_option
def add(
    connector: str,
    name: str,
    no_test: bool,
    all_reports: bool,
    as_json: bool,
    home: str | None,
    **params: Any,
) -> None:
    """Save credentials for CONNECTOR under NAME; they are tested first.

    `trunkline account add callrail --help` lists what that connector needs.
    """
    from trunkline.center import accounts
    from trunkline.cli.rooms import center_at
    from trunkline.fetch.source import Access

    found = connector_named(connector)
    given = given_values(found.account, params)
    with center_at(home, make=True) as center:
        if accounts.exists(center, name):
            raise accounts.taken(name)
        verdict = accounts.Verdict(accounts.UNTESTED)
        if not no_test:
            # without a name: there is no account yet to which an error could point
            access = Access(found, accounts.checked_values(found, given))
            verdict = asyncio.run(accounts.test(access, center.surroundings()))
            _refuse_invalid(_with_flag(verdict, found), f"Account {name!r} was not saved.")
        saved = accounts.add(center, found.name, name, given, verdict)
        every = _made_datasets(center, name) if all_reports else None
    made = every.names if every else ()
    left_out = every.left_out if every else {}
    if as_json:
        print_json({**saved.to_json(), "datasets": len(made), "left_out": list(left_out)})
        return
    click.echo(f"Account {saved.name} saved ({_state(verdict)}).")
    warn_of_plain_http(found.address(saved.values), "the key travels")
    for report, flags in left_out.items():
        click.echo(f"Not made: {report}, which needs to be told {', '.join(flags)}.")
    if made:
        click.echo(f"Datasets made: {', '.join(made)}.\nNext: {to_paste('run --all', home)}")
    else:
        following = f"dataset add NAME --account {saved.name} --report REPORT"
        click.echo(f"Next: {to_paste(following, home)}")


def _made_datasets(center: Any, account: str) -> Any:
    """A dataset of every report; if one cannot be made, none is, and neither is the account."""
    from trunkline.center import accounts, datasets

    try:
        return asyncio.run(datasets.add_every_report(center, account))
    except BaseException:
        for made in datasets.all_of(center, account):
            datasets.remove(center, made.name)
        accounts.remove(center, account)
        raise


def _state(verdict: Any) -> str:
    known = {"valid": "the key works", "untested": "not tested"}
    return known.get(verdict.state, str(verdict.state)) + (f": {verdict.message}" if verdict.message else "")


def _with_flag(verdict: Any, of: Connector) -> Any:
    """The verdict with the flag that gives the credentials, for one who has just typed it."""
    todo = verdict.todo
    for option in of.account:
        if option.name == of.credentials_option:
            todo = todo.replace(f"the {option.label}", f"the {option.label} ({option.flag})")
    return replace(verdict, todo=todo)


def _refuse_invalid(verdict: Any, outcome: str) -> None:
    """`outcome` tells what was not saved; empty: nothing was to be."""
    from trunkline.center import accounts
    from trunkline.errors import SettingsError

    if verdict.state == accounts.INVALID:
        todo = f"{verdict.todo} {DESPITE_RIGHTS}" if outcome and verdict.lacks_rights else verdict.todo
        raise SettingsError(f"{verdict.message} {outcome}".strip(), todo=todo)


@account.command(name="list")
@json_option
@home_option
def list_(as_json: bool, home: str | None) -> None:
    """All accounts: connector, validity, datasets that use them."""
    from trunkline.center import accounts
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        found = accounts.all_of(center)
    if as_json:
        print_json([a.to_json() for a in found])
        return
    print_table(
        ("Name", "Connector", "State", "Datasets", "Checked", "Message"),
        [(a.name, a.connector, a.state, a.used_by, a.checked_at, a.state_message) for a in found],
        empty=f"No account yet. Make one: {to_paste('account add callrail NAME --api-key …', home)}",
    )


MASK = "••••"


@account.command(no_args_is_help=True)
@click.argument("name")
@json_option
@home_option
def show(name: str, as_json: bool, home: str | None) -> None:
    """The account NAME: options, which secrets it has, state, datasets that use it, budget left."""
    from trunkline.center import accounts, budgets, datasets
    from trunkline.cli.rooms import center_at
    from trunkline.errors import SettingsError

    with center_at(home) as center:
        saved = accounts.get(center, name)
        users = [one.name for one in datasets.all_of(center, name)]
        uses, note = [], ""
        try:
            uses = budgets.of_account(center, name)
        except SettingsError as error:  # a key that no key file opens: all else is known
            note = str(error)
    if as_json:
        more = {"used_by": users, "budget": [use.to_json() for use in uses], "note": note}
        print_json({**saved.to_json(), **more})
        return
    _show(saved, users, uses, note)


def _show(saved: Any, users: list[str], uses: list[Any], note: str) -> None:
    found = connector_named(saved.connector)
    secrets = {o.name: MASK for o in found.account if o.name in saved.secret_names}
    lines = {
        "Account": saved.name,
        "Connector": f"{found.label} ({found.name})",
        "State": f"{saved.state}{f': {saved.state_message}' if saved.state_message else ''}",
        "Checked": instant_text(saved.checked_at) or "never",
        "Connected": instant_text(saved.connected_at),
        "Options": ", ".join(f"{name}={_shown(v)}" for name, v in {**saved.values, **secrets}.items()),
        "Datasets": ", ".join(users) or "none",
        "Budget": note,
    }
    for label, text in lines.items():
        if text:
            click.echo(f"{label + ':':<14}{text}")
    if uses:
        click.echo()
        _print_budget(uses)


def _shown(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


@account.command(no_args_is_help=True)
@click.argument("name")
@json_option
@home_option
def test(name: str, as_json: bool, home: str | None) -> None:
    """Ask the provider whether the account NAME works."""
    from trunkline.center import accounts
    from trunkline.cli.rooms import center_at
    from trunkline.errors import RetryLater

    with center_at(home) as center:
        verdict = asyncio.run(accounts.test(accounts.access(center, name), center.surroundings()))
        accounts.set_verdict(center, name, verdict)
        send_notices(center)
    if as_json:
        print_json({"name": name, "state": verdict.state, "message": verdict.message, "todo": verdict.todo})
        raise click.exceptions.Exit(0 if verdict.state == accounts.VALID else 1)
    _refuse_invalid(verdict, "")
    if verdict.state == accounts.UNTESTED:
        raise RetryLater(verdict.message, todo=verdict.todo)
    click.echo(f"Account {name} works.")


@account.command(cls=declared_command(_of_saved), no_args_is_help=True)
@click.argument("name")
@click.option("--rename", metavar="NAME", help="Give the account another name.")
@click.option("--no-test", is_flag=True, help="Save without asking the provider.")
@json_option
@home_option
def edit(
    name: str, rename: str | None, no_test: bool, as_json: bool, home: str | None, **params: Any
) -> None:
    """Change the account NAME; what is not given stays, an empty text takes an option away."""
    from trunkline.center import accounts
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        saved = accounts.get(center, name)
        found = connector_named(saved.connector)
        changes = given_values(found.account, params)
        check_something_given(bool(changes or rename), found.account, "--rename")
        if changes:
            merged = accounts.changed_values(center, name, changes)
            access = accounts.access_with(center, name, accounts.checked_values(found, merged))
            verdict = None
            if not no_test and accounts.needs_test(found, changes):
                verdict = asyncio.run(accounts.test(access, center.surroundings()))
                _refuse_invalid(verdict, f"Account {name!r} was not changed.")
            saved = accounts.edit(center, name, changes, verdict)
            send_notices(center)
        if rename:
            saved = accounts.rename(center, name, rename)
    print_json(saved.to_json()) if as_json else click.echo(f"Account {saved.name} changed.")


@account.command(no_args_is_help=True)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@home_option
def remove(name: str, yes: bool, as_json: bool, home: str | None) -> None:
    """Forget the account NAME and its credentials; refused while datasets use it.

    A sign-in is ended at the provider too.
    """
    from trunkline.center import accounts
    from trunkline.cli.removal import confirm_removal
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        accounts.check_unused(center, name)
        if not yes:
            confirm_removal(f"Forget the account {name} and its credentials?")
        note = accounts.remove(center, name)
    if as_json:
        print_json({"name": name, "removed": True, "note": note})
        return
    click.echo(f"Account {name} removed.")
    if note:
        click.echo(f"Note: {note}", err=True)


def _of_report_named(peeked: Peeked) -> Known:
    saved = _of_saved(peeked)
    if len(peeked.words) < 2 or saved.connector is None:
        return Known()
    found = report_named(saved.connector, peeked.words[1])
    return Known(found.options, saved.connector, found)


@account.command(cls=declared_command(_of_report_named), no_args_is_help=True)
@click.argument("name")
@click.argument("report")
@click.argument("option")
@json_option
@home_option
def menu(name: str, report: str, option: str, as_json: bool, home: str | None, **params: Any) -> None:
    """The live choices of OPTION (such as company_id) of REPORT, as the account NAME sees them.

    A menu may follow other options of the report: give those as flags.
    """
    from trunkline.center import accounts
    from trunkline.center.menus import live_menu
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        access = accounts.access(center, name)
        asked = report_named(access.connector, report)
        chosen = given_values(asked.options, params)
        around = center.surroundings()
        found = asyncio.run(live_menu(access, asked, option.replace("-", "_"), around, chosen))
    if as_json:
        print_json([{"value": value, "label": label} for value, label in found])
        return
    print_table(("Value", "Label"), found, empty="The menu is empty.")


@account.command(no_args_is_help=True)
@click.argument("name")
@json_option
@home_option
def budget(name: str, as_json: bool, home: str | None) -> None:
    """The request budgets that the account NAME draws on: used, left and when it resets, for each limit.

    Looking costs no request. All processes share these counts. A limit's time rolls: at "resets at"
    everything is there again if nothing is sent until then.

    A provider counts requests per account of its own; datasets of one saved account may read several.
    """
    from trunkline.center import budgets
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        found = budgets.of_account(center, name)
    if as_json:
        print_json([use.to_json() for use in found])
        return
    _print_budget(found)


def _print_budget(uses: list[Any]) -> None:
    """The limits, then the pauses that providers have asked for."""
    print_table(
        ("Counts for", "Limit", "In seconds", "Endpoints", "Used", "Left", "Resets at"),
        [
            (b.counts_for, b.requests, b.seconds, b.group or "all", b.used, b.left, instant_text(b.resets_at))
            for b in uses
        ],
        empty="This account has no limits.",
    )
    pauses = {b.counts_for: b for b in uses if b.paused_until}
    for key, pause in pauses.items():
        click.echo(f"{key}: nothing is sent until {instant_text(pause.paused_until)}, {pause.pause_reason}.")


account.add_command(connect)
