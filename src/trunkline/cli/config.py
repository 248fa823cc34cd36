"""`trunkline config`: the settings in force."""

import click

from trunkline.cli.flags import home_option, json_option
from trunkline.cli.output import print_json, print_table


@click.command()
@json_option
@home_option
def config(as_json: bool, home: str | None) -> None:
    """Every setting with its value, where the value comes from, and what it means."""
    from trunkline.settings import SETTINGS, examined_settings, home_folder, refused_settings

    settings, problems = examined_settings(home_folder(home))
    if problems and as_json:
        raise refused_settings(problems)
    shown = {
        s.name: "set" if s.secret and settings.text(s.name) else settings.values[s.name] for s in SETTINGS
    }
    if as_json:
        rows = [
            {"name": s.name, "value": shown[s.name], "source": settings.sources[s.name], "help": s.help}
            for s in SETTINGS
        ]
        print_json({"home": str(settings.home), "settings": rows})
        return
    click.echo(f"Home folder: {settings.home}\n")
    print_table(
        ("Setting", "Value", "From", "Meaning"),
        [(s.name, str(shown[s.name]), settings.sources[s.name], s.help) for s in SETTINGS],
        empty="",
    )
    click.echo("\nSet one with TRUNKLINE_<NAME> in the environment or in trunkline.toml in the home folder.")
    if problems:
        raise refused_settings(problems)
