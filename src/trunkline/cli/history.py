"""`trunkline dataset history`: the runs of a dataset, and one of them with its phases and its log."""

from typing import Any

import click

from trunkline.cli.flags import home_option, json_option, to_paste
from trunkline.cli.output import (
    counted,
    duration_text,
    instant_text,
    print_json,
    print_table,
    size_text,
)

STATES = ("running", "waiting", "succeeded", "failed", "cancelled", "reset")


@click.command(no_args_is_help=True)
@click.argument("name")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many runs.")
@click.option("--before", default="", metavar="RUN", help="Only runs older than this one: the next page.")
@click.option("--state", type=click.Choice(STATES), metavar="STATE", help="Only runs of this state.")
@click.option("--run", "run_id", default="", metavar="RUN", help="Everything about one run.")
@click.option("--log", "with_log", is_flag=True, help="With --run: what happened in it, line by line.")
@json_option
@home_option
def history(
    name: str,
    limit: int,
    before: str,
    state: str | None,
    run_id: str,
    with_log: bool,
    as_json: bool,
    home: str | None,
) -> None:
    """The runs of the dataset NAME, newest first; with --run one of them.

    STATE is running, waiting, succeeded, failed, cancelled or reset.
    """
    if with_log and not run_id:
        raise click.UsageError("--log shows the log of one run: name it with --run RUN.")
    if run_id:
        _one(name, run_id, with_log, as_json, home)
    else:
        _list(name, limit, before, state or "", as_json, home)


def _list(name: str, limit: int, before: str, state: str, as_json: bool, home: str | None) -> None:
    from trunkline.center import datasets, orders, runs
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        found = runs.history(center, name, limit, before=before, state=state)
        saved = datasets.get(center, name)
        last, success = runs.last(center, saved), runs.last(center, saved, runs.SUCCEEDED)
        again = orders.next_try(center, last.id) if last else None
    if as_json:
        told = {"last_run": last and last.to_json(), "last_success": success and success.to_json()}
        print_json({"runs": [one.to_json() for one in found], **told, "next_try_at": again})
        return
    nothing = f"{name} was never run. Start it: {to_paste(f'run {name}', home)}"
    _print_runs(found, f"{name} has no such run." if last else nothing)
    for one in found[:1]:
        for warning in one.warnings:
            click.echo(f"Note on {'the last' if last and one.id == last.id else 'that'} run: {warning}")
        if one.todo:
            click.echo(f"What to do: {one.todo}")
    if last and again and last in found:
        stop = to_paste(f"cancel {last.id}", home)
        click.echo(f"It is tried again by itself at {instant_text(again)}. Not any more: {stop}")


def _print_runs(found: list[Any], empty: str) -> None:
    titles = ("Run", "Started", "Type", "Status", "Read", "New", "Changed", "Requests", "Seconds", "Error")
    rows = [
        (
            *(one.id, one.started_at, _type_text(one), one.status, one.rows_read, one.rows_inserted),
            *(one.rows_updated, one.requests, f"{one.seconds:.1f}", one.error),
        )
        for one in found
    ]
    print_table(titles, rows, empty=empty)


def _type_text(run: Any) -> str:
    return f"{run.trigger} {run.attempt}" if run.attempt > 1 else str(run.trigger)


def _one(name: str, run_id: str, with_log: bool, as_json: bool, home: str | None) -> None:
    from trunkline.center import run_logs, runs
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        found = runs.get(center, name, run_id)
        log = run_logs.of_run(center, run_id) if with_log else None
    if as_json:
        print_json({**found.to_json(), **({"log": log.to_json()} if log else {})})
        return
    _show(found)
    if log:
        click.echo()
        _print_log(log)


def _show(run: Any) -> None:
    asked = f" by {run.started_by}" if run.started_by else ""
    again = f" ({run.retries:,} of them again)" if run.retries else ""
    retried = f", attempt {run.attempt}, after {run.retry_of}" if run.retry_of else ""
    lines = {
        "Run": f"{run.id} of {run.dataset}",
        "Type": f"{run.trigger}{asked}{retried}",
        "Status": run.status,
        "Days": run.days,
        "Began": instant_text(run.started_at),
        "Ended": instant_text(run.ended_at),
        "Waiting": f"until {instant_text(run.waiting_until)}: {run.waiting_reason}"
        if run.waiting_until
        else "",
        "Phases": ", ".join(map(_phase_text, run.phases)),
        "Windows": _windows_text(run),
        "Rows": f"{run.rows_read:,} read, {run.rows_inserted:,} new, {run.rows_updated:,} changed, "
        f"{run.rows_unchanged:,} unchanged, {run.rows_deleted:,} gone",
        "Cost": f"{counted(run.requests, 'request')}{again}, {size_text(run.bytes)}, "
        f"{duration_text(run.seconds)}",
        "Waits": _waits_text(run),
        "Error": run.error,
        "What to do": run.todo,
    }
    for label, text in lines.items():
        if text:
            click.echo(f"{label + ':':<14}{text}")
    for warning in run.warnings:
        click.echo(f"Note: {warning}")
    for misfit in run.misfits:
        if len(misfit["samples"]) > 1:
            click.echo(f"Samples of {misfit['column']}: {', '.join(misfit['samples'])}")


def _phase_text(phase: Any) -> str:
    if phase.ended_at is None:
        return f"{phase.name} (going on)"
    return f"{phase.name} {duration_text((phase.ended_at - phase.began_at).total_seconds())}"


def _waits_text(run: Any) -> str:
    """Those that are over; what it waits for just now stands beside them."""
    if run.waiting_until and not run.waited_seconds:
        return "going on"
    if not run.waits and not run.waited_seconds:
        return "none"
    return f"{run.waits:,}, {duration_text(run.waited_seconds)} in all"


def _windows_text(run: Any) -> str:
    if run.windows_total is None:
        return f"{run.windows_done:,}"
    about = "about " if run.status in ("running", "waiting") else ""
    return f"{run.windows_done:,} of {about}{run.windows_total:,}"


def _print_log(log: Any) -> None:
    following = 1
    for line in log.lines:
        if line.number > following:
            click.echo(f"… {counted(line.number - following, 'line')} left out …")
        following = line.number + 1
        facts = "".join(f" {name}={value}" for name, value in line.fields.items())
        click.echo(f"{instant_text(line.at)} {line.level:<7} {line.event}: {line.text}{facts}")
    if not log.lines:
        click.echo("The run has no log.")
