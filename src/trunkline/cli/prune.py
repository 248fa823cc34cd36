"""`trunkline prune`: forget old runs now, as the server does every night."""

import click

from trunkline.cli.flags import home_option, json_option
from trunkline.cli.output import counted, print_json


@click.command()
@click.option("--days", type=click.IntRange(min=1), help="Keep so many days. [default: setting history_days]")
@json_option
@home_option
def prune(days: int | None, as_json: bool, home: str | None) -> None:
    """Forget runs older than the setting history_days, with their logs.

    The last run and the last success of each dataset are kept. Rows of datasets are not touched.
    """
    from trunkline.center import pruning
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        kept = center.settings.number("history_days") if days is None else days
        forgotten = pruning.prune(center, center.clock.now(), days)
    if as_json:
        print_json({"forgotten": forgotten, "days": kept})
        return
    older = f"older than {counted(kept, 'day')}" if kept else "(history_days is 0: all are kept)"
    click.echo(f"{counted(forgotten, 'run')} forgotten, {older}.")
