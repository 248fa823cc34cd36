"""`trunkline cancel`: stop a run from another terminal, or its next attempt."""

import click

from trunkline.cli.flags import home_option, json_option
from trunkline.cli.output import print_json


@click.command(no_args_is_help=True)
@click.argument("run")
@json_option
@home_option
def cancel(run: str, as_json: bool, home: str | None) -> None:
    """Stop the run RUN between two pages; one that failed and waits to be tried again is not any more.

    `trunkline dataset history NAME` shows its id.
    """
    from trunkline.center import cancelling
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        stopped = cancelling.cancel(center, run)
    if as_json:
        print_json(stopped.to_json())
    elif stopped.was == cancelling.RUNNING:
        click.echo(f"{stopped.run.dataset}: asked to stop; windows loaded so far stay.")
    else:
        click.echo(f"{stopped.run.dataset}: it waited to be tried again, and will not be.")
