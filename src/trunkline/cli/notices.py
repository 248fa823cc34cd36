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
        waiting = asyncio.run(_sent_within(center))
        for channel, answer in waiting:
            click.echo(f"Note: an alert to {channel} waits: {answer or 'it has not answered yet.'}", err=True)
        if waiting:
            words = "The next run, or `trunkline serve` or `worker`, sends what waits again."
            click.echo(f"Note: {words}", err=True)
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
    answers: dict[str, str] = {}
    for row in waiting:
        answers[row["channel_name"]] = row["answer"] or answers.get(row["channel_name"], "")
    return sorted(answers.items())
