"""`trunkline target`: where datasets are exported to."""

from typing import Any

import click

from trunkline.cli.flags import SECRET_FORMS, home_option, json_option, secret_value, to_paste
from trunkline.cli.output import print_json, print_table
from trunkline.options import Kind, Option


@click.group()
def target() -> None:
    """Saved places for `trunkline dataset export NAME --target TARGET`."""


@target.command(no_args_is_help=True)
@click.argument("name")
@click.option("--folder", metavar="DIR", help="A folder, by its whole path.")
@click.option("--bucket", metavar="BUCKET[/PREFIX]", help="A bucket of an S3-compatible storage.")
@click.option("--endpoint", metavar="URL", default="", help="The storage's address; without it Amazon's own.")
@click.option("--region", default="", help="The bucket's region. [default: us-east-1]")
@click.option("--access-key", metavar="SECRET", help=f"Its access key. Give {SECRET_FORMS}.")
@click.option("--secret-key", metavar="SECRET", help=f"Its secret key. Give {SECRET_FORMS}.")
@json_option
@home_option
def add(
    name: str,
    folder: str | None,
    bucket: str | None,
    endpoint: str,
    region: str,
    access_key: str | None,
    secret_key: str | None,
    as_json: bool,
    home: str | None,
) -> None:
    """Save the target NAME: a folder or a bucket. Keys are kept encrypted."""
    if (folder is None) == (bucket is None):
        raise click.UsageError("Give --folder or --bucket.")
    from trunkline.center import targets
    from trunkline.cli.rooms import center_at

    given = {"access_key": access_key, "secret_key": secret_key} if bucket is not None else {}
    secrets = {k: secret_value(_option(k), v) for k, v in given.items() if v is not None}
    options = {k: v for k, v in {"endpoint": endpoint, "region": region}.items() if v and bucket is not None}
    kind = targets.FOLDER if bucket is None else targets.S3
    with center_at(home) as center:
        saved = targets.add(center, targets.Target(name, kind, folder or bucket or "", options), secrets)
    if as_json:
        print_json(saved.to_json())
        return
    click.echo(f"Target {name} saved. Try it: {to_paste(f'target test {name}', home)}")


def _option(name: str) -> Option:
    return Option(name, name.replace("_", " ").capitalize(), Kind.SECRET)


@target.command(name="list")
@json_option
@home_option
def list_(as_json: bool, home: str | None) -> None:
    """All targets."""
    from trunkline.center import targets
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        found = targets.all_of(center)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    rows: list[tuple[Any, ...]] = [
        (one.name, one.kind, one.place, one.options.get("endpoint", "")) for one in found
    ]
    print_table(("Name", "Kind", "Place", "Endpoint"), rows, empty="No target yet: `trunkline target add`.")


@target.command(no_args_is_help=True)
@click.argument("name")
@home_option
def test(name: str, home: str | None) -> None:
    """Write a small file into the target NAME and take it away again."""
    from trunkline.center import targets
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        place = targets.test(center, name)
    click.echo(f"{place} may be written to.")


@target.command(no_args_is_help=True)
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@home_option
def remove(name: str, yes: bool, home: str | None) -> None:
    """Forget the target NAME and its keys; what was exported there stays."""
    from trunkline.center import targets
    from trunkline.cli.removal import confirm_removal
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        targets.check_unused(center, name)
        if not yes:
            confirm_removal(f"Forget the target {name} and its keys?")
        targets.remove(center, name)
    click.echo(f"Target {name} removed.")
