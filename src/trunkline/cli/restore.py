"""`trunkline restore`: an installation from a backup."""

from pathlib import Path

import click

from trunkline.cli.flags import home_option, json_option, settings_for, to_paste
from trunkline.cli.output import print_json
from trunkline.clock import local_text, process_clock


@click.command(no_args_is_help=True)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Also over an installation: its files are put aside.")
@json_option
@home_option
def restore(file: Path, force: bool, as_json: bool, home: str | None) -> None:
    """Put the backup FILE in place: into the home folder, or the databases that the settings name.

    All of it is checked before anything is changed. A backup of an older version is brought up to date.
    """
    settings = settings_for(home)
    from trunkline.keeping.restore import restore as put_in_place

    done = put_in_place(settings, process_clock(), file.absolute(), force=force)
    if as_json:
        print_json({"home": str(settings.home), **done.to_json()})
        return
    click.echo(f"Restored to {settings.home}: {', '.join(done.parts)}, of {local_text(done.made)}.")
    if done.put_aside:
        click.echo(f"What was there is in {done.put_aside}.")
    for note in done.notes:
        click.echo(f"Note: {note}", err=True)
    click.echo(f"Next: {to_paste('doctor', home)}")
