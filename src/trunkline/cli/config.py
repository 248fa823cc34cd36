"""`trunkline config`: the settings in force."""

from collections.abc import Sequence
from dataclasses import asdict

import click

from trunkline.cli.failure import Failure, sentences
from trunkline.cli.flags import home_option, json_option
from trunkline.cli.output import print_json, print_table
from trunkline.errors import Problem, SettingsError
from trunkline.settings import SETTINGS, Settings, examined_settings, home_folder, refused_settings

MEND = "Mend them in the environment or in trunkline.toml; until then no command but this one works."


@click.command()
@json_option
@home_option
def config(as_json: bool, home: str | None) -> None:
    """Every setting with its value, where the value comes from, and what it means.

    What is wrong with the settings is told below them; the exit code is 1 then.
    """
    settings, problems = examined_settings(home_folder(home))
    refused = refused_settings(problems, MEND) if problems else None
    if as_json:
        print_json(_described(settings, refused))
    else:
        _show(settings)
    if refused:
        for line in sentences(refused):
            click.echo(line, err=True)
        raise click.exceptions.Exit(1)


def _described(settings: Settings, refused: SettingsError | None) -> dict[str, object]:
    rows = [
        {
            "name": s.name,
            "value": settings.shown(s),
            "source": settings.sources[s.name],
            "help": s.help,
        }
        for s in SETTINGS
    ]
    described: dict[str, object] = {"home": str(settings.home), "settings": rows}
    if refused:
        problems: Sequence[Problem] = refused.problems
        failure = Failure(refused.kind, str(refused), refused.todo, tuple(problems))
        described["error"] = asdict(failure)
    return described


def _show(settings: Settings) -> None:
    click.echo(f"Home folder: {settings.home}\n")
    print_table(
        ("Setting", "Value", "From", "Meaning"),
        [(s.name, str(settings.shown(s)), settings.sources[s.name], s.help) for s in SETTINGS],
        empty="",
    )
    click.echo("\nSet one with TRUNKLINE_<NAME> in the environment or in trunkline.toml in the home folder.")
