"""`trunkline demo`: pretend phone systems, a first sync, a summary, and the pages over them."""

import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

import click

from trunkline.cli.demo_systems import CALLS, DAYS, Systems, ended_by_signals, pretend_systems
from trunkline.cli.flags import home_option, settings_for, to_paste
from trunkline.cli.output import counted


class Wanted(NamedTuple):
    """A dataset of the demo."""

    account: str
    report: str
    options: Mapping[str, Any]


CALLRAIL, DIALPAD = "main", "office"
ACCOUNT_ID = "ACC8154748ae6bd4e278a7cddd38a662f4f"
DATASETS: Mapping[str, Wanted] = {
    "calls": Wanted(CALLRAIL, "calls", {"days_back": str(DAYS)}),
    "companies": Wanted(CALLRAIL, "companies", {}),
    "users": Wanted(CALLRAIL, "users", {}),
    "calls_per_day": Wanted(CALLRAIL, "timeseries", {"days_back": str(DAYS)}),
    "legs": Wanted(DIALPAD, "calls", {"days_back_start": "14"}),
    "dialpad_users": Wanted(DIALPAD, "users", {}),
}
BAR = "█"
BAR_WIDTH = 46
DAYS_DRAWN = 14


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="Of the pages; 0: a free one."
)
@click.option("--check", is_flag=True, help="Ask the pages, say which answered, and end.")
@home_option
def demo(port: int, check: bool, home: str | None) -> None:
    """Start pretend phone systems, read six datasets of them, and serve the pages until Ctrl-C.

    It prints an address that signs in once, and what to look at. Without a terminal it does what --check
    does. The home folder stays.
    """
    from trunkline.cli.demo_server import check_free, served

    settings = settings_for(home)
    check_free(settings)
    with ended_by_signals(), pretend_systems() as systems:
        click.echo(f"A pretend CallRail with {CALLS:,} calls listens on {systems.callrail},")
        click.echo(f"a pretend Dialpad on {systems.dialpad}.")
        _read(home, systems, settings)
        _show_calls(settings)
        _tell_what_next(home)
        is_looked_at = not check and sys.stdin.isatty() and sys.stdout.isatty()
        served(settings, port, until_ended=is_looked_at)


def _read(home: str | None, systems: Systems, settings: Any) -> None:
    """Raises Exit where a dataset was not read."""
    from trunkline.center.runs import SUCCEEDED, Wish
    from trunkline.cli.rooms import center_at
    from trunkline.cli.run import run_datasets

    with center_at(home, make=True) as center:
        _prepare(center, systems)
        click.echo(f"Reading {len(DATASETS)} datasets into {settings.home}:")
        done = run_datasets(center, tuple(DATASETS), Wish(), quiet=False)
    for run in done:
        outcome = (
            f"{counted(run.rows_read, 'row')} in {counted(run.requests, 'request')}, {run.seconds:.1f} s"
        )
        click.echo(
            f"  {run.dataset:<14} {run.status:<10} {outcome if run.status == SUCCEEDED else run.error}"
        )
    if any(r.status != SUCCEEDED for r in done):
        raise click.exceptions.Exit(1)


def _prepare(center: Any, systems: Systems) -> None:
    """Make accounts and datasets, or, in a folder used before, point the accounts to these addresses."""
    import asyncio

    from trunkline.center import accounts, datasets

    verdict = accounts.Verdict(accounts.VALID)
    found: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (CALLRAIL, "callrail", {"account_id": ACCOUNT_ID, "base_url": systems.callrail}),
        (DIALPAD, "dialpad", {"base_url": systems.dialpad}),
    )
    for name, connector, values in found:
        if accounts.exists(center, name):
            accounts.edit(center, name, {"base_url": values["base_url"]}, verdict)
        else:
            accounts.add(center, connector, name, {"api_key": "testkey", **values}, verdict)
    known = {d.name for d in datasets.all_of(center)}
    for name, wanted in DATASETS.items():
        if name not in known:
            asyncio.run(datasets.add(center, name, wanted.account, wanted.report, dict(wanted.options)))


def _show_calls(settings: Any) -> None:
    from trunkline.daemon.reaching import open_tables
    from trunkline.warehouse.statements import Statements

    statement = Statements("duckdb")
    warehouse = open_tables(settings, read_only=True)
    try:
        totals, by_day, sources = (
            warehouse.reader(statement(name)).read_all().to_pylist()
            for name in ("demo_totals", "demo_calls_by_day", "demo_calls_by_source")
        )
    finally:
        warehouse.close()
    _check_and_draw(totals[0], by_day, sources)


def _check_and_draw(
    totals: dict[str, Any], by_day: list[dict[str, Any]], sources: list[dict[str, Any]]
) -> None:
    if totals["calls"] < CALLS or totals["calls"] != totals["different_calls"]:
        raise click.ClickException(
            f"{CALLS:,} calls were sent, {totals['calls']:,} arrived "
            f"({totals['different_calls']:,} different ones)."
        )
    click.echo(
        f"\n{totals['calls']:,} calls, {totals['answered'] / totals['calls']:.0%} answered, in all "
        f"{totals['hours']:,.0f} hours of talk. Calls per day:\n"
    )
    _draw(by_day[-DAYS_DRAWN:], "day")
    click.echo("\nWhere they came from:\n")
    _draw(sources, "source")


def _draw(rows: list[dict[str, Any]], label: str) -> None:
    most = max((r["calls"] for r in rows), default=1)
    for row in rows:
        name = f"{row[label]:%a %d %b}" if label == "day" else str(row[label])[:20]
        click.echo(f"  {name:<21}{BAR * max(1, round(BAR_WIDTH * row['calls'] / most))} {row['calls']:,}")


THINGS_TO_TRY = (
    'query "select source, count(*) from datasets.calls group by 1 order by 2 desc"',
    "dataset export calls --format parquet --to calls.parquet",
)
YOUR_OWN = "account add callrail mine --api-key - --home mine     # your own CallRail"


def _tell_what_next(home: str | None) -> None:
    place = ".venv/bin/" if ".venv" in sys.prefix else ""
    click.echo("\nThree things to try next:\n")
    for command in (*(to_paste(thing, home) for thing in THINGS_TO_TRY), f"trunkline {YOUR_OWN}"):
        click.echo(f"  {place}{command}")
