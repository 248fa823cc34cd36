"""`trunkline dialer numbering`, `import-nanpa`, `import-postal`: where numbers are, for their local time."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trunkline.cli.clickto_progress import rows_shown
from trunkline.cli.flags import home_option, json_option, settings_for
from trunkline.cli.output import counted, print_json

if TYPE_CHECKING:
    from trunkline.dialer.numbering.importing import Imported
    from trunkline.dialer.numbering.rows import Import


@click.command()
@json_option
@home_option
def numbering(as_json: bool, home: str | None) -> None:
    """Load the shipped area codes and beginnings of postal codes, with the time of their places.

    They take the place of earlier ones; imported postal codes stay. Refused on a running dialer's own
    database.
    """
    settings = settings_for(home)
    from trunkline.dialer.numbering.loading import WORDS
    from trunkline.dialer.numbering.shipped import PHONE_CODES, since_of
    from trunkline.dialer.setting_up import renew_numbering

    loaded, since = renew_numbering(settings), since_of(PHONE_CODES)
    if as_json:
        print_json({"rules_since": str(since), "rows": {found.table: found.rows for found in loaded}})
        return
    for found in loaded:
        beside = f", beside {counted(found.kept, 'imported code')}" if found.kept else ""
        click.echo(f"{found.rows:,} {WORDS[found.table]}{beside}.")
    click.echo(f"Their rules of summer time are those of the year from {since} on.")


def _import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        home_option,
        json_option,
        click.option("--yes", is_flag=True, help="Replace or add rows of a running dialer's own table."),
        click.option("--append", is_flag=True, help="Keep the rows there are, and add those of new keys."),
        click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False)),
    ):
        command = option(command)
    return command


@click.command(no_args_is_help=True)
@_import_options
def import_nanpa(file: Path, append: bool, yes: bool, as_json: bool, home: str | None) -> None:
    """Replace the table of area codes and prefixes with those of FILE.

    FILE is what a numbering administrator gives out (NANPA's assigned codes, the Canadian ones), or any
    text file with a header that names areacode and prefix, and maybe state, city, GMT_offset, DST, latitude,
    longitude. Where no offset is given it comes from the area code and state. All or nothing is written.
    """
    from trunkline.dialer.numbering.exchanges import EXCHANGES

    _import(EXCHANGES, file, append, yes, as_json, home)


@click.command(no_args_is_help=True)
@_import_options
def import_postal(file: Path, append: bool, yes: bool, as_json: bool, home: str | None) -> None:
    """Replace the table of postal codes with those of FILE.

    FILE is one of GeoNames (US.txt, CA.txt), or any text file with a header that names postal_code or zip,
    and maybe state, country, GMT_offset, DST. Where no offset is given it comes from the code's beginning
    and the state. The shipped beginnings stay for codes that FILE lacks. All or nothing is written.
    """
    from trunkline.dialer.numbering.postal_files import CODES

    _import(CODES, file, append, yes, as_json, home)


def _import(kind: "Import", file: Path, append: bool, yes: bool, as_json: bool, home: str | None) -> None:
    from trunkline.dialer.numbering.importing import Importer

    settings = settings_for(home)
    with rows_shown(quiet=as_json) as show:
        done = Importer(settings, kind, append, yes, show).bring_in(file)
    print_json(done.to_json()) if as_json else _tell(done, append)


def _tell(done: "Imported", append: bool) -> None:
    click.echo(f"{counted(done.read, 'line')} read, {counted(done.written, 'row')} written to {done.table}.")
    if append:
        click.echo(f"{done.there_already:,} were there already, among {counted(done.before, 'row')}.")
    elif done.before:
        click.echo(f"They take the place of {counted(done.before, 'row')}.")
    if done.repeated:
        click.echo(f"{counted(done.repeated, 'line')} repeated an earlier one: the first counts.")
    for why, count in sorted(done.left_out.items()):
        click.echo(f"{counted(count, 'line')} left out: {why}.")
    if done.spanning:
        rows = counted(done.spanning, "row")
        click.echo(f"{rows}: the area code has several times; they got that of most people.")
    if done.beginnings:
        click.echo(f"{done.beginnings:,} shipped beginnings of codes were kept beside them.")
