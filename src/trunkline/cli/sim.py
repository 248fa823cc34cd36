"""`trunkline sim`: pretend phone systems."""

from pathlib import Path

import click

from trunkline.clock import instant_from


@click.group()
def sim() -> None:
    """Pretend phone systems on 127.0.0.1, to try the product and to test scripts with."""


@sim.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 picks a free one. [default: 0]")
@click.option("--calls", type=click.IntRange(0), default=500, show_default=True, help="How many calls.")
@click.option(
    "--days", type=click.IntRange(1), default=60, show_default=True, help="Over how many past days."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same data.")
@click.option(
    "--until", metavar="INSTANT", help="The newest call's time, ISO 8601 with offset. [default: now]"
)
@click.option("--latency-ms", type=click.FloatRange(0), default=0, help="Delay of every answer.")
@click.option("--hourly", type=click.IntRange(1), help="Requests an hour before 429 answers.")
@click.option("--daily", type=click.IntRange(1), help="Requests a day before 429 answers.")
@click.option(
    "--retry-after", type=click.Choice(["seconds", "date", "none"]), default="seconds", show_default=True
)
@click.option("--fail-every", type=click.IntRange(0), default=0, help="Every n-th request answers 503.")
@click.option(
    "--fixture", type=click.Path(dir_okay=False, path_type=Path), help="JSON file of rows to serve."
)
@click.option("--live-per-hour", type=click.FloatRange(0), default=0, help="New calls as time goes on.")
@click.option("--strict", is_flag=True, help="Refuse parameters the reference does not name.")
@click.option(
    "--cache-mb", type=click.IntRange(1), default=512, show_default=True, help="Memory for answers."
)
@click.option("--api-key", default="testkey", show_default=True, help="The key it accepts.")
def callrail(
    port: int,
    calls: int,
    days: int,
    seed: int,
    until: str | None,
    latency_ms: float,
    hourly: int | None,
    daily: int | None,
    retry_after: str,
    fail_every: int,
    fixture: Path | None,
    live_per_hour: float,
    strict: bool,
    cache_mb: int,
    api_key: str,
) -> None:
    """A pretend CallRail: all twelve reports, limits, and failures on demand."""
    from trunkline.sims.callrail import CallrailSimOptions, run

    options = CallrailSimOptions(
        calls=calls,
        days=days,
        seed=seed,
        until=instant_from(until, "--until") if until else None,
        latency_ms=latency_ms,
        hourly=hourly,
        daily=daily,
        retry_after=retry_after,
        fail_every=fail_every,
        fixture=fixture,
        live_per_hour=live_per_hour,
        strict=strict,
        cache_bytes=cache_mb * 1_000_000,
        api_key=api_key,
    )
    run(options, port)
