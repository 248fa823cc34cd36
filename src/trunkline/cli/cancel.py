"""`trunkline cancel`: stop a run from another terminal."""

import click

from trunkline.cli.flags import home_option, json_option
from trunkline.cli.output import print_json


@click.command(no_args_is_help=True)
@click.argument("run")
@json_option
@home_option
def cancel(run: str, as_json: bool, home: str | None) -> None:
    """Stop the run RUN between two pages; `trunkline dataset history NAME` shows its id."""
    from trunkline.center import runs
    from trunkline.cli.rooms import center_at
    from trunkline.cli.server import running_server

    with center_at(home) as center:
        server = running_server(center.settings)
        stopped = server.cancel(run) if server else runs.cancel(center, run)
    if as_json:
        print_json({"id": stopped.id, "dataset": stopped.dataset, "cancel_requested": True})
        return
    click.echo(f"{stopped.dataset}: asked to stop; windows loaded so far stay.")
