"""`trunkline clickto key`: keys of the report."""

import click

from trunkline.cli.clickto_store import clickto_at
from trunkline.cli.flags import SECRET_FORMS, home_option, json_option, secret_value, to_paste
from trunkline.cli.output import print_json, print_table
from trunkline.errors import Problem, SettingsError
from trunkline.options import Kind, Option

SECRET = Option("secret", "Secret", kind=Kind.SECRET)


@click.group()
def key() -> None:
    """Keys of the report: access_key and secret_access_key."""


@key.command(no_args_is_help=True)
@click.argument("name")
@click.option("--blocks", metavar="ID,ID,…", help="The only blocks whose activity it may read.")
@click.option("--may-call", is_flag=True, help="Calls may be placed with it: /click_to_xyz.php.")
@click.option("--access-key", metavar="KEY", help="One that clients have already, to be taken over.")
@click.option("--secret", metavar="SECRET", help=f"That of the key taken over: {SECRET_FORMS}.")
@json_option
@home_option
def add(
    name: str,
    blocks: str | None,
    may_call: bool,
    access_key: str | None,
    secret: str | None,
    as_json: bool,
    home: str | None,
) -> None:
    """Make a key named NAME and print it: its secret is shown this once and kept only as a hash.

    A pair that clients have from elsewhere can be taken over, so that they need nothing but the new host.
    """
    from trunkline.clickto.keys import Keys

    ids, pair = _ids(blocks), _pair(access_key, secret)
    with clickto_at(home, make=True) as opened:
        made, secret = Keys(opened.store, opened.clock).add(name, ids, pair, may_call=may_call)
    if as_json:
        print_json({**made.to_json(), "secret_access_key": secret})
        return
    click.echo(f"access_key         {made.access_key}")
    click.echo(f"secret_access_key  {secret}")
    click.echo("The secret is not shown again.", err=True)


def _pair(access_key: str | None, secret: str | None) -> tuple[str, str] | None:
    from trunkline.clickto.keys import LONG_ENOUGH

    if access_key is None and secret is None:
        return None
    if access_key is None or secret is None:
        raise click.UsageError("--access-key and --secret belong together.")
    found = secret_value(SECRET, secret)
    if len(found) < LONG_ENOUGH:
        click.echo(f"The secret is short: {LONG_ENOUGH} characters or more would be safer.", err=True)
    return access_key, found


def _ids(text: str | None) -> list[int] | None:
    if text is None:
        return None
    words = [word.strip() for word in text.split(",") if word.strip()]
    wrong = next((word for word in words if not (word.isascii() and word.isdigit())), None)
    if wrong is not None or not words:
        came = f"{wrong!r} is no block's id" if wrong is not None else "no block is named"
        raise SettingsError(problems=[Problem("blocks", f"--blocks: {came}; write ids such as 1,2.")])
    return [int(word) for word in words]


@key.command(name="list")
@json_option
@home_option
def list_(as_json: bool, home: str | None) -> None:
    """All keys: what they may read, when they were made, last used, revoked. Secrets are kept nowhere."""
    from trunkline.clickto.keys import Keys

    with clickto_at(home) as opened:
        found = Keys(opened.store, opened.clock).all()
    if as_json:
        print_json([one.to_json() for one in found])
        return
    rows = [
        (
            *(k.name, k.access_key, _blocks_text(k.blocks), "yes" if k.may_call else "no"),
            *(k.created_at, k.used_at, k.revoked_at),
        )
        for k in found
    ]
    print_table(
        ("Name", "Access key", "Blocks", "May call", "Made", "Last used", "Revoked"),
        rows,
        empty=f"No key yet. Make one: {to_paste('clickto key add NAME', home)}",
    )


def _blocks_text(ids: tuple[int, ...] | None) -> str:
    return "all" if ids is None else ", ".join(map(str, ids)) or "none"


@key.command(no_args_is_help=True)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@home_option
def revoke(name: str, yes: bool, as_json: bool, home: str | None) -> None:
    """Refuse the key NAME from now on. It stays in the list."""
    from trunkline.cli.removal import confirm_removal
    from trunkline.clickto.keys import Keys

    with clickto_at(home) as opened:
        keys = Keys(opened.store, opened.clock)
        is_there = keys.is_taken(name)
        if is_there and not yes:
            confirm_removal(f"Revoke the key {name}?")
        if not is_there or not keys.revoke(name):
            raise SettingsError(f"There is no key named {name!r}.", todo="`trunkline clickto key list`")
    print_json({"name": name, "revoked": True}) if as_json else click.echo(f"Key {name} revoked.")
