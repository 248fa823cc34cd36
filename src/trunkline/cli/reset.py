"""`trunkline dataset reset`: empty a dataset, so that its next run begins anew."""

import click

from trunkline.cli.flags import home_option, json_option, to_paste
from trunkline.cli.output import counted, print_json


@click.command(no_args_is_help=True)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@home_option
def reset(name: str, yes: bool, as_json: bool, home: str | None) -> None:
    """Forget all rows of the dataset NAME and how far it was read; its choices and its history stay.

    `run --full` keeps the old rows until the new ones are there. This does not: use it when they must go.
    """
    from trunkline.center import datasets, occupancy, resetting, runs
    from trunkline.cli.removal import confirm_removal
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        occupancy.check_free(center, datasets.get(center, name).id, name)
        if not yes:
            confirm_removal(f"Drop the table datasets.{name} with all its rows, to read it anew?")
        done = resetting.reset(center, name, runs.os_user())
    if as_json:
        print_json(done.to_json())
        return
    click.echo(f"Dataset {name} is empty: {counted(done.rows_deleted, 'row')} dropped.")
    click.echo(f"Next: {to_paste(f'run {name}', home)}")
