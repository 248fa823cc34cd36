"""`trunkline sim`: pretend phone systems."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from trunkline.cli.floor import floor
from trunkline.clock import instant_from
from trunkline.dates import zone_named

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def sim() -> None:
    """Pretend phone systems on 127.0.0.1, to try the product and to test scripts with."""


sim.add_command(floor)


def _all(options: Sequence[Callable[[F], F]]) -> Callable[[F], F]:
    """Several options at once, in their order."""

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


# What every pretend phone system can be told.
_PORT = click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="0 picks a free one. [default: 0]"
)
_PAST = (
    click.option(
        "--days", type=click.IntRange(1), default=60, show_default=True, help="Over how many past days."
    ),
    click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same data."),
)
_SPEED = click.option("--latency-ms", type=click.FloatRange(0), default=0, help="Delay of every answer.")
_FAILING = (
    click.option(
        "--retry-after", type=click.Choice(["seconds", "date", "none"]), default="seconds", show_default=True
    ),
    click.option("--fail-every", type=click.IntRange(0), default=0, help="Every n-th request answers 503."),
)
_FIXTURE = click.option(
    "--fixture", type=click.Path(dir_okay=False, path_type=Path), help="JSON file of rows to serve."
)
_STRICT = (
    click.option("--strict", is_flag=True, help="Refuse parameters the reference does not name."),
    click.option(
        "--cache-mb", type=click.IntRange(1), default=512, show_default=True, help="Memory for answers."
    ),
)


@sim.command()
@_PORT
@click.option("--calls", type=click.IntRange(0), default=500, show_default=True, help="How many calls.")
@_all(_PAST)
@click.option(
    "--until", metavar="INSTANT", help="The newest call's time, ISO 8601 with offset. [default: now]"
)
@_SPEED
@click.option("--hourly", type=click.IntRange(1), help="Requests an hour before 429 answers.")
@click.option("--daily", type=click.IntRange(1), help="Requests a day before 429 answers.")
@_all(_FAILING)
@_FIXTURE
@click.option("--live-per-hour", type=click.FloatRange(0), default=0, help="New calls as time goes on.")
@_all(_STRICT)
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


def _zone(_context: click.Context, _param: click.Parameter, given: str) -> str:
    """The name of a zone that there is."""
    return zone_named(given).key


def _limit(_context: click.Context, _param: click.Parameter, given: int) -> int | None:
    """A limit of 0 is none."""
    return given or None


@sim.command()
@_PORT
@click.option("--calls", type=click.IntRange(0), default=500, show_default=True, help="How many call legs.")
@_all(_PAST)
@click.option(
    "--until", metavar="INSTANT", help="When the newest call ended, ISO 8601 with offset. [default: now]"
)
@click.option("--users", type=click.IntRange(1), default=25, show_default=True, help="How many users.")
@click.option("--offices", type=click.IntRange(1), default=3, show_default=True, help="How many offices.")
@click.option(
    "--callcenters", type=click.IntRange(0), default=6, show_default=True, help="How many call centers."
)
@click.option(
    "--departments", type=click.IntRange(0), default=3, show_default=True, help="How many departments."
)
@click.option("--rooms", type=click.IntRange(0), default=2, show_default=True, help="How many rooms.")
@click.option(
    "--coaching-teams", type=click.IntRange(0), default=2, show_default=True, help="How many coaching teams."
)
@click.option("--page-rows", type=click.IntRange(1), default=100, show_default=True, help="Rows of a page.")
@_SPEED
@click.option(
    "--company-per-second",
    type=click.IntRange(0),
    default=20,
    show_default=True,
    callback=_limit,
    help="Requests a second before 429 answers; 0 is no limit.",
)
@click.option(
    "--per-minute",
    type=click.IntRange(0),
    default=1200,
    show_default=True,
    callback=_limit,
    help="Requests of one kind a minute; 0 is no limit.",
)
@click.option(
    "--stats-per-hour",
    type=click.IntRange(0),
    default=200,
    show_default=True,
    callback=_limit,
    help="Stats requests an hour; 0 is no limit.",
)
@click.option(
    "--call-per-minute",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    callback=_limit,
    help="Requests for single calls a minute; 0 is no limit.",
)
@_all(_FAILING)
@click.option(
    "--processing-polls",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="How often a stats request still says it is processing.",
)
@click.option(
    "--processing-seconds", type=click.FloatRange(0), default=0, help="How long it says so at least."
)
@click.option(
    "--expiry-seconds",
    type=click.FloatRange(0),
    default=3600,
    show_default=True,
    help="How long a stats request is known.",
)
@click.option("--bom", is_flag=True, help="Exports begin with a byte-order mark.")
@click.option("--quoted", is_flag=True, help="Exports have every field in quotes.")
@click.option("--extra-columns", type=click.IntRange(0), default=0, help="Unknown columns in exports.")
@click.option("--empty-cursor", is_flag=True, help="Lists end with an empty cursor instead of none.")
@click.option("--swap-reversed-days", is_flag=True, help="Days from far to near are put in order.")
@click.option("--separate-downloads", is_flag=True, help="Exports lie on a port of their own.")
@click.option("--refuse-key-on-download", is_flag=True, help="A download with a key answers 400.")
@_FIXTURE
@click.option(
    "--live-per-hour", type=click.FloatRange(0), default=0, help="New conversations as time goes on."
)
@_all(_STRICT)
@click.option("--api-key", default="testkey", show_default=True, help="The company key it accepts.")
@click.option(
    "--user-key", default="userkey", show_default=True, help="The key that sees one user's data only."
)
def dialpad(port: int, until: str | None, cache_mb: int, **options: Any) -> None:
    """A pretend Dialpad: offices, groups, users, calls, stats, limits, and failures on demand."""
    from trunkline.sims.dialpad import DialpadSimOptions, run

    newest = instant_from(until, "--until") if until else None
    run(DialpadSimOptions(until=newest, cache_bytes=cache_mb * 1_000_000, **options), port)


@sim.command()
@_PORT
@click.option("--clicks", type=click.IntRange(0), default=500, show_default=True, help="How many clicks.")
@_all(_PAST)
@click.option(
    "--until", metavar="INSTANT", help="The newest click's time, ISO 8601 with offset. [default: now]"
)
@click.option(
    "--zone",
    metavar="ZONE",
    default="America/New_York",
    show_default=True,
    callback=_zone,
    help="Zone of its days and times.",
)
@_SPEED
@click.option("--per-minute", type=click.IntRange(1), help="Requests a minute before 429 answers.")
@_all(_FAILING)
@click.option(
    "--fixture",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Clicks to serve: a JSON list, or the report's own CSV.",
)
@click.option(
    "--empty",
    type=click.Choice(["data", "failed", "blank"]),
    default="data",
    show_default=True,
    help="Without clicks: a report without records, a failed envelope, nothing at all.",
)
@click.option("--error-statuses", is_flag=True, help="Errors answer 4xx; else 200, as clients expect.")
@click.option("--csv-utf8", is_flag=True, help="CSV as UTF-8; else Latin-1.")
@click.option(
    "--header-every", type=click.IntRange(0), default=0, help="CSV headers again after so many rows."
)
@click.option("--strict", is_flag=True, help="Refuse parameters the reference does not name.")
@click.option("--access-key", default="testkey", show_default=True, help="The access key it accepts.")
@click.option(
    "--secret-access-key", default="testsecret", show_default=True, help="The secret key that belongs to it."
)
@click.option("--api-key", default="oldtestkey", show_default=True, help="The key of the older form.")
def dialogtech(port: int, until: str | None, **options: Any) -> None:
    """A pretend DialogTech: its click-to report in XML and CSV, and failures on demand."""
    from trunkline.sims.dialogtech import DialogtechSimOptions, run

    newest = instant_from(until, "--until") if until else None
    run(DialogtechSimOptions(until=newest, **options), port)


@sim.command()
@_PORT
@click.option("--control-port", type=click.IntRange(0, 65535), default=0, help="Of its /_sim pages.")
@click.option("--user", default="trunkline", show_default=True, help="The user it knows.")
@click.option("--secret", default="testsecret", show_default=True, help="That user's secret.")
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="NUMBER=RESULT",
    help="What calls to a number come to; * and ? stand for anything. Any number of times.",
)
@click.option(
    "--otherwise",
    type=click.Choice(["ANSWER", "BUSY", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL"]),
    default="ANSWER",
    show_default=True,
    help="What all other calls come to.",
)
@click.option(
    "--ring-seconds", type=click.FloatRange(0), default=2, show_default=True, help="How long they ring."
)
@click.option(
    "--talk-seconds", type=click.FloatRange(0), default=10, show_default=True, help="How long they are up."
)
@click.option(
    "--fixture", type=click.Path(dir_okay=False, path_type=Path), help="JSON file: a list of rules."
)
def ami(
    port: int,
    control_port: int,
    user: str,
    secret: str,
    rules: tuple[str, ...],
    otherwise: str,
    ring_seconds: float,
    talk_seconds: float,
    fixture: Path | None,
) -> None:
    """A pretend Asterisk manager: calls with any result, events, and failures on demand."""
    from trunkline.sims.ami import AmiSimOptions, Rule, rule_in_words, rules_of, run

    usual = Rule("*", otherwise, ring_seconds, talk_seconds)
    told = tuple(rule_in_words(text, usual) for text in rules) + (rules_of(fixture) if fixture else ())
    run(AmiSimOptions(user=user, secret=secret, rules=told, otherwise=usual), port, control_port)
