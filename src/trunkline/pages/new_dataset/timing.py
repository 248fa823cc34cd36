"""The Scheduling pane: its fields, the schedule and the retries they mean, and the times that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from trunkline.center.retries import RetryPolicy, policy_of
from trunkline.center.schedule_words import WEEKDAYS
from trunkline.center.schedules import EVERY, MANUAL, Schedule, schedule_of
from trunkline.center.timetables import Timetable
from trunkline.dates import zone_named
from trunkline.errors import Problem, SettingsError
from trunkline.pages.option_form import problems_of

SHOWN_TIMES = 5
USUAL = RetryPolicy()
KIND_LABELS = (
    (MANUAL, "Manual", "Only when somebody starts it."),
    (EVERY, "Every so often", "Every so many minutes or hours, in a window of the day if you like."),
    ("daily", "Daily", "Each day at a time."),
    ("weekly", "Weekly", "On some days of the week."),
    ("monthly", "Monthly", "On a day of the month; a day the month lacks is its last one."),
    ("cron", "Cron", "Five fields: minute, hour, day of month, month, day of week (1 is Monday)."),
)
DAY_LABELS = tuple(zip(WEEKDAYS, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))


@dataclass(frozen=True)
class Timing:
    """What the pane shows: the typed texts, the times that follow, or what is wrong."""

    values: Mapping[str, str]
    times: Sequence[datetime]
    problems: Mapping[str, str]
    retries: str
    is_spread: bool


def usual(zone: str) -> dict[str, str]:
    """What stands there before anybody has typed."""
    return {
        "kind": MANUAL,
        "every": "1h",
        "first": "",
        "last": "",
        "daily": "06:00",
        "days": "mon,tue,wed,thu,fri",
        "weekly": "06:00",
        "monthly_day": "1",
        "monthly": "06:00",
        "cron": "30 1 * * *",
        "zone": zone,
        "count": str(USUAL.count),
        "delay": "15m",
        "method": "",
    }


def values_of(timetable: Timetable) -> dict[str, str]:
    """The texts of a saved timetable."""
    schedule, told = timetable.schedule, timetable.retries.to_json()
    values = {
        **usual(schedule.zone),
        "kind": schedule.kind,
        "count": str(told["count"]),
        "delay": str(told["delay"]),
    }
    if schedule.kind == EVERY:
        first, _, last = schedule.between.partition("-")
        values |= {"every": schedule.words, "first": first, "last": last}
    elif schedule.kind in ("weekly", "monthly"):
        day, _, at = schedule.words.partition(" ")
        values |= {"days" if schedule.kind == "weekly" else "monthly_day": day, schedule.kind: at}
    elif schedule.kind != MANUAL:
        values[schedule.kind] = schedule.words
    return values


def schedule_in(values: Mapping[str, str]) -> Schedule:
    """The schedule that the texts mean. Raises SettingsError with a Problem for each wrong field."""
    kind, between = values["kind"], ""
    words = "" if kind == MANUAL else values.get(kind, "")
    if kind == EVERY and (values["first"] or values["last"]):
        between = f"{values['first']}-{values['last']}"
    if kind == "weekly":
        if not values["days"]:
            raise SettingsError(problems=[Problem("weekly", "Choose at least one day of the week.")])
        words = f"{values['days']} {words}"
    if kind == "monthly":
        words = f"{values['monthly_day']} {words}"
    return schedule_of(kind, words, values["zone"], between)


def policy_in(values: Mapping[str, str]) -> RetryPolicy:
    try:
        count = int(values["count"] or 0)
    except ValueError:
        raise SettingsError(
            problems=[Problem("count", f"Retries is {values['count']!r}; write a number from 0 to 10.")]
        ) from None
    return policy_of(count, values["delay"])


def timing_of(given: Mapping[str, str], zone: str, now: datetime, dataset_id: int = 0) -> Timing:
    """The pane with what was given; `zone` stands there until another is."""
    values = {**usual(zone), **given}
    if "weekly" in given:  # the boxes were there, and sent only those that are ticked
        values["days"] = given.get("days", "")
    problems: dict[str, str] = {}
    times: Sequence[datetime] = ()
    retries = ""
    try:
        schedule = schedule_in(values)
        spread = schedule.spread(dataset_id) if dataset_id else replace(schedule)
        times = spread.next_times(now, SHOWN_TIMES)
    except SettingsError as error:
        problems |= problems_of(error)
    try:
        retries = policy_in(values).text
    except SettingsError as error:
        problems |= problems_of(error)
    return Timing(values, times, problems, retries, is_spread=values["kind"] == EVERY)


def zone_or_utc(name: str) -> str:
    """A zone that is one."""
    try:
        return zone_named(name).key if name else "UTC"
    except SettingsError:
        return "UTC"
