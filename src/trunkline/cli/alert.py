"""`trunkline alert`: what is wrong with datasets and accounts, and where that is told."""

from typing import Any

import click

from trunkline.cli.alert_channel import channel
from trunkline.cli.flags import home_option, json_option
from trunkline.cli.output import instant_text, print_json, print_table


@click.group()
def alert() -> None:
    """Incidents of datasets and accounts, and the channels that tell of them."""


@alert.command(name="list")
@click.option("--open", "only_open", is_flag=True, help="Only those that are not over.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many.")
@json_option
@home_option
def list_(only_open: bool, limit: int, as_json: bool, home: str | None) -> None:
    """Incidents, the newest first: what, since when, over or not, and who was told."""
    from trunkline.center.alerts import incidents
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        found = incidents.newest(center, limit, only_open=only_open)
    if as_json:
        print_json([incident.to_json() for incident in found])
        return
    print_table(
        ("Kind", "Subject", "Began", "Over", "What", "Told"),
        [
            (one.kind, one.subject.name, one.opened_at, over(one), one.text, told(one.deliveries))
            for one in found
        ],
        empty="Nothing is wrong, and nothing was." if not only_open else "Nothing is wrong.",
    )


def over(incident: Any) -> str:
    return instant_text(incident.closed_at) or "no"


def told(deliveries: list[Any]) -> str:
    """What became of the last message to each channel; what it answered stands in `alert channel list`."""
    last: dict[str, Any] = {}
    for one in deliveries:
        if one.tries or one.channel not in last:  # an end that waits for its beginning tells less
            last[one.channel] = one
    return ", ".join(f"{name}: {outcome(d)}" for name, d in last.items()) or "nobody"


def outcome(delivery: Any) -> str:
    """How a delivery stands, and after how many tries where it was not taken at once."""
    if delivery.tries < 2 and delivery.state in ("sent", "waiting") and not _was_refused(delivery):
        return str(delivery.state)
    tries = "1 try" if delivery.tries == 1 else f"{delivery.tries} tries"
    return f"{delivery.state} after {tries}"


def _was_refused(delivery: Any) -> bool:
    return bool(delivery.state == "waiting" and delivery.answer)


alert.add_command(channel)
