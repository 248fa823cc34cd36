"""`trunkline read`: rows as JSON lines, straight from the provider."""

import asyncio
import sys
from typing import Any

import click
import orjson

from trunkline.cli.flags import Known, Peeked, declared_command, given_values, home_option, settings_for
from trunkline.cli.progress import tell_wait
from trunkline.connectors import connector as connector_named
from trunkline.connectors import report as report_named
from trunkline.declare import Connector, Report
from trunkline.options import Option


def read_options(connector: Connector, report: Report) -> tuple[Option, ...]:
    """The report's options and those of the account, each name once."""
    own = {o.name for o in report.options}
    return (*report.options, *(o for o in connector.account if o.name not in own))


def _declared(peeked: Peeked) -> Known:
    if not peeked.words:
        return Known()
    connector = connector_named(peeked.words[0])
    if len(peeked.words) == 1:
        return Known(connector.account)
    report = report_named(connector, peeked.words[1])
    return Known(read_options(connector, report), connector, report)


@click.command(cls=declared_command(_declared), no_args_is_help=True)
@click.argument("connector")
@click.argument("report")
@click.option("--limit", type=click.IntRange(1), help="Stop after so many rows.")
@home_option
def read(connector: str, report: str, limit: int | None, home: str | None, **params: Any) -> None:
    """Rows of REPORT of CONNECTOR as JSON lines on standard output, as the provider sends them.

    `trunkline read callrail calls --help` lists the options of that report.
    """
    found = connector_named(connector)
    asked = report_named(found, report)
    given = given_values(read_options(found, asked), params)
    asyncio.run(_print_rows(found, asked, given, limit, home))


async def _print_rows(
    connector: Connector, report: Report, given: dict[str, Any], limit: int | None, home: str | None
) -> None:
    from trunkline.center.reading import open_unsaved

    left = limit
    opened = open_unsaved(settings_for(home), connector, report, given, say=_say, on_wait=tell_wait)
    async with opened as (source, span):
        async for page in source.rows(span):
            rows = page[:left] if left is not None else page
            lines = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
            sys.stdout.buffer.write(lines)
            sys.stdout.buffer.flush()
            left = left - len(rows) if left is not None else None
            if left == 0:
                break
    for note in source.counters.notes:
        _say(note)


def _say(text: str) -> None:
    click.echo(text, err=True)
