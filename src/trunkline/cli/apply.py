"""`trunkline apply`: accounts and datasets as a file says."""

import asyncio
from pathlib import Path
from typing import Any

import click

from trunkline.cli.flags import home_option, json_option
from trunkline.cli.output import counted, print_json

MARKS = {"add": "+", "change": "~", "remove": "-"}
HEAD = """\
# What `trunkline apply --export` found. Secrets are not in it and stay as they are; to set one, name the
# environment variable that holds it, as in
#   [accounts.main.secrets]
#   api_key = "env:CALLRAIL_KEY"

"""


@click.command(no_args_is_help=True)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--export", "exporting", is_flag=True, help="Print what is there as such a file.")
@click.option("--prune", is_flag=True, help="Forget what the file does not name; tables are kept.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@home_option
def apply(
    file: Path | None, exporting: bool, prune: bool, yes: bool, as_json: bool, home: str | None
) -> None:
    """Make accounts and datasets as the TOML FILE says; the difference is shown first.

    All of it is done, or nothing. Secrets do not stand in the file: it names environment variables, or
    leaves them as they are. With --json and without --yes the difference alone is told.
    """
    if exporting == (file is not None):
        raise click.UsageError("Give a FILE, or --export.")
    _export(home) if file is None else _apply(file, prune, yes, as_json, home)


def _export(home: str | None) -> None:
    import tomli_w

    from trunkline.center.configuration_present import present
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        found = present(center)
    click.echo(HEAD + tomli_w.dumps(found), nl=False)


def _apply(file: Path, prune: bool, yes: bool, as_json: bool, home: str | None) -> None:
    from trunkline.center import configuration, configuring
    from trunkline.cli.removal import confirm_change
    from trunkline.cli.rooms import center_at

    wanted = configuration.read(file)
    with center_at(home, make=True) as center:
        plan = asyncio.run(configuring.plan(center, wanted, prune=prune, say=_say))
        if not as_json:
            _show(plan.changes)
        notes: tuple[str, ...] = ()
        is_done = bool(plan.changes) and (yes or not as_json)
        if is_done:
            if not yes:
                confirm_change("Change this?")
            notes = configuring.carry_out(center, plan)
    if as_json:
        changes = [change.to_json() for change in plan.changes]
        print_json({"changes": changes, "applied": is_done, "notes": list(notes)})
        return
    for note in notes:
        _say(note)
    if is_done:
        click.echo(f"{counted(len(plan.changes), 'change')} made.")


def _say(text: str) -> None:
    click.echo(f"Note: {text}", err=True)


def _show(changes: list[Any]) -> None:
    if not changes:
        click.echo("Everything is as the file says.")
    for change in changes:
        click.echo(f"{MARKS[change.action]} {change.kind} {change.name}")
        for line in change.differences:
            click.echo(f"    {line}")
