"""`trunkline demo`: a pretend phone system, a first sync and a summary, in one command."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from trunkline.cli.flags import home_option, settings_for, to_paste
from trunkline.cli.output import counted

CALLS, DAYS = 3_000, 60
ACCOUNT = "main"
ACCOUNT_ID = "ACC8154748ae6bd4e278a7cddd38a662f4f"
DATASETS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "calls": ("calls", {"days_back": str(DAYS)}),
    "companies": ("companies", {}),
    "users": ("users", {}),
    "calls_per_day": ("timeseries", {"days_back": str(DAYS)}),
}
BAR = "█"
BAR_WIDTH = 46
DAYS_DRAWN = 14


@click.command()
@home_option
def demo(home: str | None) -> None:
    """Start a pretend CallRail, add an account and four datasets, run them, and show what came."""
    from trunkline.center.runs import SUCCEEDED, Wish
    from trunkline.cli.rooms import center_at
    from trunkline.cli.run import run_datasets

    settings = settings_for(home)
    with pretend_callrail() as address:
        click.echo(f"A pretend CallRail with {CALLS:,} calls listens on {address}.")
        with center_at(home, make=True) as center:
            _prepare(center, address)
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
    _show_calls(settings)
    _tell_what_next(home)


@contextmanager
def pretend_callrail() -> Iterator[str]:
    """The address of a pretend CallRail in a process of its own, for as long as the context lasts."""
    command = [sys.executable, "-m", "trunkline", "sim", "callrail"]
    numbers = ["--port", "0", "--calls", str(CALLS), "--days", str(DAYS)]
    with subprocess.Popen([*command, *numbers], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None, "its output is piped"
            first = process.stdout.readline()
            if "listening on " not in first:
                raise click.ClickException("the pretend CallRail did not start.")
            yield first.rsplit("listening on ", 1)[1].strip()
        finally:
            process.terminate()


def _prepare(center: Any, address: str) -> None:
    """Make the account and datasets, or, in a folder used before, point the account to this address."""
    import asyncio

    from trunkline.center import accounts, datasets

    verdict = accounts.Verdict(accounts.VALID)
    values = {"api_key": "testkey", "account_id": ACCOUNT_ID, "base_url": address}
    if accounts.exists(center, ACCOUNT):
        accounts.edit(center, ACCOUNT, {"base_url": address}, verdict)
    else:
        accounts.add(center, "callrail", ACCOUNT, values, verdict)
    known = {d.name for d in datasets.all_of(center)}
    for name, (report, options) in DATASETS.items():
        if name not in known:
            asyncio.run(datasets.add(center, name, ACCOUNT, report, options))


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
