"""`trunkline dialer`: the tables and functions of the Dialer360 API."""

import asyncio
from pathlib import Path

import click

from trunkline.cli.asterisk import actions, manager
from trunkline.cli.dialer_audit import audit, make_audit
from trunkline.cli.dialer_functions import functions
from trunkline.cli.dialer_numbering import import_nanpa, import_postal, numbering
from trunkline.cli.flags import home_option, json_option, secret_value, settings_for, to_paste
from trunkline.cli.output import counted, print_json
from trunkline.options import Kind, Option

PASSWORD = Option("password", "Password", kind=Kind.SECRET, help="Of the API user.")


@click.group()
def dialer() -> None:
    """The Dialer360 API: its tables, its first user, its functions. `trunkline serve` answers it."""


@dialer.command(no_args_is_help=True)
@click.argument("state", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@home_option
def load(state: Path, as_json: bool, home: str | None) -> None:
    """Replace all rows of the dialer's tables with those of the JSON file STATE.

    The file holds `tables` (rows by table) and `custom_tables` (columns of custom_LIST tables). It is
    checked whole first. The audit stays, and tells of the load. Refused on a running dialer's own database.
    """
    settings = settings_for(home)
    from trunkline.dialer.loading import read_state
    from trunkline.dialer.setting_up import load_into

    count = asyncio.run(load_into(settings, read_state(state), str(state)))
    print_json({"rows": count}) if as_json else click.echo(f"{counted(count, 'row')} loaded from {state}.")


@dialer.command()
@click.option("--user", default="apiuser", show_default=True, help="The API user to make.")
@click.option("--password", default="-", help="Its password: itself, @FILE, env:NAME, or - to be asked.")
@click.option("--campaign", default="FIRST", show_default=True, help="The campaign to make.")
@click.option(
    "--list", "list_id", type=int, default=1001, show_default=True, help="Its list: 3 to 12 digits."
)
@json_option
@home_option
def init(user: str, password: str, campaign: str, list_id: int, as_json: bool, home: str | None) -> None:
    """Make what a first call needs: an API user with every right, a server, call times, campaign and list."""
    settings = settings_for(home)
    secret = secret_value(PASSWORD, password)
    from trunkline.dialer.setting_up import First, set_up

    made = asyncio.run(set_up(settings, First(user, secret, campaign, list_id)))
    if as_json:
        print_json({"user": user, "campaign": campaign, "list_id": list_id, "made": made})
        return
    click.echo(f"Made: {', '.join(made)}.")
    click.echo(f"Next: {to_paste('serve', home)}")


for command in (functions, numbering, import_nanpa, import_postal, audit, make_audit, manager, actions):
    dialer.add_command(command)
