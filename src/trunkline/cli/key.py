"""`trunkline key`: the key that encrypts stored secrets."""

from dataclasses import asdict

import click

from trunkline.cli.flags import home_option, json_option, to_paste
from trunkline.cli.output import counted, print_json, print_table


@click.group()
def key() -> None:
    """The key that encrypts stored secrets."""


@key.command(name="list")
@json_option
@home_option
def list_(as_json: bool, home: str | None) -> None:
    """The keys in force, newest first, and how many secrets are under each.

    A fingerprint tells which key it is, and nothing of the key.
    """
    from trunkline.cli.rooms import center_at
    from trunkline.keeping import rotation

    with center_at(home) as center:
        found = rotation.keys(center.store, center.settings)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = [(one.fingerprint, "yes" if one.newest else "no", one.secrets) for one in found]
    print_table(("Fingerprint", "Encrypts", "Secrets"), rows, empty="There is no key yet.")


@key.command()
@json_option
@home_option
def rotate(as_json: bool, home: str | None) -> None:
    """Make a new key and encrypt every stored secret with it, also while a server works.

    The former key stays in the file and opens what it has encrypted, until `trunkline key drop-old`. Keys
    of the setting secret_key are not made here: put the new one in front there, then run this.
    """
    from trunkline.cli.rooms import center_at
    from trunkline.keeping import rotation

    with center_at(home) as center:
        done = rotation.rotate(center.store, center.settings, center.clock)
    if as_json:
        print_json(done.to_json())
        return
    what = "New key" if done.is_new else "Key"
    click.echo(f"{what} {done.fingerprint}: {counted(done.secrets, 'secret')} encrypted anew.")
    if done.former_keys:
        click.echo(f"When nothing needs the former key any more: {to_paste('key drop-old', home)}")


@key.command(name="drop-old")
@json_option
@home_option
def drop_old(as_json: bool, home: str | None) -> None:
    """Take the former keys out of the key file, a minute after the rotation or later.

    Backups made before the rotation open with the former key alone: keep it with them.
    """
    from trunkline.cli.rooms import center_at
    from trunkline.keeping import rotation

    with center_at(home) as center:
        done = rotation.drop_old(center.store, center.settings, center.clock)
    if as_json:
        print_json({**done.to_json(), "former_keys": 0, "dropped": done.former_keys})
        return
    click.echo(f"{counted(done.former_keys, 'former key')} taken out; {done.fingerprint} is left.")
