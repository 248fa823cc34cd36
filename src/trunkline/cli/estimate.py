"""`trunkline run --estimate`: what a run would cost, without running anything."""

from typing import Any

import click

from trunkline.cli.output import counted, duration_text, print_json

WHENCE = {
    "provider": "the provider has counted the rows",
    "history": "as the last runs had a day or a window",
    "declaration": "nothing is known of the rows yet",
}


def estimate_datasets(center: Any, names: tuple[str, ...], wish: Any, *, as_json: bool, one: bool) -> None:
    """Tell of each dataset; as JSON an object where `one` was named alone, else a list."""
    import asyncio

    from trunkline.center import estimates

    async def every() -> list[Any]:
        return [await estimates.estimate(center, name, wish) for name in names]

    found = asyncio.run(every())
    if as_json:
        shown = [each.to_json() for each in found]
        print_json(shown[0] if one else shown)
        return
    for each in found:
        _tell(each)
    if len(found) > 1:
        click.echo("Datasets of one account share its budget: together they wait longer than each alone.")


def _tell(found: Any) -> None:
    cost = found.cost
    days = f"{found.days} ({counted(found.days.days, 'day')})" if found.days else "all there is"
    rows = f"about {counted(cost.rows, 'row')}, " if cost.rows is not None else ""
    least = "at least " if cost.is_least else ""
    waits = (
        f", of which {duration_text(found.waiting_seconds)} for the limit of {found.waits_for}"
        if found.waiting_seconds >= 1
        else ""
    )
    click.echo(
        f"{found.dataset}: {days}: {rows}{least}{counted(cost.requests, 'request')}, "
        f"{least}{duration_text(found.seconds)}{waits} ({WHENCE[cost.basis]})."
    )
    for note in found.notes:
        click.echo(f"Note: {note}", err=True)
