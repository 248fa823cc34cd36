"""`trunkline dialer audit` and `make-audit`: who changed what through the Dialer360 API."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from trunkline.cli.flags import home_option, json_option, settings_for
from trunkline.cli.output import print_json, print_table

MOMENT = click.DateTime(("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"))
MOST_SHOWN = 5
LONGEST_SHOWN = 40


@click.command()
@click.option("--user", default="", help="Only changes by this API user.")
@click.option("--function", default="", help="Only changes by this function.")
@click.option("--record", default="", metavar="TABLE/ID", help="Only changes of this row; or only its ID.")
@click.option("--since", type=MOMENT, metavar="TIME", help="From this day or time on, in the dialer's zone.")
@click.option("--until", type=MOMENT, metavar="TIME", help="Up to this time; a day alone is its beginning.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="The newest so many.")
@json_option
@home_option
def audit(
    user: str,
    function: str,
    record: str,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
    home: str | None,
) -> None:
    """Who changed what through the API: every changed value before and after, the newest first.

    Of passwords it says only that they changed.
    """
    settings = settings_for(home)
    from trunkline.dialer.audit_table import Wanted, entries

    found = asyncio.run(entries(settings, Wanted(user, function, record, since, until, limit)))
    if as_json:
        print_json([entry.to_json() for entry in found])
        return
    print_table(
        ("When", "User", "From", "Function", "Changes"),
        [(e.at, e.user, e.address, e.function, changes_text(e.changes)) for e in found],
        empty="No change yet that fits.",
    )


def changes_text(changes: tuple[Mapping[str, Any], ...]) -> str:
    """What was changed, in a few words; `--json` has all of it."""
    words = [_words(change) for change in changes]
    return "; ".join(words)


def _words(change: Mapping[str, Any]) -> str:
    if "more" in change:
        return f"{change['more']} more"
    if "table" not in change:
        return "unreadable"
    name, before, after = f"{change['table']}/{change['record']}", change["before"], change["after"]
    if before is None:
        return f"{name} added"
    if after is None:
        return f"{name} deleted"
    names = list({**before, **after})
    told = [f"{one}: {_short(before.get(one))} → {_short(after.get(one))}" for one in names[:MOST_SHOWN]]
    more = [f"{len(names) - MOST_SHOWN} more"] if len(names) > MOST_SHOWN else []
    return f"{name} {', '.join(told + more)}"


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…")


@click.command(name="make-audit")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@home_option
def make_audit(yes: bool, as_json: bool, home: str | None) -> None:
    """Make the table of the audit in a running dialer's database; nothing else is made or changed there.

    Servers of Trunkline write it once they are started anew. Trunkline's own tables have one already.
    """
    settings = settings_for(home)
    from trunkline.cli.removal import confirm_making
    from trunkline.dialer.audit_table import make_table, place_of_table

    name, where = place_of_table(settings)
    if not yes:
        confirm_making(f"Make the table {name} in {where.place.words}?")
    made = make_table(settings)
    if as_json:
        print_json({"made": made, "table": name})
        return
    anew = f"The table {name} is made. Start `trunkline serve` anew, and it is written."
    click.echo(anew if made else f"The table {name} is there already.")
