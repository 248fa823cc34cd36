"""Alerts that a command has caused where no server or worker would send them: the command does, briefly."""

import asyncio
from typing import Any

import click

SECONDS = 10.0
"""So long a command waits for its channels at most."""


def send_notices(center: Any) -> None:
    """Send what is due, and tell on standard error what still waits after that. Raises nothing of it."""
    from trunkline.center import workers
    from trunkline.center.alerts import queries
    from trunkline.errors import TrunklineError

    try:
        with center.store.read() as tx:
            is_due = bool(queries.due_deliveries(tx, center.clock.now()))
        if not is_due or workers.alive(center):
            return
        for channel, answer in asyncio.run(_sent_within(center)):
            click.echo(f"Note: an alert to {channel} waits{f': {answer}' if answer else '.'}", err=True)
            click.echo(
                "What to do: nothing; the next run, or `trunkline serve` or `worker`, sends it again.",
                err=True,
            )
    except TrunklineError as error:
        click.echo(f"Note: alerts were not sent: {error}", err=True)


async def _sent_within(center: Any) -> list[tuple[str, str]]:
    """The channels that have not taken what was due, each with its last answer."""
    from contextlib import suppress

    from trunkline.center.alerts import queries
    from trunkline.center.alerts.sending import send_waiting

    with suppress(TimeoutError):
        async with asyncio.timeout(SECONDS):
            await send_waiting(center, center.clock)
    with center.store.read() as tx:
        waiting = queries.waiting_deliveries(tx)
    return sorted({row["channel_name"]: row["answer"] for row in waiting}.items())
