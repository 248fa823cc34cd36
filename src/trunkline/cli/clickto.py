"""`trunkline clickto`: click-to blocks and keys; activity brought in and taken out."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from trunkline.cli.clickto_blocks import ID, block
from trunkline.cli.clickto_calls import call, calls, snippet
from trunkline.cli.clickto_keys import key
from trunkline.cli.clickto_progress import rows_shown
from trunkline.cli.clickto_store import clickto_at
from trunkline.cli.flags import home_option, json_option
from trunkline.cli.output import counted, print_json, size_text
from trunkline.errors import SettingsError

if TYPE_CHECKING:
    from trunkline.clickto.importing import Imported


@click.group()
def clickto() -> None:
    """Click-to blocks, keys, calls and activity. `trunkline serve` answers the report at /ibp_api.php."""


clickto.add_command(block)
clickto.add_command(key)
clickto.add_command(call)
clickto.add_command(calls)
clickto.add_command(snippet)


@clickto.command(name="import", no_args_is_help=True)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--block", "block_id", type=ID, help="The block that this activity is of.")
@click.option("--charset", help="That of a CSV file. [default: found out: UTF-8, else Windows-1252]")
@json_option
@home_option
def import_(file: Path, block_id: int | None, charset: str | None, as_json: bool, home: str | None) -> None:
    """Bring in activity from FILE, a click-to report as CSV or XML; - reads standard input.

    What is there already is not brought in again, so the same file, or one that overlaps, does no harm.
    Each day comes in whole or not at all.
    """
    from trunkline.clickto.importing import Importer

    _check_charset(charset)
    with _opened(file) as content, clickto_at(home, make=True) as opened, rows_shown(quiet=as_json) as show:
        importer = Importer(opened.store, opened.account, block_id, show)
        done = importer.bring_in(content, "standard input" if file.name == "-" else file.name, charset)
        zone = opened.account.zone.key
    print_json(done.to_json()) if as_json else _tell(done, zone)


def _check_charset(charset: str | None) -> None:
    import codecs

    try:
        codecs.lookup(charset or "utf-8")
    except LookupError:
        raise SettingsError(f"--charset: {charset!r} is no charset.", todo="Write utf-8 or cp1252.") from None


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """The file, or a copy of what comes through a pipe: it is read more than once."""
    if str(file) == "-":
        with _copied(sys.stdin.buffer) as copy:
            yield copy
        return
    try:
        content = file.open("rb")
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.", todo="Name a file.") from None
    with content:
        if content.seekable():
            yield content
        else:
            with _copied(content) as copy:
                yield copy


@contextmanager
def _copied(stream: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield copy


def _tell(done: "Imported", zone: str) -> None:
    days = f" of {counted(done.days, 'day')}, {done.first_day} to {done.last_day}" if done.days else ""
    click.echo(
        f"{counted(done.rows, 'row')}{days}: {done.added:,} new, {done.already_there:,} there already."
    )
    if done.assigned:
        click.echo(f"{counted(done.assigned, 'row')} that had no block now have it.")
    if done.without_instant:
        rows = counted(done.without_instant, "row")
        click.echo(f"{rows}: the clock in {zone} shows that time twice or never. They are kept as they came.")
    if done.changed_values:
        values = counted(done.changed_values, "value")
        click.echo(f"{values} had line breaks (now blanks) or characters no report can hold (now U+FFFD).")


@clickto.command()
@click.option("--format", "form", type=click.Choice(["csv", "xml"]), default="csv", show_default=True)
@click.option("--start-date", default="", metavar="DAY", help="20170131, 2017-01-31, today-7. [default: all]")
@click.option("--end-date", default="", metavar="DAY", help="The last day, included. [default: all]")
@click.option("--block", "block_id", type=ID, help="Only activity of this block.")
@click.option("--ref", help="Only activity with this reference.")
@click.option("--charset", type=click.Choice(["utf-8", "iso-8859-1"]), default="utf-8", show_default=True,
              help="That of CSV; XML is iso-8859-1 with references for other characters.")  # fmt: skip
@click.option(
    "--to", "target", default="-", metavar="FILE", help="Where to write. [default: standard output]"
)
@home_option
def export(
    form: str,
    start_date: str,
    end_date: str,
    block_id: int | None,
    ref: str | None,
    charset: str,
    target: str,
    home: str | None,
) -> None:
    """Write activity as the report: CSV or XML, byte for byte as /ibp_api.php answers it."""
    from trunkline.clickto.formats import writer_for
    from trunkline.clickto.report import report_pieces
    from trunkline.clickto.selection import Form, Selection, days_named
    from trunkline.clickto.texts import one_line
    from trunkline.warehouse.destination import opened as target_opened

    with clickto_at(home) as opened:
        today = opened.clock.now().astimezone(opened.account.zone).date()
        first, last, problems = days_named(start_date, end_date, today)
        if problems:
            raise SettingsError(problems=problems)
        ids = (block_id,) if block_id is not None else None
        selection = Selection(first, last, ids, one_line(ref) if ref is not None else None)
        writer, size = writer_for(Form(form), charset), 0
        with target_opened(target) as stream:
            for piece in report_pieces(opened.store, selection, opened.account.unit, writer):
                stream.write(piece)
                size += len(piece)
    place = "standard output" if target == "-" else target
    click.echo(f"{size_text(size)} written to {place}.", err=True)
