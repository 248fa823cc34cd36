"""`trunkline dataset export`: a table as a file, once or after each run."""

from typing import TYPE_CHECKING, Any

import click

from trunkline.cli.flags import home_option, json_option, to_paste
from trunkline.cli.output import counted, print_json, print_table

if TYPE_CHECKING:
    from trunkline.center.room import Center


@click.command(no_args_is_help=True)
@click.argument("name")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "jsonl", "parquet"]),
    help="The form of the file. [default: what its ending says, else csv]",
)
@click.option("--to", "file", metavar="FILE", help="Where to; - is standard output. [default: -]")
@click.option("--target", metavar="TARGET", help="A saved target instead (`trunkline target add`).")
@click.option("--after-runs", is_flag=True, help="With --target: from now on after each successful run.")
@click.option("--standing", is_flag=True, help="List what is exported after each run.")
@click.option("--stop", metavar="TARGET", help="No longer export to TARGET after each run.")
@json_option
@home_option
def export(
    name: str,
    format_: str | None,
    file: str | None,
    target: str | None,
    after_runs: bool,
    standing: bool,
    stop: str | None,
    as_json: bool,
    home: str | None,
) -> None:
    """The table of the dataset NAME as a CSV, JSON lines or Parquet file.

    In a target it is NAME.FORMAT, Parquet where no format is given; the former one is replaced.
    """
    from trunkline.cli.rooms import center_at

    _check(format_, file, target, after_runs, standing, stop, as_json)
    with center_at(home) as center:
        if standing:
            _list(center, name, as_json, home)
        elif stop is not None:
            _stop(center, name, stop, format_, as_json)
        elif after_runs:
            _keep(center, name, str(target), format_, as_json)
        else:
            _once(center, name, format_, file, target, as_json)


def _check(
    format_: str | None,
    file: str | None,
    target: str | None,
    after_runs: bool,
    standing: bool,
    stop: str | None,
    as_json: bool,
) -> None:
    """Raises UsageError for flags that do not go together."""
    ways = {"--to": file is not None, "--target": target is not None, "--standing": standing}
    given = [flag for flag, is_given in {**ways, "--stop": stop is not None}.items() if is_given]
    if len(given) > 1:
        raise click.UsageError(f"Give {' or '.join(given)}, not both.")
    if after_runs and target is None:
        raise click.UsageError("--after-runs goes with --target: name the saved target to export to.")
    if standing and format_ is not None:
        raise click.UsageError("--standing lists all formats: leave out --format.")
    if as_json and (not given or file == "-"):
        raise click.UsageError("--json tells of an export to a file or a target: give --to or --target.")


def _once(
    center: "Center", name: str, format_: str | None, file: str | None, target: str | None, as_json: bool
) -> None:
    from trunkline.center import datasets, tables_of

    datasets.get(center, name)
    path = file if file is not None else "-"
    if target is not None:
        rows, place = tables_of.export_to_target(center, name, format_, target)
    else:
        rows = tables_of.export_to(center, name, format_, path)
        place = "standard output" if path == "-" else path
    if as_json:
        print_json({"dataset": name, "rows": rows, "place": place})
        return
    click.echo(f"{counted(rows, 'row')} written to {place}.", err=True)


def _keep(center: "Center", name: str, target: str, format_: str | None, as_json: bool) -> None:
    from trunkline.center import datasets, standing_exports

    kept = standing_exports.add(center, datasets.get(center, name), target, format_)
    if as_json:
        print_json(kept.to_json())
        return
    click.echo(f"After each successful run {name} is exported to {target} as {kept.file_name}.")


def _stop(center: "Center", name: str, target: str, format_: str | None, as_json: bool) -> None:
    from trunkline.center import datasets, standing_exports

    ended = standing_exports.stop(center, datasets.get(center, name), target, format_)
    if as_json:
        print_json([one.to_json() for one in ended])
        return
    files = " and ".join(one.file_name for one in ended)
    are = "is" if len(ended) == 1 else "are"
    click.echo(f"{files} {are} no longer exported to {target}; what was written stays.")


def _list(center: "Center", name: str, as_json: bool, home: str | None) -> None:
    from trunkline.center import datasets, standing_exports

    found = standing_exports.of(center, datasets.get(center, name))
    if as_json:
        print_json([one.to_json() for one in found])
        return
    rows: list[tuple[Any, ...]] = [
        (one.target, one.file_name, one.last_at or "not yet", one.last_error) for one in found
    ]
    keep = to_paste(f"dataset export {name} --target TARGET --after-runs", home)
    print_table(("Target", "File", "Last written", "Error"), rows, empty=f"Nothing. Begin: {keep}")
