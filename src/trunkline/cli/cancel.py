"""`trunkline cancel`: stop a run from another terminal."""

import click

from trunkline.cli.flags import home_option


@click.command(no_args_is_help=True)
@click.argument("run")
@home_option
def cancel(run: str, home: str | None) -> None:
    """Stop the run RUN between two pages; `trunkline dataset history NAME` shows its id."""
    from trunkline.center import runs
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        stopped = runs.cancel(center, run)
    click.echo(f"{stopped.dataset}: asked to stop; windows loaded so far stay.")
