"""`trunkline doctor`: what is well and what is not."""

from dataclasses import asdict

import click

from trunkline.cli.flags import home_option, json_option, settings_for
from trunkline.cli.output import print_json

MARKS = {"ok": "ok     ", "warning": "WARNING", "error": "ERROR  "}


@click.command()
@click.option("--online", is_flag=True, help="Ask providers and managers too, with the saved credentials.")
@json_option
@home_option
def doctor(online: bool, as_json: bool, home: str | None) -> None:
    """Check disk, clock, port, home, databases, key, managers, accounts, runs; exit 1 on an error.

    Without --online an account stands as the last test or run has left it.
    """
    from trunkline.daemon.reaching import open_tables
    from trunkline.keeping.checkup import examine
    from trunkline.keeping.findings import ERROR

    findings = []
    for finding in examine(settings_for(home), ask_providers=online, open_tables=open_tables):
        findings.append(finding)
        if not as_json:
            click.echo(f"{MARKS[finding.state]}  {finding.name}: {finding.text}")
            if finding.todo:
                click.echo(f"         What to do: {finding.todo}")
    if as_json:
        print_json([asdict(f) for f in findings])
    if any(f.state == ERROR for f in findings):
        raise click.exceptions.Exit(1)
