"""`trunkline dataset`: what is read, and the tables it goes to."""

import asyncio
from typing import Any

import click

from trunkline.cli.export import export
from trunkline.cli.flags import (
    Known,
    Peeked,
    check_something_given,
    declared_command,
    given_values,
    home_option,
    json_option,
    to_paste,
)
from trunkline.cli.history import history
from trunkline.cli.output import instant_text, print_json, print_table
from trunkline.cli.reset import reset
from trunkline.cli.schedule import chosen, echo_schedule, retries, schedule, schedule_flags
from trunkline.connectors import report as report_named


@click.group()
def dataset() -> None:
    """Datasets: a report of an account with its choices, in a table of its own."""


dataset.add_command(schedule)
dataset.add_command(retries)


def _of_report(peeked: Peeked) -> Known:
    from trunkline.center import accounts
    from trunkline.cli.rooms import center_at

    account, report = peeked.values.get("--account"), peeked.values.get("--report")
    if not account or not report:
        return Known()
    with center_at(peeked.values.get("--home")) as center:
        connector = accounts.access(center, account).connector
    found = report_named(connector, report)
    return Known(found.options, connector, found)


def _of_saved(peeked: Peeked) -> Known:
    from trunkline.center import datasets
    from trunkline.cli.rooms import center_at

    if not peeked.words:
        return Known()
    with center_at(peeked.values.get("--home")) as center:
        saved = datasets.get(center, peeked.words[0])
    return Known(saved.report.options, saved.connector, saved.report)


ADD = "dataset add NAME --account ACCOUNT --report REPORT"
UPDATE = click.option(
    "--update", metavar="replace|append|merge|partition", help="How a run changes the table."
)


@dataset.command(cls=declared_command(_of_report), no_args_is_help=True)
@click.argument("name")
@click.option("--account", required=True, help="The saved account to read with.")
@click.option("--report", required=True, help="The report to read.")
@UPDATE
@click.option("--description", default="", help="What the dataset is for.")
@schedule_flags
@json_option
@home_option
def add(
    name: str,
    account: str,
    report: str,
    update: str | None,
    description: str,
    as_json: bool,
    home: str | None,
    **params: Any,
) -> None:
    """Make the dataset NAME; its table is `datasets.NAME`.

    `trunkline dataset add NAME --account A --report R --help` lists that report's options.
    """
    from trunkline.center import accounts, datasets, timetables
    from trunkline.cli.rooms import center_at

    named = chosen(params)
    with center_at(home) as center:
        options = report_named(accounts.access(center, account).connector, report).options
        given = given_values(options, params)
        if named:
            named.check(center.settings.text("timezone"))
        saved = asyncio.run(
            datasets.add(
                center, name, account, report, given, method=update, description=description, say=_say
            )
        )
        timetable = named.give(center, saved) if named else timetables.of(center, saved)
        days = datasets.asked(center, saved)
        zone = datasets.zone_of(center, saved.options)
    if as_json:
        print_json({**_described(saved, days, zone), **_timed(timetable)})
        return
    click.echo(f"Dataset {saved.name} made: {saved.report.label}, update method {saved.method}.")
    _echo_days(days, zone)
    if named:
        echo_schedule(saved.name, timetable, home)
    click.echo(f"Next: {to_paste(f'run {saved.name}', home)}")


def _say(text: str) -> None:
    click.echo(f"Note: {text}", err=True)


def _echo_days(days: Any, zone: str) -> None:
    if days:
        click.echo(f"Days: {days.span} ({zone}){', and on from there' if days.ends_today else ''}.")
        for note in days.notes:
            click.echo(f"Note: {note}")


def _described(saved: Any, days: Any, zone: str) -> dict[str, Any]:
    from trunkline.center import datasets

    return {
        "name": saved.name,
        "account": saved.account,
        "connector": saved.connector.name,
        "report": saved.report.name,
        "method": saved.method,
        "options": datasets.shown_options(saved),
        "description": saved.description,
        "days": _days_json(days, zone) if days else None,
    }


def _timed(timetable: Any) -> dict[str, Any]:
    return {
        "schedule": timetable.to_json(),
        "next_due_at": timetable.next_due_at,
        "last_due_at": timetable.last_due_at,
        "retries": timetable.retries.to_json(),
    }


def _schedule_text(timetable: Any) -> str:
    return f"{timetable.schedule.text}{', paused' if timetable.is_paused else ''}"


def _days_json(days: Any, zone: str) -> dict[str, Any]:
    return {"first": days.span.first, "last": days.span.last, "zone": zone, "text": str(days.span)}


@dataset.command(name="list")
@json_option
@home_option
def list_(as_json: bool, home: str | None) -> None:
    """All datasets, with their schedules and their last run."""
    from trunkline.center import datasets, runs, timetables
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        known = datasets.all_of(center)
        found = [(d, runs.last(center, d), runs.last(center, d, runs.SUCCEEDED)) for d in known]
        timed = timetables.of_all(center, known)
    if as_json:
        print_json(
            [
                {
                    "name": d.name,
                    "account": d.account,
                    "report": d.report.name,
                    "method": d.method,
                    **_timed(timed[d.id]),
                    "last_run": last and last.to_json(),
                    "last_success_at": success and success.ended_at,
                }
                for d, last, success in found
            ]
        )
        return
    rows = [
        (
            d.name,
            d.report.label,
            d.account,
            d.method.value,
            _schedule_text(timed[d.id]),
            timed[d.id].next_due_at,
            last.status if last else "never run",
            success and success.ended_at,
        )
        for d, last, success in found
    ]
    print_table(
        ("Name", "Report", "Account", "Update", "Schedule", "Next run", "Last run", "Last success"),
        rows,
        empty=f"No dataset yet. Make one: {to_paste(ADD, home)}",
    )


@dataset.command(no_args_is_help=True)
@click.argument("name")
@json_option
@home_option
def show(name: str, as_json: bool, home: str | None) -> None:
    """The choices of the dataset NAME, its schedule, its table, last run and last success."""
    from trunkline.center import datasets, orders, runs, tables_of, timetables
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        saved = datasets.get(center, name)
        days, zone = datasets.asked(center, saved), datasets.zone_of(center, saved.options)
        last, success = runs.last(center, saved), runs.last(center, saved, runs.SUCCEEDED)
        table = tables_of.table_facts(center, saved)
        timetable = timetables.of(center, saved)
        again = orders.next_try(center, last.id) if last else None
    described = {
        **_described(saved, days, zone),
        **_timed(timetable),
        **table,
        "last_run": last and last.to_json(),
        "last_success": success and success.to_json(),
        "next_try_at": again,
    }
    if as_json:
        print_json(described)
        return
    _show(described, timetable, last, success)


def _table_text(described: dict[str, Any]) -> str:
    if described["rows"] is None:
        return str(described.get("table_note") or "not loaded yet")
    return f"datasets.{described['name']}: {described['rows']:,} rows, {len(described['columns'])} columns"


def _show(described: dict[str, Any], timetable: Any, last: Any, success: Any) -> None:
    days = described["days"]
    lines = {
        "Dataset": described["name"],
        "Report": f"{described['report']} ({described['connector']}, account {described['account']})",
        "Update": described["method"],
        "Options": ", ".join(f"{k}={v}" for k, v in described["options"].items()) or "defaults",
        "Days": f"{days['text']} ({days['zone']})" if days else "",
        "Schedule": _schedule_text(timetable),
        "Next run": instant_text(timetable.next_due_at),
        "Retries": timetable.retries.text,
        "Table": _table_text(described),
        "Last run": f"{last.status}, {instant_text(last.started_at)}" if last else "never",
        "Last success": instant_text(success.ended_at) if success else "never",
    }
    if last and last.waiting_until:
        lines["Waiting"] = f"until {instant_text(last.waiting_until)}: {last.waiting_reason}"
    if last and last.error:
        lines |= {"Error": last.error, "What to do": last.todo}
    if described["next_try_at"]:
        lines["Next try"] = instant_text(described["next_try_at"])
    for label, text in lines.items():
        if text:
            click.echo(f"{label + ':':<14}{text}")


@dataset.command(cls=declared_command(_of_saved), no_args_is_help=True)
@click.argument("name")
@click.option("--account", help="Read with another account of the same connector.")
@UPDATE
@click.option("--description", help="What the dataset is for.")
@json_option
@home_option
def edit(
    name: str,
    account: str | None,
    update: str | None,
    description: str | None,
    as_json: bool,
    home: str | None,
    **params: Any,
) -> None:
    """Change the dataset NAME; what is not given stays, dates given anew replace the old ones."""
    from trunkline.center import datasets
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        options = datasets.get(center, name).report.options
        given = given_values(options, params)
        is_change = bool(given) or any(one is not None for one in (account, update, description))
        check_something_given(is_change, options, "--account", "--update", "--description")
        saved = asyncio.run(
            datasets.edit(
                center, name, given, method=update, description=description, account=account, say=_say
            )
        )
        days, zone = datasets.asked(center, saved), datasets.zone_of(center, saved.options)
    if as_json:
        print_json(_described(saved, days, zone))
        return
    click.echo(f"Dataset {saved.name} changed.")
    _echo_days(days, zone)


@dataset.command(no_args_is_help=True)
@click.argument("name")
@click.option("--keep-table", is_flag=True, help="Keep the rows; forget only how they are read.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@home_option
def remove(name: str, keep_table: bool, yes: bool, as_json: bool, home: str | None) -> None:
    """Forget the dataset NAME and drop its table; refused while it is being run."""
    from trunkline.center import datasets, occupancy, tables_of
    from trunkline.cli.removal import confirm_removal
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        occupancy.check_free(center, datasets.get(center, name).id, name)
        if not keep_table and not yes:
            confirm_removal(f"Drop the table datasets.{name} with all its rows?")
        datasets.remove(center, name, None if keep_table else tables_of.drop)
    if as_json:
        print_json({"name": name, "removed": True, "table": "kept" if keep_table else "dropped"})
        return
    click.echo(f"Dataset {name} removed{', its table kept' if keep_table else ' with its table'}.")


@dataset.command(no_args_is_help=True)
@click.argument("name")
@click.option("--rows", type=click.IntRange(1, 250), default=5, show_default=True, help="How many rows.")
@json_option
@home_option
def preview(name: str, rows: int, as_json: bool, home: str | None) -> None:
    """A few real rows from the provider, without loading anything."""
    from trunkline.center import datasets
    from trunkline.center import preview as live
    from trunkline.cli.progress import tell_wait
    from trunkline.cli.rooms import center_at
    from trunkline.daemon.reaching import running_server

    with center_at(home) as center:
        saved = datasets.get(center, name)
        if server := running_server(center.settings):
            found = server.preview(name, rows, tell_wait)
        else:
            found = asyncio.run(live.first_rows(center, saved, rows))
    if as_json:
        print_json(found)
        return
    shown = [c.source for c in saved.columns()][:6]
    cells = [[str(row.get(c, ""))[:40] if row.get(c) is not None else "" for c in shown] for row in found]
    print_table(shown, cells, empty="The provider sent no rows for these choices.")


dataset.add_command(export)
dataset.add_command(history)
dataset.add_command(reset)
