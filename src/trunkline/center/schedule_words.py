"""The words of schedules: each kind's text checked, written in one form, and made a rule."""

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from cronsim import CronSim, CronSimError

from trunkline.center.durations import duration_words, seconds_of
from trunkline.center.recurrence import Cron, Every, OnDays, Rule, Window
from trunkline.errors import Problem, SettingsError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHORT = {f"{day}day": day[:3] for day in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")}
LONGEST_CRON = 120
NEVER = "no such day ever comes."
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\Z", re.ASCII)
_CRON_FIELDS = {
    "minute": "0-59",
    "hour": "0-23",
    "day-of-month": "1-31, or L for the last",
    "month": "1-12 or jan-dec",
    "day-of-week": "0-7 or sun-sat (0 and 7 are Sunday)",
}

_ANY_TIME = datetime(2000, 1, 1)


@dataclass(frozen=True)
class Parsed:
    """A kind's words in the form that is kept, and the rule they make."""

    words: str
    rule: Rule


def _daily(text: str) -> Parsed:
    at = _time(text, "daily", "Daily (--daily)", text, "06:00")
    return Parsed(f"{at:%H:%M}", OnDays(at, lambda _day: True))


def _weekly(text: str) -> Parsed:
    """`mon,thu 06:00`, `mon-fri 06:00`."""
    label, example = "Weekly (--weekly)", "mon,thu 06:00"
    words = text.lower().split()
    numbers = _weekdays(words[0]) if len(words) == 2 else None
    if not numbers:
        form = f"write days ({', '.join(WEEKDAYS)}) and a time, such as {example!r}."
        raise _refused("weekly", label, text, form)
    at = _time(words[1], "weekly", label, text, example)
    names = ",".join(WEEKDAYS[n] for n in sorted(numbers))
    return Parsed(f"{names} {at:%H:%M}", OnDays(at, lambda day: day.weekday() in numbers))


def _weekdays(text: str) -> frozenset[int] | None:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        try:
            ends = [WEEKDAYS.index(_SHORT.get(name, name)) for name in (first, last or first)]
        except ValueError:
            return None
        found |= {(ends[0] + n) % 7 for n in range((ends[1] - ends[0]) % 7 + 1)}
    return frozenset(found)


def _monthly(text: str) -> Parsed:
    """`1 06:00`; a day that a month lacks is its last one."""
    label, example = "Monthly (--monthly)", "1 06:00"
    words = text.split()
    is_day = len(words) == 2 and re.fullmatch(r"[0-9]{1,2}", words[0])
    number = int(words[0]) if is_day else 0
    if not 1 <= number <= 31:
        raise _refused("monthly", label, text, f"write a day from 1 to 31 and a time, such as {example!r}.")
    at = _time(words[1], "monthly", label, text, example)
    return Parsed(f"{number} {at:%H:%M}", OnDays(at, lambda day: day.day == _held(number, day)))


def _held(number: int, day: date) -> int:
    return min(number, calendar.monthrange(day.year, day.month)[1])


def _cron(text: str) -> Parsed:
    words = text.split()
    if len(words) != 5 or len(text) > LONGEST_CRON:
        form = "write 5 fields (minute, hour, day of month, month, day of week), such as '30 1 * * *'."
        raise _refused("cron", "Cron expression (--cron)", text[: LONGEST_CRON + 1], form)
    expression = " ".join(words)
    try:
        if next(CronSim(expression, _ANY_TIME), None) is not None:
            return Parsed(expression, Cron(expression))
        why = NEVER
    except CronSimError as error:
        why = _wrong_field(str(error).removeprefix("Bad "), words)
    raise _refused("cron", "Cron expression (--cron)", text, why)


def _wrong_field(name: str, words: list[str]) -> str:
    came = words[list(_CRON_FIELDS).index(name)]
    if name == "day-of-month" and _is_good_alone(came):
        return NEVER
    return (
        f"the {name.replace('-', ' ')} {came!r} will not do; write {_CRON_FIELDS[name]}, *, or such as */5, "
        "1-3 and 1,3."
    )


def _is_good_alone(day_of_month: str) -> bool:
    """Whether only the month lacks such a day."""
    try:
        CronSim(f"0 0 {day_of_month} * *", _ANY_TIME)
    except CronSimError:
        return False
    return True


KINDS: Mapping[str, Callable[[str], Parsed]] = {
    "daily": _daily,
    "weekly": _weekly,
    "monthly": _monthly,
    "cron": _cron,
}
"""The kinds whose words are all there is to them; `every` has a window and a spread as well."""


def parse_every(text: str, between: str) -> tuple[str, str, Every]:
    """The length and the window in the form that is kept, and their rule without a spread."""
    seconds = seconds_of(text, "every", "Every (--every)")
    window = _window(between) if between else None
    kept = f"{window.first:%H:%M}-{window.last:%H:%M}" if window else ""
    return duration_words(seconds), kept, Every(timedelta(seconds=seconds), window)


def _window(text: str) -> Window:
    label, example = "Window (--between)", "08:00-18:00"
    first, dash, last = (part.strip() for part in text.partition("-"))
    if not dash:
        raise _refused("between", label, text, f"write two times, such as {example}.")
    times = [_time(word, "between", label, text, example) for word in (first, last)]
    if times[0] == times[1]:
        raise _refused("between", label, text, "it begins when it ends; leave it out for the whole day.")
    return Window(*times)


def _time(word: str, field: str, label: str, text: str, example: str) -> time:
    found = _TIME.match(word.strip())
    if not found:
        raise _refused(
            field, label, text, f"{word!r} is no time from 00:00 to 23:59; write it such as {example!r}."
        )
    return time(int(found[1]), int(found[2]))


def _refused(field: str, label: str, text: str, why: str) -> SettingsError:
    return SettingsError(problems=[Problem(field, f"{label} is {text!r}: {why}")])
