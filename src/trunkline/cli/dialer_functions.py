"""`trunkline dialer functions`: what the functions of the Dialer360 API take and say."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from trunkline.cli.flags import home_option, json_option, settings_for
from trunkline.cli.output import print_json, print_table

if TYPE_CHECKING:
    from trunkline.dialer.command import Command


@click.command()
@click.argument("name", required=False)
@json_option
@home_option
def functions(name: str | None, as_json: bool, home: str | None) -> None:
    """All functions of the API, or all about the one called NAME: parameters, lines, columns."""
    settings_for(home)
    from trunkline.dialer.commands import ALL
    from trunkline.dialer.json_answers import command_content

    if name is not None:
        command = _named(name)
        print_json(command_content(command)) if as_json else _show(command)
    elif as_json:
        print_json([command_content(command) for command in ALL])
    else:
        print_table(
            ("Function", "Level", "Rights", "What it does"),
            [(c.name, str(c.level), ", ".join(c.flags), c.sentence) for c in ALL],
            empty="",
        )


def _named(name: str) -> "Command":
    from trunkline.dialer.commands import COMMANDS

    if name in COMMANDS:
        return COMMANDS[name]
    close = get_close_matches(name, COMMANDS, 1)
    hint = f" Did you mean {close[0]}?" if close else " `trunkline dialer functions` lists all."
    raise click.BadParameter(f"there is no function {name!r}.{hint}", param_hint="NAME")


def _show(command: "Command") -> None:
    from trunkline.dialer.declared_words import column_rows, form_of, rights_of
    from trunkline.dialer.json_answers import all_lines, line_text, status_of_line

    click.echo(f"{command.name}: {command.sentence}")
    click.echo(f"User: {rights_of(command, '')}. {'Writes' if command.writes else 'Reads only'}.")
    _part(
        ("Parameter", "Required", "Form", "Meaning"),
        [(p.name, "yes" if p.required else "", form_of(p, ""), p.meaning) for p in command.params],
    )
    _part(
        ("Code", "JSON", "Line of the documented dialect"),
        [
            (line.code, str(status_of_line(line)), line_text(line, command.name))
            for line in all_lines(command)
        ],
    )
    for export in command.exports:
        title = f"Column, with {export.when}" if export.when else "Column"
        _part((title, "Holds", "Meaning"), column_rows(export.columns, ""))
    _part(("Value in JSON", "Holds", "Meaning"), column_rows(command.fields, ""))


def _part(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if rows:
        click.echo()
        print_table(titles, rows, empty="")
