"""`trunkline query`: SQL over the datasets."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from trunkline.cli.flags import home_option, settings_for
from trunkline.cli.interrupting import stoppable

MOST_TABLE_ROWS = 1_000


@click.command(no_args_is_help=True)
@click.argument("sql")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "jsonl", "csv"]),
    help="How to print. [default: table on a terminal, else csv]",
)
@home_option
def query(sql: str, format_: str | None, home: str | None) -> None:
    """The answer to one SQL statement over the datasets, read only; - reads it from standard input.

    Tables are datasets.NAME: trunkline query "select count(*) from datasets.calls"
    """
    from trunkline.daemon.reaching import open_tables
    from trunkline.warehouse.export import write_rows

    text = sys.stdin.read() if sql == "-" else sql
    chosen = format_ or ("table" if sys.stdout.isatty() else "csv")
    warehouse = open_tables(settings_for(home), read_only=True)
    try:
        with stoppable(warehouse.interrupt):
            reader = warehouse.reader(text)
            if chosen == "table":
                _print_table(reader)
            else:
                write_rows(reader, chosen, sys.stdout.buffer)
    finally:
        warehouse.close()


def _print_table(reader: Any) -> None:
    from trunkline.cli.output import print_table
    from trunkline.warehouse.cells import shown

    rows: list[Sequence[object]] = []
    for batch in reader:
        rows.extend(zip(*(shown(column) for column in batch.columns), strict=True))
        if len(rows) > MOST_TABLE_ROWS:
            break
    print_table(reader.schema.names, rows[:MOST_TABLE_ROWS], empty="No rows.", plain_numbers=True)
    if len(rows) > MOST_TABLE_ROWS:
        click.echo(f"The first {MOST_TABLE_ROWS:,} rows; --format csv prints all.", err=True)
