"""`trunkline doctor`: what is well and what is not."""

from dataclasses import asdict

import click

from trunkline.cli.flags import home_option, json_option, settings_for
from trunkline.cli.output import print_json

MARKS = {"ok": "ok     ", "warning": "WARNING", "error": "ERROR  "}


@click.command()
@click.option("--offline", is_flag=True, help="Do not ask providers and managers.")
@json_option
@home_option
def doctor(offline: bool, as_json: bool, home: str | None) -> None:
    """Check disk, home, clock, store, key file, warehouse, dialer, managers, accounts; exit 1 on an error."""
    from trunkline.center.checkup import ERROR, examine
    from trunkline.cli.server import open_tables

    findings = []
    for finding in examine(settings_for(home), ask_providers=not offline, open_tables=open_tables):
        findings.append(finding)
        if not as_json:
            click.echo(f"{MARKS[finding.state]}  {finding.check}: {finding.message}")
            if finding.todo:
                click.echo(f"         What to do: {finding.todo}")
    if as_json:
        print_json([asdict(f) for f in findings])
    if any(f.state == ERROR for f in findings):
        raise click.exceptions.Exit(1)
