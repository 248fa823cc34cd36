"""`trunkline account connect`: sign in at the provider instead of giving a key."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from trunkline.cli.flags import (
    Known,
    Peeked,
    declared_command,
    given_values,
    home_option,
    json_option,
    to_paste,
)
from trunkline.cli.output import print_json
from trunkline.connectors import connector as connector_named
from trunkline.declare import Connector
from trunkline.errors import SettingsError
from trunkline.options import Option

if TYPE_CHECKING:
    from trunkline.center.accounts import Account
    from trunkline.center.room import Center

WAIT_SECONDS = 300


def _options(connector: Connector) -> tuple[Option, ...]:
    """All that an account can have but the key, which the sign-in replaces."""
    return tuple(
        replace(o, required=False) for o in connector.account if o.name != connector.credentials_option
    )


def _of_connector(peeked: Peeked) -> Known:
    if not peeked.words:
        return Known()
    found = connector_named(peeked.words[0])
    return Known(_options(found), found)


@click.command(cls=declared_command(_of_connector), no_args_is_help=True)
@click.argument("connector")
@click.argument("name")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    metavar="N",
    help="The port of this machine to wait at. [default: a free one]",
)
@click.option(
    "--wait",
    type=click.IntRange(min=1),
    default=WAIT_SECONDS,
    metavar="SECONDS",
    help=f"How long to wait for the answer. [default: {WAIT_SECONDS}]",
)
@click.option("--scope", "scopes", multiple=True, help="Ask for this right instead; may come more than once.")
@json_option
@home_option
def connect(
    connector: str,
    name: str,
    port: int,
    wait: int,
    scopes: tuple[str, ...],
    as_json: bool,
    home: str | None,
    **params: Any,
) -> None:
    """Save or renew the account NAME by signing in at CONNECTOR in a browser.

    Prints an address to open, and waits on this machine for the answer. What is not given stays as saved.
    """
    from trunkline.cli.rooms import center_at

    found = connector_named(connector)
    given = given_values(_options(found), params)
    tell = partial(click.echo, err=as_json)
    with center_at(home, make=True) as center:
        saved = asyncio.run(_connected(center, found, name, given, scopes, port, wait, tell))
    if as_json:
        print_json(saved.to_json())
        return
    doubt = f" ({saved.state_message})" if saved.state_message else ""
    click.echo(f"Account {saved.name} is connected to {found.label}{doubt}.")
    if not saved.used_by:
        click.echo(f"Next: {to_paste(f'dataset add NAME --account {saved.name} --report REPORT', home)}")


async def _connected(
    center: "Center",
    connector: Connector,
    name: str,
    given: dict[str, Any],
    scopes: tuple[str, ...],
    port: int,
    wait: int,
    tell: Callable[[str], None],
) -> "Account":
    from trunkline.center import connecting
    from trunkline.cli.callback import Callback

    path = connecting.CALLBACK.format(connector=connector.name)
    public = center.settings.text("public_url").rstrip("/")
    if public and not port:
        raise SettingsError(
            f"People reach this installation at {public} (setting public_url), so the answer comes there.",
            todo=f"Name the --port of this machine to which your web server passes {path}.",
        )
    async with Callback(path, port) as callback:
        redirect_uri = public + path if public else callback.url
        pending = connecting.begin(center, connector.name, name, given, redirect_uri, scopes)
        tell(
            f"Open this address in a browser, and sign in at {connector.label}:\n\n{pending.authorize_url}\n"
        )
        tell(f"{connector.label} must know this redirect address: {redirect_uri}")
        tell(f"Waiting up to {wait} seconds for the answer …")
        return await callback.answered(
            wait,
            partial(connecting.belongs, pending),
            lambda query: connecting.finish(center, pending, query),
        )
