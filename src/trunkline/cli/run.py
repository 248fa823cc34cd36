"""`trunkline run`: read what is due, with a progress bar on a terminal and plain lines elsewhere."""

import asyncio
import signal
from dataclasses import replace
from typing import Any

import click

from trunkline.cli.estimate import estimate_datasets
from trunkline.cli.failure import sentences, tell_stopped
from trunkline.cli.flags import home_option, json_option
from trunkline.cli.notices import send_notices
from trunkline.cli.output import counted, duration_text, print_json, size_text

SIGTERM_CODE = 128 + signal.SIGTERM


@click.command(no_args_is_help=True)
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All datasets.")
@click.option("--full", is_flag=True, help="Read everything anew and swap it in at the end.")
@click.option("--since", metavar="DATE", help="Read the days from here once more.")
@click.option("--until", metavar="DATE", help="Read the days up to here once more.")
@click.option("--estimate", is_flag=True, help="Tell how many requests and hours it takes; run nothing.")
@json_option
@home_option
def run(
    names: tuple[str, ...],
    every: bool,
    full: bool,
    since: str | None,
    until: str | None,
    estimate: bool,
    as_json: bool,
    home: str | None,
) -> None:
    """Read what is due of the datasets NAMES; several run side by side and share their budgets.

    Exit code 0 when every run succeeded, 1 otherwise, 130 after Ctrl-C, 143 after SIGTERM.
    """
    from trunkline.center.runs import SUCCEEDED, Wish
    from trunkline.cli.rooms import center_at

    if names and every:
        raise click.UsageError(f"--all runs every dataset: leave out {', '.join(names)}, or leave out --all.")
    if not names and not every:
        raise click.UsageError("Name the datasets to run, or give --all.")
    wish = Wish(full, since or "", until or "")
    with center_at(home) as center:
        names = names or _all_names(center)
        names = tuple(dict.fromkeys(names))
        if estimate:
            estimate_datasets(center, names, wish, as_json=as_json, one=len(names) == 1 and not every)
            return
        done = run_datasets(center, names, wish, quiet=as_json)
    if as_json:
        shown = [r.to_json() for r in done]
        print_json(shown[0] if len(names) == 1 and not every else shown)
    else:
        for one in done:
            summarise(one)
    if len(done) < len(names) or any(r.status != SUCCEEDED for r in done):
        raise click.exceptions.Exit(1)


def _all_names(center: Any) -> tuple[str, ...]:
    from trunkline.center import datasets
    from trunkline.errors import SettingsError

    names = tuple(d.name for d in datasets.all_of(center))
    if not names:
        raise SettingsError(
            "There is no dataset yet.", todo="trunkline dataset add NAME --account ACCOUNT --report REPORT"
        )
    return names


def run_datasets(
    center: Any, names: tuple[str, ...], wish: Any, *, quiet: bool, origin: Any = None
) -> list[Any]:
    """Run the datasets side by side on one warehouse; the runs in the order of their names.

    `origin` is why, unless a person asks for it here and now.

    One that is being run already is told of on standard error, and left out. Raises RetryLater where it is
    the only one.
    """
    import pyarrow as pa

    from trunkline.center import datasets
    from trunkline.center.planning import check_wish
    from trunkline.center.writer import Writer
    from trunkline.cli.progress import WaitLines, progress_for
    from trunkline.daemon.reaching import running_server

    # Arrow's own allocator keeps what it once had; a run of a million rows stays 35 MB smaller without
    pa.set_memory_pool(pa.system_memory_pool())
    center.vault.make_ready()
    for name in names:
        check_wish(center, datasets.get(center, name), wish)
    server = running_server(center.settings)
    with WaitLines() if quiet else progress_for(names) as progress:
        if server:
            done = _through(server, names, wish, progress.show)
        else:
            with Writer(center.settings) as writer:
                done = _loop_runner()(_side_by_side(center, writer, names, wish, progress.show, origin))
    _tell_failed_exports(center, done)
    if not server:
        send_notices(center)
    return _begun(done)


def _through(server: Any, names: tuple[str, ...], wish: Any, watch: Any) -> list[Any]:
    """As `_side_by_side`, in the server; SIGTERM and Ctrl-C stop the runs, and nothing else does."""

    def end(*_: object) -> None:
        tell_stopped()
        raise click.exceptions.Exit(SIGTERM_CODE)

    former = signal.signal(signal.SIGTERM, end)
    try:
        found: list[Any] = server.run(names, wish, watch)
        return found
    finally:
        signal.signal(signal.SIGTERM, former)


def _begun(done: list[Any]) -> list[Any]:
    from trunkline.errors import RetryLater

    refused = [one for one in done if isinstance(one, RetryLater)]
    if refused and len(done) == 1:
        raise refused[0]
    for error in refused:
        for line in sentences(error):
            click.echo(line, err=True)
    return [one for one in done if not isinstance(one, RetryLater)]


async def _side_by_side(
    center: Any, writer: Any, names: tuple[str, ...], wish: Any, watch: Any, origin: Any
) -> list[Any]:
    """The runs, and the errors of those that could not begin."""
    told_to_end = _ended_by_sigterm()
    runs = [
        asyncio.ensure_future(_run_or_why_not(center, writer, name, wish, watch, origin)) for name in names
    ]
    try:
        return list(await asyncio.gather(*runs))
    except BaseException as error:
        for one in runs:
            one.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
        if isinstance(error, asyncio.CancelledError) and told_to_end.is_set():
            tell_stopped()
            raise click.exceptions.Exit(SIGTERM_CODE) from None
        raise


async def _run_or_why_not(center: Any, writer: Any, name: str, wish: Any, watch: Any, origin: Any) -> Any:
    from trunkline.center import datasets
    from trunkline.center.alerts.deciding import run_ended
    from trunkline.center.running import run as run_one
    from trunkline.center.runs import SUCCEEDED, Origin, os_user
    from trunkline.center.standing_exports import export_after
    from trunkline.errors import RetryLater

    origin = replace(origin or Origin(), started_by=os_user())
    try:
        done = await run_one(center, writer, name, wish=wish, origin=origin, watch=watch)
    except RetryLater as error:
        return error
    run_ended(center, datasets.get(center, name), done, will_retry=False)
    if done.status == SUCCEEDED:
        await export_after(center, writer, name, done)
    return done


def _tell_failed_exports(center: Any, done: list[Any]) -> None:
    """Wherever they were made: a server tells of them in its log alone."""
    from trunkline.center import datasets, standing_exports
    from trunkline.errors import RetryLater

    for run in done:
        if isinstance(run, RetryLater) or run.status != "succeeded":
            continue
        for one in standing_exports.of(center, datasets.get(center, run.dataset)):
            if one.last_error:
                words = f"not exported to {one.target}: {one.last_error}"
                click.echo(f"Note on {run.dataset}: {words}", err=True)


def _ended_by_sigterm() -> asyncio.Event:
    """Let SIGTERM cancel the task that calls this, as Ctrl-C does; the event tells one from the other."""
    told = asyncio.Event()
    task = asyncio.current_task()
    assert task is not None, "runs inside a task"

    def end() -> None:
        told.set()
        task.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    return told


def _loop_runner() -> Any:
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    return uvloop.run


def _changes(run: Any) -> list[str]:
    """What became of the rows; without a key nobody can tell which of them are the same as before."""
    written_anew = run.rows_inserted and run.rows_deleted and not run.rows_updated and not run.rows_unchanged
    if written_anew and run.method in ("replace", "partition"):
        return [f"{run.rows_inserted:,} written in place of {run.rows_deleted:,}"]
    gone = [f"{run.rows_deleted:,} gone"] if run.rows_deleted else []
    return [f"{run.rows_inserted:,} new", f"{run.rows_updated:,} changed", *gone]


def summarise(run: Any) -> None:
    """How a run has ended, in a line or two."""
    if run.status == "succeeded":
        parts = [f"{counted(run.rows_read, 'row')} read", *_changes(run)]
        cost = f"{counted(run.requests, 'request')}, {size_text(run.bytes)}, {duration_text(run.seconds)}"
        waited = f", of which {duration_text(run.waited_seconds)} waiting" if run.waited_seconds >= 1 else ""
        click.echo(f"{run.dataset}: {', '.join(parts)} ({cost}{waited}).")
    else:
        kept = (
            f" What was loaded before ({counted(run.windows_done, 'window')}) stays."
            if run.windows_done and run.status != "cancelled"  # which says so itself
            else ""
        )
        click.echo(f"Error: {run.dataset} {run.status}: {run.error}{kept}", err=True)
        if run.todo:
            click.echo(f"What to do: {run.todo}", err=True)
    for warning in run.warnings:
        click.echo(f"Note on {run.dataset}: {warning}", err=True)
