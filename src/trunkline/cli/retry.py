"""`trunkline retry`: a run that failed, once more."""

from typing import Any

import click

from trunkline.cli.flags import home_option, json_option, to_paste
from trunkline.cli.output import print_json
from trunkline.cli.run import run_datasets, summarise


@click.command(no_args_is_help=True)
@click.argument("run")
@json_option
@home_option
def retry(run: str, as_json: bool, home: str | None) -> None:
    """Try the failed or cancelled run RUN again; `trunkline dataset history NAME` shows its id.

    Where a worker or server runs for this home, it gets the order. Else the run is made here and now.
    """
    from trunkline.center import retrying, workers
    from trunkline.center.runs import os_user
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        failed = retrying.failed(center, run)
        if workers.alive(center):
            order = retrying.order_again(center, failed, os_user())
            _tell_ordered(order, as_json, home)
            return
        done = _run_here(center, failed, as_json)
    if as_json:
        print_json({"ordered": False, "run": done.to_json()})
    else:
        summarise(done)
    if done.status != "succeeded":
        raise click.exceptions.Exit(1)


def _tell_ordered(order: Any, as_json: bool, home: str | None) -> None:
    if as_json:
        told = {"id": order.id, "dataset": order.dataset, "retry_of": order.retry_of}
        print_json({"ordered": True, "order": told})
        return
    click.echo(f"{order.dataset}: ordered; a worker begins it as soon as it can.")
    click.echo(f"Look: {to_paste(f'dataset history {order.dataset}', home)}")


def _run_here(center: Any, failed: Any, quiet: bool) -> Any:
    from trunkline.center import orders
    from trunkline.center.runs import RETRY, SUCCEEDED, Origin

    run = failed.run
    origin = Origin(RETRY, attempt=run.attempt + 1, retry_of=run.id)
    (done,) = run_datasets(center, (run.dataset,), failed.wish, quiet=quiet, origin=origin)
    if done.status == SUCCEEDED and failed.order:
        orders.cancel_of_run(center, run.id)  # what it waited for has been done
    return done
