"""`trunkline backup`: all of an installation in one file."""

from pathlib import Path

import click

from trunkline.cli.flags import home_option, json_option
from trunkline.cli.output import print_json, size_text


@click.command(no_args_is_help=True)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--with-key", is_flag=True, help="Put the key in too: then the file opens every secret.")
@click.option(
    "--wait",
    type=click.IntRange(0, 86_400),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for a run that writes the warehouse file.",
)
@json_option
@home_option
def backup(file: Path, with_key: bool, wait: int, as_json: bool, home: str | None) -> None:
    """Write store, warehouse and settings into FILE, also while everything works.

    Secrets in it are encrypted; of the settings, secret ones are left out.
    """
    from trunkline.cli.rooms import center_at
    from trunkline.daemon.reaching import copying
    from trunkline.keeping.backup import make

    with center_at(home) as center:
        made = make(
            center.store,
            center.settings,
            center.clock,
            file.absolute(),
            with_key=with_key,
            say=lambda text: click.echo(text, err=True),
            wait_seconds=wait,
            served=copying(center.settings),
        )
    if as_json:
        print_json(made.to_json())
        return
    click.echo(f"{file}: {', '.join(made.parts)} ({size_text(made.bytes)}).")
    for what in made.left_out:
        click.echo(f"Not in it: {what}.")
