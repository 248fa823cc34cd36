"""`trunkline dataset schedule` and `retries`: when a dataset is read, and what follows a failed run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from trunkline.cli.flags import home_option, json_option, to_paste
from trunkline.cli.output import duration_text, print_json

if TYPE_CHECKING:
    from trunkline.center.datasets import Dataset
    from trunkline.center.room import Center
    from trunkline.center.timetables import Timetable

SHOWN_TIMES = 5
WORDS = (
    ("every", "15m|2h", "Every so many minutes or hours, 1m to 24h, counted from midnight."),
    ("daily", "HH:MM", "Each day at that time."),
    ("weekly", "'mon,thu HH:MM'", "On these days of the week at that time; mon-fri works too."),
    ("monthly", "'DAY HH:MM'", "On that day of the month; a day the month lacks is its last one."),
    ("cron", "EXPR", "Cron, 5 fields: minute, hour, day of month, month, day of week (1 is Monday)."),
)


@dataclass(frozen=True)
class Chosen:
    """The schedule that the flags name."""

    kind: str
    words: str
    between: str = ""
    zone: str | None = None

    def check(self, zone: str) -> None:
        """Raises SettingsError where it is none; `zone` stands in where the flags name none."""
        from trunkline.center.schedules import schedule_of

        schedule_of(self.kind, self.words, self.zone if self.zone is not None else zone, self.between)

    def give(self, center: "Center", dataset: "Dataset") -> "Timetable":
        from trunkline.center import timetables

        return timetables.set_schedule(
            center, dataset, self.kind, self.words, between=self.between, zone=self.zone
        )


def schedule_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """The flags of all kinds of schedules, their window and their zone."""
    zone = "IANA zone of these times. Default: the one it has, else the setting timezone."
    between = "With --every: only between these times, both included; may pass midnight."
    command = click.option("--zone", metavar="ZONE", help=zone)(command)
    command = click.option("--between", metavar="HH:MM-HH:MM", help=between)(command)
    for name, metavar, meaning in reversed(WORDS):
        command = click.option(f"--{name}", metavar=metavar, help=meaning)(command)
    return command


def chosen(given: Mapping[str, Any], *more: str) -> Chosen | None:
    """The schedule named by flags, or None. Raises UsageError for two, or a window without --every.

    `more` are switches of the command that name no times, such as manual.
    """
    kinds = [name for name in (*(w[0] for w in WORDS), *more) if given.get(name) not in (None, False)]
    if len(kinds) > 1:
        flags = " and ".join(f"--{name}" for name in kinds)
        raise click.UsageError(f"{flags} were given; a dataset has one schedule, so choose one.")
    if given.get("between") is not None and kinds != ["every"]:
        raise click.UsageError("--between was given without --every; a window goes only with that.")
    if not kinds or kinds[0] in ("pause", "resume"):
        return None
    words = given[kinds[0]]
    return Chosen(kinds[0], "" if words is True else words, given.get("between") or "", given.get("zone"))


@click.command(no_args_is_help=True)
@click.argument("name")
@schedule_flags
@click.option("--manual", is_flag=True, help="Only when somebody starts it.")
@click.option("--pause", is_flag=True, help="Start nothing until --resume; the schedule is kept.")
@click.option("--resume", is_flag=True, help="Start again; times that passed in the pause are not caught up.")
@json_option
@home_option
def schedule(name: str, as_json: bool, home: str | None, **given: Any) -> None:
    """When the dataset NAME is read; without a flag, its present schedule and next five times.

    --every starts anew at each midnight, with --between at each beginning of the window: 7h is 00:00,
    07:00, 14:00, 21:00. Its times are shifted by up to an hour, for each dataset by its own length, so
    that many do not start at once. A start never falls outside the window.

    When clocks change: a time that they skip starts when they have skipped it, one that they show twice
    starts the first time. --every, and cron with * as minute or hour, go on as time passes.

    Times that passed while nothing ran are caught up once.
    """
    from trunkline.center import datasets
    from trunkline.cli.rooms import center_at

    named = chosen(given, "manual", "pause", "resume")
    with center_at(home) as center:
        timetable = _done(center, datasets.get(center, name), named, given)
        times = timetable.next_times(center.clock.now(), SHOWN_TIMES)
    if as_json:
        print_json({"schedule": timetable.to_json(), "next": [one.isoformat() for one in times]})
        return
    echo_schedule(name, timetable, home)
    if times:
        click.echo("Next:")
        for one in times:
            click.echo(f"  {one:%a %Y-%m-%d %H:%M:%S %Z}")


def _done(
    center: "Center", dataset: "Dataset", named: Chosen | None, given: Mapping[str, Any]
) -> "Timetable":
    from trunkline.center import timetables

    if named:
        return named.give(center, dataset)
    if given["zone"] is not None and (given["pause"] or given["resume"]):
        raise click.UsageError("--zone was given with --pause or --resume; give it alone or with a schedule.")
    if given["zone"] is not None:
        return timetables.set_zone(center, dataset, given["zone"])
    if given["pause"]:
        return timetables.pause(center, dataset)
    if given["resume"]:
        return timetables.resume(center, dataset)
    return timetables.of(center, dataset)


def echo_schedule(name: str, timetable: "Timetable", home: str | None) -> None:
    """A schedule in words."""
    click.echo(f"{name}: {timetable.schedule.text}.")
    if shift := timetable.schedule.jitter_seconds:
        click.echo(f"Shifted by {duration_text(shift)}, so that datasets do not all start at once.")
    if timetable.is_paused:
        click.echo(f"It is paused. Resume it: {to_paste(f'dataset schedule {name} --resume', home)}")


@click.command(no_args_is_help=True)
@click.argument("name")
@click.option("--count", type=int, help="How often a failed run is tried again, 0 to 10.")
@click.option("--delay", metavar="15m|2h", help="How long after the first failure, 1m to 24h; then doubled.")
@json_option
@home_option
def retries(name: str, count: int | None, delay: str | None, as_json: bool, home: str | None) -> None:
    """How often a failed run of the dataset NAME is tried again; without a flag, as it is now.

    Each wait is twice the one before, at most 24 hours. What a person must change first (a refused key, a
    wrong option) is not tried again. Waiting for a limit of requests is no failure.
    """
    from trunkline.center import datasets, timetables
    from trunkline.center.retries import policy_of
    from trunkline.cli.rooms import center_at

    with center_at(home) as center:
        dataset = datasets.get(center, name)
        policy = timetables.of(center, dataset).retries
        if count is not None or delay is not None:
            kept = policy.to_json()
            policy = policy_of(
                kept["count"] if count is None else count, kept["delay"] if delay is None else delay
            )
            timetables.set_retries(center, dataset, policy)
    if as_json:
        print_json({"retries": policy.to_json()})
        return
    click.echo(f"Retries of {name}: {policy.text}.")
