"""`trunkline clickto block`: building blocks."""

from collections.abc import Callable
from typing import Any

import click

from trunkline.cli.clickto_store import clickto_at
from trunkline.cli.flags import home_option, json_option, to_paste
from trunkline.cli.output import counted, print_json, print_table

KINDS = ("call", "findme", "findme_list", "virtual_receptionist", "voicemail", "ivr", "agent")
HOURS_HELP = "Opening hours, local: 'mon-fri 09:00-17:30; sat 10:00-14:00'. Empty: always."
ID = click.IntRange(1)
OPTIONAL = (
    ("numbers", "N,N,…", "Phone numbers, in the order in which they are tried."),
    ("owner", "TEXT", "Whose block it is."),
    ("hours", "HOURS", HOURS_HELP),
    (
        "server",
        "SERVER_IP",
        "The server whose manager dials (`trunkline dialer manager`). Empty: no calls.",
    ),
    ("channel", "CHANNEL", "How numbers outside are dialled: 'PJSIP/{number}@trunk'; {digits}: without +."),
    ("business-channel", "CHANNEL", "How its own numbers are dialled. Empty: like those outside."),
    ("caller-id", "NUMBER", "The number that both sides are shown. Empty: the channel's own."),
    ("countries", "US,CA,…", "Countries whose numbers may be called. Empty: the setting's."),
    ("origins", "ORIGIN,…", "Origins of web pages that may place calls: https://www.example.com; *: any."),
)


@click.group()
def block() -> None:
    """Click-to building blocks: what a click connects to. A block's id is the report's click_id."""


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """What `add` and `edit` can both be told."""
    for name, metavar, meaning in reversed(OPTIONAL):
        command = click.option(f"--{name}", metavar=metavar, help=meaning)(command)
    return command


@block.command(no_args_is_help=True)
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("description")
@_shared
@click.option(
    "--id", "block_id", type=ID, help="Its id; that of the block it replaces, so that clients find it."
)
@json_option
@home_option
def add(
    kind: str,
    description: str,
    block_id: int | None,
    as_json: bool,
    home: str | None,
    **optional: str | None,
) -> None:
    """Make a block of the kind KIND. The report shows DESCRIPTION as Click Description."""
    from trunkline.clickto.blocks import Blocks

    given = {"kind": kind, "description": description, **_given(optional)}
    with clickto_at(home, make=True) as opened:
        made = Blocks(opened.store, opened.clock).add(given, block_id)
    print_json(made.to_json()) if as_json else click.echo(f"Block {made.id} made.")


def _given(values: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


@block.command(name="list")
@json_option
@home_option
def list_(as_json: bool, home: str | None) -> None:
    """All blocks."""
    from trunkline.clickto.blocks import Blocks

    with clickto_at(home) as opened:
        found = Blocks(opened.store, opened.clock).all()
    if as_json:
        print_json([one.to_json() for one in found])
        return
    rows = [
        (b.id, b.kind, b.description, ", ".join(b.numbers), b.owner, b.hours or "always", b.server or "none")
        for b in found
    ]
    print_table(
        ("Id", "Kind", "Description", "Numbers", "Owner", "Hours", "Dials by"),
        rows,
        empty=f"No block yet. Make one: {to_paste('clickto block add call DESCRIPTION', home)}",
        plain_numbers=True,
    )


@block.command(no_args_is_help=True)
@click.argument("block_id", metavar="ID", type=ID)
@json_option
@home_option
def show(block_id: int, as_json: bool, home: str | None) -> None:
    """The block ID, and how much activity it has."""
    from trunkline.clickto.blocks import Blocks

    with clickto_at(home) as opened:
        blocks = Blocks(opened.store, opened.clock)
        found = blocks.get(block_id)
        count, newest = blocks.activity_of(block_id)
    content = {**found.to_json(), "activity": count, "newest_activity": newest or None}
    if as_json:
        print_json(content)
        return
    lists = {"numbers": ", ".join(found.numbers), "origins": ", ".join(found.origins)}
    shown = {**content, **lists, "hours": found.hours or "always"}
    print_table(("Field", "Value"), list(shown.items()), empty="", plain_numbers=True)


@block.command(no_args_is_help=True)
@click.argument("block_id", metavar="ID", type=ID)
@click.option("--kind", type=click.Choice(KINDS))
@click.option("--description")
@_shared
@json_option
@home_option
def edit(
    block_id: int,
    kind: str | None,
    description: str | None,
    as_json: bool,
    home: str | None,
    **optional: str | None,
) -> None:
    """Change the block ID. Activity keeps the description that it was written with."""
    from trunkline.clickto.blocks import Blocks

    given = _given({"kind": kind, "description": description, **optional})
    if not given:
        raise click.UsageError("Nothing to change: name at least one of the options.")
    with clickto_at(home) as opened:
        changed = Blocks(opened.store, opened.clock).edit(block_id, given)
    print_json(changed.to_json()) if as_json else click.echo(f"Block {block_id} changed.")


@block.command(no_args_is_help=True)
@click.argument("block_id", metavar="ID", type=ID)
@click.option("--with-activity", is_flag=True, help="Remove its activity too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@home_option
def remove(block_id: int, with_activity: bool, yes: bool, as_json: bool, home: str | None) -> None:
    """Remove the block ID, from keys too. One with activity stays unless that is to go as well."""
    from trunkline.cli.removal import confirm_removal
    from trunkline.clickto.blocks import Blocks

    with clickto_at(home) as opened:
        blocks = Blocks(opened.store, opened.clock)
        found = blocks.get(block_id)
        count = blocks.activity_of(block_id)[0] if with_activity else 0
        if not yes:
            rest = f" and {counted(count, 'row')} of activity" if count else ""
            confirm_removal(f"Remove block {block_id} ({found.description}){rest}?")
        blocks.remove(block_id, with_activity=with_activity)
    said = {"id": block_id, "removed": True, "activity_removed": count}
    print_json(said) if as_json else click.echo(f"Block {block_id} removed.")
